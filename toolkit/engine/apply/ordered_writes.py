"""Send the changes of a kind whose objects have an order, from first to last, and track each object's position."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.apply.write import Sent, Writing
from toolkit.errors import RequestFailed
from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.planning.ordering import find_position
from toolkit.planning.plan_details import PlannedOrder
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Everything, Ordered, read_safely


@dataclass(slots=True)
class _CurrentOrder:
    """The current order of a kind's objects.

    The order is updated after each write by toolkit, and read again after a move or an unclear response.
    """

    current: list[str]
    pending_moves: set[str]
    own_addresses: Mapping[str, str]  # the service's id -> our address
    created: dict[str, str] = field(default_factory=dict)  # the addresses of the objects that this run creates, by name
    doubtful: bool = False


def write_in_order(
    writing: Writing, endpoint: Ordered[Connection], changes: Sequence[Change], order: PlannedOrder
) -> Iterator[Sent]:
    """Send the changes of a kind whose objects have an order: all deletions first, and then the other changes
    one at a time, from the top of the order.
    """
    current_order = _CurrentOrder(
        current=list(order.current),
        pending_moves={str(change.address) for change in changes if isinstance(change, Move)},
        own_addresses=order.our_addresses,
    )
    for change in _sort_by_position(changes, order):
        if (
            current_order.doubtful
            and isinstance(change, Create | Move)
            and not _read_order_again(writing, endpoint, current_order)
        ):
            yield Outcome(change, Result.NOT_TRIED, "the order could not be read again after an unclear response")
            continue
        match change:
            case Create():
                yield _send_create(writing, endpoint, change, order, current_order)
            case Move():
                yield _send_move(writing, endpoint, change, order, current_order)
            case Update():
                yield writing.write(change)
            case Delete():
                yield _send_delete(writing, change, current_order)


def _sort_by_position(changes: Sequence[Change], order: PlannedOrder) -> list[Change]:
    places: Mapping[str, int] = {key: place for place, key in enumerate(order.desired)}
    return sorted(changes, key=lambda change: _position_of_change(change, places))


def _position_of_change(change: Change, position_by_key: Mapping[str, int]) -> int:
    """Return the number by which a change is sorted.

    Deletions come first, and objects without a desired position come last.
    """
    return -1 if isinstance(change, Delete) else position_by_key.get(str(change.address), len(position_by_key))


def _send_delete(writing: Writing, change: Delete, current_order: _CurrentOrder) -> Sent:
    keys = (str(change.address), change.observed.remote.id)
    key = next((candidate for candidate in keys if candidate in current_order.current), "")
    sent = writing.write(change, _find_key_before(key, current_order))
    if isinstance(sent, Outcome) and sent.result is Result.DONE:
        current_order.current = [other for other in current_order.current if other != key]
    elif isinstance(sent, Outcome) and sent.result is Result.UNKNOWN:
        current_order.doubtful = True
    return sent


def _find_key_before(key: str, current_order: _CurrentOrder) -> str | None:
    """Return the key of the object before a deleted object, so that an administrator can later restore the order."""
    if key not in current_order.current:
        return None
    before = current_order.current[: current_order.current.index(key)]
    return before[-1] if before else ""


def _send_create(
    writing: Writing, endpoint: Ordered[Connection], change: Create, order: PlannedOrder, current_order: _CurrentOrder
) -> Sent:
    key = str(change.address)
    position = find_position(key, order.desired, current_order.current, frozenset(current_order.pending_moves))
    body = writing.kind.spec.body(writing.settings_for_change(change))
    name = change.address.name
    after = _find_managed_key_before(key, order, current_order)
    sent = writing.send(
        change, lambda: endpoint.create_at(writing.connection, name, body, position), own_previous_key=after
    )
    current_order.created[change.address.name.casefold()] = key
    if isinstance(sent, Outcome):
        current_order.doubtful = current_order.doubtful or sent.result is Result.UNKNOWN
    else:
        current_order.current.insert(position, key)
    return sent


def _find_managed_key_before(key: str, order: PlannedOrder, current_order: _CurrentOrder) -> str:
    """Return the key of the nearest managed object before a new object, or "" if there is none."""
    before = order.desired[: order.desired.index(key)] if key in order.desired else ()
    return next((earlier for earlier in reversed(before) if earlier in current_order.current), "")


def _send_move(
    writing: Writing, endpoint: Ordered[Connection], change: Move, order: PlannedOrder, current_order: _CurrentOrder
) -> Sent:
    key = str(change.address)
    others = [other for other in current_order.current if other != key]
    position = find_position(key, order.desired, others, frozenset(current_order.pending_moves - {key}))
    behind = _find_key_before(key, current_order)
    sent = writing.send(change, lambda: endpoint.move(writing.connection, change.observed.remote, position), behind)
    current_order.pending_moves.discard(key)
    current_order.current = [*others[:position], key, *others[position:]]
    current_order.doubtful = True  # a move renumbers the other objects, so the order is read before the next change
    return sent


def _read_order_again(writing: Writing, endpoint: Ordered[Connection], current_order: _CurrentOrder) -> bool:
    try:
        with writing.connection.deadline.allow_write_to_finish():
            remotes = read_safely(writing.name, lambda: list(endpoint.read(writing.connection, Everything())))
    except RequestFailed:
        return False
    current_order.current = [
        current_order.own_addresses.get(remote.id) or current_order.created.get(remote.name.casefold(), remote.id)
        for remote in remotes
    ]
    current_order.doubtful = False
    return True
