"""The school's calendar: terms, holidays, days on which staff are in, and who works when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from toolkit.records import dataclass
from toolkit.sdk.directory import EVERYONE

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SCHOOL_WEEK = frozenset(range(5))
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A range of days, including the first and the last."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1))


@dataclass(frozen=True, slots=True)
class Break:
    """A half-term, or other days on which the school is closed."""

    name: str
    days: Days


@dataclass(frozen=True, slots=True)
class Term:
    """A term with its half-terms, and the name of the holiday after it."""

    name: str
    days: Days
    half_terms: tuple[Break, ...] = ()
    holiday: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """The days of the week on which a person works (0 is Monday), and whether they work in holidays.

    Without days, such as for supply staff, the person has no fixed working days.
    """

    days: frozenset[int] = _SCHOOL_WEEK
    term_time_only: bool = True


@dataclass(frozen=True, slots=True)
class Holiday:
    """A period in which staff do not work, in UTC, from the end of a working day to the start of another."""

    name: str
    last_day: date
    back: date
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The calendar of a school file. Every instant is in UTC, and every date is the school's own."""

    zone: ZoneInfo
    opens: time
    shuts: time
    terms: tuple[Term, ...]  # at least one, in order
    inset_days: frozenset[date] = frozenset()  # staff are in, pupils are not
    bank_holidays: Mapping[date, str] = field(default_factory=dict)
    closed: tuple[Break, ...] = ()  # further days on which no one works
    patterns: Mapping[str, Pattern] = field(default_factory=dict)  # by role, or by a person's address in lower case

    @property
    def span(self) -> Days:
        """Return the days that the calendar covers. It has no information about other days."""
        first, last = self.terms[0].days.first, self.terms[-1].days.last
        return Days(min((first, *self.inset_days)), max((last, *self.inset_days)))

    @property
    def day_length(self) -> timedelta:
        """Return the length of a whole working day."""
        return datetime.combine(date.min, self.shuts) - datetime.combine(date.min, self.opens)

    def at(self, day: date, clock: time = time.min) -> datetime:
        """Return the instant of a date and a local time, by default midnight."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def day_of(self, instant: datetime) -> date:
        """Return the local date at an instant."""
        return instant.astimezone(self.zone).date()

    def is_school_day(self, day: date) -> bool:
        """Return whether pupils attend on a day."""
        return (
            day.weekday() in _SCHOOL_WEEK
            and self._is_in_term(day)
            and not self._is_closed(day)
            and not self._is_inset_day(day)
        )

    def is_open(self, day: date) -> bool:
        """Return whether staff work on a day, which is a school day or an inset day."""
        return self.is_school_day(day) or (self._is_inset_day(day) and not self._is_closed(day))

    def patterns_of(self, address: str, roles: Iterable[str] = ()) -> tuple[Pattern, ...]:
        """Return a person's own working pattern.

        Without one, return the patterns of their roles, or else everyone's.
        """
        if own := self.patterns.get(address.casefold()):
            return (own,)
        named = dict.fromkeys(self.patterns[role] for role in roles if role in self.patterns and role != EVERYONE)
        return tuple(named) or (self.patterns.get(EVERYONE, Pattern()),)

    def works(self, pattern: Pattern, day: date) -> bool:
        """Return whether a day is a working day. Return False for days outside the calendar."""
        if day not in self.span or day.weekday() not in pattern.days or self._is_closed(day):
            return False
        return not pattern.term_time_only or self._is_in_term(day) or self._is_inset_day(day)

    def working_days(self, pattern: Pattern, days: Days) -> tuple[date, ...]:
        """Return the working days in a range of days, as far as the calendar reaches."""
        return tuple(day for day in self._clip_to_span(days) if self.works(pattern, day))

    def working_hours(self, pattern: Pattern, begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the working time between two instants, as a pair of start and end for each working day."""
        if begins >= ends:
            return
        for day in self._clip_to_span(Days(self.day_of(begins), self.day_of(ends))):
            first, last = max(begins, self.at(day, self.opens)), min(ends, self.at(day, self.shuts))
            if first < last and self.works(pattern, day):
                yield first, last

    def closures(self) -> tuple[Holiday, ...]:
        """Return half-terms, holidays between terms and other closures in order, but not single bank holidays.

        The holiday after the last term is left out, because its end is unknown until the next term is in the calendar.
        """
        names: dict[Days, str] = {}
        for named in self._all_breaks():
            for days in self._periods_without_staff(named.days):
                names.setdefault(days, named.name)
        return tuple(self._to_holiday(names[days], days) for days in sorted(names))

    def _is_in_term(self, day: date) -> bool:
        term = next((term for term in self.terms if day in term.days), None)
        return term is not None and not any(day in half_term.days for half_term in term.half_terms)

    def _is_inset_day(self, day: date) -> bool:
        return day in self.inset_days

    def _is_closed(self, day: date) -> bool:
        return day in self.bank_holidays or any(day in closed.days for closed in self.closed)

    def _clip_to_span(self, days: Days) -> Days:
        span = self.span
        return Days(max(days.first, span.first), min(days.last, span.last))

    def _all_breaks(self) -> Iterator[Break]:
        for term, following in zip(self.terms, self.terms[1:], strict=False):
            name = term.holiday or f"Holiday after {term.name}"
            yield Break(name, Days(term.days.last + _DAY, following.days.first - _DAY))
        yield from (half_term for term in self.terms for half_term in term.half_terms)
        yield from self.closed

    def _periods_without_staff(self, days: Days) -> Iterator[Days]:
        """Yield periods without staff, including adjoining weekends and bank holidays."""
        for day in self._clip_to_span(days):
            if day.weekday() in _SCHOOL_WEEK and not self.is_open(day) and (around := self._closure_around(day)):
                yield around

    def _closure_around(self, day: date) -> Days | None:
        span, first, last = self.span, day, day
        while first in span and not self.is_open(first):
            first -= _DAY
        while last in span and not self.is_open(last):
            last += _DAY
        return Days(first + _DAY, last - _DAY) if first in span and last in span else None

    def _to_holiday(self, name: str, days: Days) -> Holiday:
        last_day, back = days.first - _DAY, days.last + _DAY
        return Holiday(name, last_day, back, self.at(last_day, self.shuts), self.at(back, self.opens))


_NOON = time(12)


@dataclass(frozen=True, slots=True, order=True)
class HalfDay:
    """The morning or the afternoon of a day."""

    day: date
    afternoon: bool = False


def half_days(calendar: Calendar, day: date) -> Iterator[tuple[HalfDay, datetime]]:
    """Yield the half days of a day that have school hours, each with the instant at which it begins."""
    if calendar.opens < _NOON:
        yield HalfDay(day), calendar.at(day, calendar.opens)
    if calendar.shuts > _NOON:
        yield HalfDay(day, afternoon=True), calendar.at(day, max(_NOON, calendar.opens))


def first_half_day(calendar: Calendar, day: date) -> HalfDay:
    """Return the first half of a day that has school hours."""
    return next(half for half, _ in half_days(calendar, day))
