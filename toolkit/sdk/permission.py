"""What an identity has to be given before it may read or write something, as data that each client declares once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from toolkit.records import dataclass


class Sort(StrEnum):
    """How a vendor gives leave."""

    APPLICATION = "application permission"
    ROLE = "role"
    SCOPE = "scope"
    PRIVILEGE = "administrator's privilege"


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """One role inside a service, which a role group of one's own can have."""

    service: str
    role: str


@dataclass(frozen=True, slots=True)
class Permission:
    """One thing that a person has to give, as the vendor's console calls it."""

    name: str
    sort: Sort
    of: str = ""  # the service that it belongs to, where its name alone could mean another's
    within: tuple[str, ...] = ()  # permissions of the same sort that give this one as well
    instead: tuple[RoleEntry, ...] = ()  # what gives less and is enough: these in role groups of one's own
    writes: bool = False  # it lets write too, though only reading is asked for: there is nothing narrower
    narrowed: str = ""  # the role that gives it for some mailboxes only, where there is one
    membership: str = ""  # the role group that its holder must be in as well

    def __str__(self) -> str:
        if not self.instead:
            return self.name + (f" ({self.of})" if self.of else "")
        if self.in_groups_alone:
            return f"a role group with {self.name}"
        *others, last = (part.role for part in self.instead)
        return f"{self.name}, or a role group with {' and '.join([*([', '.join(others)] if others else []), last])}"

    @property
    def in_groups_alone(self) -> bool:
        """Say whether it is a role inside a service, which a role group has and no one is given separately."""
        return any(part.role == self.name for part in self.instead)

    def gives(self, other: "Permission") -> bool:
        """Say whether the person who has this one needs the other no more."""
        return self.sort is other.sort and self.name in (other.name, *other.within)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What reading something needs, and what writing it needs besides."""

    read: tuple[Permission, ...] = ()
    write: tuple[Permission, ...] = ()


class Use(StrEnum):
    """What a run does with a tenant beside reading and writing kinds."""

    TENANT = "the identity of the tenant"
    PEOPLE = "the list of people"
    GROUPS = "the members of groups"
    UNITS = "organisational units"
    DEVICES = "the number of devices"
    DIARIES = "absences in calendars"
    SENDING = "messages"
    HOLDS = "holds"
    LOST = "lost devices"


class PastePlace(StrEnum):
    """The place into which the lines of a step are typed or pasted."""

    SHELL = "shell"
    POWERSHELL = "powershell"
    ENV = "env"  # the file .env
    CONSOLE = "console"  # a page of the vendor's console


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One thing that an administrator does to give leave; `paste` is put into `place` as it stands."""

    text: str
    paste: tuple[str, ...] = ()
    place: PastePlace | None = None  # None if there is nothing to paste


def env_file_step() -> SetupStep:
    """Return the step that makes `.env`, unless the file exists."""
    return SetupStep(
        "In the school's folder, which holds playbooks/, make the file .env for the settings. No other user may read "
        "it. A file that is there already is kept:",
        ("[ -e .env ] || cp .env.example .env", "chmod 600 .env"),
        PastePlace.SHELL,
    )


Needs = Callable[[object], tuple[Permission, ...]]
"""What a check needs, given the settings of its control; `needs` beside `check` is this, or the tuple itself."""


@dataclass(frozen=True, slots=True)
class Grants:
    """What an identity really has, as far as it can be seen from here."""

    has: Mapping[tuple[Sort, str], frozenset[str]]  # by sort and service; what is not among these cannot be seen
    remark: str = ""  # what cannot be seen, and why

    def lacks(self, one: Permission) -> bool | None:
        """Say whether a permission is missing; None where that cannot be seen."""
        names = self.has.get((one.sort, one.of))
        if names is None or (one.in_groups_alone and not names & {*one.within}):
            return None
        return not names & {one.name, *one.within}


@dataclass(frozen=True, slots=True)
class Credential:
    """What an identity signs in with, and when that ends; None where it does not, or no one can see it."""

    name: str
    ends: datetime | None
    remark: str = ""


def least(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """Leave out duplicates, and what another one of them gives as well; role groups still need all roles."""
    every = list(dict.fromkeys(permissions))
    names = {(one.sort, one.name) for one in every}
    kept = [one for one in every if not any((one.sort, wider) in names for wider in one.within)]
    first = {(one.sort, one.name): one for one in reversed(kept)}
    return tuple(
        replace(
            one, instead=tuple(dict.fromkeys(part for other in every if one.gives(other) for part in other.instead))
        )
        for one in dict.fromkeys(first[one.sort, one.name] for one in kept)
    )
