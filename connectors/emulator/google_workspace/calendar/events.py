"""events.list: the entries of one's own calendar."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from connectors.emulator.absence_calendars import ZONE
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.paging import page_of, read_page
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.calendar.times import EVENTS, expanded, read_instant, read_zone, times
from connectors.emulator.google_workspace.directory.serialise import etag
from connectors.emulator.google_workspace.values import text, texts
from connectors.emulator.wire import Body

_LARGEST_PAGE = 2500
_NOT_EMULATED = ("iCalUID", "q", "privateExtendedProperty", "sharedExtendedProperty", "syncToken", "updatedMin")
_YEARS_ON = timedelta(days=366)  # how far a series without an end is followed where a call names no end


def _list(asked: MethodCall) -> Body:
    person = _owner(asked)
    for name in _NOT_EMULATED:
        if asked.parameters.get(name):
            raise errors.not_emulated(f"events.list with {name}")
    start, end = (_bound(asked, name) for name in ("timeMin", "timeMax"))
    if start and end and end <= start:
        raise errors.ApiError(400, "timeRangeEmpty", "The specified time range is empty.", "timeMax")
    events = list(asked.collection(EVENTS).below(str(person["id"])).values())
    rows = _single(asked, events, start, end) if asked.flag("singleEvents") else _whole(asked, events, start, end)
    chosen = [row for row in rows if _wanted(asked, row)]
    page = read_page(asked.parameters, min(asked.number("maxResults", 250), _LARGEST_PAGE))
    shown = [{"kind": "calendar#event", "etag": etag(row), **row} for row in page_of(chosen, page)]
    return {
        "kind": "calendar#events",
        "etag": etag({"items": shown}),
        "summary": person["primaryEmail"],
        "description": "",
        "updated": asked.now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "timeZone": text(asked.parameters.get("timeZone")) or ZONE,
        "accessRole": "owner",
        "defaultReminders": [],
        **page.next_token(len(chosen)),
        "items": shown,
    }


def _owner(asked: MethodCall) -> Body:
    """Find whose calendar a call is about: the caller's own, as nobody shares more than when they are busy."""
    name, caller = asked.text("calendarId"), asked.caller
    person = caller if name == "primary" else people.find_user(asked.store, asked.tenant_id, name)
    if caller is None or person is None or person["id"] != caller["id"]:
        raise errors.not_found("Not Found")
    return person


def _bound(asked: MethodCall, name: str) -> datetime | None:
    value = asked.text(name)
    return read_instant(value) if value else None


def _single(asked: MethodCall, events: Sequence[Body], start: datetime | None, end: datetime | None) -> Iterator[Body]:
    zone = read_zone(asked.text("timeZone"))
    yield from (one.shown(zone) for one in times(events, start, end or asked.now + _YEARS_ON))


def _whole(asked: MethodCall, events: Sequence[Body], start: datetime | None, end: datetime | None) -> Iterator[Body]:
    """List a series as one event, where any of its times is in the time asked for."""
    if asked.text("orderBy").lower() == "starttime":
        raise errors.ApiError(400, "badRequest", "The requested ordering is not available for the particular query.")
    zone, last = read_zone(asked.text("timeZone")), end or asked.now + _YEARS_ON
    for event in events:
        if any(one.start < last and (start is None or one.end > start) for one in expanded(event, last)):
            first = next(iter(expanded(event, last))).shown(zone)
            yield {**event, **{name: first[name] for name in ("start", "end") if name in first}}


def _wanted(asked: MethodCall, row: Body) -> bool:
    kinds = texts(asked.parameters.get("eventTypes"))
    if kinds and row.get("eventType") not in kinds:
        return False
    return row.get("status") != "cancelled" or asked.flag("showDeleted")


HANDLERS: Mapping[str, Handler] = MappingProxyType({"calendar.events.list": _list})
