"""What each channel got last, and what happened to the findings in it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime

from sqlalchemy import Select, select

from toolkit.ledger.database import reading
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.projection_store import Stored
from toolkit.ledger.tables import FINDING, RUN, STEP, FindingRow, RunRow, StepRow, StepState
from toolkit.planning.finding_state import FindingState
from toolkit.records import dataclass
from toolkit.sdk.resource import Address

_PROVIDER, _KIND = "toolkit", "digest"
HELD_BACK = Address(_PROVIDER, "held_back", "quiet hours")
"""The act of telling no one for now."""

ONCE, WAITS = "once", "waits"
"""How a message records what is reported once and cannot be over: reported by it, or after quiet hours."""

_ASKED_BY_NAME = 500  # a database takes so many names in one question, and all it has in any


@dataclass(frozen=True, slots=True)
class ChannelState:
    """What a channel knows: the state of each thing that is not over, by its id, as of the last message."""

    things: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None  # None: nothing was ever told
    untold: tuple[str, ...] = ()  # what only happened, and stood in messages that did not go, or had to wait


def channel_address(channel: str) -> Address:
    """Name the act of telling a channel, as the ledger does."""
    return Address(_PROVIDER, _KIND, channel)


def told_to(ledger: Ledger, channel: str) -> ChannelState:
    """Recall what a channel was told; a message of which no one saw that it went counts as not told."""
    last = LedgerMemory(ledger).last(channel_address(channel))
    sent = {name: str(state) for name, state in last.sent.items()} if last else {}
    lost = _unsent_names(ledger, channel)
    untold = [name for name, state in sent.items() if state == WAITS] if lost is None else list(lost)
    states = {name: state for name, state in sent.items() if state not in {ONCE, WAITS}}
    return ChannelState(states, last.at if last else None, tuple(untold))


def _unsent_names(ledger: Ledger, channel: str) -> Sequence[str] | None:
    """List what only happened, of a last message that did not go; None where it went, or there was none."""
    with ledger.stored() as stored:
        rows = stored.rows(StepRow, _last_step(channel_address(channel)))
        failed = [stored.began_entry(row).sent or {} for row in rows if row.state != StepState.APPLIED]
    return [name for name, state in failed[0].items() if state in {ONCE, WAITS}] if failed else None


def held_back(ledger: Ledger) -> ChannelState:
    """Recall what the last drift in quiet hours left to be told after them."""
    with ledger.stored() as stored:
        rows = stored.rows(StepRow, _last_step(HELD_BACK))
        begun = [stored.began_entry(row) for row in rows]
    return (
        ChannelState({name: str(state) for name, state in (begun[0].sent or {}).items()}, begun[0].at)
        if begun
        else ChannelState()
    )


def failed_since(ledger: Ledger, command: str, channel: str) -> bool:
    """Return whether the last message to a channel failed, or may have, and no run of a command began since."""
    query = select(RUN).where(RUN.c.command == command).order_by(RUN.c.began.desc()).limit(1)
    with ledger.stored() as stored:
        began = max((run.began for run in stored.rows(RunRow, query)), default=0)
        rows = stored.rows(StepRow, _last_step(channel_address(channel)))
        return any(row.state != StepState.APPLIED and row.began > began for row in rows)


def _last_step(address: Address) -> Select[tuple[object, ...]]:
    return select(STEP).where(STEP.c.address == str(address)).order_by(STEP.c.began.desc()).limit(1)


def fixed_findings(ledger: Ledger, ids: Collection[str]) -> Mapping[str, FindingRow]:
    """Give those of some findings that are none any more."""
    if not ids:
        return {}
    query = select(FINDING).where(FINDING.c.state == FindingState.FIXED)
    if len(ids) <= _ASKED_BY_NAME:
        query = query.where(FINDING.c.id.in_(sorted(ids)))
    with reading(ledger.engine) as connection:
        return {row.id: row for row in Stored(connection).rows(FindingRow, query) if row.id in ids}
