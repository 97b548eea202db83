"""Makes the changes of a plan, kind by kind."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.planning.plan import Order, Plan
from toolkit.running.confirm import confirm
from toolkit.running.journal import Journal
from toolkit.running.observe import Progress
from toolkit.running.outcome import Outcome
from toolkit.running.sequence import in_sequence
from toolkit.running.writing import Sent, Writing
from toolkit.tenant.connector import Connection
from toolkit.tenant.endpoint import Bulk, Ordered
from toolkit.tenant.kind import Kind

WRITERS = 3
"""Writes of a kind without order under way at once; the service's Caller may hold them back further."""


def apply(
    plan: Plan,
    kinds: Mapping[str, Kind[Connection]],
    connections: Mapping[str, Connection],
    journal: Journal,
    progress: Progress,
) -> list[Outcome]:
    """Make every change of a plan, and say of each how it went; kinds come as the playbooks order them."""
    outcomes: list[Outcome] = []
    for name in dict.fromkeys(change.address.of_kind for change in plan.changes):
        changes = [change for change in plan.changes if change.address.of_kind == name]
        kind = kinds[name]
        writing = Writing(name, kind, kind.endpoint, connections[name.partition(".")[0]], journal, progress)
        outcomes += confirm(writing, _write(writing, changes, plan.orders.get(name)))
    return outcomes


def _write(writing: Writing, changes: Sequence[Change], order: Order | None) -> list[Sent]:
    if order and isinstance(writing.endpoint, Ordered):
        return list(in_sequence(writing, writing.endpoint, changes, order))
    if isinstance(writing.endpoint, Bulk):
        together = [change for change in changes if isinstance(change, Create | Update)]
        deletes = [writing.write(change) for change in changes if isinstance(change, Delete)]
        return [*deletes, *(writing.send_together(writing.endpoint, together) if together else [])]
    with ThreadPoolExecutor(max_workers=WRITERS) as pool:
        return list(pool.map(writing.write, (change for change in changes if not isinstance(change, Move))))
