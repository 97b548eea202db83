"""Reads people's calendars: their busy times, which anyone in the school can see, and their absences.

Follows https://developers.google.com/workspace/calendar/api/v3/reference/freebusy/query and
https://developers.google.com/workspace/calendar/api/v3/reference/events/list
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.google_workspace.api.answers import to_rows
from connectors.google_workspace.api.calls import Api, Call
from toolkit.errors import BadAnswer, ServiceError
from toolkit.records import dataclass
from toolkit.sdk import flag
from toolkit.values import Body, Json

MOST = 50
"""Calendars in one free/busy request, and calls in one batch."""

_FIELDS = (
    "nextPageToken,timeZone,accessRole,items(status,eventType,transparency,start,end,endTimeUnspecified)"  # no titles
)
_PAGE = 2500
_AWAY = "outOfOffice"
_TAKES_NO_TIME = frozenset({"birthday", "workingLocation"})  # kinds of entries that take no one's time


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A period between two instants in UTC."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class CalendarEntries:
    """The entries in one person's calendar."""

    away: Sequence[Span]  # each absence from its beginning to its end
    anything: bool  # whether any entry takes time on the requested days


class Calendars:
    """People's calendars, by address. One request reads the calendars of up to 50 people.

    Calls for free/busy times act as the administrator, and calls for entries act as the owner of the calendar.
    """

    def __init__(self, calendar: Api) -> None:
        self._calendar = calendar

    def busy(self, people: Sequence[str], within: Span) -> Mapping[str, Sequence[Span]]:
        """Return when people are busy, from one request. People whose calendar is not visible are left out."""
        items: Json = [{"id": person} for person in people]
        window = {"timeMin": within.begins.isoformat(), "timeMax": within.ends.isoformat()}
        call = Call("calendar.freebusy.query", body={**window, "items": items})
        calendars = self._calendar.read(call).get("calendars")
        if not isinstance(calendars, Mapping):
            raise BadAnswer(f"{call}: the response does not list calendars")
        busy_spans = {person: _read_busy_spans(calendars.get(person)) for person in people}
        return {person: spans for person, spans in busy_spans.items() if spans is not None}

    def absences(
        self, people: Sequence[str], looked: Span, requested: Span
    ) -> Sequence[CalendarEntries | ServiceError]:
        """Return the out-of-office entries of each person, or the error if a calendar cannot be read.

        Each person takes one call. `has_entries` is about the `requested` days, which may be fewer than the days in
        `looked`.
        """
        return self._read_calendars(
            [_make_events_call(person, looked, eventTypes=[_AWAY]) for person in people], requested
        )

    def entries(self, people: Sequence[str], looked: Span, requested: Span) -> Sequence[CalendarEntries | ServiceError]:
        """Return all entries of each person, for people whose free/busy times are not visible.

        Each person takes one call.
        """
        return self._read_calendars([_make_events_call(person, looked) for person in people], requested)

    def _read_calendars(self, calls: Sequence[Call], requested: Span) -> Sequence[CalendarEntries | ServiceError]:
        return [
            _to_entries(call, pages, requested)
            for call, pages in zip(calls, self._calendar.pages_of_lists(calls), strict=True)
        ]


def _make_events_call(person: str, within: Span, **more: Json) -> Call:
    window = {"timeMin": within.begins.isoformat(), "timeMax": within.ends.isoformat()}
    options: Body = {"singleEvents": True, "maxResults": _PAGE, "fields": _FIELDS, **window, **more}
    return Call("calendar.events.list", {"calendarId": person, **options}, subject=person)


def _read_busy_spans(calendar: Json) -> Sequence[Span] | None:
    """Return the busy times in a calendar, or None if the response is incomplete."""
    if not isinstance(calendar, Mapping) or calendar.get("errors"):
        return None
    rows = calendar.get("busy")
    if not isinstance(rows, list):
        return None
    try:
        return [
            Span(_parse_instant(row["start"]), _parse_instant(row["end"])) for row in rows if isinstance(row, Mapping)
        ]
    except (KeyError, ValueError):
        return None


def _to_entries(call: Call, pages: Sequence[Body] | ServiceError, requested: Span) -> CalendarEntries | ServiceError:
    if isinstance(pages, ServiceError):
        return pages
    try:
        events = [row for page in pages for row in _list_entries(call, page)]
        away = [_read_span(row) for row in events if row.get("eventType") == _AWAY]
        return CalendarEntries(away, any(_is_busy_entry(row) and _is_within(row, requested) for row in events))
    except ServiceError as error:
        return error


def _list_entries(call: Call, page: Body) -> Iterator[Body]:
    """Yield the entries on a page, each with the time zone of the calendar."""
    if page.get("accessRole") != "owner":
        raise BadAnswer(f"{call}: the response is not for the owner of the calendar")
    zone = page.get("timeZone")
    yield from ({**row, "zone": zone} for row in to_rows(call, page, "items") if row.get("status") != "cancelled")


def _is_busy_entry(row: Body) -> bool:
    kind = row.get("eventType")
    return kind == _AWAY or (row.get("transparency") != "transparent" and kind not in _TAKES_NO_TIME)


def _is_within(row: Body, requested: Span) -> bool:
    """Return whether an entry overlaps the requested days. An entry without a known time counts too."""
    try:
        span = _read_span(row)
    except BadAnswer:
        return True
    return span.begins < requested.ends and requested.begins < span.ends


def _read_span(row: Body) -> Span:
    """Return the start and end of an absence. Raise BadAnswer if the start or the end is unknown."""
    start, end, zone = row.get("start"), row.get("end"), row.get("zone")
    if not isinstance(end, Mapping) or flag(row.get("endTimeUnspecified")):
        raise BadAnswer("an absence in the calendar has no end")
    try:
        span = Span(_read_time(start, zone), _read_time(end, zone))
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise BadAnswer(f"the time of an absence in the calendar cannot be read: {error}") from error
    if span.ends < span.begins:
        raise BadAnswer("an absence in the calendar ends before it begins")
    return span


def _read_time(point: Json, calendar_zone: Json) -> datetime:
    """Return the start or end of an entry.

    A whole-day entry starts and ends at midnight in the calendar's time zone.
    """
    match point:
        case {"dateTime": str(written), "timeZone": str(zone)}:
            return _parse_instant(written, zone)
        case {"dateTime": str(written)}:
            return _parse_instant(written, calendar_zone)
        case {"date": str(written)}:
            midnight = datetime.combine(datetime.fromisoformat(written).date(), time.min, _find_zone(calendar_zone))
            return midnight.astimezone(UTC)
        case _:
            raise ValueError("the entry has neither a time nor a date")


def _parse_instant(value: Json, zone: Json = None) -> datetime:
    moment = datetime.fromisoformat(str(value))
    return (moment.replace(tzinfo=_find_zone(zone)) if moment.tzinfo is None else moment).astimezone(UTC)


def _find_zone(name: Json) -> ZoneInfo:
    if not name:
        raise ValueError("the calendar does not name a time zone")
    return ZoneInfo(str(name))
