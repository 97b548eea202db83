"""Who is out of office: everybody's schedule, and the entries of a calendar where the schedule says too little."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from sys import intern

from connectors.microsoft365.graph.service import path_with
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.mailboxes import chunks, raise_for_everybody, told
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.schedules import LONGEST, Schedule, known_zone, read_instant, read_schedules, read_wall
from toolkit.errors import RequestFailed
from toolkit.school.schedule import Period, adjoining_periods, overlaps
from toolkit.school.signals import Absence, Diaries
from toolkit.sdk import Permissions, Person, flag, segment
from toolkit.values import Body, Json

SOURCE = "Outlook calendar"
PERMISSIONS = Permissions((graph("Calendars.ReadBasic"),))
_BEFORE = timedelta(days=21)


def read_diaries(
    graph: Graph, people: Sequence[Person], begins: datetime, ends: datetime, *, everybody: bool
) -> Diaries:
    """Read who is out of office between two instants; what the app needs is in PERMISSIONS.

    Schedules are asked about as many days as Outlook tells at once, so that most absences are seen whole. A calendar
    is opened where one goes on beyond even these, for a month; with `everybody` all are. Time that is merely busy is
    no absence in a calendar either. For 400 people it takes a request, and another one for 20 calendars. What was
    answered is dropped as soon as it is understood.
    """
    window, schedule_window = (begins, ends), _widen((begins, ends))
    reading = _Reading(window, schedule_window, everybody=everybody)
    with_mailbox = [person for person in people if person.mailbox]
    reading.unknown |= {person.id: "there is no mailbox" for person in people if not person.mailbox}
    for schedule in read_schedules(graph, with_mailbox, schedule_window, window):
        reading.take(schedule)
    all_zones = dict.fromkeys((person.id for person in with_mailbox if everybody), "")
    reading.add_calendars(read_calendars(graph, {**all_zones, **reading.zones}, schedule_window))
    return reading.diaries()


def _widen(window: Period) -> Period:
    """Widen a window to what Outlook tells at once; one that is longer stays as it is."""
    begins, ends = window
    extra = max(LONGEST - (ends - begins), timedelta())
    before = min(_BEFORE, extra / 2)
    return begins - before, ends + (extra - before)


@dataclass(slots=True)
class _Reading:
    """What is known so far of everybody, by id."""

    window: Period  # that was asked about
    schedule_window: Period  # that the schedules tell of
    everybody: bool  # has the calendar opened
    away: dict[str, list[Period]] = field(default_factory=dict)
    calendar_keepers: set[str] = field(default_factory=set)
    zones: dict[str, str] = field(default_factory=dict)  # of those whose calendar is to be opened
    unknown: dict[str, str] = field(default_factory=dict)

    def take(self, schedule: Schedule) -> None:
        """Note a schedule, and whether the calendar has to be opened as well."""
        person = schedule.person.id
        if schedule.unknown:
            self.unknown[person] = schedule.unknown
            return
        if schedule.away:
            self.away.setdefault(person, []).extend(schedule.away)
        self.calendar_keepers |= {person} if schedule.has_entries else set()
        begins, ends = self.schedule_window
        if self.everybody or any(first <= begins or last >= ends for first, last in schedule.away):
            self.zones[person] = intern(schedule.zone)  # that of nearly everybody is the same

    def add_calendars(self, calendars: Iterable[tuple[str, Sequence[Period] | RequestFailed | str]]) -> None:
        """Note what calendars show; one that cannot be read leaves its owner unknown.

        Raises where none of everybody's could be read.
        """
        any_read, refusals = False, list[RequestFailed]()
        for person, result in calendars:
            if isinstance(result, RequestFailed | str):
                self.unknown[person] = reason(result)
                refusals += [result] if isinstance(result, RequestFailed) else []
                continue
            any_read = True
            if self.everybody:
                self.unknown.pop(person, None)  # its schedule could not be read, and need not be
            if person not in self.unknown:
                only_in_schedule = [span for span in self.away.get(person, []) if not overlaps(span, result)]
                self.away[person] = [*result, *only_in_schedule]
        if self.everybody and not any_read:
            raise_for_everybody(refusals)

    def diaries(self) -> Diaries:
        """Put together what is known; an entry without a time is left out."""
        absences = [
            Absence(person, begins, ends, SOURCE)
            for person, spans in self.away.items()
            if person not in self.unknown
            for begins, ends in adjoining_periods(self.window, spans)
        ]
        self.calendar_keepers |= {absence.person for absence in absences}
        self.calendar_keepers -= self.unknown.keys()
        return Diaries(tuple(absences), self.calendar_keepers, self.unknown)


CalendarResult = tuple[str, Sequence[Period] | RequestFailed | str]
"""Whose calendar, and what it shows; or why it cannot be read, or cannot be told."""

_AROUND = timedelta(days=31)  # how much further than asked it is looked, for what goes on there
_CONCURRENT = 4  # requests under way: as many as the client sends at a time
_QUERY = {
    "filter": "showAs eq 'oof'",
    "select": "start,end,isAllDay,isCancelled,originalStartTimeZone",
    "top": "200",
}


def read_calendars(graph: Graph, zones: Mapping[str, str], window: Period) -> Iterator[CalendarResult]:
    """Give what each calendar shows as out of office from a month before a window to a month after it.

    `zones` names by id whose calendars, and each mailbox's zone where that is known: a whole day has none of its own.
    """
    pool = ThreadPoolExecutor(_CONCURRENT, thread_name_prefix="calendars")
    try:
        for results in pool.map(lambda some: _read_chunk(graph, some, zones, window), chunks(list(zones))):
            yield from results
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def reason(unread: RequestFailed | str) -> str:
    """Say why what a calendar shows is not known."""
    return unread if isinstance(unread, str) else told(unread)


def _read_chunk(
    graph: Graph, people: Sequence[str], zones: Mapping[str, str], window: Period
) -> Sequence[CalendarResult]:
    lists = graph.lists([_path(person, window) for person in people])
    return [(person, _read(rows, zones[person])) for person, rows in zip(people, lists, strict=True)]


def _path(person: str, window: Period) -> str:
    begins, ends = window[0] - _AROUND, window[1] + _AROUND
    return path_with(
        f"/users/{segment(person)}/calendarView",
        {"startDateTime": _to_utc_text(begins), "endDateTime": _to_utc_text(ends), **_QUERY},
    )


def _to_utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(rows: Sequence[Body] | RequestFailed, zone: str) -> Sequence[Period] | RequestFailed | str:
    if isinstance(rows, RequestFailed):
        return rows
    try:
        return [_span(row, zone) for row in rows if not flag(row.get("isCancelled"))]
    except ValueError as wrong:
        return f"the calendar cannot be understood: {wrong}"


def _span(row: Body, zone: str) -> Period:
    if not isinstance(row.get("end"), Mapping):
        raise ValueError("an entry has no end")  # noqa: TRY004 - the entry is wrong, not a type
    if flag(row.get("isAllDay")):
        zone_of_day = known_zone(zone, str(row.get("originalStartTimeZone") or ""))
        begins, ends = (_midnight(row[name], zone_of_day) for name in ("start", "end"))
    else:
        begins, ends = (read_instant(row[name]) for name in ("start", "end"))
    if ends < begins:
        raise ValueError("an entry ends before it begins")
    return begins, ends


def _midnight(value: Json, zone: tzinfo) -> datetime:
    """Read the day of an entry that lasts for whole days: its owner's day, in whatever zone Outlook shows it."""
    return read_wall(value).replace(tzinfo=zone).astimezone(UTC)
