"""Keeps an ordered kind in the playbooks' order with as few moves as can be."""

from bisect import bisect_left
from collections.abc import Sequence


def to_move(wanted: Sequence[str], current: Sequence[str]) -> list[str]:
    """List the keys that stand in the wrong place, in the wanted order.

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
