"""A tenant's people, groups, organisational units and accepted domains, and the person who has signed in.

Also the audience of a control: everyone, or the people of a role.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import TypeAlias

from toolkit.errors import SignInRefused
from toolkit.records import dataclass
from toolkit.sdk.resource import Reach


@dataclass(frozen=True, slots=True)
class Person:
    """An account of a person. `id` never changes, and people read `address`."""

    id: str
    address: str
    name: str
    enabled: bool = True
    is_synced: bool = False  # mastered in the school's own directory, not in this cloud
    mailbox: bool = True  # False if the directory has none


class MembershipSource(StrEnum):
    """The source of a group's members."""

    BY_HAND = "by hand"
    BY_RULE = "by a rule"  # as of the last time that the service followed it
    PAUSED = "by a rule that is paused"


class GroupNesting(StrEnum):
    """Whether a mechanism of a service also reaches the members of groups inside a group."""

    TRANSITIVE = "transitive"
    DIRECT = "direct"  # only for the group's own members
    UNSUPPORTED = "not supported"  # the vendor does not document groups inside a group


_WITHOUT_NESTING = {
    GroupNesting.DIRECT: "this service reaches only its own members",
    GroupNesting.UNSUPPORTED: "this service does not support groups inside groups",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A group with the ids of the people in it, nested groups resolved."""

    id: str
    name: str
    address: str | None
    members: frozenset[str]
    devices: int = 0  # that are in it by themselves, whoever uses them
    membership_source: MembershipSource = MembershipSource.BY_HAND
    inside: int = 0  # groups that are in it
    device_ids: frozenset[str] = frozenset()  # of these devices

    def unknown_for(self, nesting: GroupNesting) -> str:
        """Return why the members are not those whom a mechanism reaches; "" where they are."""
        if nesting is GroupNesting.TRANSITIVE or not self.inside:
            return ""
        groups = "1 other group" if self.inside == 1 else f"{self.inside} other groups"
        return f"the group {self.name} holds {groups}, and {_WITHOUT_NESTING[nesting]}"


Members: TypeAlias = Mapping[str, frozenset[str]]
"""The members of some groups, by the groups' addresses in lower case, without groups that were not read."""


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """The number of devices that a tenant manages, by owner."""

    owners: Mapping[str, int] = field(default_factory=dict)  # by a person's id, or by address in lower case
    shared: int = 0  # of no one person

    @property
    def total(self) -> int:
        return sum(self.owners.values()) + self.shared

    def count_for(self, people: Iterable[Person]) -> int:
        """Return the number of devices of some people, shared devices included."""
        return self.shared + sum(
            self.owners.get(person.id, 0) + self.owners.get(person.address.casefold(), 0) for person in people
        )


@dataclass(frozen=True, slots=True)
class Directory:
    """A tenant's directory as it was read. `unknown` gives the reason for each missing part."""

    people: Mapping[str, Person] = field(default_factory=dict)  # by id
    groups: Mapping[str, Group] = field(default_factory=dict)  # by the name the school file uses
    unknown: Mapping[str, str] = field(default_factory=dict)  # "people", or a group's name -> reason
    missing: Mapping[str, str] = field(default_factory=dict)  # of the unknown ones -> the permission that is missing
    devices: DeviceUse | None = None  # None: not read, or not known
    named: frozenset[str] = frozenset()  # the unknown groups that their reason names
    gone: frozenset[str] = frozenset()  # the unknown groups that the tenant reports as absent
    former: Mapping[str, str] = field(default_factory=dict)  # of those -> the id under which a run found them last


@dataclass(frozen=True, slots=True)
class SpecialAccounts:
    """The reasons that accounts are special, such as an emergency administrator's. `unknown` has the parts not read."""

    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by the id of the account
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAccount:
    """An account of a person who has signed in with it or was looked up. It has no details of the sign-in."""

    provider: str
    id: str  # never changes
    address: str
    known_as: frozenset[str]  # every address of it, in small letters
    name: str
    title: str  # the post in the directory, or ""
    enabled: bool


def in_directory(account: PersonAccount | None) -> PersonAccount:
    """Return the account of a person who signed in. Raise SignInRefused if the school has none."""
    if account is None:
        raise SignInRefused("the person who signed in is not in the directory of this school")
    return account


EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class UseCount:
    """How many of a control's audience use one cloud, by the directory."""

    people: int = 0  # with a live account
    mailboxes: int = 0
    devices: int | None = None  # their own and shared devices, or None if the devices were not read
    unknown: str = ""  # why they could not be counted
    devices_unknown: str = ""  # why their devices could not be counted, if a control is about devices
    role: str = ""  # that has a group on another cloud only, so that no one is meant here


@dataclass(frozen=True, slots=True)
class Audience:
    """The people whom a control reaches on one provider. `group` is None for everyone."""

    name: str
    group: Group | None = None
    people: tuple[Person, ...] = ()  # with an active account, and empty if no directory was read
    reach: Reach = field(default_factory=Reach)

    @property
    def everyone(self) -> bool:
        return self.name == EVERYONE

    @property
    def is_lost(self) -> bool:
        """Return whether its group is empty, deleted or was not read."""
        return self.group is not None and not (self.group.id and (self.group.members or self.group.devices))

    @property
    def use_count(self) -> UseCount | None:
        """Return the number of the cloud's users. None if the directory was not read, or the group has devices too."""
        if self.reach.people is None or self.reach.devices:
            return None
        return UseCount(len(self.people), sum(person.mailbox for person in self.people))


@dataclass(frozen=True, slots=True)
class Scope:
    """The people of a control at one moment: an audience, without excepted people and people not in the pilot yet."""

    audience: Audience
    excepted_audiences: tuple[Audience, ...] = ()  # groups with an approved exception that is live now
    exempt: tuple[Audience, ...] = ()  # the excepted groups to which no part of the control applies
    departs_from: Audience | None = None  # the audience is such a group, and this is the one it is taken from
    pilot: Audience | None = None  # only these, until the pilot's date

    @property
    def current_audience(self) -> Audience:
        """Return the current audience: the pilot group during a pilot."""
        return self.pilot or self.audience

    @property
    def people(self) -> tuple[Person, ...]:
        """Return the people of the current audience."""
        first = self.pilot.group if self.pilot else None
        return tuple(person for person in self.audience.people if first is None or person.id in first.members)
