"""Render the names that `toolkit forget` removed, and the places that still contain names, as text and as JSON."""

from collections.abc import Iterator

from toolkit.engine.forget import ForgetReport
from toolkit.render.line import FORMAT, Line, Tone
from toolkit.render.values_text import count_text
from toolkit.values import Body

_STAYS = (
    "Backups of the ledger keep the names. Delete backups that are older than you keep names.",
    "Reports, exports and log files are not changed.",
    "The register of holds and the playbooks, with their git history, are not changed.",
)


def forget_lines(report: ForgetReport) -> Iterator[Line]:
    """Yield lines that say how many names were removed, and where names remain."""
    forgotten = report.forgotten
    if not (forgotten.names or forgotten.people or report.traces):
        yield Line(f"Nothing to forget: no name from before {report.day} may be removed.", Tone.HEADING)
    else:
        names, entries = count_text(forgotten.names, "name"), count_text(forgotten.entries, "entry", "entries")
        yield Line(f"Removed from before {report.day}: {names} in {entries} of the ledger.", Tone.HEADING)
    if forgotten.people:
        yield Line(f"  {count_text(forgotten.people, 'pseudonym')} can no longer be turned back into a person.")
    if report.traces:
        yield Line(f"  {count_text(report.traces, 'error file')} deleted.")
    if forgotten.in_use:
        kept = count_text(forgotten.in_use, "entry", "entries")
        needs = "an active reply, an open checklist or an unfinished change still needs them"
        yield Line(f"  {kept} left as they are: {needs}.")
    yield from (Line(f"  {text}", Tone.QUIET) for text in _STAYS)


def forget_json(report: ForgetReport) -> Body:
    """Return as JSON the number of names that were removed from each place."""
    forgotten = report.forgotten
    return {
        "format": FORMAT,
        "exit": 0,
        "before": report.day.isoformat(),
        "names": forgotten.names,
        "entries": forgotten.entries,
        "people": forgotten.people,
        "left": forgotten.in_use,
        "traces": report.traces,
        "stays": list(_STAYS),
    }
