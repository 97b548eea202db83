"""Half days: the morning and the afternoon of a working day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from toolkit.sdk.calendar import Calendar

_NOON = time(12)


@dataclass(frozen=True, slots=True, order=True)
class HalfDay:
    """The morning or the afternoon of one day."""

    day: date
    afternoon: bool = False


def half_days(calendar: Calendar, day: date) -> Iterator[tuple[HalfDay, datetime]]:
    """Yield the half days that the school's hours have on a day, each with the instant at which it begins."""
    if calendar.opens < _NOON:
        yield HalfDay(day), calendar.at(day, calendar.opens)
    if calendar.shuts > _NOON:
        yield HalfDay(day, afternoon=True), calendar.at(day, max(_NOON, calendar.opens))


def first_half_day(calendar: Calendar, day: date) -> HalfDay:
    """Return the half day with which a day begins."""
    return next(half for half, _ in half_days(calendar, day))
