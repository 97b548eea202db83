"""Merge absences, measure their working time, and compare them with automatic replies."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import groupby

from toolkit.records import dataclass
from toolkit.school.calendar import Calendar, Days, HalfDay, Pattern, half_days
from toolkit.school.signals import Absence, Reply, ReplyStatus


class Answer(Enum):
    """An answer that can be unknown, because it depends on days after the end of the school's calendar."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Away:
    """An absence of a person, merged from several calendars and lines."""

    person: str  # the immutable id
    begins: datetime
    ends: datetime
    sources: tuple[str, ...]

    def since(self, now: datetime) -> "Away | None":
        """Return the rest of the absence, or None if it is over."""
        return replace(self, begins=max(self.begins, now)) if now < self.ends else None


@dataclass(frozen=True, slots=True)
class WorkSchedule:
    """A person's working hours, from their working pattern and the school's calendar."""

    calendar: Calendar
    pattern: Pattern = field(default_factory=Pattern)

    def working_time(self, begins: datetime, ends: datetime) -> timedelta:
        """Return the working time between two instants, as far as the calendar reaches."""
        hours = self.calendar.working_hours(self.pattern, begins, ends)
        return sum((last - first for first, last in hours), timedelta())

    def is_free(self, begins: datetime, ends: datetime) -> bool:
        """Return whether there is certainly no working time between two instants."""
        hours = self.calendar.working_hours(self.pattern, begins, ends)
        return begins >= ends or (next(hours, None) is None and self.reaches(begins, ends))

    def half_day_back(self, away: Away, absences: Iterable[Away] = ()) -> HalfDay | None:
        """Return the half day on which a person is back at work: the first working half day without an absence.

        None if the calendar ends before it.
        """
        others = [other for other in absences if other.person == away.person and other.ends > away.ends]
        return next(
            (
                half
                for half, begins in self._half_days(away.ends)
                if not any(_is_away_at(other, begins) for other in others)
            ),
            None,
        )

    def _half_days(self, after: datetime) -> Iterator[tuple[HalfDay, datetime]]:
        """Yield the working half days that begin at an instant or later, as far as the calendar reaches."""
        first, last = self.calendar.day_of(after), self.calendar.span.last
        for day in Days(first, last):
            if self.calendar.works(self.pattern, day):
                yield from ((half, begins) for half, begins in half_days(self.calendar, day) if begins >= after)

    def reaches(self, begins: datetime, ends: datetime) -> bool:
        """Return whether the calendar covers every date between two instants."""
        span = self.calendar.span
        return self.calendar.day_of(begins) in span and self.calendar.day_of(ends - timedelta.resolution) in span


def _is_away_at(away: Away, instant: datetime) -> bool:
    return away.begins <= instant < away.ends


def people_with_invalid_absences(absences: Iterable[Absence]) -> Mapping[str, str]:
    """Return, by person id, the reason why absences are invalid: an entry ends before it begins."""
    entries = map(_in_utc, absences)
    return {
        entry.person: f"an entry of {entry.source} ends before it begins"
        for entry in entries
        if entry.ends < entry.begins
    }


def merge_absences(absences: Iterable[Absence], schedules: Mapping[str, WorkSchedule]) -> tuple[Away, ...]:
    """Merge absences that overlap, touch, or have none of the person's working time between them.

    So two whole days with a night between them, or a Friday and the Monday after it, are one absence. Without a
    schedule only absences that overlap or touch are merged. Entries that do not end after they begin are left out (see
    `people_with_invalid_absences`). Results are in order of person and beginning, in UTC.
    """
    lasting = sorted((absence for absence in map(_in_utc, absences) if absence.begins < absence.ends), key=_sort_key)
    return tuple(
        away
        for person, own in groupby(lasting, key=lambda absence: absence.person)
        for away in _merge_for_person(own, schedules.get(person))
    )


def _in_utc(absence: Absence) -> Absence:
    """Return an absence in UTC. Local times compare wrongly when clocks go back."""
    return replace(absence, begins=absence.begins.astimezone(UTC), ends=absence.ends.astimezone(UTC))


def _sort_key(absence: Absence) -> tuple[str, datetime, datetime]:
    return absence.person, absence.begins, absence.ends


def _merge_for_person(absences: Iterable[Absence], schedule: WorkSchedule | None) -> Iterator[Away]:
    current: Away | None = None
    for absence in absences:
        if current is not None and _do_adjoin(current.ends, absence.begins, schedule):
            sources = tuple(sorted({*current.sources, absence.source}))
            current = replace(current, ends=max(current.ends, absence.ends), sources=sources)
            continue
        if current is not None:
            yield current
        current = Away(absence.person, absence.begins, absence.ends, (absence.source,))
    if current is not None:
        yield current


def _do_adjoin(ends: datetime, begins: datetime, schedule: WorkSchedule | None) -> bool:
    return begins <= ends or (schedule is not None and schedule.is_free(ends, begins))


def is_longer_than(days: int, away: Away, schedule: WorkSchedule) -> Answer:
    """Return whether a person is away for more than `days` working days. Hours of part days are added up."""
    if schedule.working_time(away.begins, away.ends) > days * schedule.calendar.day_length:
        return Answer.YES
    if not schedule.pattern.days:
        return Answer.NO
    return Answer.NO if schedule.reaches(away.begins, away.ends) else Answer.UNKNOWN


def does_reply_cover(reply: Reply, away: Away, schedule: WorkSchedule) -> bool:
    """Return whether a reply is on during all working time of an absence.

    For an absence that has begun, pass the rest of it (`Away.since`).
    """
    if schedule.is_free(away.begins, away.ends):
        return True
    match reply.status:
        case ReplyStatus.OFF:
            return False
        case ReplyStatus.ALWAYS:
            return True
        case ReplyStatus.SCHEDULED:
            begins, ends = reply.begins or away.begins, reply.ends or away.ends
            return schedule.is_free(away.begins, begins) and schedule.is_free(ends, away.ends)
