"""What takes place in a calendar during some time, each repetition by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from connectors.emulator.absence_calendars import WEEKDAYS
from connectors.emulator.microsoft365.applications import texts
from connectors.emulator.microsoft365.graph.actions import ActionRequest
from connectors.emulator.microsoft365.graph.outlook.mailbox import EVENTS
from connectors.emulator.microsoft365.graph.outlook.zones import read_wall, wall_shown, zone
from connectors.emulator.repeating import Repeat, starts
from connectors.emulator.wire import Body, Json

_WEEKDAYS = MappingProxyType({name: number for number, name in WEEKDAYS.items()})
_DAY = timedelta(days=1)
_OF_SERIES = ("recurrence", "cancelledOccurrences")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something takes place."""

    event: Body  # as it stands in the calendar
    wall: datetime  # what the clock shows as it begins
    start: datetime
    end: datetime

    def shown(self, name: str) -> dict[str, Json]:
        """Show it with its times in a zone; a whole day is a whole day in every zone."""
        event = {key: value for key, value in self.event.items() if key not in _OF_SERIES}
        if "recurrence" in self.event:
            event |= {
                "id": f"{self.event['id']}.{self.wall.date()}",
                "seriesMasterId": self.event["id"],
                "type": "occurrence",
            }
        return {**event, "start": self._shown(self.start, name), "end": self._end(name)}

    def _end(self, name: str) -> Json:
        return self._shown(self.end, name) if self.event.get("end") else None

    def _shown(self, instant: datetime, name: str) -> Body:
        inside = instant if self.event.get("isAllDay") else instant.astimezone(zone(name))
        return wall_shown(inside, name)


def occurrences(asking: ActionRequest, person: Body, start: datetime, end: datetime) -> list[Occurrence]:
    """List what takes place between two instants, in its order."""
    events = asking.store.below(asking.tenant_id, EVENTS, f"{person['id']}/").values()
    found = [one for event in events for one in _expanded(event, end) if _meets(one, start, end)]
    return sorted(found, key=lambda one: one.start)


def _meets(one: Occurrence, start: datetime, end: datetime) -> bool:
    return one.start < end and (one.end > start or one.start >= start)


def _expanded(event: Body, end: datetime) -> Iterator[Occurrence]:
    first, place = read_wall(event["start"])
    # What somebody stored without an end is shown without one, and takes no time.
    length = read_wall(event["end"])[0] - first if event.get("end") else timedelta()
    repeat = _repeat(event)
    without = {date.fromisoformat(day) for day in texts(event.get("cancelledOccurrences"))}
    walls = starts(first, repeat, end.astimezone(place).replace(tzinfo=None) + _DAY) if repeat else [first]
    for wall in walls:
        if wall.date() not in without:
            begins, ends = (one.replace(tzinfo=place) for one in (wall, wall + length))
            yield Occurrence(event, wall, begins, ends)


def _repeat(event: Body) -> Repeat | None:
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
