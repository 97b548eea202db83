"""What the order of an ordered kind asks for: moves, places for new objects, and who stands in whose way."""

from collections.abc import Sequence

from toolkit.planning.change import Move
from toolkit.planning.fewest_moves import to_move
from toolkit.planning.matching import Pair
from toolkit.planning.plan import PlannedOrder, Remark
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Mode, Observed


def arranged(matched: Sequence[Pair], standing: Sequence[str]) -> tuple[list[Move], PlannedOrder]:
    """Plan the moves, and say how everything stands, so that new objects find their places.

    `standing` lists the service's ids, first to last, those of foreign and of unreadable objects too.
    """
    enforced = [pair for pair in matched if pair.desired.mode is Mode.ENFORCE]
    ours = {pair.observed.remote.id: pair for pair in enforced if pair.observed}
    addresses = {one: str(pair.desired.address) for one, pair in ours.items()}
    order = PlannedOrder(
        wanted=tuple(str(pair.desired.address) for pair in enforced),
        current=tuple(addresses.get(one, one) for one in standing),
        ours=addresses,
    )
    return [_move(one, list(ours.values())) for one in map(ours.__getitem__, to_move(list(ours), standing))], order


def _move(pair: Pair, ours: Sequence[Pair]) -> Move:
    if pair.observed is None:
        raise ValueError(f"{pair.desired.address} is not there, so it cannot be moved")
    before = ours[: ours.index(pair)]
    return Move(pair.desired, pair.observed, before[-1].desired.address if before else None)


def defeats(
    kind: Kind[Connection], matched: Sequence[Pair], seen: Sequence[Observed], foreign: Sequence[Observed]
) -> list[Remark]:
    """Say which foreign object that stands before one of ours keeps it from working."""
    places = {observed.remote.id: place for place, observed in enumerate(seen)}
    return [
        Remark(pair.desired.address, other.remote.name, how)
        for pair in matched
        for other in foreign
        if pair.observed
        and places[other.remote.id] < places[pair.observed.remote.id]
        and (how := kind.defeats(other.settings, pair.desired.settings))
    ]
