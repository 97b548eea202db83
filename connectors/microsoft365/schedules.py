"""Reads when people are free, busy or out of office. One request reads the schedules of 400 people.

Follows https://learn.microsoft.com/graph/api/calendar-getschedule
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from math import ceil, floor
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.microsoft365.graph.service import GraphRequest
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.mailboxes import TOGETHER, chunks, explain_unreadable_mailbox, raise_for_everybody
from toolkit.errors import NotFound, Refused, RequestFailed
from toolkit.records import dataclass
from toolkit.school.schedule import Period, overlaps
from toolkit.sdk import Person, segment
from toolkit.values import Body, Json, tables_of


def read_instant(value: Json) -> datetime:
    """Return Graph's dateTimeTimeZone as an instant in UTC. Raise ValueError if it is not valid or its zone is unknown.

    Follows https://learn.microsoft.com/graph/api/resources/datetimetimezone
    """
    body = value if isinstance(value, Mapping) else {}
    return read_local_time(value).replace(tzinfo=find_zone(str(body.get("timeZone") or "UTC"))).astimezone(UTC)


def read_local_time(value: Json) -> datetime:
    """Return the local time in Graph's dateTimeTimeZone. Raise ValueError if it contains no valid time."""
    written = value.get("dateTime") if isinstance(value, Mapping) else None
    if not isinstance(written, str):
        raise ValueError(f"{value!r} is not a date and time")  # noqa: TRY004 - the service's response is wrong, not a type
    local_time = datetime.fromisoformat(_shorten_fraction(written))
    if local_time.tzinfo is not None:
        raise ValueError(f"{written!r} has an offset from UTC, although its time zone is a separate key")
    return local_time


def write_instant(instant: datetime) -> Body:
    return {"dateTime": instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}


