"""Read who is away, the automatic replies of these people, and the mailboxes that must reply in holidays."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from toolkit.controls.replies import ClosureReply, OutOfOffice
from toolkit.engine.extension import OpenTenant, TenantSignals
from toolkit.engine.read_tenants import read_kind, remotes_to_observed
from toolkit.errors import ServiceError
from toolkit.planning.audience.resolve import PUPILS, resolve_audience, roles_with_working_pattern
from toolkit.playbook.absences import WrittenAbsence, read_absences
from toolkit.playbook.entries import ControlEntry, ControlIdentity, Playbooks
from toolkit.records import dataclass
from toolkit.replies.absences import WorkSchedule, merge_absences, people_with_invalid_absences
from toolkit.replies.model import (
    Mailboxes,
    is_ours,
    next_absences,
    next_holiday,
    replies_due_for_absences,
    replies_due_for_holiday,
    reply_in,
    was_turned_off_by_person,
)
from toolkit.school.calendar import WEEK, Calendar, Pattern
from toolkit.school.signals import Absence, Base, Diaries, Signals
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import EVERYONE, Person
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Mode


class Flag(StrEnum):
    """The reason why an account's absences do not count."""

    ROOM = "a room"
    EQUIPMENT = "equipment"
    SHARED = "a shared mailbox"
    SERVICE = "a service account"
    PUPIL = "a pupil"
    DISABLED = "a disabled account"
    WITHOUT = "an account without a mailbox"


@dataclass(frozen=True, slots=True)
class ConsideredPeople:
    """The people of an audience whose absences count, and the reasons why the others are left out."""

    people: tuple[Person, ...]
    left_out: Mapping[str, tuple[Flag, ...]]  # by id


@dataclass(frozen=True, slots=True)
class ListedAbsences:
    """The absences in a file, by person id. `strangers` has the lines that do not match a person in the directory."""

    absences: tuple[Absence, ...]
    strangers: tuple[WrittenAbsence, ...]


@dataclass(frozen=True, slots=True)
class Schedules:
    """The working hours of each person. `unknown` has the reason if they are not known."""

    by_person: Mapping[str, WorkSchedule]  # by id
    unknown: Mapping[str, str]  # by id


def select_people(people: Iterable[Person], flags: Mapping[str, Collection[Flag]]) -> ConsideredPeople:
    """Return the people whose absences count, and why others do not count. `flags` has reasons by person id."""
    counted: list[Person] = []
    left_out: dict[str, tuple[Flag, ...]] = {}
    for person in people:
        if reasons := _reasons_not_to_count(person, flags.get(person.id, ())):
            left_out[person.id] = reasons
        else:
            counted.append(person)
    return ConsideredPeople(tuple(counted), left_out)


def _reasons_not_to_count(person: Person, flags: Collection[Flag]) -> tuple[Flag, ...]:
    own = {Flag.DISABLED: not person.enabled, Flag.WITHOUT: not person.mailbox}
    return tuple(flag for flag in Flag if flag in flags or own.get(flag))


def absences_of_people(written: Iterable[WrittenAbsence], people: Iterable[Person], *, source: str) -> ListedAbsences:
    """Match the lines of an absence file with people by address, and return the lines that match no one separately."""
    lines = tuple(written)
    addresses = {line.address for line in lines}
    ids = {address: person.id for person in people if (address := person.address.casefold()) in addresses}
    return ListedAbsences(
        tuple(Absence(ids[line.address], line.begins, line.ends, source) for line in lines if line.address in ids),
        tuple(line for line in lines if line.address not in ids),
    )


def work_schedules(calendar: Calendar, people: Iterable[Person], roles: Mapping[str, Collection[str]]) -> Schedules:
    """Return each person's working hours, from their own pattern or else the pattern of a role.

    `roles` is by person id.
    """
    by_person: dict[str, WorkSchedule] = {}
    unknown: dict[str, str] = {}
    shared: dict[Pattern, WorkSchedule] = {}
    for person in people:
        own = sorted(roles.get(person.id, ()))
        match calendar.patterns_of(person.address, own):
            case (pattern,):
                by_person[person.id] = shared.setdefault(pattern, WorkSchedule(calendar, pattern))
            case _:
                several = [role for role in own if role in calendar.patterns and role != EVERYONE]
                unknown[person.id] = (
                    f"different working patterns by role ({', '.join(several)}): write a pattern for this person"
                )
    return Schedules(by_person, unknown)


