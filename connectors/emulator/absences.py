"""The absences and automatic replies of the made-up school. Thirty-one of the forty-six staff keep a calendar.

Three people have forgotten to set an automatic reply. The deputy head has three one-day entries that form one absence.
The SENDCo has two overlapping entries. The business manager's automatic reply ends before the absence does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from connectors.emulator.data_files import read_data
from connectors.emulator.school import Person, School, Use

_WEEK = 7


@dataclass(frozen=True, slots=True)
class Repeat:
    """The rule that says when an event repeats."""

    weekdays: frozenset[int] = frozenset()  # Monday is 0. An empty set means that it repeats by days.
    interval: int = 1
    last: date | None = None  # the last day it may happen on
    count: int | None = None


def event_starts(first: datetime, repeat: Repeat, before: datetime) -> Iterator[datetime]:
    """Yield the start times of a repeating event up to an instant, in the time zone of its first start."""
    for number, day in enumerate(_repeated_days(first, repeat)):
        ended = repeat.last is not None and day.date() > repeat.last
        if ended or day >= before or number == repeat.count:
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
    """One entry in a calendar."""

    title: str
    start: datetime
    end: datetime  # the first instant after it
    away: bool  # out of office, otherwise busy
    free: bool = False  # not shown as busy, on a cloud that allows it
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
    """The calendar entries, the automatic reply and the working days of a mailbox."""

    id: str  # of the person or the shared mailbox
    entries: tuple[CalendarEntry, ...] = ()
    reply: Reply | None = None
    working_days: tuple[int, ...] = ALL_WEEK


_ENTRY, _REPLY = TypeAdapter(CalendarEntry), TypeAdapter(Reply)
_NO_CALENDAR = 2  # of three in a row, the one who keeps none
_NAMED = 46  # staff of a school of the usual size. A rule makes the absences of any others.
_EVERY_AWAY, _EVERY_BUSY = 33, 999  # of the others, who is away, and who is busy for days on end
_TABLE = read_data(Path(__file__).with_suffix(".json"))  # of staff by the place in their list: none keeps no calendar


def _to_school_time(moment: datetime | None) -> datetime | None:
    """Return a date and time from the table of absences, in the school's time zone."""
    return moment.replace(tzinfo=ZoneInfo(ZONE)) if moment else None


def _to_entry(row: object) -> CalendarEntry:
    entry = _ENTRY.validate_python(row)
    return replace(
        entry, start=entry.start.replace(tzinfo=ZoneInfo(ZONE)), end=entry.end.replace(tzinfo=ZoneInfo(ZONE))
    )


def _to_reply(row: object) -> Reply:
    reply = _REPLY.validate_python(row)
    return replace(reply, start=_to_school_time(reply.start), end=_to_school_time(reply.end))


def _read_diary(row: Mapping[str, Any]) -> Diary:
    entries = tuple(_to_entry(entry) for entry in row.get("entries", ()))
    reply = _to_reply(row["reply"]) if "reply" in row else None
    return Diary("", entries, reply, tuple(row.get("working_days", ALL_WEEK)))


def list_diaries(school: School) -> Iterator[Diary]:
    """Yield the diaries of staff, then of shared mailboxes. A person who keeps no calendar has an empty diary."""
    staff = [person for person in school.people if person.use is Use.STAFF]
    for number, person in enumerate(staff):
        yield _to_diary(number, person)
    for box in school.shared:
        row = _TABLE["shared"].get(box.address.partition("@")[0])
        if row:
            yield Diary(box.id, reply=_to_reply(row))


def _to_diary(number: int, person: Person) -> Diary:
    if keeps_calendar(number):
        row = _TABLE["staff"].get(str(number), {}) if number < _NAMED else _calendar_rule_parameters(number)
        diary = _read_diary(row)
        return replace(diary, id=person.id, entries=(_to_entry(_TABLE["everybody"]), *diary.entries))
    return Diary(person.id)


def keeps_calendar(number: int) -> bool:
    """Return whether the member of staff at this position in the list of staff keeps a calendar."""
    return number % 3 != _NO_CALENDAR


def _calendar_rule_parameters(number: int) -> Mapping[str, Any]:
    rows = _TABLE["beyond"]
    if number % _EVERY_AWAY == 0:
        return {"entries": [rows["away"]], **({"reply": rows["reply"]} if number % 2 else {})}
    return {"entries": [rows["busy"]]} if number % _EVERY_BUSY == 0 else {}
