"""Looks whether the tenant shows what was sent, for as long as a kind's reads may lag its writes."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.apply.write import Sent, Taken, Writing
from toolkit.engine.observe import observed, read
from toolkit.errors import ServiceError
from toolkit.ledger.entries import StepVerdict
from toolkit.planning.change import Create, Update
from toolkit.sdk.resource import Observed
from toolkit.values import satisfied

PAUSE = 1.0
"""Seconds between two looks at what has not settled."""


def confirm(writing: Writing, steps: Sequence[Sent], sleep: Callable[[float], None] = time.sleep) -> list[Outcome]:
    """Decide every step: what an answer showed at once, the rest by reading the kind again."""
    decided: dict[int, Outcome] = {place: step for place, step in enumerate(steps) if isinstance(step, Outcome)}
    open_steps = {place: step for place, step in enumerate(steps) if isinstance(step, Taken)}
    for place, taken in list(open_steps.items()):
        if taken.answered and not _differs(writing, taken, taken.answered):
            decided[place] = _done(writing, taken, taken.answered)
            del open_steps[place]
    decided.update(_read_until_settled(writing, open_steps, sleep))
    return [decided[place] for place in range(len(steps))]


def _read_until_settled(
    writing: Writing, open_steps: Mapping[int, Taken], sleep: Callable[[float], None]
) -> dict[int, Outcome]:
    decided: dict[int, Outcome] = {}
    waited = 0.0
    while remaining := {place: taken for place, taken in open_steps.items() if place not in decided}:
        try:
            with writing.connection.deadline.writing():
                seen = _read(writing, remaining.values())
        except ServiceError as error:
            return {**decided, **{place: _unread(writing, taken, str(error)) for place, taken in remaining.items()}}
        last = waited >= writing.kind.settles
        for place, taken in remaining.items():
            there = seen.get(_key(taken))
            if there and not _differs(writing, taken, there):
                decided[place] = _done(writing, taken, there)
            elif last:
                decided[place] = _different(writing, taken, there)
        if decided.keys() != open_steps.keys():
            pause = min(PAUSE, writing.kind.settles)
            sleep(pause)
            waited += pause
    return decided


def _read(writing: Writing, steps: Iterable[Taken]) -> Mapping[str, Observed]:
    """Read the kind; an object is found by its id, a new one by its name."""
    found = read(writing.connection, writing.kind, frozenset(step.change.address.name for step in steps))
    objects, _ = observed(writing.name, writing.kind, found)
    return {key: one for one in objects for key in (f"id {one.remote.id}", f"name {one.remote.name.casefold()}")}


def _key(taken: Taken) -> str:
    match taken.change:
        case Update():
            return f"id {taken.change.observed.remote.id}"
        case Create():
            return f"name {taken.change.address.name.casefold()}"


def _differs(writing: Writing, taken: Taken, there: Observed) -> list[str]:
    """List what is not as sent; a text that came back in the service's own writing is."""
    table = writing.kind.spec.table()
    renamed = ["name"] if there.remote.name != taken.change.address.name else []
    return renamed + [
        path
        for path, value in taken.settings.items()
        if not satisfied(value, there.settings.get(path))
        and not (table[path].form.rewritten and value and there.settings.get(path))
    ]


def _done(writing: Writing, taken: Taken, there: Observed) -> Outcome:
    writing.journal.ended(taken.step, there.remote, there.settings)
    return Outcome(taken.change, Result.DONE)


def _unread(writing: Writing, taken: Taken, reason: str) -> Outcome:
    error = f"sent, and could not be read back: {reason}"
    writing.journal.unknown(taken.step, error)
    return Outcome(taken.change, Result.UNKNOWN, error)


def _different(writing: Writing, taken: Taken, there: Observed | None) -> Outcome:
    if there is None:
        error = "accepted by the service, and not there when read back"
        writing.journal.looked(writing.journal.run, taken.step, StepVerdict.CANNOT_TELL, None)
        return Outcome(taken.change, Result.UNKNOWN, error)
    shown = ", ".join(
        f"{path} is {there.settings.get(path)!r} instead of {taken.settings[path]!r}"
        if path in taken.settings
        else path
        for path in _differs(writing, taken, there)
    )
    writing.journal.ended(taken.step, there.remote, there.settings)
    return Outcome(taken.change, Result.DIFFERENT, f"accepted by the service, and shown otherwise: {shown}")
