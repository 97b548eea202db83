"""Send the changes of an ordered kind, first to last, and follow the position of each object."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.apply.write import Sent, Writing
from toolkit.errors import RequestFailed
from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.planning.ordering import place_of
from toolkit.planning.plan_details import PlannedOrder
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Everything, Ordered, read_safely


@dataclass(slots=True)
class _Standing:
    """The order of the objects after our own writes. It is read again after a move and after an unclear response."""

    current: list[str]
    pending_moves: set[str]
    own_addresses: Mapping[str, str]  # the service's id -> our address
    created: dict[str, str] = field(default_factory=dict)  # the addresses of the objects that this run creates, by name
    doubtful: bool = False


def write_in_order(
    writing: Writing, endpoint: Ordered[Connection], changes: Sequence[Change], order: PlannedOrder
) -> Iterator[Sent]:
    """Send deletes, then everything else from the top, one at a time."""
    standing = _Standing(
        current=list(order.current),
        pending_moves={str(change.address) for change in changes if isinstance(change, Move)},
        own_addresses=order.ours,
    )
    for change in _from_the_top(changes, order):
        if standing.doubtful and isinstance(change, Create | Move) and not _read_again(writing, endpoint, standing):
            yield Outcome(change, Result.NOT_TRIED, "the order could not be read again after an unclear answer")
            continue
        match change:
            case Create():
                yield _create(writing, endpoint, change, order, standing)
            case Move():
                yield _move(writing, endpoint, change, order, standing)
            case Update():
                yield writing.write(change)
            case Delete():
                yield _delete(writing, change, standing)


def _from_the_top(changes: Sequence[Change], order: PlannedOrder) -> list[Change]:
    places: Mapping[str, int] = {key: place for place, key in enumerate(order.wanted)}
    return sorted(changes, key=lambda change: _place(change, places))


def _place(change: Change, places: Mapping[str, int]) -> int:
    """Sort deletes first, and objects without a desired position last."""
    return -1 if isinstance(change, Delete) else places.get(str(change.address), len(places))


def _delete(writing: Writing, change: Delete, standing: _Standing) -> Sent:
    keys = (str(change.address), change.observed.remote.id)
    key = next((candidate for candidate in keys if candidate in standing.current), "")
    sent = writing.write(change, _behind(key, standing))
    if isinstance(sent, Outcome) and sent.result is Result.DONE:
        standing.current = [other for other in standing.current if other != key]
    elif isinstance(sent, Outcome) and sent.result is Result.UNKNOWN:
        standing.doubtful = True
    return sent


def _behind(key: str, standing: _Standing) -> str | None:
    """Return the key of the object before this one, for a person who restores the order."""
    if key not in standing.current:
        return None
    before = standing.current[: standing.current.index(key)]
    return before[-1] if before else ""


def _create(
    writing: Writing, endpoint: Ordered[Connection], change: Create, order: PlannedOrder, standing: _Standing
) -> Sent:
    key = str(change.address)
    position = place_of(key, order.wanted, standing.current, frozenset(standing.pending_moves))
    body = writing.kind.spec.body(writing.settings(change))
    name = change.address.name
    after = _after(key, order, standing)
    sent = writing.send(change, lambda: endpoint.create_at(writing.connection, name, body, position), after=after)
    standing.created[change.address.name.casefold()] = key
    if isinstance(sent, Outcome):
        standing.doubtful = standing.doubtful or sent.result is Result.UNKNOWN
    else:
        standing.current.insert(position, key)
    return sent


def _after(key: str, order: PlannedOrder, standing: _Standing) -> str:
    """Return the key of our object that a new one follows, or "" if it is our first."""
    before = order.wanted[: order.wanted.index(key)] if key in order.wanted else ()
    return next((earlier for earlier in reversed(before) if earlier in standing.current), "")


def _move(
    writing: Writing, endpoint: Ordered[Connection], change: Move, order: PlannedOrder, standing: _Standing
) -> Sent:
    key = str(change.address)
    others = [other for other in standing.current if other != key]
    position = place_of(key, order.wanted, others, frozenset(standing.pending_moves - {key}))
    behind = _behind(key, standing)
    sent = writing.send(change, lambda: endpoint.move(writing.connection, change.observed.remote, position), behind)
    standing.pending_moves.discard(key)
    standing.current = [*others[:position], key, *others[position:]]
    standing.doubtful = True  # a move renumbers the other objects, so the order is read before the next change
    return sent


def _read_again(writing: Writing, endpoint: Ordered[Connection], standing: _Standing) -> bool:
    try:
        with writing.connection.deadline.writing():
            remotes = read_safely(writing.name, lambda: list(endpoint.read(writing.connection, Everything())))
    except RequestFailed:
        return False
    standing.current = [
        standing.own_addresses.get(remote.id) or standing.created.get(remote.name.casefold(), remote.id)
        for remote in remotes
    ]
    standing.doubtful = False
    return True
