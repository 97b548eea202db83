"""The invented school of a new tenant: people, shared mailboxes, accounts and groups. It is always the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID, uuid5


class Use(StrEnum):
    """The part of the school that a person belongs to."""

    STAFF = "staff"
    PUPIL = "pupil"


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account and a mailbox. The address is the sign-in name and the mail address."""

    id: str
    given_name: str
    surname: str
    address: str
    use: Use
    job_title: str
    department: str  # of a pupil the class
    synced: bool  # mastered in the school's own Active Directory
    enabled: bool = True
    unit: str = ""  # the path of the person's Google organisational unit, or "" for the usual one

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.surname}"


@dataclass(frozen=True, slots=True)
class SharedMailbox:
    """A shared mailbox. Its account cannot sign in."""

    id: str
    display_name: str
    address: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account that does not belong to a person: a scanner, synchronisation, a leaver, or emergency access."""

    id: str
    display_name: str
    address: str
    mailbox: bool
    directory_roles: tuple[str, ...] = ()
    enabled: bool = True
    licensed: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A room, or equipment, that people book through its mailbox."""

    id: str
    display_name: str
    address: str
    equipment: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A group. Without an address it cannot receive mail."""

    id: str
    display_name: str
    address: str | None
    members: tuple[str, ...]  # ids of people, shared mailboxes, accounts or groups
    unified: bool = (
        False  # a Microsoft 365 group. Otherwise a security group, which is mail-enabled if it has an address.
    )


@dataclass(frozen=True, slots=True)
class School:
    """A school with all of its people, mailboxes, accounts and groups."""

    tenant_id: str
    name: str
    short_name: str
    domain: str
    initial_domain: str
    people: tuple[Person, ...]
    shared: tuple[SharedMailbox, ...]
    accounts: tuple[Account, ...]
    rooms: tuple[Room, ...]
    groups: tuple[Group, ...]
    further_domains: tuple[str, ...] = ()  # of the schools of a trust, which share the tenant
    further_units: Mapping[str, str] = field(default_factory=dict)  # Google units with their descriptions, by path

    @property
    def administrator(self) -> Person:
        """Return the person who looks after the school's IT, or else the first member of staff."""
        return next((person for person in self.people if person.department == "IT"), self.people[0])

    def identifier(self, *names: str) -> str:
        """Return an id in this school. The same names always give the same id."""
        return identifier(self.tenant_id, *names)


def identifier(tenant_id: str, *names: str) -> str:
    """Return an id that depends only on the tenant and the names."""
    return str(uuid5(_namespace(tenant_id), "/".join(names)))


_namespace = lru_cache(maxsize=16)(UUID)


_YESTERDAY = datetime(2026, 11, 9, 8, 12, tzinfo=UTC)
_IN_SUMMER = datetime(2026, 7, 17, 14, 5, tzinfo=UTC)
_LAST_WEEK = datetime(2026, 11, 4, 7, 55, tzinfo=UTC)
_NEVER, _LONG_AGO, _DAYS_AGO = 11, 14, (4, 22)  # by the place in the list of staff


def last_seen(school: School) -> dict[str, datetime]:
    """Return the time of the last sign-in by the person's id. A person who never signed in is not included."""
    staff = [person.id for person in school.people if person.use is Use.STAFF]
    seen = {person.id: _YESTERDAY for person in school.people}
    seen |= {staff[number]: _LAST_WEEK for number in _DAYS_AGO if number < len(staff)}
    seen |= {staff[_LONG_AGO]: _IN_SUMMER} if len(staff) > _LONG_AGO else {}
    if len(staff) > _NEVER:
        del seen[staff[_NEVER]]
    return seen
