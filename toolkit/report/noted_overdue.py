"""What a digest says of exceptions and pilots that were not turned in time: one line for all of their objects."""

from collections.abc import Iterator
from pathlib import Path

from toolkit.planning.due import Matter
from toolkit.report.noted import OVERDUE, Noted
from toolkit.report.wording import counted
from toolkit.running.reconcile import Report
from toolkit.tenant.address import Address


def overdue(report: Report, playbooks: Path) -> Iterator[Noted]:
    """Tell of each exception or pilot that a run for what is due should have turned."""
    for one in _late(report):
        yield Noted(
            id=f"{OVERDUE}{one.text}",
            of=one.text,
            phrase=f"not done yet, for {counted(len(one.addresses), 'object')}",
            advice=_advice(one, playbooks),
        )


def covered(report: Report) -> frozenset[Address]:
    """Name the objects that are told of with their exception."""
    return frozenset(address for one in _late(report) for address in one.addresses)


def _late(report: Report) -> Iterator[Matter]:
    return (one for one in report.due if one.turns and one.overdue(report.context.now))


def _advice(one: Matter, playbooks: Path) -> str:
    if one.blocked:
        return f"`toolkit due` leaves it: {one.blocked}"
    return f"`toolkit due {playbooks} --yes` does it; see that its job runs"
