"""The automatic replies that absences and holidays require, and the replies that toolkit set in mailboxes."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime, timedelta

from toolkit.planning.matching import LastApplied
from toolkit.records import dataclass
from toolkit.replies.absences import Answer, Away, WorkSchedule, does_reply_cover, is_longer_than
from toolkit.school.calendar import Calendar, Days, Holiday, first_half_day
from toolkit.school.signals import Due, Reply, ReplyStatus
from toolkit.sdk.directory import Person
from toolkit.sdk.form import parse_instant
from toolkit.sdk.resource import Address, Desired, Observed, Origin, without_name
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY
from toolkit.values import Settings


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """The automatic replies in mailboxes: the present ones, the reasons why some are unknown, and toolkit's own."""

    replies: Mapping[str, Reply] = field(default_factory=dict)  # by the person's id
    unknown: Mapping[str, str] = field(default_factory=dict)
    set_by_toolkit: frozenset[str] = frozenset()
    switched_off: frozenset[str] = frozenset()  # replies of toolkit that their owner turned off early


def reply_in(settings: Settings) -> Reply:
    begins, ends = settings.get("begins"), settings.get("ends")
    return Reply(
        ReplyStatus(str(settings.get(AUTOMATIC_REPLY.switch) or AUTOMATIC_REPLY.off)),
        parse_instant(str(begins)) if begins else None,
        parse_instant(str(ends)) if ends else None,
    )


def is_ours(observed: Observed, known_object: LastApplied | None) -> bool:
    """Return whether a reply still has the text that toolkit last set. A text changed by hand is the owner's."""
    if known_object is None or not _is_on(known_object):
        return False
    words = {
        name for name, value in known_object.sent.items() if name not in AUTOMATIC_REPLY.schedule and value is not None
    }
    return bool(words) and all(
        observed.settings.get(name) in _comparable_settings(name, known_object) for name in words
    )


def was_turned_off_by_person(observed: Observed, known_object: LastApplied | None, now: datetime) -> bool:
    """Return whether a person turned off a reply before toolkit would have ended it. toolkit does not set it again."""
    if (
        known_object is None
        or not AUTOMATIC_REPLY.is_timed(known_object.sent)
        or not AUTOMATIC_REPLY.is_off(observed.settings)
    ):
        return False
    ends = reply_in(known_object.sent).ends
    return ends is not None and ends > now


def _is_on(known_object: LastApplied) -> bool:
    return AUTOMATIC_REPLY.switch in known_object.sent and not AUTOMATIC_REPLY.is_off(known_object.sent)


def _comparable_settings(name: str, known_object: LastApplied) -> tuple[object, ...]:
    return known_object.sent.get(name), known_object.returned.get(name)


def next_absences(
    aways: Iterable[Away], schedules: Mapping[str, WorkSchedule], *, days: int, now: datetime, until: datetime
) -> tuple[Mapping[str, Away], Mapping[str, str]]:
    """Return, by person id, the next absence longer than `days`, or the reason why a person's absences are unknown."""
    next_by_person: dict[str, Away] = {}
    unknown: dict[str, str] = {}
    absences = sorted(aways, key=lambda away: away.begins)
    for away in absences:
        person = away.person
        if away.since(now) is None or away.begins >= until or person in next_by_person or person not in schedules:
            continue
        match is_longer_than(days, away, schedules[person]):
            case Answer.YES if schedules[person].half_day_back(away, absences) is None:
                unknown[person] = "the school's calendar has no working day after an absence: add the next term to it"
            case Answer.YES:
                next_by_person[person] = away
            case Answer.UNKNOWN:
                unknown[person] = "an absence lasts longer than the school's calendar: add the next term to it"
            case Answer.NO:
                pass
    return next_by_person, unknown


