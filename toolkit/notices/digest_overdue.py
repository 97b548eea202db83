"""What a digest says of exceptions and pilots that were not turned in time: one line for all of their objects."""

from collections.abc import Iterator

from toolkit.engine.run_report import Report
from toolkit.notices.digest_content import Wording
from toolkit.notices.digest_entry import Noted
from toolkit.planning.matter import Matter
from toolkit.render.values_text import counted
from toolkit.sdk.address import Address


def overdue(report: Report, wording: Wording) -> Iterator[Noted]:
    """Tell of each exception or pilot that a run for what is due should have turned."""
    for one in _late(report):
        advice = f"`toolkit due` leaves it: {one.blocked}" if one.blocked else ""
        yield wording.overdue(one.text, many=f", for {counted(len(one.addresses), 'object')}", advice=advice)


def covered(report: Report) -> frozenset[Address]:
    """Name the objects that are told of with their exception."""
    return frozenset(address for one in _late(report) for address in one.addresses)


def _late(report: Report) -> Iterator[Matter]:
    return (one for one in report.matters if one.turns and one.overdue(report.context.now))
