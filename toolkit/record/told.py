"""What each channel was told last, and what became of the findings that it was told of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from toolkit.record.database import reading
from toolkit.record.derived import Stored
from toolkit.record.ledger import Ledger
from toolkit.record.memory import Memory
from toolkit.record.rows import FindingRow, StepRow, StepState
from toolkit.record.sightings import FindingState
from toolkit.record.tables import FINDING, STEP
from toolkit.tenant.address import Address

_PROVIDER, _KIND = "toolkit", "digest"
_ASKED_BY_NAME = 500  # a database takes so many names in one question, and all it has in any


@dataclass(frozen=True, slots=True)
class Told:
    """What a channel knows: the state of each thing that is not over, by its id, as of the last message."""

    things: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None  # None: nothing was ever told


def channel_address(channel: str) -> Address:
    """Name the act of telling a channel, as the ledger does."""
    return Address(_PROVIDER, _KIND, channel)


def told_to(ledger: Ledger, channel: str) -> Told:
    """Recall what a channel was told; a message of which nobody saw that it went counts as not told."""
    last = Memory(ledger).last(channel_address(channel))
    return Told({name: str(state) for name, state in last.sent.items()}, last.at) if last else Told()


def failed_last(ledger: Ledger, channel: str) -> bool:
    """Say whether the last message to a channel did not go, or nobody knows."""
    query = select(STEP).where(STEP.c.address == str(channel_address(channel))).order_by(STEP.c.began.desc()).limit(1)
    ledger.make()
    with reading(ledger.engine) as connection:
        return any(row.state != StepState.APPLIED for row in Stored(connection).rows(StepRow, query))


def fixed_findings(ledger: Ledger, ids: Collection[str]) -> Mapping[str, FindingRow]:
    """Give those of some findings that are none any more."""
    if not ids:
        return {}
    query = select(FINDING).where(FINDING.c.state == FindingState.FIXED)
    if len(ids) <= _ASKED_BY_NAME:
        query = query.where(FINDING.c.id.in_(sorted(ids)))
    with reading(ledger.engine) as connection:
        return {row.id: row for row in Stored(connection).rows(FindingRow, query) if row.id in ids}
