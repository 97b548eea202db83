"""The entries of a calendar between two instants, and getSchedule: when people are free, busy or away."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from connectors.emulator.absences import WEEKDAYS, Repeat, event_starts
from connectors.emulator.microsoft365.applications import texts
from connectors.emulator.microsoft365.graph import filters
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.models import properties
from connectors.emulator.microsoft365.graph.outlook.mailbox import (
    EVENTS,
    SCHEDULE_ERRORS,
    find_addressee,
    find_zone,
    forbidden,
    has_mailbox,
    local_time_in_zone,
    mailbox_owner,
    preferred_zone,
    read_instant,
    read_local_time,
    to_local_time,
    zone_headers,
)
from connectors.emulator.microsoft365.graph.outlook.settings import settings_of
from connectors.emulator.microsoft365.graph.query import Query, check_property, one_page, read_query
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

CALENDARS = frozenset({"Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"})
_LARGEST_PAGE, _PAGE = 1000, "10"
_ORDERS = ("start/dateTime", "start/datetime asc", "start/dateTime asc")
_OPTIONS = frozenset({"$select", "$filter", "$top", "$orderby", "$skiptoken", "$format"})
_NEEDED = "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime."


def actions() -> Sequence[Action]:
    """Return the actions for the two paths to a person's calendar view, and the two paths to their schedule."""
    notes = "$select, $filter (eq, in, and, or), $top; Prefer: outlook.timezone"
    paths = ("/users/{id}/calendarView", "/users/{id}/calendar/calendarView")
    views = [Action("GET", path, CALENDARS, _list_view, notes=notes, forbid=forbidden) for path in paths]
    return [*views, *schedule_actions()]


def _list_view(request: ActionRequest) -> Answer:
    person, query = mailbox_owner(request), read_query(request.call, _OPTIONS)
    name = preferred_zone(request.call)
    start, end = _read_window(request)
    for chosen in query.selected_names:
        check_property(chosen, "event")
    if query.options.get("$orderby", _ORDERS[0]) not in _ORDERS:
        raise GraphError(501, "NotEmulated", f"The emulator orders a calendar view only by {_ORDERS[0]}.")
    rows: list[Body] = [occurrence.to_event(name) for occurrence in occurrences(request, person, start, end)]
    if text := query.options.get("$filter"):
        test = filters.parse_filter(text, type_name="event", names=properties("event"))
        rows = [row for row in rows if test(row)]
    sized = replace(query, options={"$top": _PAGE, **query.options})
    page = one_page(request.call, sized, rows, largest=_LARGEST_PAGE)
    events = page["value"]
    assert isinstance(events, list)
    page["value"] = [_select_properties(row, query) for row in events]
    context = request.context(f"users('{person['id']}')/calendarView")
    return Answer(body={**context, **page}, headers=zone_headers(request.call))


def _select_properties(row: Body, query: Query) -> Body:
    if not query.selected_names or query.selected_names == ["*"]:
        return row
    return {"id": row["id"], **{name: row.get(name) for name in query.selected_names}}


def _read_window(request: ActionRequest) -> tuple[datetime, datetime]:
    """Return the start and the end of a view. A time without an offset is in UTC, whatever zone the caller prefers."""
    given = {name.lower(): value for name, value in request.call.query}
    try:
        start, end = (_parse_instant(given[name]) for name in ("startdatetime", "enddatetime"))
    except (KeyError, ValueError) as bad:
        raise GraphError(400, "ErrorInvalidParameter", _NEEDED) from bad
    if end < start:
        raise GraphError(400, "ErrorInvalidParameter", "The end of the time window must not be before its start.")
    return start, end


def _parse_instant(raw: str) -> datetime:
    # A plus sign that nobody escaped arrives as a space.
    read = datetime.fromisoformat(raw.replace(" ", "+"))
    return read if read.tzinfo else read.replace(tzinfo=UTC)


