"""Three-valued answers: yes, no, or unknown with the reasons."""

from collections.abc import Iterable

from toolkit.records import dataclass


@dataclass(frozen=True, slots=True)
class Truth:
    """An answer with its reasons. `value` is None if the answer is unknown."""

    value: bool | None
    reasons: tuple[str, ...] = ()

    def with_name(self, name: str) -> "Truth":
        """Return the same answer, with a name before its reasons."""
        return Truth(self.value, tuple(f"{name}: {reason}" for reason in self.reasons) or (name,))


def yes(*reasons: str) -> Truth:
    """Return the answer yes, with its reasons."""
    return Truth(True, reasons)


def no(*reasons: str) -> Truth:
    """Return the answer no."""
    return Truth(False, reasons)


def cannot_tell(*reasons: str) -> Truth:
    """Return the unknown answer, with the missing facts."""
    return Truth(None, reasons)


def answer(value: bool, *reasons: str) -> Truth:  # noqa: FBT001 - the value of the answer
    """Return yes or no."""
    return Truth(value, reasons)


def all_of(truths: Iterable[Truth]) -> Truth:
    """Return whether all answers are yes. One no is enough for no, whatever is unknown."""
    answers = list(truths)
    if refuted := [truth for truth in answers if truth.value is False]:
        return no(*refuted[0].reasons)
    if any(truth.value is None for truth in answers):
        return cannot_tell(*_reasons(answers, None))
    return yes(*_reasons(answers, True))


def any_of(truths: Iterable[Truth]) -> Truth:
    """Return whether any answer is yes. One yes is enough for yes, whatever is unknown."""
    answers = list(truths)
    if confirmed := [truth for truth in answers if truth.value]:
        return yes(*confirmed[0].reasons)
    if any(truth.value is None for truth in answers):
        return cannot_tell(*_reasons(answers, None))
    return no(*_reasons(answers, False))


def negate(truth: Truth) -> Truth:
    """Return the opposite answer with the same reasons. The opposite of unknown is unknown."""
    return truth if truth.value is None else Truth(not truth.value, truth.reasons)


def _reasons(truths: Iterable[Truth], value: bool | None) -> tuple[str, ...]:  # noqa: FBT001
    return tuple(dict.fromkeys(reason for truth in truths if truth.value is value for reason in truth.reasons))
