"""The absences in people's own calendars: twenty calendars in a request.

Follows https://learn.microsoft.com/graph/api/user-list-calendarview
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, tzinfo

from connectors.microsoft365.graph import Graph, path_with
from connectors.microsoft365.mailboxes import chunks, told
from connectors.microsoft365.time_zones import known_zone, read_instant, read_wall
from toolkit.errors import ServiceError
from toolkit.sdk.shapes import flag
from toolkit.sdk.stretch import Stretch
from toolkit.values import Body, Json

Found = tuple[str, Sequence[Stretch] | ServiceError | str]
"""Whose calendar, and what it shows; or why it cannot be read, or cannot be told."""

_AROUND = timedelta(days=31)  # how much further than asked it is looked, for what goes on there
_AT_ONCE = 4  # requests under way: as many as the client sends at a time
_QUERY = {
    "filter": "showAs eq 'oof'",
    "select": "start,end,isAllDay,isCancelled,originalStartTimeZone",
    "top": "200",
}


def read_calendars(graph: Graph, zones: Mapping[str, str], window: Stretch) -> Iterator[Found]:
    """Give what each calendar shows as out of office from a month before a window to a month after it.

    `zones` names by id whose calendars, and each mailbox's zone where that is known: a whole day has none of its own.
    """
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="calendars")
    try:
        for found in pool.map(lambda some: _opened(graph, some, zones, window), chunks(list(zones))):
            yield from found
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def reason(unread: ServiceError | str) -> str:
    """Say why what a calendar shows is not known."""
    return unread if isinstance(unread, str) else told(unread)


def _opened(graph: Graph, people: Sequence[str], zones: Mapping[str, str], window: Stretch) -> Sequence[Found]:
    lists = graph.lists([_path(person, window) for person in people])
    return [(person, _read(rows, zones[person])) for person, rows in zip(people, lists, strict=True)]


def _path(person: str, window: Stretch) -> str:
    begins, ends = window[0] - _AROUND, window[1] + _AROUND
    return path_with(
        f"/users/{person}/calendarView", {"startDateTime": _written(begins), "endDateTime": _written(ends), **_QUERY}
    )


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(rows: Sequence[Body] | ServiceError, zone: str) -> Sequence[Stretch] | ServiceError | str:
    if isinstance(rows, ServiceError):
        return rows
    try:
        return [_span(row, zone) for row in rows if not flag(row.get("isCancelled"))]
    except ValueError as wrong:
        return f"the calendar cannot be understood: {wrong}"


def _span(row: Body, zone: str) -> Stretch:
    if not isinstance(row.get("end"), Mapping):
        raise ValueError("an entry has no end")  # noqa: TRY004 - the entry is wrong, not a type
    if flag(row.get("isAllDay")):
        own = known_zone(zone, str(row.get("originalStartTimeZone") or ""))
        begins, ends = (_midnight(row[name], own) for name in ("start", "end"))
    else:
        begins, ends = (read_instant(row[name]) for name in ("start", "end"))
    if ends < begins:
        raise ValueError("an entry ends before it begins")
    return begins, ends


def _midnight(value: Json, zone: tzinfo) -> datetime:
    """Read the day of an entry that lasts for whole days: its owner's day, in whatever zone Outlook shows it."""
    return read_wall(value).replace(tzinfo=zone).astimezone(UTC)
