"""The occurrences of calendar events. Each occurrence of a series is a separate event."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.emulator.absences import ZONE, Repeat, event_starts
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.values import mapping, text, texts
from connectors.emulator.store import Body, Json

EVENTS, ACL = "calendar.events", "calendar.acl"
_DAY = timedelta(days=1)
_RULE = "RRULE:"
_WEEKDAYS: Mapping[str, int] = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_DAYS_OF = {"DAILY": 1, "WEEKLY": 7}


@dataclass(frozen=True, slots=True)
class Time:
    """One occurrence of a calendar event, with its start and end."""

    event: Body  # as it stands in the calendar
    start: datetime
    end: datetime

    def to_event(self, zone: ZoneInfo) -> dict[str, Json]:
        """Return this occurrence as an event with its start and end in a time zone.

        An occurrence of a series has its own id.
        """
        event = {key: value for key, value in self.event.items() if key != "recurrence"}
        if "recurrence" in self.event:
            event |= {
                "id": f"{self.event['id']}_{self._id_suffix()}",
                "recurringEventId": self.event["id"],
                "originalStartTime": self._to_point("start", self.start, zone),
            }
        end = self._to_point("end", self.end, zone) if self.event.get("end") else None
        ended: dict[str, Json] = {"end": end} if end else {"endTimeUnspecified": True}
        return {**event, "start": self._to_point("start", self.start, zone), **ended}

    def original_id(self) -> str:
        """Return the id that this occurrence has within its series."""
        return f"{self.event['id']}_{self._id_suffix()}"

    def _id_suffix(self) -> str:
        if "date" in mapping(self.event["start"]):
            return self.start.strftime("%Y%m%d")
        return self.start.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

    def _to_point(self, name: str, instant: datetime, zone: ZoneInfo) -> Body:
        kept = mapping(self.event[name])
        if "date" in kept:
            return {"date": instant.date().isoformat()}
        return {"dateTime": local_text(instant, zone), "timeZone": kept.get("timeZone") or ZONE}


def local_text(instant: datetime, zone: ZoneInfo) -> str:
    """Return an instant as text in a time zone."""
    return instant.astimezone(zone).isoformat().replace("+00:00", "Z")


def read_zone(name: str) -> ZoneInfo:
    """Return a time zone by name. Raise ApiError if there is none."""
    try:
        return ZoneInfo(name or ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise errors.invalid(f"Invalid time zone: {name}") from unknown


def read_instant(value: str) -> datetime:
    """Return an instant from a request. Raise ApiError if it is not valid or has no offset."""
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as bad:
        raise _bad_request() from bad
    if instant.tzinfo is None:
        raise _bad_request()
    return instant


def _bad_request() -> errors.ApiError:
    return errors.ApiError(400, "badRequest", "Bad Request")


def list_occurrences(events: Sequence[Body], start: datetime, end: datetime) -> list[Time]:
    """Return the times at which events take place between two instants, in order. Cancelled events are included."""
    exceptions = {
        f"{event['recurringEventId']}_{_replaced_time(event)}" for event in events if event.get("recurringEventId")
    }
    occurrences = [
        time
        for event in events
        for time in expand_event(event, end)
        if time.original_id() not in exceptions and time.start < end and _ends_after(time, start)
    ]
    return sorted(occurrences, key=lambda time: time.start)


def _ends_after(time: Time, start: datetime) -> bool:
    # An event without a length, or with its end before its start, counts by its start.
    return time.end > start or time.start >= start


def _replaced_time(event: Body) -> str:
    """Return the original time of the occurrence that a changed event replaces."""
    point = mapping(event.get("originalStartTime"))
    if date := text(point.get("date")):
        return date.replace("-", "")
    return datetime.fromisoformat(text(point.get("dateTime"))).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def expand_event(event: Body, end: datetime) -> Iterator[Time]:
    """Yield the times at which an event takes place, up to an instant."""
    first, zone = _read_point(mapping(event["start"]))
    # Both ends by the clock, so that a series keeps its hours when summer time ends.
    last = _read_point(mapping(event["end"]))[0].astimezone(zone) if event.get("end") else first
    length = last - first
    repeat = next((_read_repeat(rule) for rule in texts(event.get("recurrence")) if rule.startswith(_RULE)), None)
    for start in event_starts(first, repeat, end.astimezone(zone) + _DAY) if repeat else [first]:
        yield Time(event, start, start + length)


def _read_point(point: Body) -> tuple[datetime, ZoneInfo]:
    """Read a start or an end. A whole-day event starts and ends at midnight in the calendar's own time zone."""
    zone = ZoneInfo(text(point.get("timeZone")) or ZONE)
    instant = datetime.fromisoformat(text(point.get("date")) or text(point.get("dateTime")))
    return (instant.astimezone(zone) if instant.tzinfo else instant.replace(tzinfo=zone)), zone


def _read_repeat(rule: str) -> Repeat:
    parts = dict(part.split("=", 1) for part in rule.removeprefix(_RULE).split(";"))
    until, count = parts.get("UNTIL"), parts.get("COUNT")
    days = frozenset(_WEEKDAYS[day] for day in parts.get("BYDAY", "").split(",") if day)
    every = int(parts.get("INTERVAL", "1"))
    return Repeat(
        weekdays=days,
        interval=every if days else every * _DAYS_OF[parts["FREQ"]],
        last=datetime.strptime(until[:8], "%Y%m%d").replace(tzinfo=UTC).date() if until else None,
        count=int(count) if count else None,
    )
