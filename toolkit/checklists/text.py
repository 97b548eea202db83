"""Render checklists as text and JSON."""

from collections.abc import Iterable, Iterator, Sequence

from toolkit.checklists.model import ChecklistStatus, ProgressState, ReadingState, StepStatus
from toolkit.playbook.checklists import Checklist
from toolkit.playbook.role_names import CLAIMED
from toolkit.render.line import Line, Tone, row, to_body
from toolkit.render.values_text import count_text
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
    ReadingState.NOT_YET: "checked just now: not done",
    ReadingState.UNKNOWN: "could not be read",
    ReadingState.SHOWN: "for your decision",
}
_AMISS = {ProgressState.CONTRADICTED, ProgressState.OVERDUE}


def known_lines(checklists: Iterable[Checklist]) -> Iterator[Line]:
    for checklist in checklists:
        person = ", for one person (`--person -`)" if checklist.person else ""
        read = sum(step.verified_by is not None for step in checklist.steps)
        steps = count_text(len(checklist.steps), "step")
        yield Line(f"{checklist.name}: {checklist.title}{person}; {steps}, {read} verified by reading")


def known_answer(checklists: Iterable[Checklist]) -> Body:
    """Return the checklists as JSON."""
    return to_body({"checklists": [checklist.model_dump(exclude_defaults=True) for checklist in checklists]})


def status_lines(checklists: Sequence[ChecklistStatus]) -> Iterator[Line]:
    """Yield the lines of each started checklist and its steps."""
    if not checklists:
        yield Line("No checklist is open. `toolkit checklist list` shows the available checklists.")
    for checklist in checklists:
        yield Line(_heading(checklist), Tone.HEADING)
        for step in checklist.steps:
            tone = Tone.WARNING if step.state in _AMISS else Tone.PLAIN
            yield Line(f"  {_SIGNS[step.state]} {step.step}: {_describe_progress(step)}", tone)
            if step.text and step.state not in {ProgressState.VERIFIED, ProgressState.STATED}:
                yield Line(f"      {step.owner}: {step.text}", Tone.QUIET)
            if step.reading:
                yield Line(f"      {_READ[step.reading.state]}: {step.reading.told}", Tone.QUIET)


def _heading(checklist: ChecklistStatus) -> str:
    whom = f", {checklist.person}" if checklist.person else ""
    ended = (
        f"; stopped by {checklist.stopped_by}, {CLAIMED}"
        if checklist.stopped_by
        else "; finished"
        if checklist.is_finished
        else ""
    )
    counts = [f"{checklist.count(state)} {state}" for state in ProgressState if checklist.count(state)]
    title = f"{checklist.id}: {checklist.title or checklist.name}{whom}"
    return f"{title}; started {day(checklist.started)}; {', '.join(counts)}{ended}"


def _describe_progress(step: StepStatus) -> str:
    if step.state is ProgressState.VERIFIED and step.on:
        return f"verified by reading on {day(step.on)}"
    if step.on:
        stated = f"{step.by} said on {day(step.on)} that it is done, {CLAIMED}"
        if step.state is ProgressState.CONTRADICTED:
            return f"{stated}, but it is not"
        return f"{stated}; not verified" if step.reading and step.reading.state is ReadingState.UNKNOWN else stated
    return f"{'overdue, was ' if step.state is ProgressState.OVERDUE else ''}due {day(step.due)}"


def status_answer(checklists: Sequence[ChecklistStatus]) -> Body:
    """Return the checklists as JSON."""
    return to_body(
        {
            "checklists": [
                {
                    **row(checklist, "id", "name", "title", "started", "person", "stopped_by", "finished=is_finished"),
                    "counts": {state: checklist.count(state) for state in ProgressState},
                    "steps": [_step_json(step) for step in checklist.steps],
                }
                for checklist in checklists
            ]
        }
    )


def _step_json(step: StepStatus) -> Body:
    reading = row(step.reading, "state", "told") if step.reading else None
    return {**row(step, "step", "state", "text", "owner", "due", "by", "on"), "reading": reading}
