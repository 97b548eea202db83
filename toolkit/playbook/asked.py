"""Check the answers that a school must give before a control is enforced, and the reviews that settings require."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pydantic import BaseModel

from toolkit.controls.control import QUESTIONS, Asked, Control, ControlSettings, Precaution
from toolkit.errors import PlaybookError, Problem
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.entries import ControlEntry, Playbooks
from toolkit.sdk.dates import day
from toolkit.sdk.resource import Mode
from toolkit.yaml.node import MappingNode

_ASKED, _ANSWERS = "asked", "answers"
_INDENT = 6  # the indentation of a control's settings in the sample playbooks


def errors_in_answers(control: Control, settings: ControlSettings, table: MappingNode) -> Iterator[tuple[int, str]]:
    """Yield the line and the error message of each answer to a question that the control does not ask."""
    if settings.asked is None:
        return
    at = table.entries[_ASKED]
    if not control.asks:
        yield at.line, f"{control.name} has no questions. Delete {quoted(_ASKED)}"
        return
    answers = at.node.entries[_ANSWERS] if isinstance(at.node, MappingNode) else at
    lines = answers.node.lines() if isinstance(answers.node, MappingNode) else {}
    for name in settings.asked.answers.keys() - {*control.asks}:
        message = f"{control.name} has no question {quoted(name)}{did_you_mean(name, control.asks)}"
        yield lines.get(name, answers.line), message


def refuse_unanswered(playbooks: Playbooks, controls: Mapping[str, Control], today: date) -> None:
    """Raise PlaybookError if a control is enforced on a live tenant but its questions are not answered."""
    entries = (entry for playbook in playbooks.playbooks for entry in playbook.controls)
    if problems := [
        problem for entry in entries if (problem := _unanswered_problem(entry, controls[entry.name].asks, today))
    ]:
        raise PlaybookError(problems)


def refuse_early_reviews(playbooks: Playbooks, today: date) -> None:
    """Raise PlaybookError if the review that a setting requires has a date in the future."""
    entries = (entry for playbook in playbooks.playbooks for entry in playbook.controls if entry.mode is not Mode.OFF)
    problems = [
        Problem(
            entry.origin.path,
            entry.lines.get(path[0], entry.origin.line),
            f"{entry.name}: {quoted(path[-1])} is dated {day(on)}, which is in the future",
        )
        for entry in entries
        for path, on in _review_dates(entry.settings)
        if on > today
    ]
    if problems:
        raise PlaybookError(problems)


def _review_dates(settings: BaseModel) -> Iterator[tuple[tuple[str, ...], date]]:
    """Yield the key path and the date of each review in some settings."""
    for key in type(settings).model_fields:
        match getattr(settings, key):
            case Precaution() as precaution:
                yield (key,), precaution.happened_on
            case BaseModel() as inner:
                yield from (((key, *path), on) for path, on in _review_dates(inner))


def _unanswered_problem(entry: ControlEntry, asks: Sequence[str], today: date) -> Problem | None:
    enforcement = entry.settings.asked
    missing = [name for name in asks if enforcement is None or name not in enforcement.answers]
    line = entry.lines.get(_ASKED, entry.origin.line)
    if entry.mode is not Mode.ENFORCE:
        return None
    if missing:
        return Problem(entry.origin.path, line, _error_with_lines_to_add(entry.name, enforcement, missing, today))
    if enforcement and enforcement.on > today:
        return Problem(
            entry.origin.path, line, f"{entry.name} has answers dated {enforcement.on}, which is in the future"
        )
    return None


def _error_with_lines_to_add(name: str, enforcement: Asked | None, missing: list[str], today: date) -> str:
    """Return the error message, with the lines to add to the playbook.

    The answers in these lines are blank, and blank answers are refused.
    """
    head = (
        []
        if enforcement
        else [(0, "asked:"), (2, "by: # the role that answered"), (2, f"on: {today}"), (2, "answers:")]
    )
    lines = [*head, *((4, f"{question}: # {QUESTIONS[question]}") for question in missing)]
    written = "\n".join(f"{' ' * (_INDENT + indent)}{text}" for indent, text in lines)
    where = "to its answers" if enforcement else "below it"
    return (
        f"{name} cannot be enforced on a live tenant before the school has answered its questions. Write `mode: "
        f"check`, or add {where}, with the answers:\n{written}"
    )
