"""Which of many stretches of time belong to those that reach into a window, so that an absence is seen whole."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

Stretch = tuple[datetime, datetime]
"""From an instant to the first one after it."""

_APART = timedelta(days=4)  # a long weekend: what lies further off than that is another absence


def overlaps(one: Stretch, others: Sequence[Stretch]) -> bool:
    """Say whether any of some stretches has time in common with one."""
    return any(begins < one[1] and one[0] < ends for begins, ends in others)


def around(window: Stretch, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Choose what reaches into a window, and what it goes on in before and after it."""
    lasting = sorted({one for one in stretches if one[0] < one[1]})
    chosen = [one for one in lasting if overlaps(one, [window])]
    if not chosen:
        return
    first, last = chosen[0][0], max(one[1] for one in chosen)
    for one in reversed(lasting):
        first = min(first, one[0]) if first <= one[1] + _APART else first
    for one in lasting:
        last = max(last, one[1]) if one[0] <= last + _APART else last
    yield from (one for one in lasting if first <= one[0] and one[1] <= last)
