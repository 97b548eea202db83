"""The permissions that an identity needs for reads and writes, as data that each client declares once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from toolkit.records import dataclass


class Sort(StrEnum):
    """The type of a vendor's permission."""

    APPLICATION = "application permission"
    ROLE = "role"
    SCOPE = "scope"
    PRIVILEGE = "administrator's privilege"


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """A role inside a service, which a custom role group can have."""

    service: str
    role: str


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission that a person must give, by its name in the vendor's console."""

    name: str
    sort: Sort
    of: str = ""  # its service, if the name could also be another service's
    within: tuple[str, ...] = ()  # permissions of the same type that include it
    instead: tuple[RoleEntry, ...] = ()  # a smaller alternative: these roles in custom role groups
    writes: bool = False  # it also allows writing, because the vendor has no narrower permission
    narrow_role: str = ""  # the role that gives it only for some mailboxes, if there is one
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
        """Return whether it is a role inside a service, which only role groups can have."""
        return any(part.role == self.name for part in self.instead)

    def gives(self, other: "Permission") -> bool:
        """Return whether this permission includes the other."""
        return self.sort is other.sort and self.name in (other.name, *other.within)


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permissions for reading, and the additional permissions for writing."""

    read: tuple[Permission, ...] = ()
    write: tuple[Permission, ...] = ()


class Use(StrEnum):
    """The uses of a tenant other than reading and writing kinds."""

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
    """One step of an administrator to give permissions. `paste` is copied unchanged into `place`."""

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
"""The permissions for a check, given its control's settings. `needs` in its module is this, or the tuple itself."""


@dataclass(frozen=True, slots=True)
class Grants:
    """The permissions that an identity has, as far as they can be read."""

    has: Mapping[tuple[Sort, str], frozenset[str]]  # by type and service, without unreadable services
    remark: str = ""  # the permissions that cannot be read, and why

    def lacks(self, permission: Permission) -> bool | None:
        """Return whether a permission is missing, or None if that cannot be read."""
        names = self.has.get((permission.sort, permission.of))
        if names is None or (permission.in_groups_alone and not names & {*permission.within}):
            return None
        return not names & {permission.name, *permission.within}


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential and its expiry date, or None if it does not expire or the date cannot be read."""

    name: str
    ends: datetime | None
    remark: str = ""


def least(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """Return the permissions without any that another includes. Role groups still need all roles."""
    every = list(dict.fromkeys(permissions))
    names = {(permission.sort, permission.name) for permission in every}
    kept = [
        permission for permission in every if not any((permission.sort, wider) in names for wider in permission.within)
    ]
    first = {(permission.sort, permission.name): permission for permission in reversed(kept)}
    return tuple(
        replace(
            permission,
            instead=tuple(dict.fromkeys(part for other in every if permission.gives(other) for part in other.instead)),
        )
        for permission in dict.fromkeys(first[permission.sort, permission.name] for permission in kept)
    )
