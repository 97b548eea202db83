"""The Calendar API: busy times of people, and the entries of a person's own calendar.

A test may read and change these collections at the control plane:

- `calendar.events`, by person id / event id: events as Google shows them. A series has a `recurrence`. A changed or
  cancelled occurrence of a series is an event with a `recurringEventId`.
- `calendar.acl`, by person id: {"role": "none"} hides a calendar from others. Otherwise the domain sees when the
  calendar's owner is busy.
- `gmail.vacation`, by person id: the automatic reply, which the Gmail API serves.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connectors.emulator.absences import ZONE, CalendarEntry, Diary, Reply, list_diaries
from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import etag
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.calendar import lists
from connectors.emulator.google_workspace.calendar.lists import calendar_owner
from connectors.emulator.google_workspace.calendar.times import (
    ACL,
    EVENTS,
    list_occurrences,
    local_text,
    read_instant,
    read_zone,
)
from connectors.emulator.google_workspace.gmail.html import sanitise
from connectors.emulator.google_workspace.mailboxes import VACATION
from connectors.emulator.google_workspace.values import mapping, numeric_id, sequence, text, texts
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

_MOST = 50


def _query_busy_times(call: MethodCall) -> Body:
    start, end = (_read_required_bound(call, name) for name in ("timeMin", "timeMax"))
    if end <= start:
        raise errors.ApiError(400, "timeRangeEmpty", "The specified time range is empty.", "timeMax")
    zone = read_zone(text(call.body.get("timeZone")) or "UTC")
    expansion_max = call.body.get("calendarExpansionMax")
    most = min(expansion_max, _MOST) if isinstance(expansion_max, int) and expansion_max > 0 else _MOST
    names = [text(mapping(calendar).get("id")) for calendar in sequence(call.body.get("items"))]
    calendars: dict[str, Json] = {name: _busy_times_of_calendar(call, name, start, end, zone) for name in names[:most]}
    calendars |= {name: _busy_error("tooManyCalendarsRequested") for name in names[most:]}
    window = {"timeMin": _busy_time_text(start, zone), "timeMax": _busy_time_text(end, zone)}
    return {"kind": "calendar#freeBusy", **window, "calendars": calendars}


def _read_required_bound(call: MethodCall, name: str) -> datetime:
    value = text(call.body.get(name))
    if not value:
        raise errors.ApiError(400, "required", f"Missing {name} parameter.", name)
    return read_instant(value)


def _busy_time_text(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _busy_times_of_calendar(call: MethodCall, name: str, start: datetime, end: datetime, zone: ZoneInfo) -> Body:
    person = call.caller if name == "primary" else people.find_user(call.store, call.tenant_id, name)
    if person is None or not _shares_busy_times(call, person):
        return _busy_error("notFound")
    events = list(call.collection(EVENTS).with_prefix(str(person["id"])).values())
    taken = [
        (max(time.start, start), min(time.end, end))
        for time in list_occurrences(events, start, end)
        if time.event.get("transparency") != "transparent" and time.event.get("status") != "cancelled"
    ]
    return {"busy": [{"start": local_text(a, zone), "end": local_text(b, zone)} for a, b in _merge_periods(taken)]}


def _shares_busy_times(call: MethodCall, person: Body) -> bool:
    own = call.caller is not None and call.caller["id"] == person["id"]
    return own or (
        call.caller is not None and (call.collection(ACL).get(str(person["id"])) or {}).get("role") != "none"
    )


def _busy_error(reason: str) -> Body:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _merge_periods(periods: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Merge periods that overlap or touch. The periods must be in the order of their start."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in periods:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return joined


_LARGEST_PAGE = 2500
_NOT_EMULATED = (
    "iCalUID", "q", "privateExtendedProperty", "sharedExtendedProperty", "syncToken", "updatedMin", "showDeleted",
    "orderBy",
)  # fmt: skip


def _list_events(call: MethodCall) -> Body:
    person = calendar_owner(call)
    for name in _NOT_EMULATED:
        if call.parameters.get(name):
            raise errors.not_emulated(f"events.list with {name}")
    events = list(call.collection(EVENTS).with_prefix(str(person["id"])).values())
    rows, kinds = _occurrences(call, events), texts(call.parameters.get("eventTypes"))
    chosen = [row for row in rows if not kinds or row.get("eventType") in kinds]
    page = read_page(call.parameters, min(call.number("maxResults", 250), _LARGEST_PAGE))
    shown = [{"kind": "calendar#event", "etag": etag(row), **row} for row in page_of(chosen, page)]
    return {
        "kind": "calendar#events",
        "etag": etag({"items": shown}),
        "summary": person["primaryEmail"],
        "description": "",
        "updated": call.now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "timeZone": text(call.parameters.get("timeZone")) or ZONE,
        "accessRole": "owner",
        "defaultReminders": [],
        **page.next_token(len(chosen)),
        "items": shown,
    }


def _occurrences(call: MethodCall, events: Sequence[Body]) -> Sequence[Body]:
    """Return every occurrence of the events between two instants, or all events, with each series as one event."""
    bounds = [read_instant(value) for name in ("timeMin", "timeMax") if (value := call.text(name))]
    if not call.flag("singleEvents") and not bounds:
        return [event for event in events if event.get("status") != "cancelled" or "recurringEventId" in event]
    if len(bounds) != len(("timeMin", "timeMax")) or not call.flag("singleEvents"):
        raise errors.not_emulated("events.list with only some of timeMin, timeMax and singleEvents")
    start, end = bounds
    if end <= start:
        raise errors.ApiError(400, "timeRangeEmpty", "The specified time range is empty.", "timeMax")
    zone = read_zone(call.text("timeZone"))
    return [
        time.to_event(zone) for time in list_occurrences(events, start, end) if time.event.get("status") != "cancelled"
    ]


HANDLERS: Mapping[str, Handler] = {
    "calendar.events.list": _list_events,
    "calendar.freebusy.query": _query_busy_times,
    **lists.HANDLERS,
}


SERVICE = google_api("google calendar", HANDLERS)


_DAYS = {0: "MO", 1: "TU", 2: "WE", 3: "TH", 4: "FR", 5: "SA", 6: "SU"}


def seed(school: School) -> Seed:
    """Return the calendars and automatic replies of a new tenant. A shared inbox, which is a group, has neither."""
    people = {person.id: person.address for person in school.people}
    owned_diaries = [diary for diary in list_diaries(school) if diary.id in people]
    return {
        EVENTS: dict(_seeded_events(school, owned_diaries, people)),
        VACATION: {numeric_id(diary.id): _seeded_vacation(diary.reply) for diary in owned_diaries if diary.reply},
    }


def _seeded_events(school: School, owned_diaries: list[Diary], people: dict[str, str]) -> Iterator[tuple[str, Body]]:
    for diary in owned_diaries:
        for place, entry in enumerate(diary.entries):
            key = school.identifier("google event", diary.id, str(place)).replace("-", "")[:26]
            event = _seeded_event(key, entry, people[diary.id])
            yield f"{numeric_id(diary.id)}/{key}", event
            for day in entry.left_out:
                yield (
                    f"{numeric_id(diary.id)}/{key}_{day:%Y%m%d}",
                    _cancelled_event(event, key, f"{day:%Y%m%d}", day.isoformat()),
                )


def _seeded_event(key: str, entry: CalendarEntry, address: str) -> Body:
    kind: dict[str, Json] = {"eventType": "default"}
    kind |= from_template(__file__, "out_of_office") if entry.away else {}
    kind |= {"transparency": "transparent"} if entry.free else {}
    repeat = entry.repeat
    if repeat and repeat.last:
        days = ",".join(_DAYS[day] for day in sorted(repeat.weekdays))
        kind["recurrence"] = [f"RRULE:FREQ=WEEKLY;UNTIL={repeat.last:%Y%m%d}T235959Z;BYDAY={days}"]
    start, end = (_event_point(instant, all_day=entry.all_day) for instant in (entry.start, entry.end))
    visibility = "public" if entry.away else "default"
    event = from_template(
        __file__, "event", id=key, title=entry.title, address=address, start=start, end=end, visibility=visibility
    )
    return {**event, **kind}


def _cancelled_event(event: Body, key: str, place: str, day: str) -> Body:
    point: Body = {"date": day}
    kept = {name: value for name, value in event.items() if name != "recurrence"}
    gone: Body = {"id": f"{key}_{place}", "status": "cancelled", "recurringEventId": key, "originalStartTime": point}
    return {**kept, **gone, "start": point, "end": point}


def _event_point(instant: datetime, *, all_day: bool) -> Body:
    if all_day:
        return {"date": instant.date().isoformat()}
    return {"dateTime": instant.isoformat().replace("+00:00", "Z"), "timeZone": ZONE}


def _seeded_vacation(reply: Reply) -> Body:
    times: dict[str, Json] = {}
    if reply.start and reply.end:
        times = {"startTime": _epoch_milliseconds(reply.start), "endTime": _epoch_milliseconds(reply.end)}
    text = sanitise(f"<p>{reply.text}</p>")
    return {**from_template(__file__, "vacation", on=reply.on, text=text), **times}


def _epoch_milliseconds(instant: datetime) -> str:
    return str(int(instant.astimezone(UTC).timestamp()) * 1000)
