"""Whose absences count: who is left out, whom a line of a file means, and when each is expected."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from toolkit.playbook.absences import WrittenAbsence
from toolkit.replies.absences import WorkSchedule
from toolkit.sdk.audience import EVERYONE
from toolkit.sdk.calendar import Calendar, Pattern
from toolkit.sdk.directory import Person
from toolkit.sdk.signals import Absence


class Flag(StrEnum):
    """Why the absence of an account does not count."""

    ROOM = "a room"
    EQUIPMENT = "equipment"
    SHARED = "a shared mailbox"
    SERVICE = "a service account"
    PUPIL = "a pupil"
    DISABLED = "a disabled account"
    WITHOUT = "an account without a mailbox"


@dataclass(frozen=True, slots=True)
class Considered:
    """Who counts, and who is left out for what; together they are everybody that was asked about."""

    people: tuple[Person, ...]
    left_out: Mapping[str, tuple[Flag, ...]]  # by id


@dataclass(frozen=True, slots=True)
class ListedAbsences:
    """The absences of a file, by the ids of people; `strangers` are its lines that name no one."""

    absences: tuple[Absence, ...]
    strangers: tuple[WrittenAbsence, ...]


@dataclass(frozen=True, slots=True)
class Schedules:
    """When each person is expected; `unknown` says of whom that cannot be told, and why."""

    known: Mapping[str, WorkSchedule]  # by id
    unknown: Mapping[str, str]  # by id


def considered(people: Iterable[Person], flags: Mapping[str, Collection[Flag]]) -> Considered:
    """Divide people into those who count and those who do not, by the flags that are given for their ids."""
    counted: list[Person] = []
    left_out: dict[str, tuple[Flag, ...]] = {}
    for person in people:
        if reasons := _reasons(person, flags.get(person.id, ())):
            left_out[person.id] = reasons
        else:
            counted.append(person)
    return Considered(tuple(counted), left_out)


def _reasons(person: Person, flags: Collection[Flag]) -> tuple[Flag, ...]:
    own = {Flag.DISABLED: not person.enabled, Flag.WITHOUT: not person.mailbox}
    return tuple(flag for flag in Flag if flag in flags or own.get(flag))


def named(written: Iterable[WrittenAbsence], people: Iterable[Person], *, source: str) -> ListedAbsences:
    """Turn lines that name addresses into absences of people."""
    lines = tuple(written)
    wanted = {one.address for one in lines}
    ids = {address: person.id for person in people if (address := person.address.casefold()) in wanted}
    return ListedAbsences(
        tuple(Absence(ids[one.address], one.begins, one.ends, source) for one in lines if one.address in ids),
        tuple(one for one in lines if one.address not in ids),
    )


def schedules(calendar: Calendar, people: Iterable[Person], roles: Mapping[str, Collection[str]]) -> Schedules:
    """Find when each person is expected, by the own pattern, else by the roles that are given for the person's id."""
    known: dict[str, WorkSchedule] = {}
    unknown: dict[str, str] = {}
    shared: dict[Pattern, WorkSchedule] = {}
    for person in people:
        own = sorted(roles.get(person.id, ()))
        match calendar.patterns_of(person.address, own):
            case (pattern,):
                known[person.id] = shared.setdefault(pattern, WorkSchedule(calendar, pattern))
            case _:
                several = [role for role in own if role in calendar.patterns and role != EVERYONE]
                unknown[person.id] = (
                    f"different working patterns by role ({', '.join(several)}): write a pattern for the person alone"
                )
    return Schedules(known, unknown)
