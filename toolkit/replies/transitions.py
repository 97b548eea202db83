"""Says which exceptions a run made begin or end, and how late; for the ledger."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.ledger.entries import Turned
from toolkit.planning.matter import Matter
from toolkit.sdk.address import Address


def turned(due: Sequence[Matter], outcomes: Sequence[Outcome], now: datetime) -> Sequence[Turned]:
    """List the exceptions of which a run made every change that was missing."""
    return list(_turned(due, {one.address for one in outcomes if one.result is Result.DONE}, now))


def _turned(due: Sequence[Matter], done: set[Address], now: datetime) -> Iterator[Turned]:
    for one in due:
        minutes = one.overdue(now)
        if one.exception and minutes is not None and done.issuperset(one.addresses):
            provider = one.addresses[0].provider
            yield Turned(exception=one.exception, provider=provider, ended=one.ended, minutes=minutes)
