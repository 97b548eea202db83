"""What stays after a withdrawal in any case, and what an administrator removes by hand."""

from collections.abc import Iterator

from toolkit.engine.run_report import Report
from toolkit.render.answer import answer
from toolkit.render.line import Line, Tone
from toolkit.render.plan_text import outcome_lines, plan_lines
from toolkit.values import Body

_STAYS = (
    "Keys that sign a domain's mail (DKIM) stay where toolkit had them made, and sign nothing: no cmdlet removes them.",
    "Legal holds stay: `toolkit hold release` ends one, with two people.",
    "Retention policies stay: deleting one would let something be deleted sooner.",
    "Audit settings stay: nothing would be recorded of what they log, were they turned off.",
    "A footer or reply that is switched off may keep its last words stored; no one receives them.",
    "Messages that were sent, and files that were exported, stay where they are.",
)
_BY_HAND = (
    "Remove toolkit's scheduled jobs (`toolkit schedule` prints what they are).",
    "Remove toolkit's app registration, service account and role groups (`toolkit permissions` lists what they have).",
    "Keep the state folder as the record of what was done; `toolkit forget --before DATE` removes names from it.",
)


def withdraw_lines(report: Report, *, planned: bool, verbose: bool) -> Iterator[Line]:
    """Show what would be withdrawn or what was, what stays in any case, and what is left to do."""
    yield from plan_lines(report, verbose=verbose) if planned else outcome_lines(report)
    yield from (Line(), Line("What stays, beside what the plan names:", Tone.HEADING))
    yield from (Line(f"  {text}") for text in _STAYS)
    yield from (Line(), Line("What is left for an administrator to do:", Tone.HEADING))
    yield from (Line(f"  {text}") for text in _BY_HAND)


def withdraw_answer(report: Report) -> Body:
    return {**answer(report), "stays": list(_STAYS)}
