"""The Calendar API: when people are busy, and the entries of somebody's own calendar.

What a test may read and change at the control plane:

    calendar.events     by person's id / event's id: events as Google shows them; a series has its `recurrence`, and one
                        time of it that was changed or cancelled is an event with `recurringEventId`
    calendar.acl        by person's id: {"role": "none"} hides a calendar from everybody else; else the domain sees
                        when its owner is busy
    gmail.vacation      by person's id: the automatic reply, which the Gmail API answers for
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.emulator.absences import ZONE, CalendarEntry, Diary, Reply, diaries
from connectors.emulator.cloud import Seed
from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.calendar import events
from connectors.emulator.google_workspace.calendar.times import EVENTS
from connectors.emulator.google_workspace.gmail.html import sanitised
from connectors.emulator.google_workspace.mailboxes import VACATION
from connectors.emulator.google_workspace.values import number
from connectors.emulator.school import School
from connectors.emulator.wire import Body, Json

SERVICE = GoogleApi(
    name="google calendar",
    hosts=("calendar-json.googleapis.com", "www.googleapis.com"),
    roots=("/calendar/v3", "/batch/calendar"),
    api=("calendar", "v3"),
    project_host="calendar-json.googleapis.com",
    handlers={**events.HANDLERS, **events.HANDLERS},
    wording=Wording(reasons=True, statuses=False),
    most_in_batch=50,
    notes={
        "calendar.events.list": "one's own calendar alone; no q, no sync",
        "calendar.freebusy.query": "calendars alone, no groups",
    },
)


_DAYS = {0: "MO", 1: "TU", 2: "WE", 3: "TH", 4: "FR", 5: "SA", 6: "SU"}


def seed(school: School) -> Seed:
    """Make the collections; a shared inbox is a group at Google, and has neither calendar nor reply."""
    people = {person.id: person.address for person in school.people}
    known = [diary for diary in diaries(school) if diary.id in people]
    return {
        EVENTS: dict(_events(school, known, people)),
        VACATION: {number(diary.id): _vacation(diary.reply) for diary in known if diary.reply},
    }


def _events(school: School, known: list[Diary], people: dict[str, str]) -> Iterator[tuple[str, Body]]:
    for diary in known:
        for place, entry in enumerate(diary.entries):
            key = school.identifier("google event", diary.id, str(place)).replace("-", "")[:26]
            event = _event(key, entry, people[diary.id])
            yield f"{number(diary.id)}/{key}", event
            for day in entry.left_out:
                yield f"{number(diary.id)}/{key}_{day:%Y%m%d}", _left_out(event, key, f"{day:%Y%m%d}", day.isoformat())


def _event(key: str, entry: CalendarEntry, address: str) -> Body:
    kind: dict[str, Json] = {"eventType": "default"}
    if entry.away:
        declines: Body = {"autoDeclineMode": "declineOnlyNewConflictingInvitations", "declineMessage": "Declined"}
        kind = {"eventType": "outOfOffice", "outOfOfficeProperties": declines}
    kind |= {"transparency": "transparent"} if entry.free else {}
    repeat = entry.repeat
    if repeat and repeat.last:
        days = ",".join(_DAYS[day] for day in sorted(repeat.weekdays))
        kind["recurrence"] = [f"RRULE:FREQ=WEEKLY;UNTIL={repeat.last:%Y%m%d}T235959Z;BYDAY={days}"]
    return {
        "id": key,
        "status": "confirmed",
        "created": "2026-09-01T08:00:00.000Z",
        "updated": "2026-09-01T08:00:00.000Z",
        "summary": entry.title,
        "creator": {"email": address, "self": True},
        "organizer": {"email": address, "self": True},
        "start": _point(entry.start, all_day=entry.all_day),
        "end": _point(entry.end, all_day=entry.all_day),
        "iCalUID": f"{key}@google.com",
        "sequence": 0,
        "visibility": "public" if entry.away else "default",
        **kind,
    }


def _left_out(event: Body, key: str, place: str, day: str) -> Body:
    point: Body = {"date": day}
    kept = {name: value for name, value in event.items() if name != "recurrence"}
    gone: Body = {"id": f"{key}_{place}", "status": "cancelled", "recurringEventId": key, "originalStartTime": point}
    return {**kept, **gone, "start": point, "end": point}


def _point(instant: datetime, *, all_day: bool) -> Body:
    if all_day:
        return {"date": instant.date().isoformat()}
    return {"dateTime": instant.isoformat().replace("+00:00", "Z"), "timeZone": ZONE}


def _vacation(reply: Reply) -> Body:
    times: dict[str, Json] = {}
    if reply.start and reply.end:
        times = {"startTime": _milliseconds(reply.start), "endTime": _milliseconds(reply.end)}
    return {
        "enableAutoReply": reply.on,
        "responseSubject": "",
        "responseBodyHtml": sanitised(f"<p>{reply.text}</p>"),
        "restrictToContacts": False,
        "restrictToDomain": False,
        **times,
    }


def _milliseconds(instant: datetime) -> str:
    return str(int(instant.astimezone(UTC).timestamp()) * 1000)