_NO_CALENDAR = "the school file has no `calendar:`, so working days are unknown"


def reply_kind(provider: str) -> Kind[Connection] | None:
    """Return the kind of a provider that holds a mailbox's automatic reply."""
    return next((kind for kind in kinds(provider).values() if kind.temporary), None)


def read_tenant_signals(tenant: OpenTenant) -> TenantSignals:
    """Read the absences and replies that the controls of a tenant need, by the identity of the control."""
    signals_by_control: dict[ControlIdentity, Signals] = {}
    away: set[str] = set()
    for entry in sorted(
        _entries_with_replies(tenant.playbooks), key=lambda entry: isinstance(entry.settings, ClosureReply)
    ):
        match entry.settings:
            case OutOfOffice() as settings:
                signals_by_control[entry.identity] = signals = _absence_signals(settings, tenant)
                away |= {due.person.id for due in signals.due}
            case ClosureReply() as settings:
                signals_by_control[entry.identity] = _holiday_signals(settings, tenant, away)
    return signals_by_control


def _entries_with_replies(playbooks: Playbooks) -> Iterator[ControlEntry]:
    for playbook in playbooks.playbooks:
        for entry in playbook.controls:
            if entry.mode is not Mode.OFF and isinstance(entry.settings, OutOfOffice | ClosureReply):
                yield entry


def _absence_signals(settings: OutOfOffice, tenant: OpenTenant) -> Signals:
    school = tenant.playbooks.school
    resolved = resolve_audience(school, settings.audience, tenant.provider, {tenant.provider: tenant.directory})
    everyone = resolved.audience.people
    chosen = select_people(everyone, _flags_of_people(everyone, tenant))
    left_out = len(everyone) - len(chosen.people)
    if school.calendar is None or resolved.missing:
        reason = resolved.missing or _NO_CALENDAR
        unknown = dict.fromkeys((person.id for person in chosen.people), reason)
        return Signals(unknown=unknown or {"": reason}, base=Base(people=len(chosen.people)), left_out=left_out)
    until = tenant.now + timedelta(days=settings.ahead_days)
    diaries = _read_diaries(settings, school.calendar, chosen.people, tenant)
    tenant.progress(f"checked the calendars of {len(chosen.people)} people")
    written = absences_of_people(
        _absences_from_file(settings, school.time_zone), chosen.people, source="the file of absences"
    )
    absences = [*diaries.absences, *written.absences]
    roles = _roles_of_people(tenant, chosen.people)
    away = {absence.person for absence in absences}
    doubtful = [person for person in chosen.people if person.id in away or len(roles.get(person.id, ())) > 1]
    expected = work_schedules(school.calendar, doubtful, roles)
    aways = merge_absences(absences, expected.by_person)
    days = settings.after_working_days
    long, beyond = next_absences(aways, expected.by_person, days=days, now=tenant.now, until=until)
    unknown = {**diaries.unknown, **expected.unknown, **people_with_invalid_absences(absences), **beyond}
    people = tenant.directory.people
    away_people = [people[person_id] for person_id in long if person_id not in unknown]
    boxes = _read_mailboxes(tenant, away_people)
    tenant.progress(f"checked the automatic replies of {len(away_people)} who are away")
    lasting = {person.id: long[person.id] for person in away_people}
    there = {person.address.casefold() for person in people.values()}
    others = sum(line.address in there for line in written.strangers)
    base = Base(
        len(aways),
        len(chosen.people),
        len(diaries.keep),
        len(written.strangers) - others,
        others,
        sum(flags == (Flag.WITHOUT,) for flags in chosen.left_out.values()),
    )
    return Signals(
        due=tuple(replies_due_for_absences(lasting, aways, people, expected.by_person, boxes, now=tenant.now)),
        unknown={**unknown, **boxes.unknown},
        base=base,
        left_out=left_out,
        sender=any(p.address.casefold() == settings.sender for p in tenant.directory.people.values()),
    )


def _read_diaries(settings: OutOfOffice, calendar: Calendar, people: Sequence[Person], tenant: OpenTenant) -> Diaries:
    """Read the calendars from the beginning of the day, so that absences that began earlier are included."""
    today = calendar.day_of(tenant.now)
    begins = calendar.at(today)
    everybody = WEEK[today.weekday()] == settings.full_pass
    ends = tenant.now + timedelta(days=settings.ahead_days)
    diaries = attempt("calendars", lambda: tenant.connection.diaries(people, begins, ends, everybody=everybody))
    if isinstance(diaries, ServiceError):
        return Diaries(unknown=dict.fromkeys((person.id for person in people), str(diaries)))
    return diaries


