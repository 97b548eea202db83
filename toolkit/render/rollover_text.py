"""Render the outdated names and dates in the playbooks, as text and as JSON."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from toolkit.engine.rollover import Rollover
from toolkit.planning.names import ExpiryState, OutdatedEntry
from toolkit.render.answer import run_conditions_json
from toolkit.render.line import Line, Tone, row
from toolkit.render.settings_text import run_heading
from toolkit.sdk.dates import day
from toolkit.values import Body

_SIGNS = {ExpiryState.UNKNOWN: "?", ExpiryState.ENDING: "~"}
_TONES = {ExpiryState.UNKNOWN: Tone.WARNING, ExpiryState.ENDING: Tone.CHANGED}
_HOLDS = "the register of holds is encrypted and was not opened: `toolkit hold list` shows which reviews are due"


def rollover_lines(report: Rollover, *, has_holds: bool) -> Iterator[Line]:
    """Yield lines about the outdated names and dates by file, each with its line number and the correction."""
    yield from run_heading(report.playbooks.school, report.context.target.name, report.context.sources)
    yield Line(f"  names are compared with the tenants, and dates are checked until {day(report.by)}", Tone.QUIET)
    for path, of_file in groupby(report.turns, key=lambda turn: turn.origin.path):
        yield Line()
        yield Line(path, Tone.HEADING)
        for turn in of_file:
            yield from _entry_lines(turn)
    yield Line()
    if has_holds:
        yield Line(f"  {_HOLDS}", Tone.QUIET)
    yield Line(f"Rollover: {_entry_counts_text(report)}.", Tone.HEADING, essential=True)


def _entry_lines(outdated: OutdatedEntry) -> Iterator[Line]:
    tone = _TONES.get(outdated.state, Tone.REMOVED)
    sign = _SIGNS.get(outdated.state, "!")
    yield Line(f"{sign} {outdated.origin.line}: {outdated.name}: {outdated.state}: {outdated.fact}", tone)
    if outdated.advice:
        yield Line(f"    -> {outdated.advice}", tone)


def _entry_counts_text(report: Rollover) -> str:
    numbers = Counter(turn.state for turn in report.turns)
    return ", ".join(f"{numbers[state]} {state}" for state in ExpiryState if numbers[state]) or "nothing to correct"


def rollover_json(report: Rollover, *, has_holds: bool) -> Body:
    numbers = Counter(turn.state for turn in report.turns)
    return {
        **run_conditions_json(report.context, report.playbooks, report.tenants, report.exit),
        "by": report.by.isoformat(),
        "summary": {str(state).replace(" ", "_"): numbers[state] for state in ExpiryState},
        "findings": [
            {
                **row(turn, "path=origin.path", "line=origin.line", "name", "reason=fact", "advice?"),
                "state": str(turn.state).replace(" ", "_"),
            }
            for turn in report.turns
        ],
        "not_opened": [_HOLDS] if has_holds else [],
    }
