"""A change that keeps less or deletes, as it is shown for confirmation, and how it went."""

from collections.abc import Iterator

from toolkit.engine.retention_start import Started
from toolkit.errors import Exit
from toolkit.render.answer import answer
from toolkit.render.attention_text import half_done, override_lines
from toolkit.render.change_text import changed
from toolkit.render.line import Line, Tone
from toolkit.render.plan_text import heading, outcome_lines
from toolkit.values import Body


def start_lines(started: Started) -> Iterator[Line]:
    """Show what was and what will be, how far it reaches, and what becomes of that."""
    yield from heading(started.report)
    yield from half_done(started.report)
    yield from changed(started.report.plan.changes)
    yield from override_lines(started.report)
    if started.extent:
        yield Line()
        yield Line(f"It reaches {'; '.join(started.extent.counts) or 'nothing'}.", Tone.HEADING)
        yield from (Line(f"! {effect}", Tone.WARNING) for effect in started.extent.effects)
        yield Line("! nothing of that can be taken back", Tone.WARNING)


def ending_lines(started: Started) -> Iterator[Line]:
    """Show how it went."""
    if not started.stopped:
        yield from outcome_lines(started.report)
        return
    yield Line()
    tone = Tone.HEADING if started.report.exit is Exit.AS_WANTED else Tone.WARNING
    yield Line(f"Not started: {started.stopped}.", tone)


def start_answer(started: Started) -> Body:
    """Give the same for programs: the answer of plan and apply, with what the change reaches."""
    extent = started.extent
    return {
        **answer(started.report),
        "reason": started.refusal.reason if started.refusal else None,
        "reaches": list(extent.counts) if extent else None,
        "effects": list(extent.effects) if extent else None,
        "stopped": started.stopped or None,
    }