def find_zone(name: str) -> tzinfo:
    """Return a time zone by its Windows or tz database name. Raise ValueError for any other name.

    The Windows names are from CLDR's windowsZones, with the zone of territory 001.
    """
    try:
        return ZoneInfo(_read_windows_zones().get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError(f"the time zone {name!r} is unknown") from unknown


def known_zone(*names: str) -> tzinfo:
    """Return the first of several time zones whose name is known. Raise ValueError if no name is known."""
    for name in names:
        try:
            return find_zone(name)
        except ValueError:
            continue
    raise ValueError(f"no time zone of {' or '.join(repr(name) for name in names)} is known")


def _shorten_fraction(value: str) -> str:
    """Remove the seventh decimal place of a second, because Python cannot read it."""
    return re.sub(r"(\.\d{6})\d+$", r"\1", value)


@cache
def _read_windows_zones() -> Mapping[str, str]:
    zones = json.loads(files("connectors.microsoft365").joinpath("windows_zones.json").read_text(encoding="utf-8"))
    return {str(name): str(zone) for name, zone in zones.items()}


_PEOPLE_PER_CALL = 20  # people in a call
_SLOT = timedelta(hours=1)
LONGEST = timedelta(days=61)
"""Outlook's longest window is less than 62 days."""

_AWAY = re.compile("3+")
_REASONS = {
    "ErrorMailRecipientNotFound": "Outlook does not know a mailbox with this address",
    "ErrorNoFreeBusyAccess": "Outlook does not let this app read this person's schedule",
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A person's schedule in a period."""

    person: Person
    away: tuple[Period, ...] = ()
    has_entries: bool = False  # has an entry on the requested days
    zone: str = ""  # the mailbox's zone, by Outlook's name
    unknown: str = ""  # the reason why the schedule is missing


def read_schedules(graph: Graph, people: Sequence[Person], window: Period, requested: Period) -> Iterator[Schedule]:
    """Yield the schedules of people in a period. Raise an error if none can be read.

    A long period is divided, and a person has a schedule for each part. `has_entries` is about the `requested` period,
    which may be shorter.
    """
    any_read, refusals = False, list[RequestFailed]()
    for chunk in chunks(people, _PEOPLE_PER_CALL * TOGETHER):
        groups = list(chunks(chunk, _PEOPLE_PER_CALL))
        for part in _split_window(window):
            for group, response in zip(groups, _request_groups(graph, groups, part), strict=True):
                if isinstance(response, RequestFailed):
                    refusals.append(response)
                    yield from (Schedule(person, unknown=explain_unreadable_mailbox(response)) for person in group)
                    continue
                any_read = True
                yield from _to_schedules(group, response, part, requested)
    if not any_read:
        raise_for_everybody(refusals)


def _split_window(window: Period) -> Iterator[Period]:
    begins, ends = window
    while begins < ends:
        yield begins, min(begins + LONGEST, ends)
        begins += LONGEST


def _request_groups(graph: Graph, groups: Sequence[Sequence[Person]], window: Period) -> Sequence[Body | RequestFailed]:
    """Request each group's schedules through one member's mailbox, or through another member's if the first fails.

    Outlook limits the requests to a mailbox at the same time, so one mailbox cannot serve everyone.
    """
    responses = dict(enumerate(graph.batch([_make_request(group[0], group, window) for group in groups])))
    usable = [groups[number][0] for number, response in responses.items() if not isinstance(response, RequestFailed)]
    for turn in (1, 2):
        failed = [number for number, response in responses.items() if isinstance(response, NotFound | Refused)]
        hosts = {n: usable[n % len(usable)] if usable else groups[n][min(turn, len(groups[n]) - 1)] for n in failed}
        retried = graph.batch([_make_request(host, groups[number], window) for number, host in hosts.items()])
        responses |= dict(zip(hosts, retried, strict=True))
        usable += [hosts[n] for n in failed if not isinstance(responses[n], RequestFailed)]
    return [responses[number] for number in range(len(groups))]


def _make_request(host: Person, group: Sequence[Person], window: Period) -> GraphRequest:
    begins, ends = window
    body: Body = {
        "schedules": [person.address for person in group],
        "startTime": write_instant(begins),
        "endTime": write_instant(ends),
        "availabilityViewInterval": int(_SLOT.total_seconds()) // 60,
    }
    return GraphRequest("POST", f"/users/{segment(host.id)}/calendar/getSchedule", body)


def _to_schedules(group: Sequence[Person], response: Body, window: Period, requested: Period) -> Iterator[Schedule]:
    rows = response.get("value")
    rows_by_address = {str(row.get("scheduleId")).casefold(): row for row in tables_of(rows)}
    for person in group:
        row = rows_by_address.get(person.address.casefold())
        try:
            if row is None:
                yield Schedule(person, unknown="Outlook did not return a schedule")
            else:
                yield _to_schedule(person, row, window, requested)
        except ValueError as wrong:
            yield Schedule(person, unknown=f"the schedule cannot be understood: {wrong}")


def _to_schedule(person: Person, row: Body, window: Period, requested: Period) -> Schedule:
    if isinstance(error := row.get("error"), Mapping):
        code = str(error.get("responseCode"))
        return Schedule(person, unknown=_REASONS.get(code) or f"Outlook did not return a schedule ({code})")
    view, entries = str(row.get("availabilityView") or ""), tables_of(row.get("scheduleItems"))
    absences = [_to_period(entry) for entry in entries if entry.get("status") == "oof"]
    hours = row.get("workingHours")
    zone = hours.get("timeZone") if isinstance(hours, Mapping) else None
    return Schedule(
        person,
        away=(*absences, *_find_unlisted_absences(view, absences, window)),
        has_entries=bool(set(_select_requested_hours(view, window, requested)) - {"0"})
        or any(_overlaps_period(entry, requested) for entry in entries),
        zone=str(zone.get("name") or "") if isinstance(zone, Mapping) else "",
    )


def _select_requested_hours(view: str, window: Period, requested: Period) -> str:
    """Return the digits of a schedule for the requested period. A digit is one hour."""
    first, last = ((moment - window[0]) / _SLOT for moment in requested)
    return view[max(0, floor(first)) : max(0, ceil(last))]


def _overlaps_period(entry: Body, requested: Period) -> bool:
    return entry.get("status") != "free" and overlaps(_to_period(entry), [requested])


def _to_period(entry: Body) -> Period:
    begins, ends = read_instant(entry.get("start")), read_instant(entry.get("end"))
    if ends < begins:
        raise ValueError("an entry ends before it begins")
    return begins, ends


def _find_unlisted_absences(view: str, entries: Sequence[Period], window: Period) -> Iterator[Period]:
    """Yield the out-of-office periods that the digits of a schedule show and its entries do not."""
    begins, ends = window
    unlisted = "".join(
        "0" if digit == "3" and overlaps((begins + n * _SLOT, begins + (n + 1) * _SLOT), entries) else digit
        for n, digit in enumerate(view)
    )
    for run in _AWAY.finditer(unlisted):
        yield begins + run.start() * _SLOT, min(begins + run.end() * _SLOT, ends)
