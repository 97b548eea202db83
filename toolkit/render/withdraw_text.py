"""Render the withdrawal of toolkit from a tenant, with the objects that stay and the next steps, as text and JSON."""

from collections.abc import Iterator

from toolkit.engine.run_report import Report
from toolkit.render.answer import report_json
from toolkit.render.line import Line, Tone
from toolkit.render.plan_text import outcome_lines, plan_lines
from toolkit.values import Body

_STAYS = (
    "DKIM keys that toolkit created stay, because no cmdlet removes them. They do not sign mail any more.",
    "Legal holds stay in place. To end a hold, use `toolkit hold release`, which needs two people.",
    "Retention policies stay, because without them data could be deleted sooner.",
    "Audit settings stay, because nothing would be recorded if they were turned off.",
    "A footer or reply that is switched off may keep its last text. No one receives it.",
    "Messages that were sent, and files that were exported, stay where they are.",
)
_BY_HAND = (
    "Remove toolkit's scheduled jobs (`toolkit schedule` prints them).",
    "Remove toolkit's app registration, service account and role groups (see `toolkit permissions`).",
    "Keep the state folder as the record of all actions. `toolkit forget --before DATE` removes names from it.",
)


def withdrawal_lines(report: Report, *, is_planned: bool, verbose: bool) -> Iterator[Line]:
    """Yield lines about a planned or completed withdrawal, the objects that stay, and the next steps for an
    administrator.
    """
    yield from plan_lines(report, verbose=verbose) if is_planned else outcome_lines(report)
    yield from (Line(), Line("These also stay in place:", Tone.HEADING))
    yield from (Line(f"  {text}") for text in _STAYS)
    yield from (Line(), Line("Next steps for an administrator:", Tone.HEADING))
    yield from (Line(f"  {text}") for text in _BY_HAND)


def withdrawal_json(report: Report) -> Body:
    return {**report_json(report), "stays": list(_STAYS)}
