"""Checklists as text and JSON, for the person who works through them."""

from collections.abc import Iterable, Iterator, Sequence

from toolkit.checklists.model import ChecklistStatus, ProgressState, ReadingState, StepStatus
from toolkit.playbook.checklists import Checklist
from toolkit.playbook.role_names import CLAIMED
from toolkit.render.line import Line, Tone, row, to_body
from toolkit.render.values_text import counted
from toolkit.sdk.dates import day
from toolkit.values import Body

_SIGNS = {
    ProgressState.VERIFIED: "=",
    ProgressState.STATED: "*",
    ProgressState.CONTRADICTED: "!",
    ProgressState.OVERDUE: "!",
    ProgressState.OPEN: "~",
}
_READ = {
    ReadingState.VERIFIED: "read now",
    ReadingState.NOT_YET: "read now, and not done",
    ReadingState.UNKNOWN: "could not be read",
    ReadingState.SHOWN: "for your decision",
}
_AMISS = {ProgressState.CONTRADICTED, ProgressState.OVERDUE}


def known_lines(checklists: Iterable[Checklist]) -> Iterator[Line]:
    for one in checklists:
        person = ", for one person (`--person -`)" if one.person else ""
        read = sum(step.verified_by is not None for step in one.steps)
        yield Line(f"{one.name}: {one.title}{person}; {counted(len(one.steps), 'step')}, {read} verified by reading")


def known_answer(checklists: Iterable[Checklist]) -> Body:
    """Return the same as JSON."""
    return to_body({"checklists": [one.model_dump(exclude_defaults=True) for one in checklists]})


def status_lines(found: Sequence[ChecklistStatus]) -> Iterator[Line]:
    """Return each checklist with its steps."""
    if not found:
        yield Line("No checklist is open. `toolkit checklist list` shows those that can be started.")
    for one in found:
        yield Line(_head(one), Tone.HEADING)
        for step in one.steps:
            tone = Tone.WARNING if step.state in _AMISS else Tone.PLAIN
            yield Line(f"  {_SIGNS[step.state]} {step.step}: {_told(step)}", tone)
            if step.text and step.state not in {ProgressState.VERIFIED, ProgressState.STATED}:
                yield Line(f"      {step.owner}: {step.text}", Tone.QUIET)
            if step.reading:
                yield Line(f"      {_READ[step.reading.state]}: {step.reading.told}", Tone.QUIET)


def _head(one: ChecklistStatus) -> str:
    whom = f", {one.person}" if one.person else ""
    ended = f"; stopped by {one.stopped_by}, {CLAIMED}" if one.stopped_by else "; finished" if one.finished else ""
    counts = [f"{one.count(state)} {state}" for state in ProgressState if one.count(state)]
    return f"{one.id}: {one.title or one.name}{whom}; started {day(one.started)}; {', '.join(counts)}{ended}"


def _told(step: StepStatus) -> str:
    if step.state is ProgressState.VERIFIED and step.on:
        return f"verified by reading on {day(step.on)}"
    if step.on:
        stated = f"{step.by} said on {day(step.on)} that it is done, {CLAIMED}"
        if step.state is ProgressState.CONTRADICTED:
            return f"{stated}, and it is not"
        return f"{stated}; not verified" if step.reading and step.reading.state is ReadingState.UNKNOWN else stated
    return f"{'overdue, was ' if step.state is ProgressState.OVERDUE else ''}due {day(step.due)}"


def status_answer(found: Sequence[ChecklistStatus]) -> Body:
    """Return the same as JSON."""
    return to_body(
        {
            "checklists": [
                {
                    **row(one, "id", "name", "title", "started", "person", "stopped_by", "finished"),
                    "counts": {state: one.count(state) for state in ProgressState},
                    "steps": [_step(step) for step in one.steps],
                }
                for one in found
            ]
        }
    )


def _step(step: StepStatus) -> Body:
    reading = row(step.reading, "state", "told") if step.reading else None
    return {**row(step, "step", "state", "text", "owner", "due", "by", "on"), "reading": reading}
