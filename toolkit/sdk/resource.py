"""The addresses, desired objects and observed objects of a tenant."""

import re
from collections.abc import Mapping
from dataclasses import field, replace
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from toolkit.records import dataclass
from toolkit.sdk.form import UnknownProperty
from toolkit.values import Body, Settings

EVERY = "*"
"""A name that means every object of the kind in the tenant that does not have its own entry."""

_WRITTEN = re.compile(r"(?P<provider>[a-z0-9_]+)\.(?P<kind>[a-z0-9_]+)\[(?P<name>.+)\]", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The address of an object, for example `microsoft365.transport_rule[School disclaimer]`.

    A personal object is named by the person's immutable id, and people see the label instead.
    """

    provider: str
    kind: str
    name: str
    label: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.provider}.{self.kind}[{self.name}]"

    @property
    def display_name(self) -> str:
        """Return the name that people see for the object."""
        return self.label or self.name

    @property
    def display_text(self) -> str:
        """Return the address that people see, such as
        `google_workspace.signature[jo.bloggs@example-primary.example]`.
        """
        return f"{self.kind_path}[{self.display_name}]"

    @property
    def kind_path(self) -> str:
        """Return the kind with its provider, for example `microsoft365.transport_rule`."""
        return f"{self.provider}.{self.kind}"


def person_code(identifier: str) -> str:
    """Return a short code for a person, which distinguishes people in output without showing their ids."""
    return sha256(identifier.encode()).hexdigest()[:8]


def without_name(address: Address) -> Address:
    """Return the address of a personal object without the person."""
    return replace(address, label=f"a person ({person_code(address.name)})")


def parse_address(text: str) -> Address:
    """Parse the text of an address. Raise ValueError if the text is not an address."""
    match = _WRITTEN.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not an address such as microsoft365.transport_rule[School disclaimer]")
    return Address(**match.groupdict())


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A file and line of the playbooks."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path  # the source may be something other than a file


class Mode(StrEnum):
    """The mode of a control: compare and write, only compare and report, or neither."""

    ENFORCE = "enforce"
    CHECK = "check"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Handling:
    """The way in which a playbook handles a look-alike of an object, or other people's changes to the object."""

    adopt: str | None = None  # take over this object: its id is kept, and its settings become the desired settings
    beside: bool = False  # create the playbook's object in addition
    leave: bool = False  # create nothing, or leave settings that other people keep changing
    ours: bool = False  # repair settings that other people keep changing


@dataclass(frozen=True, slots=True)
class Reach:
    """The number of people and of devices that an object affects. A number is None if it was not counted."""

    people: int | None = None
    devices: int | None = None

    def __str__(self) -> str:
        counts = [_describe_count(self.people, "person", "people"), _describe_count(self.devices, "device", "devices")]
        return ", ".join(count for count in counts if count) or "reach not counted"


class Growth(NamedTuple):
    """The number of people or devices that a change adds to an object's reach, whichever number is greater."""

    number: int = 0
    counts_people: bool = True

    @classmethod
    def greater(cls, *, people: int, devices: int) -> "Growth":
        """Return the growth with the greater of the two numbers, people or devices."""
        return max(cls(people), cls(devices, counts_people=False))

    def __str__(self) -> str:
        singular, plural = ("person", "people") if self.counts_people else ("device", "devices")
        return _describe_count(self.number, f"more {singular}", f"more {plural}")


def _describe_count(number: int | None, singular: str, plural: str) -> str:
    return "" if number is None else f"{number} {singular if number == 1 else plural}"


@dataclass(frozen=True, slots=True)
class Remote:
    """An object as its service has it, with the response's body."""

    id: str
    name: str
    body: Body
    version: str | None = None  # the version, if the service detects lost updates


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An object that exists but could not be read. Its settings are unknown and must not be written."""

    id: str
    name: str
    reason: str
    gone: bool = False  # whether the person, and so the object, no longer exists
    unused: bool = False  # whether the person's account is disabled or has no mailbox, so there is nothing to read


ALL_ENTRIES = "*"
"""In `Desired.spared`: every entry of the list is left unchanged, because it is unknown whose some of them are."""


@dataclass(frozen=True, slots=True)
class Desired:
    """An object as the playbooks define it.

    `settings` contains every setting that is compared. Settings in the playbook have an origin. A managed object also
    has the defaults of settings that the playbook leaves out (see Spec).
    """

    address: Address
    settings: Settings
    origins: Mapping[str, Origin]
    origin: Origin
    mode: Mode = Mode.ENFORCE
    handling: Handling = field(default_factory=Handling)
    renamed_from: str | None = None
    made_by: tuple[str, ...] = ()  # the controls to which it belongs
    reach: Reach | None = None
    everyone: bool = False  # whether it reaches everyone with an account
    all_devices: bool = False  # whether it reaches every device, whose number no directory shows
    protected: tuple[str, ...] = ()  # protected accounts that it reaches
    protected_unknown: str = ""  # why the protected accounts are unknown
    unknown: str = ""  # why the audience is unknown, so the object is neither compared nor written
    lost_group: bool = False  # whether its only group is empty, deleted or was not read
    empty: bool = False  # whether the group is known to be empty
    spared: Mapping[str, frozenset[str]] = field(default_factory=dict)  # entries of lists that are left unchanged
    as_applied: Mapping[str, frozenset[str]] = field(
        default_factory=dict
    )  # entries that are left as they were last applied
    reviewed: Mapping[str, str] = field(default_factory=dict)  # for settings in the kind's `closes` (see Resource)
    unmanaged_properties: Mapping[str, str] = field(default_factory=dict)  # fingerprint of the value by path
    schools: tuple[str, ...] = ()  # the schools of a trust that have it, or none if it is for the whole tenant
    is_shared: bool = False  # schools that the run does not cover have it too, so only entries of lists may change


@dataclass(frozen=True, slots=True)
class Absent:
    """An object that must no longer exist, for example because an exception has ended."""

    address: Address
    reason: str
    origin: Origin
    made_by: tuple[str, ...] = ()  # the controls to which it belonged
    schools: tuple[str, ...] = ()  # the schools of a trust that had it


@dataclass(frozen=True, slots=True)
class Observed:
    """An object as it was read from the tenant, with its settings in canonical form."""

    address: Address
    settings: Settings
    remote: Remote
    unknown: tuple[UnknownProperty, ...] = ()  # properties of the response that the kind does not list