def replies_due_for_absences(
    aways: Mapping[str, Away],
    absences: Sequence[Away],
    people: Mapping[str, Person],
    schedules: Mapping[str, WorkSchedule],
    known_replies: Mailboxes,
    *,
    now: datetime,
) -> Iterator[Due]:
    """Yield the reply that each absence requires, and whether the mailbox has it. `absences` has all known absences."""
    for person, away in aways.items():
        rest = away.since(now)
        reply = known_replies.replies.get(person)
        if rest is None or reply is None:
            continue
        schedule = schedules[person]
        back = schedule.half_day_back(away, absences)
        if back is None:
            continue
        own = (
            reply if person not in known_replies.set_by_toolkit and _answers_in(reply, rest.begins, rest.ends) else None
        )
        yield Due(
            person=people[person],
            begins=away.begins,
            ends=away.ends,
            back=back,
            is_covered=does_reply_cover(reply, rest, schedule),
            owner_reply=own,
            is_from_toolkit=person in known_replies.set_by_toolkit,
            is_declined=person in known_replies.switched_off,
        )


def replies_due_for_holiday(
    holiday: Holiday, calendar: Calendar, mailboxes: Iterable[Person], known_replies: Mailboxes
) -> Iterator[Due]:
    """Yield the reply that a holiday requires of each mailbox, and whether the mailbox has it."""
    late, early = calendar.at(holiday.last_day + timedelta(days=1)), calendar.at(holiday.back)
    for person in mailboxes:
        reply = known_replies.replies.get(person.id)
        if reply is None:
            continue
        on = reply.status is ReplyStatus.SCHEDULED and (reply.begins or late) <= late and (reply.ends or early) >= early
        covered = reply.status is ReplyStatus.ALWAYS or on
        answers = _answers_in(reply, holiday.begins, holiday.ends)
        own = reply if person.id not in known_replies.set_by_toolkit and answers else None
        yield Due(
            person=person,
            begins=holiday.begins,
            ends=holiday.ends,
            back=first_half_day(calendar, holiday.back),
            pupils_back=next(filter(calendar.is_school_day, Days(holiday.back, calendar.span.last)), None),
            is_covered=covered,
            owner_reply=own,
            is_from_toolkit=person.id in known_replies.set_by_toolkit,
            is_declined=person.id in known_replies.switched_off,
            title=holiday.name,
        )


def next_holiday(calendar: Calendar, now: datetime) -> Holiday | None:
    """Return the present holiday, or otherwise the next one."""
    return next((holiday for holiday in calendar.closures() if now < holiday.ends), None)


def _answers_in(reply: Reply, begins: datetime, ends: datetime) -> bool:
    match reply.status:
        case ReplyStatus.OFF:
            return False
        case ReplyStatus.ALWAYS:
            return True
        case ReplyStatus.SCHEDULED:
            return (reply.begins or begins) < ends and (reply.ends or ends) > begins


def does_overlap(due: Due, begins: datetime, ends: datetime) -> bool:
    """Return whether the absence of a due reply overlaps a period."""
    return due.begins < ends and begins < due.ends


def end_replies_no_longer_required(
    desired_addresses: Collection[Address],
    unknown: Collection[Address],
    seen: Sequence[Observed],
    known_objects: Mapping[Address, LastApplied],
    before: Mapping[Address, Settings],
    *,
    now: datetime,
) -> list[Desired]:
    """Return the settings that turn off replies that no playbook requires any more, and restore the earlier text.

    A reply is left as it is if a person changed its text, or if it is unknown when the person returns.
    """
    back: list[Desired] = []
    for observed in seen:
        address = observed.address
        ours = known_objects.get(address)
        if (
            address in desired_addresses
            or address in unknown
            or not is_ours(observed, ours)
            or was_turned_off_by_person(observed, ours, now)
        ):
            continue
        was = before.get(address, {})
        words = {name: was.get(name) for name in known_objects[address].sent if name not in AUTOMATIC_REPLY.schedule}
        settings = {**AUTOMATIC_REPLY.off_settings, **words}
        over, origin = _reason_and_origin(known_objects[address], now)
        back.append(Desired(without_name(address), settings, {}, origin, made_by=(over,)))
    return back


def _reason_and_origin(known_object: LastApplied, now: datetime) -> tuple[str, Origin]:
    ends = reply_in(known_object.sent).ends
    if ends is not None and ends > now:
        return "a reply that toolkit set", Origin("no playbook requires it any more", 0)
    return "an ended reply that toolkit set", Origin("the absence or holiday has ended", 0)
