"""What the order of an ordered kind asks for: moves, places for new objects, and which objects block a move."""

from bisect import bisect_left
from collections.abc import Sequence

from toolkit.planning.change import Move
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
        and (how := kind.mail.defeats(other.settings, pair.desired.settings))
    ]


def to_move(wanted: Sequence[str], current: Sequence[str]) -> list[str]:
    """List the keys that are in the wrong place, in the order of the playbooks.

    The longest run that is already in order stays; keys of `wanted` that are not in `current` are passed over.
    """
    places = {key: place for place, key in enumerate(current)}
    there = [key for key in wanted if key in places]
    stays = _longest_rising([places[key] for key in there])
    return [key for key in there if places[key] not in stays]


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """Pick the longest rising run of distinct numbers (patience sorting)."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        pile = bisect_left(tails, number)
        before[number] = tails[pile - 1] if pile else None
        tails[pile : pile + 1] = [number]
    run: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        run.add(last)
        last = before[last]
    return run


def place_of(key: str, wanted: Sequence[str], current: Sequence[str], unsettled: frozenset[str] = frozenset()) -> int:
    """Give the position at which a key belongs: after its predecessor, else before its successor, else last.

    `current` does not hold the key itself; keys in `unsettled` still wait for their own move and give no hint.
    """
    places = {other: place for place, other in enumerate(current) if other not in unsettled}
    at = wanted.index(key)
    for predecessor in reversed(wanted[:at]):
        if predecessor in places:
            return places[predecessor] + 1
    for successor in wanted[at + 1 :]:
        if successor in places:
            return places[successor]
    return len(current)
