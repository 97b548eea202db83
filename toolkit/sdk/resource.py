"""One object of a tenant: its address, its desired state and its observed state."""

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
"""As a name: each object of the kind that the tenant has and that has no entry of its own."""

_WRITTEN = re.compile(r"(?P<provider>[a-z0-9_]+)\.(?P<kind>[a-z0-9_]+)\[(?P<name>.+)\]", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An object's place: `microsoft365.transport_rule[School disclaimer]`.

    A personal object is named by the person's immutable id. People read the label instead.
    """

    provider: str
    kind: str
    name: str
    label: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.provider}.{self.kind}[{self.name}]"

    @property
    def shown(self) -> str:
        """Return the name for people."""
        return self.label or self.name

    @property
    def told(self) -> str:
        """Return the whole address for people: `google_workspace.signature[jo.bloggs@example-primary.example]`."""
        return f"{self.of_kind}[{self.shown}]"

    @property
    def of_kind(self) -> str:
        """Return the kind with its provider: `microsoft365.transport_rule`."""
        return f"{self.provider}.{self.kind}"


def person_code(identifier: str) -> str:
    """Return a code that distinguishes people in an output without ids."""
    return sha256(identifier.encode()).hexdigest()[:8]


def without_name(address: Address) -> Address:
    """Return the address of a personal object without the person, who must not be named or is not known any more."""
    return replace(address, label=f"a person ({person_code(address.name)})")


def parse_address(text: str) -> Address:
    """Parse an address. Raise ValueError if it is not one."""
    match = _WRITTEN.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not an address; one looks like microsoft365.transport_rule[School disclaimer]")
    return Address(**match.groupdict())


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in the playbooks."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path  # the source may not be a file


class Mode(StrEnum):
    """The mode of a control: compare and write, compare and report, or neither."""

    ENFORCE = "enforce"
    CHECK = "check"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Handling:
    """How to handle a look-alike, or an object whose settings others keep changing."""

    adopt: str | None = None  # manage this one: its id stays, and its settings become the desired ones
    beside: bool = False  # create ours all the same
    leave: bool = False  # leave it and create nothing, or leave the settings that others keep changing
    ours: bool = False  # repair settings that others keep changing


@dataclass(frozen=True, slots=True)
class Reach:
    """The number of people and devices that an object touches, or None if they were not counted."""

    people: int | None = None
    devices: int | None = None

    def __str__(self) -> str:
        counts = [_count(self.people, "person", "people"), _count(self.devices, "device", "devices")]
        return ", ".join(count for count in counts if count) or "reach not counted"


class Growth(NamedTuple):
    """How many more people or devices an object reaches than before, whichever number is greater."""

    number: int = 0
    counts_people: bool = True

    @classmethod
    def greater(cls, *, people: int, devices: int) -> "Growth":
        """Return the greater of the two numbers."""
        return max(cls(people), cls(devices, counts_people=False))

    def __str__(self) -> str:
        singular, plural = ("person", "people") if self.counts_people else ("device", "devices")
        return _count(self.number, f"more {singular}", f"more {plural}")


def _count(number: int | None, singular: str, plural: str) -> str:
    return "" if number is None else f"{number} {singular if number == 1 else plural}"


@dataclass(frozen=True, slots=True)
class Remote:
    """An object in its service, with the raw response."""

    id: str
    name: str
    body: Body
    version: str | None = None  # if the service guards against lost updates


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An object that exists and could not be read. Its settings are unknown and must not be written."""

    id: str
    name: str
    reason: str
    gone: bool = False  # the person does not exist any more, nor does the object
    unused: bool = False  # the person's account is closed or has no mailbox, so there is nothing to read


@dataclass(frozen=True, slots=True)
class Desired:
    """An object as the playbooks define it.

    `settings` holds every compared setting: the settings in the playbook, which have an origin, and, for a managed
    object, the defaults for settings that the playbook omits (see Spec).
    """

    address: Address
    settings: Settings
    origins: Mapping[str, Origin]
    origin: Origin
    mode: Mode = Mode.ENFORCE
    handling: Handling = field(default_factory=Handling)
    renamed_from: str | None = None
    made_by: tuple[str, ...] = ()  # the controls that contain it
    reach: Reach | None = None
    everyone: bool = False  # the people whom it reaches are all those with an account
    all_devices: bool = False  # it reaches every device, whose number no directory shows
    protected: tuple[str, ...] = ()  # accounts that the school file protects and that it reaches
    protected_unknown: str = ""  # why the protected accounts are not known
    unknown: str = ""  # why the audience is not known, so that the object is neither compared nor written
    lost_group: bool = False  # because its only group is empty, deleted or was not read
    empty: bool = False  # the group is known to be empty
    spared: Mapping[str, frozenset[str]] = field(default_factory=dict)  # entries of lists that are left unchanged
    as_applied: Mapping[str, frozenset[str]] = field(default_factory=dict)  # entries that are left as last applied
    reviewed: Mapping[str, str] = field(default_factory=dict)  # of settings that its kind `closes`; see Resource
    unmanaged_properties: Mapping[str, str] = field(default_factory=dict)  # path: fingerprint of the value


@dataclass(frozen=True, slots=True)
class Absent:
    """An object that must not exist any more, for example after an exception has ended."""

    address: Address
    reason: str
    origin: Origin
    made_by: tuple[str, ...] = ()  # the control that contained it


@dataclass(frozen=True, slots=True)
class Observed:
    """An object as it was read, its settings in canonical form."""

    address: Address
    settings: Settings
    remote: Remote
    unknown: tuple[UnknownProperty, ...] = ()  # properties of the response that no list of the kind names
