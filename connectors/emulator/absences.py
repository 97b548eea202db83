"""Who of the made-up school is away, and whose mailbox says so; thirty-one of forty-six staff keep a calendar.

Three of them have forgotten their reply: the deputy head, whose three single days make one absence; the SENDCo, whose
two entries overlap; and the business manager, whose reply ends in the middle.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.emulator.school import Person, School, Use

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
    for found, day in enumerate(_repeated_days(first, repeat)):
        ended = repeat.last is not None and day.date() > repeat.last
        if ended or day >= before or found == repeat.count:
            return
        yield day


def _repeated_days(first: datetime, repeat: Repeat) -> Iterator[datetime]:
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


ZONE = "Europe/London"
WEEKDAYS = {0: "monday", 1: "tuesday", 2: "wednesday", 3: "thursday", 4: "friday", 5: "saturday", 6: "sunday"}
ALL_WEEK = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One entry of a calendar."""

    title: str
    start: datetime
    end: datetime  # the first instant after it
    away: bool  # out of office; else busy
    free: bool = False  # whoever looks at free and busy sees nothing of it, where a cloud can say so of an absence
    repeat: Repeat | None = None
    left_out: tuple[date, ...] = ()  # days on which it would repeat and does not

    @property
    def all_day(self) -> bool:
        return self.start.time() == self.end.time() == time.min


@dataclass(frozen=True, slots=True)
class Reply:
    """The automatic reply of a mailbox."""

    text: str
    start: datetime | None = None  # neither start nor end: until somebody turns it off
    end: datetime | None = None
    on: bool = True
    local: bool = False  # set in Outlook, which keeps the times of the mailbox's own zone


@dataclass(frozen=True, slots=True)
class Diary:
    """What one mailbox has of it."""

    id: str  # of the person or the shared mailbox
    entries: tuple[CalendarEntry, ...] = ()
    reply: Reply | None = None
    working_days: tuple[int, ...] = ALL_WEEK


_SUMMER = date(2027, 7, 16)
_NO_CALENDAR = 2  # of three in a row, the one who keeps none
_NAMED = 46  # staff of a school of the usual size; those beyond are away by rule
_EVERY_AWAY, _EVERY_BUSY = 33, 999  # of the others, who is away, and who is busy for days on end


def _at(day: int, month: int = 11, hour: int = 0, minute: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(ZONE))


def _days(first: int, after: int, month: int = 11, *, title: str = "Away", free: bool = False) -> CalendarEntry:
    """Write whole days, from the first to the day before the last."""
    return CalendarEntry(title, _at(first, month), _at(after, month), away=True, free=free)


def _away(start: datetime, end: datetime) -> CalendarEntry:
    return CalendarEntry("Out of office", start, end, away=True)


def _busy(title: str, start: datetime, end: datetime) -> CalendarEntry:
    return CalendarEntry(title, start, end, away=False)


_BRIEFING = replace(
    _busy("Staff briefing", _at(7, 9, 8, 30), _at(7, 9, 8, 45)), repeat=Repeat(frozenset({0}), last=_SUMMER)
)
_FRIDAYS = replace(
    _days(4, 5, 9, title="Not working"), repeat=Repeat(frozenset({4}), last=_SUMMER), left_out=(date(2026, 11, 27),)
)
_PRIVATE = "I am away for a family matter. My colleagues in the year group read my messages."
_PLAIN = "Thank you for your message. I am away and will answer when I am back."
_CONFERENCE = "Subject leaders' conference"
# By the place in the list of staff; nobody who keeps no calendar is among them.
_DIARIES: Mapping[int, Diary] = {
    1: Diary("", (_days(11, 12), _days(12, 13), _days(13, 14))),
    3: Diary(
        "",
        (_away(_at(10, hour=13), _at(12, hour=17)), _away(_at(12, hour=9), _at(13, hour=12))),
        Reply("I was on a course last spring.", on=False),
    ),
    4: Diary("", (_days(10, 19),), Reply(_PLAIN, _at(9, hour=17), _at(13, hour=17))),
    6: Diary("", (_days(12, 13),)),
    7: Diary("", (_days(11, 14),), working_days=(0, 1, 2)),
    9: Diary("", (_FRIDAYS,), working_days=(0, 1, 2, 3)),
    10: Diary("", (_days(16, 21),), Reply("I answer messages from parents on Mondays and Thursdays.")),
    12: Diary("", (_days(27, 30, 10),)),
    13: Diary("", (_days(21, 25, 12),)),
    15: Diary("", (_away(_at(22, 10, 8), _at(27, 10, 17)),), Reply(_PLAIN, _at(22, 10, 8), _at(27, 10, 17))),
    16: Diary("", (_days(12, 17, free=True),), Reply(_PLAIN, _at(12), _at(17))),
    18: Diary("", (_away(_at(23, hour=8), _at(27, hour=16)),), Reply(_PRIVATE, _at(23, hour=7), _at(28), local=True)),
    19: Diary(
        "",
        (_away(_at(30, hour=8, minute=30), _at(4, 12, 15, 30)),),
        Reply(_PLAIN, _at(29, hour=20), _at(7, 12, 7)),
    ),
    21: Diary("", (_busy("Examining for the board", _at(16, hour=9), _at(18, hour=15)),)),
    22: Diary("", (_days(9, 14, title=_CONFERENCE),), Reply(_PLAIN, _at(8, hour=18), _at(16, hour=8))),
}
_CLOSED = (
    "The school is closed until Monday 4 January. If a child is in danger, call 999; for a concern about a child, call "
    "the local authority on 01632 960555."
)
_SHARED: Mapping[str, Reply] = {
    "office": Reply(_CLOSED, _at(18, 12, 16), _at(4, 1, 8, year=2027)),
    "safeguarding": Reply("The school is closed until 2 November.", _at(23, 10, 16), _at(2, hour=8), on=False),
    "head": Reply("Thank you for writing to the head teacher's office. We answer within three working days."),
}


def diaries(school: School) -> Iterator[Diary]:
    """List what there is, of staff first and then of shared mailboxes; who is not in it has an empty calendar."""
    staff = [person for person in school.people if person.use is Use.STAFF]
    for number, person in enumerate(staff):
        yield _diary(number, person)
    for box in school.shared:
        reply = _SHARED.get(box.address.partition("@")[0])
        if reply:
            yield Diary(box.id, reply=reply)


def _diary(number: int, person: Person) -> Diary:
    if keeps_calendar(number):
        found = _DIARIES.get(number) if number < _NAMED else _by_rule(number)
        known = found or Diary("")
        return replace(known, id=person.id, entries=(_BRIEFING, *known.entries))
    return Diary(person.id)


def keeps_calendar(number: int) -> bool:
    """Tell whether a member of staff keeps a calendar, by the place in the list."""
    return number % 3 != _NO_CALENDAR


def _by_rule(number: int) -> Diary | None:
    if number % _EVERY_AWAY == 0:
        reply = Reply(_PLAIN, _at(8, hour=18), _at(16, hour=8)) if number % 2 else None
        return Diary("", (_days(9, 14),), reply)
    if number % _EVERY_BUSY == 0:
        return Diary("", (_busy("Examining", _at(9, hour=9), _at(12, hour=15)),))
    return None
