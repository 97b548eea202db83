"""One object of a tenant: its address, and as it is wanted and as it was seen."""

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
"""As a name: each object of the kind that the tenant has and no other entry names."""

_WRITTEN = re.compile(r"(?P<provider>[a-z0-9_]+)\.(?P<kind>[a-z0-9_]+)\[(?P<name>.+)\]", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """An object's place: `microsoft365.transport_rule[School disclaimer]`.

    What belongs to a person is named by the person's immutable id; the label is what people read instead.
    """

    provider: str
    kind: str
    name: str
    label: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.provider}.{self.kind}[{self.name}]"

    @property
    def shown(self) -> str:
        """Give the name for people."""
        return self.label or self.name

    @property
    def told(self) -> str:
        """Give the whole address for people: `google_workspace.signature[jo.bloggs@example-primary.example]`."""
        return f"{self.of_kind}[{self.shown}]"

    @property
    def of_kind(self) -> str:
        """Name the kind with its provider: `microsoft365.transport_rule`."""
        return f"{self.provider}.{self.kind}"


def person_code(identifier: str) -> str:
    """Return what tells one person from another in an output that shows no id."""
    return sha256(identifier.encode()).hexdigest()[:8]


def unnamed(address: Address) -> Address:
    """Show an object that is a person's where no one is to be named, or it is not known any more who it is."""
    return replace(address, label=f"a person ({person_code(address.name)})")


def parse_address(text: str) -> Address:
    """Read an address as it is written; ValueError where it is none."""
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
        return f"{self.path}:{self.line}" if self.line else self.path  # what asks may be no file


class Mode(StrEnum):
    """How far we go: compare and write, compare and report, or neither."""

    ENFORCE = "enforce"
    CHECK = "check"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Handling:
    """What to do about an object of another origin that does the same job, or about a contested one."""

    adopt: str | None = None  # make this one ours: its id stays, its settings become the wanted ones
    beside: bool = False  # create ours all the same
    leave: bool = False  # leave it and create nothing; of our own, leave the settings that others keep changing back
    ours: bool = False  # repair what others keep changing back


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people and devices an object touches; None where no one counted."""

    people: int | None = None
    devices: int | None = None

    def __str__(self) -> str:
        counts = [_count(self.people, "person", "people"), _count(self.devices, "device", "devices")]
        return ", ".join(count for count in counts if count) or "reach not counted"


class Growth(NamedTuple):
    """How many more people or devices an object reaches than before: the greater of the two numbers."""

    number: int = 0
    of_people: bool = True

    @classmethod
    def greater(cls, *, people: int, devices: int) -> "Growth":
        """Return the greater number, with what it counts."""
        return max(cls(people), cls(devices, of_people=False))

    def __str__(self) -> str:
        singular, plural = ("person", "people") if self.of_people else ("device", "devices")
        return _count(self.number, f"more {singular}", f"more {plural}")


def _count(number: int | None, one: str, many: str) -> str:
    return "" if number is None else f"{number} {one if number == 1 else many}"


@dataclass(frozen=True, slots=True)
class Remote:
    """An object as its service knows it, with the raw answer."""

    id: str
    name: str
    body: Body
    version: str | None = None  # where the service guards against lost updates


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An object that is there and could not be read; nothing may be said of it or written to it."""

    id: str
    name: str
    reason: str
    gone: bool = False  # whose it was is not there any more, and it with them
    unused: bool = False  # the person's account is closed or has no mailbox, so there is nothing to read


@dataclass(frozen=True, slots=True)
class Desired:
    """An object as the playbooks want it.

    `settings` holds everything that is compared: what the playbook names (these have an origin) and, for a managed
    object, what silence means (see Spec).
    """

    address: Address
    settings: Settings
    origins: Mapping[str, Origin]
    origin: Origin
    mode: Mode = Mode.ENFORCE
    handling: Handling = field(default_factory=Handling)
    renamed_from: str | None = None
    made_by: tuple[str, ...] = ()  # the controls that ask for it
    reach: Reach | None = None
    everyone: bool = False  # the people whom it reaches are all those with an account
    all_devices: bool = False  # it reaches every device, whose number no directory shows
    protected: tuple[str, ...] = ()  # accounts that the school file protects and that it reaches
    protected_unknown: str = ""  # why that is not known
    unknown: str = ""  # why it is not known for whom it is: then it is neither compared nor written
    lost_group: bool = False  # since the one group that it is for is empty, gone or not read
    empty: bool = False  # it is known: no one is in the group
    spared: Mapping[str, frozenset[str]] = field(default_factory=dict)  # entries of lists that stay where they are
    as_applied: Mapping[str, frozenset[str]] = field(default_factory=dict)  # and those that stay as last applied
    reviewed: Mapping[str, str] = field(default_factory=dict)  # of settings that its kind `closes`; see Resource
    unmanaged_properties: Mapping[str, str] = field(default_factory=dict)  # path: fingerprint of the value


@dataclass(frozen=True, slots=True)
class Absent:
    """An object that must not exist any more: an exception that ended, a filter that was replaced."""

    address: Address
    reason: str
    origin: Origin
    made_by: tuple[str, ...] = ()  # the control that asked for it


@dataclass(frozen=True, slots=True)
class Observed:
    """An object as it was read, its settings in canonical form."""

    address: Address
    settings: Settings
    remote: Remote
    unknown: tuple[UnknownProperty, ...] = ()  # what the answer holds beside them and no list of the kind names
