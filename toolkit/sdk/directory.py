"""The people, groups and devices of a tenant, signed-in accounts, and the audience of a control."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import TypeAlias

from toolkit.errors import SignInRefused
from toolkit.records import dataclass
from toolkit.sdk.resource import Reach


@dataclass(frozen=True, slots=True)
class Person:
    """A person's account in the directory. `id` never changes. `address` is shown to people."""

    id: str
    address: str
    name: str
    enabled: bool = True
    is_synced: bool = False  # managed in the school's own directory and not in this cloud
    mailbox: bool = True  # whether the account has a mailbox
    home: str = ""  # the value of the property that names the home of a person in two schools, if it was read


class MembershipSource(StrEnum):
    """The source of a group's members: either people add them, or a rule adds them."""

    BY_HAND = "by hand"
    BY_RULE = "by a rule"  # as of the last time that the service evaluated the rule
    PAUSED = "by a rule that is paused"


class GroupNesting(StrEnum):
    """Whether a service that applies a setting to a group also applies it to the members of nested groups."""

    TRANSITIVE = "transitive"
    DIRECT = "direct"  # reaches only the group's direct members
    UNSUPPORTED = "not supported"  # the vendor does not document nested groups


_WITHOUT_NESTING = {
    GroupNesting.DIRECT: "this service reaches only its own members",
    GroupNesting.UNSUPPORTED: "this service does not support groups inside groups",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A group with the ids of its people, including members of nested groups."""

    id: str
    name: str
    address: str | None
    members: frozenset[str]
    devices: int = 0  # the number of devices that are members themselves, whoever their users are
    membership_source: MembershipSource = MembershipSource.BY_HAND
    inside: int = 0  # number of nested groups
    device_ids: frozenset[str] = frozenset()  # the ids of these devices
    outsiders: frozenset[str] = frozenset()  # members without an account: ids of contacts, or addresses of guests

    def unknown_for(self, nesting: GroupNesting) -> str:
        """Return the reason why a setting for the group may not reach all of its members, or "" if it reaches all
        members.
        """
        if nesting is GroupNesting.TRANSITIVE or not self.inside:
            return ""
        groups = "1 other group" if self.inside == 1 else f"{self.inside} other groups"
        return f"the group {self.name} contains {groups}, and {_WITHOUT_NESTING[nesting]}"


Members: TypeAlias = Mapping[str, frozenset[str]]
"""The members of groups, by the group's address in lower case. Groups that were not read are missing."""


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """The number of devices that a tenant manages, by owner."""

    owners: Mapping[str, int] = field(default_factory=dict)  # by the owner's id, or address in lower case
    shared: int = 0  # devices without a single owner

    @property
    def total(self) -> int:
        return sum(self.owners.values()) + self.shared

    def count_for(self, people: Iterable[Person]) -> int:
        """Return how many devices these people have, including shared devices."""
        return self.shared + sum(
            self.owners.get(person.id, 0) + self.owners.get(person.address.casefold(), 0) for person in people
        )


@dataclass(frozen=True, slots=True)
class Directory:
    """A tenant's directory. `unknown` contains the reason for each part that could not be read."""

    people: Mapping[str, Person] = field(default_factory=dict)  # by id
    groups: Mapping[str, Group] = field(default_factory=dict)  # by their names in the school file
    unknown: Mapping[str, str] = field(default_factory=dict)  # the reason by "people" or a group's name
    missing: Mapping[str, str] = field(default_factory=dict)  # the missing permission by unknown part
    devices: DeviceUse | None = None  # None if not read or unknown
    named: frozenset[str] = frozenset()  # unknown groups whose reason already names the group
    gone: frozenset[str] = frozenset()  # unknown groups that the tenant reports as deleted
    former: Mapping[str, str] = field(default_factory=dict)  # the last known id of these groups


@dataclass(frozen=True, slots=True)
class SpecialAccounts:
    """Special accounts, such as an emergency administrator's, each with the reason.

    `unknown` names the sources that could not be read.
    """

    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by the account's id
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAccount:
    """A person's account, found by a sign-in or by id, without details of the sign-in."""

    provider: str
    id: str  # never changes
    address: str
    known_as: frozenset[str]  # all addresses of the account, in lower case
    name: str
    title: str  # the job title in the directory, or ""
    enabled: bool


def require_account(account: PersonAccount | None) -> PersonAccount:
    """Return the account of a person who has just signed in.

    Raise SignInRefused if the account is not in the directory.
    """
    if account is None:
        raise SignInRefused("the person who signed in is not in the directory of this school")
    return account


EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class UseCount:
    """The number of people in a control's audience who use a cloud, counted from the directory."""

    people: int = 0  # people with an active account
    mailboxes: int = 0
    devices: int | None = None  # their own and shared devices, or None if the devices were not read
    unknown: str = ""  # why the people could not be counted
    devices_unknown: str = ""  # why the devices could not be counted, if a control is about devices
    role: str = ""  # the role, if it has a group only on another cloud, so that no one here is meant


@dataclass(frozen=True, slots=True)
class Audience:
    """The people to whom a control applies on a provider. `group` is None if it applies to everyone."""

    name: str
    group: Group | None = None
    people: tuple[Person, ...] = ()  # people with an active account, or empty if the directory was not read
    reach: Reach = field(default_factory=Reach)

    @property
    def everyone(self) -> bool:
        return self.name == EVERYONE and self.group is None

    @property
    def is_lost(self) -> bool:
        """Return whether the group of the audience is empty, deleted or could not be read."""
        return self.group is not None and not (self.group.id and (self.group.members or self.group.devices))

    @property
    def use_count(self) -> UseCount | None:
        """Return how many people of the audience use the cloud.

        Return None if the directory was not read or the group contains devices.
        """
        if self.reach.people is None or self.reach.devices:
            return None
        return UseCount(len(self.people), sum(person.mailbox for person in self.people))


@dataclass(frozen=True, slots=True)
class Scope:
    """The people to whom a control applies at a given time.

    People with an exception, and people outside a current pilot, are left out.
    """

    audience: Audience
    excepted_audiences: tuple[Audience, ...] = ()  # groups with an approved exception that applies now
    exempt: tuple[Audience, ...] = ()  # the excepted groups to which no part of the control applies
    departs_from: Audience | None = None  # the original audience, if this audience is an excepted group
    pilot: Audience | None = None  # the only audience until the pilot ends

    @property
    def current_audience(self) -> Audience:
        """Return the people to whom the control applies now: during a pilot the pilot group, otherwise the audience."""
        return self.pilot or self.audience

    @property
    def people(self) -> tuple[Person, ...]:
        """Return the people to whom the control applies now."""
        first = self.pilot.group if self.pilot else None
        return tuple(person for person in self.audience.people if first is None or person.id in first.members)
