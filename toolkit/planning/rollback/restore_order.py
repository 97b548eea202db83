"""Plan to restore the order that objects had before a run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.planning.applied_change import (
    DELETE,
    MOVE,
    object_key,
    sum_changes,
)
from toolkit.planning.change import Change, Create, Delete, Move
from toolkit.planning.draft import Draft
from toolkit.planning.plan_details import ObservedState, PlannedOrder, Refusal
from toolkit.planning.plan_states import (
    CHANGED,
    CONFLICT,
    KEPT,
    MATCHING,
)
from toolkit.planning.rollback.run_record import RunRecord
from toolkit.sdk.resource import Address, Desired, Observed, Origin

_NO_PLACE = "the object's former position in the order is unknown"
_PLANNED = (CHANGED, MATCHING, CONFLICT, KEPT)


def restore_order(
    draft: Draft, observed_state: ObservedState, kind: str, observed_by_key: Mapping[str, Observed], record: RunRecord
) -> None:
    """Add to the draft plan moves that restore the order before a run.

    An object that the run moved or deleted goes back to its place after its former predecessor.
    """
    ids = {address: observed.remote.id for address, observed in observed_by_key.items()}
    keys = {identifier: address for address, identifier in ids.items()}
    gone = {str(change.address) for change in draft.select(CHANGED) if isinstance(change, Delete)}
    made = {str(change.address) for change in draft.select(CHANGED) if isinstance(change, Create)}
    current = [keys.get(key, key) for key in observed_state.order[kind]]
    records = record.last_applied
    aliases = {str(address): keys.get(last.remote_id or "", last.remote_id) for address, last in records.items()}
    desired = [key for key in current if key not in gone]
    unknown: set[str] = set()
    moved: list[str] = []
    summed = sum_changes(record.changes)
    called = {key: str(trace.address) for key, trace in summed.items()}
    own = {str(trace.address): trace.address for trace in summed.values()}
    for applied in reversed(record.changes):
        key = called[object_key(applied.address.kind_path, applied.remote_id, applied.address.name)]
        if (applied.action == MOVE and key in desired) or (applied.action == DELETE and key in made):
            others = [other for other in desired if other != key]
            place = _former_position(applied.behind, others, aliases)
            if place is None:
                unknown.add(key)
                others.insert(desired.index(key) if key in desired else len(others), key)
            else:
                moved += [key] if applied.action == MOVE else []
                others.insert(place, key)
            desired = others
    changes = [
        _note_unknown_position(change) if str(change.address) in unknown & made else change
        for change in draft.select(CHANGED)
    ]
    draft.replace(CHANGED, changes)
    draft.add(KEPT, *(Refusal(own[key], _NO_PLACE, record.origin) for key in sorted(unknown - made)))
    planned = {row.address for row in draft.rows if row.state in _PLANNED}
    rest = [key for key in current if key not in gone]
    out_of_place = {key for key in moved if _find_predecessor(key, desired, made) != _find_predecessor(key, rest, made)}
    addresses = {observed.remote.id: observed.address for observed in observed_state.objects[kind]}
    addresses |= {
        str(address): address for address in (*record.last_applied, *(change.address for change in changes))
    } | own
    draft.add(CHANGED, *_make_moves(out_of_place, desired, observed_by_key, addresses, record.origin))
    stays = (own[key] for key in moved if key not in out_of_place)
    draft.add(MATCHING, *(address for address in stays if address not in planned))
    draft.order = PlannedOrder(desired=tuple(desired), current=tuple(current), our_addresses=keys)


def _note_unknown_position(change: Change) -> Change:
    return replace(change, remark=f"{change.remark}; {_NO_PLACE}") if isinstance(change, Create) else change


def _former_position(
    predecessor: str | None, desired_order: Sequence[str], aliases: Mapping[str, str | None]
) -> int | None:
    if predecessor is None:
        return None
    if predecessor == "":
        return 0
    key = predecessor if predecessor in desired_order else aliases.get(predecessor)
    return desired_order.index(key) + 1 if key in desired_order else None


def _find_predecessor(key: str, order: Sequence[str], created: set[str]) -> str:
    """Return the nearest object before a key in an order that still exists, or "" if there is none."""
    before = [other for other in order[: order.index(key)] if other not in created]
    return before[-1] if before else ""


def _make_moves(
    keys: set[str],
    desired: Sequence[str],
    observed_by_key: Mapping[str, Observed],
    addresses: Mapping[str, Address],
    origin: Origin,
) -> Iterator[Move]:
    for key in (key for key in desired if key in keys):
        before = addresses.get(_find_predecessor(key, desired, set()))
        yield Move(Desired(addresses[key], {}, {}, origin), observed_by_key[key], before)