def _absences_from_file(settings: OutOfOffice, zone: str) -> Sequence[WrittenAbsence]:
    file = settings.file
    return read_absences(file, zone=ZoneInfo(zone), dates=settings.dates) if file else ()


def _flags_of_people(people: Sequence[Person], tenant: OpenTenant) -> Mapping[str, Sequence[Flag]]:
    """Return the accounts whose absences do not count: service accounts, and pupils if the school file has the role."""
    school = tenant.playbooks.school
    service = {address.casefold() for address in school.protected.accounts}
    role = school.roles.get(PUPILS)
    group = tenant.directory.groups.get(role.on(tenant.provider) or "") if role else None
    pupils = group.members if group else frozenset[str]()
    flags: dict[str, list[Flag]] = {}
    for person in people:
        if person.id in pupils:
            flags.setdefault(person.id, []).append(Flag.PUPIL)
        if person.address.casefold() in service:
            flags.setdefault(person.id, []).append(Flag.SERVICE)
    return flags


def _roles_of_people(tenant: OpenTenant, people: Sequence[Person]) -> Mapping[str, Sequence[str]]:
    roles: dict[str, list[str]] = {}
    ids = {person.id for person in people}
    for name in roles_with_working_pattern(tenant.playbooks):
        reference = tenant.playbooks.school.roles[name].on(tenant.provider)
        group = tenant.directory.groups.get(reference or "")
        for member in group.members & ids if group else ():
            roles.setdefault(member, []).append(name)
    return roles


def _holiday_signals(settings: ClosureReply, tenant: OpenTenant, away: set[str]) -> Signals:
    """Read the automatic replies of the named mailboxes for a holiday. People in `away` have their own reply."""
    calendar = tenant.playbooks.school.calendar
    addresses = {address.casefold() for address in settings.mailboxes}
    boxes = [person for person in tenant.directory.people.values() if person.address.casefold() in addresses]
    if reason := tenant.directory.unknown.get("people"):
        return Signals(unknown={"": f"people: {reason}"})
    absent = frozenset(addresses - {person.address.casefold() for person in boxes})
    if calendar is None:
        return Signals(unknown={"": _NO_CALENDAR}, absent=absent)
    holiday = next_holiday(calendar, tenant.now)
    people_here = [person for person in boxes if person.id not in away]
    if holiday is None or tenant.now < holiday.begins - timedelta(days=settings.days_before):
        return Signals(base=Base(people=len(boxes)), absent=absent)
    read_boxes = _read_mailboxes(tenant, people_here)
    due = tuple(replies_due_for_holiday(holiday, calendar, people_here, read_boxes))
    return Signals(due=due, unknown=read_boxes.unknown, base=Base(people=len(boxes)), absent=absent)


def _read_mailboxes(tenant: OpenTenant, people: Sequence[Person]) -> Mailboxes:
    kind = reply_kind(tenant.provider)
    if kind is None or not people:
        return Mailboxes()
    whole = f"{tenant.provider}.{kind.name}"
    seen = attempt(whole, lambda: read_kind(tenant.connection, kind, frozenset(p.id for p in people)))
    if isinstance(seen, ServiceError):
        return Mailboxes(unknown=dict.fromkeys((person.id for person in people), str(seen)))
    observed_boxes, unreadable = remotes_to_observed(whole, kind, seen)
    replies, odd = {}, {}
    for box in observed_boxes:
        try:
            replies[box.remote.name] = reply_in(box.settings)
        except (ValueError, TypeError) as error:
            odd[box.remote.name] = f"its automatic reply could not be read: {error}"
    understood = [(box, tenant.known_objects.get(box.address)) for box in observed_boxes if box.remote.name in replies]
    ours = frozenset(box.remote.name for box, known_object in understood if is_ours(box, known_object))
    declined = frozenset(
        box.remote.name for box, known_object in understood if was_turned_off_by_person(box, known_object, tenant.now)
    )
    reasons = {
        **odd,
        **{unread_box.address.name: admin_text(unread_box.reason) for unread_box in unreadable if unread_box.address},
    }
    missing = {p.id: "it has no mailbox" for p in people if p.id not in replies and p.id not in reasons}
    return Mailboxes(replies, {**missing, **reasons}, ours, declined)
