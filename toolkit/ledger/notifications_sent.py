"""Reads from the ledger the last message sent to each notification channel, and the findings in that message."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime

from sqlalchemy import Select, select

from toolkit.ledger.database import open_read_transaction
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
"""The states of events that are reported once: by this message, or after quiet hours."""

_ASKED_BY_NAME = 500  # a database takes so many names in one question, and all it has in any


@dataclass(frozen=True, slots=True)
class ChannelState:
    """The state of each open finding when it was last reported to a channel, by id."""

    things: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None  # None before the first message
    untold: tuple[str, ...] = ()  # events of messages that were not sent or had to wait


def channel_address(channel: str) -> Address:
    """Return the address under which the ledger records messages to a channel."""
    return Address(_PROVIDER, _KIND, channel)


def read_reported_findings(ledger: Ledger, channel: str) -> ChannelState:
    """Return the findings in the last message to a channel. Messages whose delivery is uncertain are ignored."""
    last = LedgerMemory(ledger).last_state(channel_address(channel))
    sent = {name: str(state) for name, state in last.sent.items()} if last else {}
    lost = _unsent_events(ledger, channel)
    untold = [name for name, state in sent.items() if state == WAITS] if lost is None else list(lost)
    states = {name: state for name, state in sent.items() if state not in {ONCE, WAITS}}
    return ChannelState(states, last.at if last else None, tuple(untold))


def _unsent_events(ledger: Ledger, channel: str) -> Sequence[str] | None:
    """Return the events in the last message to a channel if the message was not sent. Otherwise return None."""
    with ledger.open_tables() as stored:
        rows = stored.rows(StepRow, _last_step_query(channel_address(channel)))
        failed = [stored.began_entry(row).sent or {} for row in rows if row.state != StepState.APPLIED]
    return [name for name, state in failed[0].items() if state in {ONCE, WAITS}] if failed else None


def read_delayed_findings(ledger: Ledger) -> ChannelState:
    """Return the findings that the last drift run held back because of quiet hours."""
    with ledger.open_tables() as stored:
        rows = stored.rows(StepRow, _last_step_query(HELD_BACK))
        begun = [stored.began_entry(row) for row in rows]
    return (
        ChannelState({name: str(state) for name, state in (begun[0].sent or {}).items()}, begun[0].at)
        if begun
        else ChannelState()
    )


def has_delivery_failed(ledger: Ledger, command: str, channel: str) -> bool:
    """Return whether the last message to a channel may have failed and no run of a command has begun since."""
    query = select(RUN).where(RUN.c.command == command).order_by(RUN.c.began.desc()).limit(1)
    with ledger.open_tables() as stored:
        began = max((run.began for run in stored.rows(RunRow, query)), default=0)
        rows = stored.rows(StepRow, _last_step_query(channel_address(channel)))
        return any(row.state != StepState.APPLIED and row.began > began for row in rows)


def _last_step_query(address: Address) -> Select[tuple[object, ...]]:
    return select(STEP).where(STEP.c.address == str(address)).order_by(STEP.c.began.desc()).limit(1)


def fixed_findings(ledger: Ledger, ids: Collection[str]) -> Mapping[str, FindingRow]:
    """Return the findings with these ids that are fixed, by id."""
    if not ids:
        return {}
    query = select(FINDING).where(FINDING.c.state == FindingState.FIXED)
    if len(ids) <= _ASKED_BY_NAME:
        query = query.where(FINDING.c.id.in_(sorted(ids)))
    with open_read_transaction(ledger.engine) as connection:
        return {row.id: row for row in Stored(connection).rows(FindingRow, query) if row.id in ids}
