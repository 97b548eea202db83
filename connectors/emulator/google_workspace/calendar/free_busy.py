"""When calendars are busy, many in one call; one that cannot be seen has an error in its place."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.calendar.times import ACL, EVENTS, read_instant, read_zone, times, written
from connectors.emulator.google_workspace.values import mapping, sequence, text
from connectors.emulator.wire import Body, Json

_MOST = 50


def _query(asked: MethodCall) -> Body:
    start, end = (_bound(asked, name) for name in ("timeMin", "timeMax"))
    if end <= start:
        raise errors.ApiError(400, "timeRangeEmpty", "The specified time range is empty.", "timeMax")
    zone = read_zone(text(asked.body.get("timeZone")) or "UTC")
    wanted = asked.body.get("calendarExpansionMax")
    most = min(wanted, _MOST) if isinstance(wanted, int) and wanted > 0 else _MOST
    names = [text(mapping(one).get("id")) for one in sequence(asked.body.get("items"))]
    found: dict[str, Json] = {name: _calendar(asked, name, start, end, zone) for name in names[:most]}
    found |= {name: _unseen("tooManyCalendarsRequested") for name in names[most:]}
    window = {"timeMin": _milliseconds(start, zone), "timeMax": _milliseconds(end, zone)}
    return {"kind": "calendar#freeBusy", **window, "calendars": found}


def _bound(asked: MethodCall, name: str) -> datetime:
    value = text(asked.body.get(name))
    if not value:
        raise errors.ApiError(400, "required", f"Missing {name} parameter.", name)
    return read_instant(value)


def _milliseconds(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _calendar(asked: MethodCall, name: str, start: datetime, end: datetime, zone: ZoneInfo) -> Body:
    person = asked.caller if name == "primary" else people.find_user(asked.store, asked.tenant_id, name)
    if person is None or not _seen(asked, person):
        return _unseen("notFound")
    events = list(asked.collection(EVENTS).below(str(person["id"])).values())
    taken = [
        (max(one.start, start), min(one.end, end))
        for one in times(events, start, end)
        if one.event.get("transparency") != "transparent" and one.event.get("status") != "cancelled"
    ]
    return {"busy": [{"start": written(a, zone), "end": written(b, zone)} for a, b in _joined(taken)]}


def _seen(asked: MethodCall, person: Body) -> bool:
    own = asked.caller is not None and asked.caller["id"] == person["id"]
    return own or (
        asked.caller is not None and (asked.collection(ACL).get(str(person["id"])) or {}).get("role") != "none"
    )


def _unseen(reason: str) -> Body:
    return {"errors": [{"domain": "global", "reason": reason}], "busy": []}


def _joined(taken: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Join what overlaps or follows without a gap; the times come in the order of their start."""
    joined: list[tuple[datetime, datetime]] = []
    for start, end in taken:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        elif end > start:
            joined.append((start, end))
    return joined


HANDLERS: Mapping[str, Handler] = MappingProxyType({"calendar.freebusy.query": _query})
