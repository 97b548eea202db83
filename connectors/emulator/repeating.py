"""When something that repeats happens: every so many days or weeks, on the clock of the place it happens at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Repeat:
    """How something repeats."""

    weekdays: frozenset[int] = frozenset()  # Monday is 0; none: it repeats by days, not by weeks
    interval: int = 1
    last: date | None = None  # the last day it may happen on
    count: int | None = None


def starts(first: datetime, repeat: Repeat, before: datetime) -> Iterator[datetime]:
    """List when it begins, from the first time on and before an instant, by the clock: all in one zone, or in none."""
    for found, day in enumerate(_days(first, repeat)):
        ended = repeat.last is not None and day.date() > repeat.last
        if ended or day >= before or found == repeat.count:
            return
        yield day


def _days(first: datetime, repeat: Repeat) -> Iterator[datetime]:
    if not repeat.weekdays:
        while True:
            yield first
            first += timedelta(days=repeat.interval)
    monday = first - timedelta(days=first.weekday())
    while True:
        for weekday in sorted(repeat.weekdays):
            day = monday + timedelta(days=weekday)
            if day >= first:
                yield day
        monday += timedelta(days=_WEEK * repeat.interval)
