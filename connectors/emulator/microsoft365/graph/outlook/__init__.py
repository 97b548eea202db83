"""Outlook in Graph: calendars, free and busy times, mailbox settings with automatic replies, and sending.

A test may read and change these collections at the control plane:

- `outlook.events`, by person id / event id: entries as Graph shows them. A series has a `recurrence`, and its
  `cancelledOccurrences` lists the omitted dates, such as 2026-11-27.
- `outlook.mailboxSettings`, by person id: settings that differ from a new mailbox's.
- `outlook.scheduleErrors`, by person id: {"responseCode": ..., "message": ...}, an error in place of the schedule.
- `outlook.applicationAccess`, by client id: {"mailboxes": [ids]}, the only mailboxes that an application may use.
- `outlook.sentMessages`, by message id: sent messages with `sender`, `senderId` and `sentDateTime`.

A user's `signInActivity` is a property of the user, in `users`.
"""

from collections.abc import Iterator, Sequence

from connectors.emulator.absences import ALL_WEEK, WEEKDAYS, CalendarEntry, Diary, Reply, list_diaries
from connectors.emulator.data_files import from_template
from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.microsoft365.graph.outlook import calendar_view, mailbox, settings
from connectors.emulator.microsoft365.graph.outlook.mailbox import (
    ADDRESSES,
    EVENTS,
    HERE,
    SETTINGS,
    local_time_in_zone,
    to_local_time,
)
from connectors.emulator.microsoft365.graph.outlook.settings import END, REPLIES, START, to_html_page, working_hours
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json


def seed(school: School) -> Seed:
    """Return the contents of the mailboxes in a new tenant. Most mailboxes are empty."""
    all_diaries = list(list_diaries(school))
    return {
        ADDRESSES: {address.lower(): {"id": key} for key, address in _mailbox_owners(school)},
        EVENTS: dict(_seeded_events(school, all_diaries)),
        SETTINGS: {**_mailbox_purposes(school), **dict(_seeded_settings(school, all_diaries))},
    }


def _mailbox_owners(school: School) -> Iterator[tuple[str, str]]:
    for group in (school.people, school.shared, school.accounts, school.rooms):
        yield from ((owner.id, owner.address) for owner in group)


def _seeded_events(school: School, all_diaries: list[Diary]) -> Iterator[tuple[str, Body]]:
    for diary in all_diaries:
        for number, entry in enumerate(diary.entries):
            key = "AAMkAD" + school.identifier("outlook event", diary.id, str(number)).replace("-", "")
            yield f"{diary.id}/{key}", _seeded_event(key, entry)


def _seeded_event(key: str, entry: CalendarEntry) -> Body:
    series: dict[str, Json] = {"recurrence": _to_recurrence(entry)} if entry.repeat else {}
    series |= {"cancelledOccurrences": [day.isoformat() for day in entry.left_out]} if entry.left_out else {}
    event = from_template(
        __file__, "event", id=key, title=entry.title, type="seriesMaster" if entry.repeat else "singleInstance",
        shown="oof" if entry.away else "busy", all_day=entry.all_day, zone=HERE,
        start=local_time_in_zone(entry.start, HERE), end=local_time_in_zone(entry.end, HERE),
    )  # fmt: skip
    return {**event, **series}


def _to_recurrence(entry: CalendarEntry) -> Body:
    repeat = entry.repeat
    assert repeat
    assert repeat.last
    return from_template(
        __file__, "recurrence", interval=repeat.interval, days=[WEEKDAYS[day] for day in sorted(repeat.weekdays)],
        first=entry.start.date().isoformat(), last=repeat.last.isoformat(), zone=HERE,
    )  # fmt: skip


def _mailbox_purposes(school: School) -> dict[str, Body]:
    rooms = {room.id: "equipment" if room.equipment else "room" for room in school.rooms}
    return {key: {"userPurpose": purpose} for key, purpose in {**_shared_mailboxes(school), **rooms}.items()}


def _shared_mailboxes(school: School) -> dict[str, str]:
    return dict.fromkeys((box.id for box in school.shared), "shared")


def _seeded_settings(school: School, all_diaries: list[Diary]) -> Iterator[tuple[str, Body]]:
    shared = _shared_mailboxes(school)
    for diary in all_diaries:
        kept: dict[str, Json] = {"userPurpose": "shared"} if diary.id in shared else {}
        kept |= {REPLIES: _seeded_replies(diary.reply)} if diary.reply else {}
        kept |= {"workingHours": working_hours(diary.working_days)} if diary.working_days != ALL_WEEK else {}
        if kept:
            yield diary.id, kept


def _seeded_replies(reply: Reply) -> Body:
    message = to_html_page(f"<p>{reply.text}</p>")
    times: dict[str, Json] = {}
    if reply.start and reply.end:
        kept_in = HERE if reply.local else "UTC"
        times = {START: to_local_time(reply.start, kept_in), END: to_local_time(reply.end, kept_in)}
    status = "scheduled" if times else "alwaysEnabled"
    replies = from_template(__file__, "replies", status=status if reply.on else "disabled", message=message)
    return {**replies, **times}


__all__ = ["actions", "seed"]


def actions() -> Sequence[Action]:
    return [action for part in (calendar_view, settings, mailbox) for action in part.actions()]
