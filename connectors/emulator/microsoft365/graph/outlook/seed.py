"""Calendars and replies of the school's mailboxes."""

from collections.abc import Iterator

from connectors.emulator.absences import ALL_WEEK, WEEKDAYS, CalendarEntry, Diary, Reply, diaries
from connectors.emulator.data_files import from_template
from connectors.emulator.microsoft365.graph.outlook.mailbox import ADDRESSES, EVENTS, HERE, SETTINGS, shown, wall_shown
from connectors.emulator.microsoft365.graph.outlook.settings import END, REPLIES, START, working_hours, wrapped
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json


def seed(school: School) -> Seed:
    """Make what the mailboxes of a new tenant hold; most hold nothing."""
    known = list(diaries(school))
    return {
        ADDRESSES: {address.lower(): {"id": key} for key, address in _everyone(school)},
        EVENTS: dict(_events(school, known)),
        SETTINGS: {**_purposes(school), **dict(_settings(school, known))},
    }


def _everyone(school: School) -> Iterator[tuple[str, str]]:
    for group in (school.people, school.shared, school.accounts, school.rooms):
        yield from ((one.id, one.address) for one in group)


def _events(school: School, known: list[Diary]) -> Iterator[tuple[str, Body]]:
    for diary in known:
        for number, entry in enumerate(diary.entries):
            key = "AAMkAD" + school.identifier("outlook event", diary.id, str(number)).replace("-", "")
            yield f"{diary.id}/{key}", _event(key, entry)


def _event(key: str, entry: CalendarEntry) -> Body:
    series: dict[str, Json] = {"recurrence": _recurrence(entry)} if entry.repeat else {}
    series |= {"cancelledOccurrences": [day.isoformat() for day in entry.left_out]} if entry.left_out else {}
    event = from_template(
        __file__, "event", id=key, title=entry.title, type="seriesMaster" if entry.repeat else "singleInstance",
        shown="oof" if entry.away else "busy", all_day=entry.all_day, zone=HERE,
        start=wall_shown(entry.start, HERE), end=wall_shown(entry.end, HERE),
    )  # fmt: skip
    return {**event, **series}


def _recurrence(entry: CalendarEntry) -> Body:
    repeat = entry.repeat
    assert repeat
    assert repeat.last
    return from_template(
        __file__, "recurrence", interval=repeat.interval, days=[WEEKDAYS[day] for day in sorted(repeat.weekdays)],
        first=entry.start.date().isoformat(), last=repeat.last.isoformat(), zone=HERE,
    )  # fmt: skip


def _purposes(school: School) -> dict[str, Body]:
    rooms = {one.id: "equipment" if one.equipment else "room" for one in school.rooms}
    return {key: {"userPurpose": purpose} for key, purpose in {**_shared(school), **rooms}.items()}


def _shared(school: School) -> dict[str, str]:
    return dict.fromkeys((box.id for box in school.shared), "shared")


def _settings(school: School, known: list[Diary]) -> Iterator[tuple[str, Body]]:
    shared = _shared(school)
    for diary in known:
        kept: dict[str, Json] = {"userPurpose": "shared"} if diary.id in shared else {}
        kept |= {REPLIES: _replies(diary.reply)} if diary.reply else {}
        kept |= {"workingHours": working_hours(diary.working_days)} if diary.working_days != ALL_WEEK else {}
        if kept:
            yield diary.id, kept


def _replies(reply: Reply) -> Body:
    message = wrapped(f"<p>{reply.text}</p>")
    times: dict[str, Json] = {}
    if reply.start and reply.end:
        kept_in = HERE if reply.local else "UTC"
        times = {START: shown(reply.start, kept_in), END: shown(reply.end, kept_in)}
    status = "scheduled" if times else "alwaysEnabled"
    replies = from_template(__file__, "replies", status=status if reply.on else "disabled", message=message)
    return {**replies, **times}
