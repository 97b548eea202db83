"""The details in a plan's rows, and facts about a plan as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TypeAlias

from toolkit.planning.audience.pilot_parts import InPilot
from toolkit.planning.change import Change
from toolkit.records import dataclass
from toolkit.sdk.directory import UseCount
from toolkit.sdk.first_run import VendorFact
from toolkit.sdk.part import Realisation
from toolkit.sdk.reason import Reason
from toolkit.sdk.resource import Address, Desired, Growth, Observed, Origin, Reach
from toolkit.sdk.verdict import Count
from toolkit.values import Value


@dataclass(frozen=True, slots=True)
class Unknown:
    """An object, or all objects of a kind, whose state could not be read."""

    kind: str
    reason: Reason
    address: Address | None = None
    for_whom: bool = False  # the object was read, but not its audience
    people_before: int | None = None  # the number of people in the audience at the last apply
    is_owner_gone: bool = False  # its owner no longer exists
    is_unused: bool = False  # the person's account is closed or has no mailbox
    provider: str = ""  # if `kind` is a control, the cloud
    excepts: str = ""  # if an exception from the control is unknown, its role
    missing: str = ""  # the permission or role without which a kind cannot be read, if it is known
    request: str = ""  # the refused request: method, path and status, if it is known


@dataclass(frozen=True, slots=True)
class LookAlike:
    """A look-alike: an unmanaged object that does the same job as a managed object."""

    desired: Desired
    observed: Observed
    job: str = ""  # such as append_disclaimer, or "" if only its name is ours
    is_ours: bool = False  # an earlier run made it, for another role or under another name
    why: str = ""  # a sentence, if "does the same job" is not the reason

    @property
    def address(self) -> Address:
        return self.desired.address


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change that a run refuses to make, with the reason and advice."""

    address: Address
    reason: str
    origin: Origin | None = None
    change: Change | None = None  # if the only obstacle is that it keeps less evidence or could stop mail
    mail_of: tuple[str, ...] = ()  # the protected mailboxes whose mail it could stop
    effects: tuple[str, ...] = ()  # its effects, counted in the tenant
    waits: bool = False  # it is written in a later change window
    made_by: tuple[str, ...] = ()  # the control that is withdrawn


Obstacle: TypeAlias = Refusal | Unknown | LookAlike
"""The reason for taking a change out of a plan. It is refused or unknown, or a playbook must allow it first."""


@dataclass(frozen=True, slots=True)
class OrphanSetting:
    """An orphaned setting, which still has the value that toolkit sent last although no playbook names the
    setting any more.
    """

    address: Address
    path: str
    before: Value  # its value before our first write
    stays: str = ""  # why it cannot be restored


@dataclass(frozen=True, slots=True)
class RollbackConflict:
    """A setting that a rollback does not restore, because someone changed it after toolkit's last change."""

    address: Address
    path: str
    now: Value
    after: Value
    before: Value


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on a managed object that a run does not change, for example why the object does not work."""

    address: Address
    by: str  # the name of the object that is the reason
    text: str
    whole: bool = True  # False: only for some of the messages or people of our object
    is_ours: bool = False  # an earlier run made that object
    is_fulfilled: bool = False  # our object does all that the playbooks ask, and a person must do the rest
    sure: bool = True  # False if the effect on people or devices is unknown
    count: Count | None = None  # the people or devices for which it is known, if counted
    is_unread: bool = False  # not sure, because something could not be read


@dataclass(frozen=True, slots=True)
class UnreadProperty:
    """A property that toolkit does not know, and that changes neither the effect nor the reach of an object."""

    kind: str
    path: str  # the service's name
    address: Address


@dataclass(frozen=True, slots=True)
class SettingsOfOthers:
    """Contested settings of an object, which other people keep changing back. The path "" means the whole object."""

    address: Address
    paths: frozenset[str]


@dataclass(frozen=True, slots=True)
class UnavailableKind:
    """A kind of object that is not included in a tenant's licences."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class AcceptedDrift:
    """A difference that a person has accepted until a date. Until then it is neither corrected nor counted."""

    address: Address
    path: str  # the setting, or "" if the object is missing or should not exist
    reason: str
    ends: datetime
    by: str  # a role
    origin: Origin


@dataclass(frozen=True, slots=True)
class RealisedControl:
    """A control of the playbooks as it is realised on one provider."""

    control: str
    provider: str
    clauses: tuple[str, ...]
    realisation: Realisation
    audience: str = ""  # for whom, in the playbook's word
    apps: tuple[str, ...] = ()  # the titles of the blocked apps
    exception: str = ""  # the name of the exception that it is
    pilot: InPilot | None = None  # the pilot, if one role has it first
    use: UseCount | None = None  # the use of the cloud by the audience, or None if it was not read
    school: str = ""  # the school of a trust for which it is, or "" for the whole tenant


@dataclass(frozen=True, slots=True)
class ReachBefore:
    """The people and devices that an object reached before a change. A rollback of the change needs this number."""

    reach: Reach | None
    growth: Growth  # how many of them it does not reach after the change
    everyone: bool
    all_devices: bool


@dataclass(frozen=True, slots=True)
class UnverifiedChange:
    """A change that is compared but not written, because it relies on a fact that the tenant has not confirmed yet."""

    provider: str
    fact: VendorFact
    address: Address


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """The order of a kind's objects.

    Managed objects are given by their addresses, and other objects by the service's ids.
    """

    desired: tuple[str, ...]  # our objects in the playbooks' order, including new ones
    current: tuple[str, ...]  # all observed objects, first to last
    our_addresses: Mapping[str, str]  # the service's id of each observed object of ours -> its address


@dataclass(frozen=True, slots=True)
class ObservedState:
    """The objects that a run has read from the tenants."""

    objects: Mapping[str, Sequence[Observed]]  # by kind with provider
    order: Mapping[str, Sequence[str]]  # by kind, all ids in the service's order, including unreadable objects
    unknown: Sequence[Unknown] = ()
    unavailable: Mapping[str, str] = field(default_factory=dict)  # kinds that the licences lack -> the reason
    rivals: Mapping[str, Sequence[Observed]] = field(default_factory=dict)  # of kinds read only to find look-alikes
    unread_rivals: frozenset[str] = frozenset()  # such kinds that could not be read completely
    incomplete: frozenset[str] = frozenset()  # kinds whose list lacks existing objects
