"""Makes the changes of a plan, kind by kind."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from graphlib import TopologicalSorter

from toolkit.engine.apply.confirm import confirm
from toolkit.engine.apply.ordered_writes import in_sequence
from toolkit.engine.apply.outcome import Outcome
from toolkit.engine.apply.write import Sent, Writing
from toolkit.engine.journal import Journal
from toolkit.engine.observe import Progress
from toolkit.engine.pool import threads
from toolkit.planning.change import Change, Create, Delete, Move, Update, action
from toolkit.planning.plan import Plan, PlannedOrder
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Bulk, Ordered
from toolkit.sdk.kind import Kind

WRITERS = 4
"""Writes of a kind without order under way at once; the service's Caller may hold them back further."""

WRITERS_TO_PEOPLE = 8
"""The same where each object is somebody's own, and services count for each person by themselves."""


def apply(
    plan: Plan,
    kinds: Mapping[str, Kind[Connection]],
    connections: Mapping[str, Connection],
    journal: Journal,
    progress: Progress,
) -> list[Outcome]:
    """Make every change of a plan, and say of each how it went; kinds come as the playbooks order them."""
    outcomes: list[Outcome] = []
    with _interruptible(journal, plan.changes):
        for name, changes in _rounds(plan.changes, kinds):
            kind = kinds[name]
            writing = Writing(name, kind, kind.endpoint, connections[name.partition(".")[0]], journal, progress)
            outcomes += confirm(writing, _write(writing, changes, plan.orders.get(name)))
    return outcomes


@contextmanager
def _interruptible(journal: Journal, changes: Sequence[Change]) -> Iterator[None]:
    """End an interrupted run in the ledger, and note which of its changes were not begun."""
    try:
        yield
    except KeyboardInterrupt as stop:
        journal.ledger.interrupt(stop)
        begun = journal.ledger.runs.begun(journal.run)
        for change in changes:
            if (change.address, action(change)) not in begun:
                stop.add_note(f"{change.address.told}: {action(change)}: not begun")
        raise


def _rounds(changes: Sequence[Change], kinds: Mapping[str, Kind[Connection]]) -> Iterator[tuple[str, Sequence[Change]]]:
    """Take the changes kind by kind: what others refer to is written before them and deleted after them."""
    named = list(dict.fromkeys(change.address.of_kind for change in changes))
    referred = {name: _referred(name, kinds[name]) for name in named}
    order = list(TopologicalSorter({name: referred[name] & set(named) for name in named}).static_order())
    late = {other for name in named for other in referred[name]}
    for name in order:
        writes = [c for c in changes if c.address.of_kind == name and not (name in late and isinstance(c, Delete))]
        if writes:
            yield name, writes
    for name in (name for name in reversed(order) if name in late):
        if deletes := [c for c in changes if c.address.of_kind == name and isinstance(c, Delete)]:
            yield name, deletes


def _referred(name: str, kind: Kind[Connection]) -> set[str]:
    return {f"{name.partition('.')[0]}.{other}" for other in kind.lifecycle.refers_to}


def _write(writing: Writing, changes: Sequence[Change], order: PlannedOrder | None) -> list[Sent]:
    if order and isinstance(writing.endpoint, Ordered):
        return list(in_sequence(writing, writing.endpoint, changes, order))
    if isinstance(writing.endpoint, Bulk):
        together = [change for change in changes if isinstance(change, Create | Update)]
        deletes = [writing.write(change) for change in changes if isinstance(change, Delete)]
        return [*deletes, *(writing.send_together(writing.endpoint, together) if together else [])]
    with threads(WRITERS_TO_PEOPLE if writing.kind.per_person else WRITERS) as pool:
        return list(pool.map(writing.write, (change for change in changes if not isinstance(change, Move))))
