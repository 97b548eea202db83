"""What a digest says of what appeared beside our objects since the last apply."""

from collections.abc import Iterator

from toolkit.engine.run_report import Report
from toolkit.notices.digest_entry import NEWCOMER, Noted, named


def newcomers(report: Report) -> Iterator[Noted]:
    """Tell of each by its name; of what is people's only that some did."""
    found = {named(one.address): one for one in report.newcomers}
    for name, one in found.items():
        yield newcomer(name, one.remote.id if name == str(one.address) else "open")


def newcomer(name: str, state: str) -> Noted:
    """Tell of one; another one of that name has another id, and is told again."""
    return Noted(
        id=f"{NEWCOMER}{name}",
        state=state,
        of=name,
        phrase="new since the last apply, and in no playbook; left alone",
        advice="see what it does and who made it; then remove it, or write it into a playbook",
    )
