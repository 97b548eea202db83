"""What was forgotten, and what keeps names still, as text and as JSON."""

from collections.abc import Iterator

from toolkit.engine.forget import ForgetReport
from toolkit.render.answer import FORMAT
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted
from toolkit.values import Body

_STAYS = (
    "Backups of the ledger keep the names until they expire: delete those that are older than you keep names.",
    "Reports, exports and log files that were written keep what they hold.",
    "The register of holds and the playbooks, with what git remembers of them, are not changed.",
)


def forget_lines(report: ForgetReport) -> Iterator[Line]:
    """Show how many names went, and where names still are."""
    found = report.forgotten
    if not (found.names or found.people or report.traces):
        yield Line(f"Nothing to forget: our data from before {report.day} holds no name that may go.", Tone.HEADING)
    else:
        what = f"{counted(found.names, 'name')} in {counted(found.entries, 'entry', 'entries')} of the ledger"
        yield Line(f"Removed from before {report.day}: {what}.", Tone.HEADING)
    if found.people:
        yield Line(f"  {counted(found.people, 'pseudonym')} can no longer be turned back into a person.")
    if report.traces:
        yield Line(f"  {counted(report.traces, 'trace')} of faults deleted.")
    if found.in_use:
        kept = counted(found.in_use, "entry", "entries")
        needs = "a reply that is on, an open checklist, or a change without an end, still needs them"
        yield Line(f"  {kept} left as they are: {needs}.")
    yield from (Line(f"  {text}", Tone.QUIET) for text in _STAYS)


def forget_answer(report: ForgetReport) -> Body:
    """Give the same as JSON."""
    found = report.forgotten
    return {
        "format": FORMAT,
        "before": report.day.isoformat(),
        "names": found.names,
        "entries": found.entries,
        "people": found.people,
        "left": found.in_use,
        "traces": report.traces,
        "stays": list(_STAYS),
    }
