"""The permissions that an identity needs to read and write. Each client of a service declares its own permissions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
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
    """A role of a service that can be in a custom role group."""

    service: str
    role: str


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission that an administrator must grant, with the name that the vendor's console shows."""

    name: str
    sort: Sort
    of: str = ""  # its service, if other services have a permission of the same name
    within: tuple[str, ...] = ()  # permissions of the same type that include it
    instead: tuple[RoleEntry, ...] = ()  # a narrower alternative: custom role groups with these roles
    writes: bool = False  # whether it also allows writing, because the vendor has no narrower permission
    narrow_role: str = ""  # the role that grants it only for some mailboxes, or ""
    membership: str = ""  # the role group to which its holder must also belong

    def __str__(self) -> str:
        if not self.instead:
            return self.name + (f" ({self.of})" if self.of else "")
        if self.is_only_in_role_groups:
            return f"a role group with {self.name}"
        *others, last = (part.role for part in self.instead)
        return f"{self.name}, or a role group with {' and '.join([*([', '.join(others)] if others else []), last])}"

    @property
    def is_only_in_role_groups(self) -> bool:
        """Return whether the permission is a role that can be granted only through a role group."""
        return any(part.role == self.name for part in self.instead)

    def includes(self, other: "Permission") -> bool:
        """Return whether this permission includes another permission."""
        return self.sort is other.sort and self.name in (other.name, *other.within)


@dataclass(frozen=True, slots=True)
class Permissions:
    """The permissions that are needed for reading, and the additional permissions for writing."""

    read: tuple[Permission, ...] = ()
    write: tuple[Permission, ...] = ()


class Use(StrEnum):
    """A use of a tenant that needs permissions, apart from reading and writing the objects of kinds."""

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
    """The place into which an administrator pastes the lines of a setup step."""

    SHELL = "shell"
    POWERSHELL = "powershell"
    ENV = "env"  # the file .env
    CONSOLE = "console"  # a page of the vendor's console


@dataclass(frozen=True, slots=True)
class SetupStep:
    """A step by which an administrator grants permissions.

    The administrator pastes the text `paste` unchanged into `place`.
    """

    text: str
    paste: tuple[str, ...] = ()
    place: PastePlace | None = None  # None if there is nothing to paste


def env_file_step() -> SetupStep:
    """Return the step that creates the file `.env`, unless it exists."""
    return SetupStep(
        "In the school's folder, which contains playbooks/, create the file .env for the settings. No other user may "
        "read it. An existing file is kept:",
        ("[ -e .env ] || cp .env.example .env", "chmod 600 .env"),
        PastePlace.SHELL,
    )


Needs = Callable[[object], tuple[Permission, ...]]
"""The permissions for a check, by its control's settings. `needs` in a check's module is such a function or a tuple."""


@dataclass(frozen=True, slots=True)
class Grants:
    """The permissions that an identity has, as far as they can be read."""

    has: Mapping[tuple[Sort, str], frozenset[str]]  # names by type and service, without services that could not be read
    remark: str = ""  # which permissions could not be read, and why
    opens: Mapping[str, str] = field(default_factory=dict)  # the data behind granted permissions that are too wide

    def lacks(self, permission: Permission) -> bool | None:
        """Return whether the identity lacks a permission, or None if toolkit cannot find out."""
        names = self.has.get((permission.sort, permission.of))
        if names is None or (permission.is_only_in_role_groups and not names & {*permission.within}):
            return None
        return not names & {permission.name, *permission.within}


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential and its expiry date.

    The date is None if the credential does not expire or the date cannot be read.
    """

    name: str
    ends: datetime | None
    remark: str = ""
    safer: str = ""  # a safer way to sign in, or "" if there is none


def leave_out_included(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """Return the permissions, without permissions that another permission includes.

    Roles in role groups are always kept.
    """
    every = list(dict.fromkeys(permissions))
    names = {(permission.sort, permission.name) for permission in every}
    kept = [
        permission for permission in every if not any((permission.sort, wider) in names for wider in permission.within)
    ]
    first = {(permission.sort, permission.name): permission for permission in reversed(kept)}
    return tuple(
        replace(
            permission,
            instead=tuple(
                dict.fromkeys(part for other in every if permission.includes(other) for part in other.instead)
            ),
        )
        for permission in dict.fromkeys(first[permission.sort, permission.name] for permission in kept)
    )