_WEEKDAYS = {name: number for number, name in WEEKDAYS.items()}
_DAY = timedelta(days=1)
_OF_SERIES = ("recurrence", "cancelledOccurrences")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which an event takes place."""

    event: Body  # as it stands in the calendar
    wall: datetime  # the local time at its start
    start: datetime
    end: datetime

    def to_event(self, name: str) -> dict[str, Json]:
        """Return this occurrence as an event, with start and end in a time zone.

        A whole-day event is a whole day in every zone.
        """
        event = {key: value for key, value in self.event.items() if key not in _OF_SERIES}
        if "recurrence" in self.event:
            event |= {
                "id": f"{self.event['id']}.{self.wall.date()}",
                "seriesMasterId": self.event["id"],
                "type": "occurrence",
            }
        return {**event, "start": self._local_time(self.start, name), "end": self._end_point(name)}

    def _end_point(self, name: str) -> Json:
        return self._local_time(self.end, name) if self.event.get("end") else None

    def _local_time(self, instant: datetime, name: str) -> Body:
        inside = instant if self.event.get("isAllDay") else instant.astimezone(find_zone(name))
        return local_time_in_zone(inside, name)


def occurrences(request: ActionRequest, person: Body, start: datetime, end: datetime) -> list[Occurrence]:
    """Return the occurrences between two instants, in order."""
    events = request.store.with_prefix(request.tenant_id, EVENTS, f"{person['id']}/").values()
    every = [
        occurrence for event in events for occurrence in _expand_event(event, end) if _overlaps(occurrence, start, end)
    ]
    return sorted(every, key=lambda occurrence: occurrence.start)


def _overlaps(occurrence: Occurrence, start: datetime, end: datetime) -> bool:
    return occurrence.start < end and (occurrence.end > start or occurrence.start >= start)


def _expand_event(event: Body, end: datetime) -> Iterator[Occurrence]:
    first, place = read_local_time(event["start"])
    # An event that was stored without an end is shown without one, and takes no time.
    length = read_local_time(event["end"])[0] - first if event.get("end") else timedelta()
    repeat = _read_repeat(event)
    without = {date.fromisoformat(day) for day in texts(event.get("cancelledOccurrences"))}
    walls = event_starts(first, repeat, end.astimezone(place).replace(tzinfo=None) + _DAY) if repeat else [first]
    for wall in walls:
        if wall.date() not in without:
            begins, ends = (moment.replace(tzinfo=place) for moment in (wall, wall + length))
            yield Occurrence(event, wall, begins, ends)


def _read_repeat(event: Body) -> Repeat | None:
    recurrence = event.get("recurrence")
    if not isinstance(recurrence, Mapping):
        return None
    pattern, within = recurrence["pattern"], recurrence["range"]
    assert isinstance(pattern, Mapping)
    assert isinstance(within, Mapping)
    last, count, interval = within.get("endDate"), within.get("numberOfOccurrences"), pattern.get("interval")
    return Repeat(
        weekdays=frozenset(_WEEKDAYS[day] for day in texts(pattern.get("daysOfWeek"))),
        interval=interval if isinstance(interval, int) else 1,
        last=date.fromisoformat(str(last)) if within.get("type") == "endDate" else None,
        count=count if within.get("type") == "numbered" and isinstance(count, int) else None,
    )


_MOST, _LONGEST = 20, timedelta(days=62)
_SHORTEST_SLOT, _LONGEST_SLOT, _SLOT = 5, 1440, 30  # minutes
# The digit for a slot with several events: the last in this table counts.
_DIGITS: Mapping[str, bytes] = {"free": b"0", "workingElsewhere": b"4", "tentative": b"1", "busy": b"2", "oof": b"3"}


@dataclass(frozen=True, slots=True)
class _Window:
    start: datetime
    end: datetime
    step: timedelta
    zone: str  # in which the caller wants times


def schedule_actions() -> Sequence[Action]:
    """Return the getSchedule operations, one for each spelling of the path."""
    notes = "at most 20 schedules, under 62 days, with Prefer: outlook.timezone, without subjects"
    paths = ("/users/{id}/calendar/getSchedule", "/users/{id}/calendar/microsoft.graph.getSchedule")
    return [Action("POST", path, CALENDARS, _get_schedules, notes=notes, forbid=forbidden, asks=True) for path in paths]


def _get_schedules(request: ActionRequest) -> Answer:
    mailbox_owner(request)
    body = {name.lower(): value for name, value in request.body().items()}
    addresses = texts(body.get("schedules"))
    start, end = read_instant(body.get("starttime")), read_instant(body.get("endtime"))
    minutes = body.get("availabilityviewinterval", _SLOT)
    if not isinstance(minutes, int) or not _SHORTEST_SLOT <= minutes <= _LONGEST_SLOT:
        raise _schedule_error(
            "ErrorInvalidMergedFreeBusyInterval", "The value of availabilityViewInterval must be 5 to 1440."
        )
    if not addresses or len(addresses) > _MOST:
        raise _schedule_error("ErrorInvalidParameter", f"The number of schedules must be 1 to {_MOST}.")
    if end <= start:
        raise _schedule_error("ErrorInvalidTimeInterval", "The end of the time window must be after its start.")
    if end - start >= _LONGEST:
        text = (
            "The requested time duration specified for FreeBusyViewOptions.TimeWindow is not within the allowed limits."
        )
        raise _schedule_error("ErrorTimeIntervalTooBig", text)
    name, step = preferred_zone(request.call), timedelta(minutes=minutes)
    window = _Window(start, end, step, name)
    schedules: list[Json] = [_person_schedule(request, address, window) for address in addresses]
    context = request.context("Collection(microsoft.graph.scheduleInformation)")
    return Answer(body={**context, "value": schedules}, headers=zone_headers(request.call))


def _schedule_error(code: str, text: str) -> GraphError:
    return GraphError(400, code, text)


def _person_schedule(request: ActionRequest, address: str, window: _Window) -> Body:
    person = find_addressee(request, address)
    if person is None or not has_mailbox(person):
        text = f"Unable to resolve e-mail address {address} to an Active Directory object."
        return _unreadable_schedule(address, {"message": text, "responseCode": "ErrorMailRecipientNotFound"})
    if refusal := request.store.get(request.tenant_id, SCHEDULE_ERRORS, str(person["id"])):
        return _unreadable_schedule(address, refusal)
    busy = occurrences(request, person, window.start, window.end)
    return {
        "scheduleId": address,
        "availabilityView": _availability_view(busy, window),
        "scheduleItems": [
            {
                "status": occurrence.event["showAs"],
                "start": to_local_time(occurrence.start, window.zone),
                "end": to_local_time(occurrence.end, window.zone),
            }
            for occurrence in busy
        ],
        "workingHours": settings_of(request, person)["workingHours"],
    }


def _unreadable_schedule(address: str, refusal: Body) -> Body:
    return {"scheduleId": address, "availabilityView": "", "error": refusal}


def _availability_view(busy: Sequence[Occurrence], window: _Window) -> str:
    """Return an availability view, which has one digit for each time slot.

    An event that touches a slot fills the whole slot.
    """
    start, end, step = window.start, window.end, window.step
    view = bytearray(b"0" * -((start - end) // step))
    ranks = list(_DIGITS)
    for occurrence in sorted(busy, key=lambda occurrence: ranks.index(str(occurrence.event["showAs"]))):
        first = max(0, (occurrence.start - start) // step)
        last = min(len(view), -((start - occurrence.end) // step))
        if last > first:
            view[first:last] = _DIGITS[str(occurrence.event["showAs"])] * (last - first)
    return view.decode()
