"""Reads from the ledger the changes that took effect on objects, and the findings about objects."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, select

from toolkit.ledger.database import open_read_transaction
from toolkit.ledger.entries import Action, StepBegan, StepEnded, StepVerified
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import Stored
from toolkit.ledger.tables import FINDING, STEP, FindingRow, StepRow, StepState
from toolkit.planning.applied_change import AppliedChange
from toolkit.planning.finding_state import Ending, FindingState
from toolkit.planning.flapping import PastChange
from toolkit.sdk.resource import Address, Observed, parse_address
from toolkit.values import Settings

_ASKED_BY_NAME = 500  # a database takes so many names in one question, and all it has in any

_LASTING = frozenset({Action.CREATE, Action.UPDATE, Action.DELETE, Action.MOVE})


def read_acts(
    ledger: Ledger, addresses: Collection[Address], *, least: int = 1
) -> Mapping[Address, Sequence[PastChange]]:
    """Return the creations, changes, moves and deletions of some objects, in the order of their start.

    Objects with fewer than `least` of these acts are left out.
    """
    with open_read_transaction(ledger.engine) as connection:
        stored = Stored(connection)
        rows = _applied_steps(stored, addresses)
        often = {address: steps for address, steps in rows.items() if len(steps) >= least}
        return {address: [act for row in steps if (act := _to_act(stored, row))] for address, steps in often.items()}


def read_writes(ledger: Ledger, addresses: Collection[Address]) -> Mapping[Address, Sequence[tuple[int, StepBegan]]]:
    """Return the writes to some objects, each with the number of the entry that confirms that the write took effect."""
    with ledger.open_tables() as stored:
        rows = _applied_steps(stored, addresses)
        writes = {address: [(row.latest, stored.began_entry(row)) for row in steps] for address, steps in rows.items()}
    return {address: [write for write in steps if write[1].action in _LASTING] for address, steps in writes.items()}


def open_findings(ledger: Ledger) -> Mapping[str, FindingRow]:
    with ledger.open_tables() as stored:
        return {row.id: row for row in stored.findings()}


def oldest_open_finding_times(ledger: Ledger) -> Mapping[Address, datetime]:
    """Return, for each object, the time at which its oldest open finding was opened."""
    return _moments_by_object(
        ledger, select(FINDING.c.address, FINDING.c.since.label("at")).where(FINDING.c.state != FindingState.FIXED), min
    )


def last_resolution_times(ledger: Ledger) -> Mapping[Address, datetime]:
    """Return, for each object, the time at which a drift run last saw a finding fixed by someone else."""
    by_others = FINDING.c.how.in_([Ending.TENANT, Ending.AS_WANTED])
    return _moments_by_object(ledger, select(FINDING.c.address, FINDING.c.fixed.label("at")).where(by_others), max)


def _moments_by_object(
    ledger: Ledger, query: Select[tuple[object, ...]], choose: Callable[[datetime, datetime], datetime]
) -> Mapping[Address, datetime]:
    """Return a time for each object. `choose` selects between two times of the same object."""
    moments: dict[str, datetime] = {}
    with ledger.open_tables() as stored:
        for row in stored.connection.execute(query).mappings():
            moment = datetime.fromisoformat(row["at"])
            moments[row["address"]] = choose(moment, moments.get(row["address"], moment))
    return {parse_address(address): moment for address, moment in moments.items()}


def _applied_steps(stored: Stored, addresses: Collection[Address]) -> Mapping[Address, Sequence[StepRow]]:
    named = {str(address): address for address in addresses}
    query = select(STEP).where(STEP.c.state == StepState.APPLIED).order_by(STEP.c.began)
    if len(named) <= _ASKED_BY_NAME:
        query = query.where(STEP.c.address.in_(sorted(named)))
    steps: dict[Address, list[StepRow]] = {}
    for row in stored.rows(StepRow, query):
        if row.address in named:
            steps.setdefault(named[row.address], []).append(row)
    return steps


def _to_act(stored: Stored, row: StepRow) -> PastChange | None:
    begun, end = stored.began_entry(row), stored.entry(row.latest)
    if begun.action not in _LASTING or (begun.action is Action.MOVE and begun.after is None):
        return None
    returned = end.returned if isinstance(end, StepEnded | StepVerified) else None
    return PastChange(row.latest, begun.before, begun.sent, returned, begun.after)


def read_applied_changes(ledger: Ledger, addresses: Collection[Address]) -> Sequence[AppliedChange]:
    """Return the changes to some objects, oldest first. Messages are not included."""
    named = {str(address) for address in addresses}
    query = select(STEP).where(STEP.c.state == StepState.APPLIED).order_by(STEP.c.began)
    if len(named) <= _ASKED_BY_NAME:
        query = query.where(STEP.c.address.in_(sorted(named)))
    with ledger.open_tables() as stored:
        rows = [row for row in stored.rows(StepRow, query) if row.address in named]
        pairs = [(stored.began_entry(row), stored.entry(row.latest)) for row in rows]
    return [
        _applied_change(begun, ended.remote_id, ended.returned)
        for begun, ended in pairs
        if isinstance(ended, StepEnded | StepVerified) and begun.action is not Action.SEND
    ]


def verified_change(begun: StepBegan, observed: Observed | None) -> AppliedChange:
    """Return a change whose end was not recorded, but which a later check found to have taken effect."""
    return _applied_change(begun, observed.remote.id if observed else None, observed.settings if observed else None)


def _applied_change(begun: StepBegan, remote_id: str | None, returned: Settings | None) -> AppliedChange:
    return AppliedChange(
        address=begun.address,
        action=str(begun.action),
        run=begun.run,
        before=begun.before or {},
        sent_settings=begun.sent or {},
        returned=returned,
        remote_id=begun.remote_id or remote_id,
        was_named=begun.was_named,
        behind=begun.behind,
    )
