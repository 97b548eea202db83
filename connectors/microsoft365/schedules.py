"""When people are free, busy or out of office: four hundred people in a request.

Follows https://learn.microsoft.com/graph/api/calendar-getschedule
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, floor

from connectors.microsoft365.graph import Graph, GraphRequest
from connectors.microsoft365.mailboxes import TOGETHER, chunks, raise_for_everybody, told
from connectors.microsoft365.time_zones import read_instant, write_instant
from toolkit.errors import NotFound, Refused, ServiceError
from toolkit.sdk.directory import Person
from toolkit.sdk.schedule import Stretch, overlaps
from toolkit.values import Body, Json

_ASKED = 20  # people of one call
_SLOT = timedelta(hours=1)
LONGEST = timedelta(days=61)
"""Outlook answers for less than 62 days."""

_AWAY = re.compile("3+")
_WHY = {
    "ErrorMailRecipientNotFound": "Outlook knows no mailbox of this address",
    "ErrorNoFreeBusyAccess": "Outlook does not let this app see when this person is free",
}


@dataclass(frozen=True, slots=True)
class Schedule:
    """What one person's schedule says of a window."""

    person: Person
    away: tuple[Stretch, ...] = ()
    keeps: bool = False  # anything stands in it on the days that were asked about
    zone: str = ""  # of the mailbox, as Outlook calls it
    unknown: str = ""  # why there is none


def read_schedules(graph: Graph, people: Sequence[Person], window: Stretch, asked: Stretch) -> Iterator[Schedule]:
    """Give each person's schedule, once for each part of a long window; raises where nobody's can be read.

    Who keeps a calendar is told of the days that were asked about, which may be fewer.
    """
    read, refusals = False, list[ServiceError]()
    for some in chunks(people, _ASKED * TOGETHER):
        groups = list(chunks(some, _ASKED))
        for part in _parts(window):
            for group, answer in zip(groups, _answers(graph, groups, part), strict=True):
                if isinstance(answer, ServiceError):
                    refusals.append(answer)
                    yield from (Schedule(person, unknown=told(answer)) for person in group)
                    continue
                read = True
                yield from _schedules(group, answer, part, asked)
    if not read:
        raise_for_everybody(refusals)


def _parts(window: Stretch) -> Iterator[Stretch]:
    begins, ends = window
    while begins < ends:
        yield begins, min(begins + LONGEST, ends)
        begins += LONGEST


def _answers(graph: Graph, groups: Sequence[Sequence[Person]], window: Stretch) -> Sequence[Body | ServiceError]:
    """Ask for each group through the mailbox of one of it, and through another one where that cannot be used.

    Outlook counts what it does at once for each mailbox by itself, so no mailbox is asked for everybody.
    """
    answers = dict(enumerate(graph.batch([_request(group[0], group, window) for group in groups])))
    usable = [groups[number][0] for number, answer in answers.items() if not isinstance(answer, ServiceError)]
    for turn in (1, 2):
        failed = [number for number, answer in answers.items() if isinstance(answer, NotFound | Refused)]
        hosts = {n: usable[n % len(usable)] if usable else groups[n][min(turn, len(groups[n]) - 1)] for n in failed}
        again = graph.batch([_request(host, groups[number], window) for number, host in hosts.items()])
        answers |= dict(zip(hosts, again, strict=True))
        usable += [hosts[n] for n in failed if not isinstance(answers[n], ServiceError)]
    return [answers[number] for number in range(len(groups))]


def _request(host: Person, group: Sequence[Person], window: Stretch) -> GraphRequest:
    begins, ends = window
    body: Body = {
        "schedules": [person.address for person in group],
        "startTime": write_instant(begins),
        "endTime": write_instant(ends),
        "availabilityViewInterval": int(_SLOT.total_seconds()) // 60,
    }
    return GraphRequest("POST", f"/users/{host.id}/calendar/getSchedule", body)


def _schedules(group: Sequence[Person], answer: Body, window: Stretch, asked: Stretch) -> Iterator[Schedule]:
    rows = answer.get("value")
    found = {str(row.get("scheduleId")).casefold(): row for row in _mappings(rows)}
    for person in group:
        row = found.get(person.address.casefold())
        try:
            if row is None:
                yield Schedule(person, unknown="Outlook gave no schedule")
            else:
                yield _read(person, row, window, asked)
        except ValueError as wrong:
            yield Schedule(person, unknown=f"the schedule cannot be understood: {wrong}")


def _read(person: Person, row: Body, window: Stretch, asked: Stretch) -> Schedule:
    if isinstance(error := row.get("error"), Mapping):
        code = str(error.get("responseCode"))
        return Schedule(person, unknown=_WHY.get(code) or f"Outlook gives no schedule ({code})")
    view, items = str(row.get("availabilityView") or ""), _mappings(row.get("scheduleItems"))
    exact = [_span(item) for item in items if item.get("status") == "oof"]
    hours = row.get("workingHours")
    zone = hours.get("timeZone") if isinstance(hours, Mapping) else None
    return Schedule(
        person,
        away=(*exact, *_only_in(view, exact, window)),
        keeps=bool(set(_of(view, window, asked)) - {"0"}) or any(_takes_time(item, asked) for item in items),
        zone=str(zone.get("name") or "") if isinstance(zone, Mapping) else "",
    )


def _of(view: str, window: Stretch, asked: Stretch) -> str:
    """Cut the digits of some days out of those of a window, each of which stands for an hour."""
    first, last = ((moment - window[0]) / _SLOT for moment in asked)
    return view[max(0, floor(first)) : max(0, ceil(last))]


def _takes_time(item: Body, asked: Stretch) -> bool:
    return item.get("status") != "free" and overlaps(_span(item), [asked])


def _span(item: Body) -> Stretch:
    begins, ends = read_instant(item.get("start")), read_instant(item.get("end"))
    if ends < begins:
        raise ValueError("an entry ends before it begins")
    return begins, ends


def _only_in(view: str, exact: Sequence[Stretch], window: Stretch) -> Iterator[Stretch]:
    """Find what the digits show and no entry does: runs of hours that are out of office."""
    begins, ends = window
    bare = "".join(
        "0" if digit == "3" and overlaps((begins + n * _SLOT, begins + (n + 1) * _SLOT), exact) else digit
        for n, digit in enumerate(view)
    )
    for run in _AWAY.finditer(bare):
        yield begins + run.start() * _SLOT, min(begins + run.end() * _SLOT, ends)


def _mappings(rows: Json) -> Sequence[Body]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
