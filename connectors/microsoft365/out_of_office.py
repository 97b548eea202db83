"""Reads who is out of office, from people's schedules, or from their calendars if a schedule does not show enough."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from sys import intern

from connectors.microsoft365.graph.service import path_with
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.mailboxes import chunks, explain_unreadable_mailbox, raise_for_everybody
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.schedules import (
    LONGEST,
    Schedule,
    known_zone,
    read_instant,
    read_local_time,
    read_schedules,
)
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
    """Return who is out of office between two instants. The app needs PERMISSIONS. Busy time is not an absence.

    Schedules are read for the longest period that Outlook allows, so that most absences are read completely. If an
    absence continues beyond that period, the person's calendar is read for one more month on either side. With
    `everybody`, all calendars are read. One request reads the schedules of 400 people, or 20 calendars. Responses are
    not kept.
    """
    window, schedule_window = (begins, ends), _extend_period((begins, ends))
    reading = _Reading(window, schedule_window, everybody=everybody)
    with_mailbox = [person for person in people if person.mailbox]
    reading.unknown |= {person.id: "there is no mailbox" for person in people if not person.mailbox}
    for schedule in read_schedules(graph, with_mailbox, schedule_window, window):
        reading.add_schedule(schedule)
    all_zones = dict.fromkeys((person.id for person in with_mailbox if everybody), "")
    reading.add_calendars(read_calendars(graph, {**all_zones, **reading.zones}, schedule_window))
    return reading.diaries()


def _extend_period(window: Period) -> Period:
    """Return a period extended to the longest period that Outlook allows. A longer period is returned unchanged."""
    begins, ends = window
    extra = max(LONGEST - (ends - begins), timedelta())
    lead = min(_BEFORE, extra / 2)
    return begins - lead, ends + (extra - lead)


@dataclass(slots=True)
class _Reading:
    """The absences that have been read so far, by person id."""

    window: Period  # the requested window
    schedule_window: Period  # the window of the schedules
    everybody: bool  # whether all calendars are read
    away: dict[str, list[Period]] = field(default_factory=dict)
    calendar_keepers: set[str] = field(default_factory=set)
    zones: dict[str, str] = field(default_factory=dict)  # for people whose calendar must be read
    unknown: dict[str, str] = field(default_factory=dict)

    def add_schedule(self, schedule: Schedule) -> None:
        """Add a person's schedule, and decide whether their calendar must also be read."""
        person = schedule.person.id
        if schedule.unknown:
            self.unknown[person] = schedule.unknown
            return
        if schedule.away:
            self.away.setdefault(person, []).extend(schedule.away)
        self.calendar_keepers |= {person} if schedule.has_entries else set()
        begins, ends = self.schedule_window
        if self.everybody or any(first <= begins or last >= ends for first, last in schedule.away):
            self.zones[person] = intern(schedule.zone)  # nearly everyone has the same zone

    def add_calendars(self, calendars: Iterable[tuple[str, Sequence[Period] | RequestFailed | str]]) -> None:
        """Add the absences in calendars. A person whose calendar cannot be read is unknown.

        Raise an error if all calendars were requested and none could be read.
        """
        any_read, refusals = False, list[RequestFailed]()
        for person, result in calendars:
            if isinstance(result, RequestFailed | str):
                self.unknown[person] = explain_unread_calendar(result)
                refusals += [result] if isinstance(result, RequestFailed) else []
                continue
            any_read = True
            if self.everybody:
                self.unknown.pop(person, None)  # the calendar replaces a schedule that could not be read
            if person not in self.unknown:
                only_in_schedule = [span for span in self.away.get(person, []) if not overlaps(span, result)]
                self.away[person] = [*result, *only_in_schedule]
        if self.everybody and not any_read:
            raise_for_everybody(refusals)

    def diaries(self) -> Diaries:
        """Return the absences that were read. Entries without a time are left out."""
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
"""A person's id, and the absences in their calendar or why it cannot be read."""

_AROUND = timedelta(days=31)  # the calendar is read this far around the window, for absences that continue there
_CONCURRENT = 4  # parallel requests, as many as the client sends at once
_QUERY = {
    "filter": "showAs eq 'oof'",
    "select": "start,end,isAllDay,isCancelled,originalStartTimeZone",
    "top": "200",
}


def read_calendars(graph: Graph, zones: Mapping[str, str], window: Period) -> Iterator[CalendarResult]:
    """Yield each calendar's out-of-office entries, from a month before a period to a month after it.

    `zones` has the time zone of each mailbox by person id, or "" if it is unknown, because all-day entries have no time
    zone.
    """
    pool = ThreadPoolExecutor(_CONCURRENT, thread_name_prefix="calendars")
    try:
        for results in pool.map(lambda chunk: _read_chunk(graph, chunk, zones, window), chunks(list(zones))):
            yield from results
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def explain_unread_calendar(unread: RequestFailed | str) -> str:
    """Return why the absences in a calendar are unknown."""
    return unread if isinstance(unread, str) else explain_unreadable_mailbox(unread)


def _read_chunk(
    graph: Graph, people: Sequence[str], zones: Mapping[str, str], window: Period
) -> Sequence[CalendarResult]:
    lists = graph.lists([_calendar_path(person, window) for person in people])
    return [(person, _read_periods(rows, zones[person])) for person, rows in zip(people, lists, strict=True)]


def _calendar_path(person: str, window: Period) -> str:
    begins, ends = window[0] - _AROUND, window[1] + _AROUND
    return path_with(
        f"/users/{segment(person)}/calendarView",
        {"startDateTime": _to_utc_text(begins), "endDateTime": _to_utc_text(ends), **_QUERY},
    )


def _to_utc_text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_periods(rows: Sequence[Body] | RequestFailed, zone: str) -> Sequence[Period] | RequestFailed | str:
    if isinstance(rows, RequestFailed):
        return rows
    try:
        return [_to_period(row, zone) for row in rows if not flag(row.get("isCancelled"))]
    except ValueError as wrong:
        return f"the calendar cannot be understood: {wrong}"


def _to_period(row: Body, zone: str) -> Period:
    if not isinstance(row.get("end"), Mapping):
        raise ValueError("an entry has no end")  # noqa: TRY004 - the entry is wrong, not a type
    if flag(row.get("isAllDay")):
        zone_of_day = known_zone(zone, str(row.get("originalStartTimeZone") or ""))
        begins, ends = (_find_midnight(row[name], zone_of_day) for name in ("start", "end"))
    else:
        begins, ends = (read_instant(row[name]) for name in ("start", "end"))
    if ends < begins:
        raise ValueError("an entry ends before it begins")
    return begins, ends


def _find_midnight(value: Json, zone: tzinfo) -> datetime:
    """Return the start of an all-day entry in the owner's time zone. Outlook may return the start in another zone."""
    return read_local_time(value).replace(tzinfo=zone).astimezone(UTC)
