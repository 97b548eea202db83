"""Who is in a tenant: people, groups, organisational units, accepted domains, and the person who has signed in.

And for whom a control is: everyone, or the people of a role, resolved to people and groups.
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
    """An account of a person; `id` never changes, `address` is what people read."""

    id: str
    address: str
    name: str
    enabled: bool = True
    synced: bool = False  # mastered in the school's own directory, not in this cloud
    mailbox: bool = True  # False where the directory says that there is none


class WorkedOut(StrEnum):
    """How it comes who is in a group."""

    BY_HAND = "by hand"
    BY_RULE = "by a rule"  # as of the last time that the service followed it
    PAUSED = "by a rule that is paused"


class GroupNesting(StrEnum):
    """Whether what is for a group is for the members of groups inside it too: a fact of each mechanism of a service."""

    TRANSITIVE = "transitive"
    DIRECT = "direct"  # for the group's own members alone
    UNSUPPORTED = "not supported"  # the vendor does not say what becomes of groups inside a group


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
    worked_out: WorkedOut = WorkedOut.BY_HAND
    inside: int = 0  # groups that are in it
    device_ids: frozenset[str] = frozenset()  # of these devices

    def unknown_for(self, nesting: GroupNesting) -> str:
        """Return why the members are not those whom a mechanism reaches; "" where they are."""
        if nesting is GroupNesting.TRANSITIVE or not self.inside:
            return ""
        groups = "1 other group" if self.inside == 1 else f"{self.inside} other groups"
        return f"the group {self.name} holds {groups}, and {_WITHOUT_NESTING[nesting]}"


Members: TypeAlias = Mapping[str, frozenset[str]]
"""Whom some groups hold, by their addresses in small letters; a group that was not read is not among them."""


@dataclass(frozen=True, slots=True)
class DeviceUse:
    """How many devices a tenant manages, and whose they are."""

    owners: Mapping[str, int] = field(default_factory=dict)  # by a person's id, or by address in lower case
    shared: int = 0  # of no one person

    @property
    def total(self) -> int:
        return sum(self.owners.values()) + self.shared

    def of(self, people: Iterable[Person]) -> int:
        """Count the devices of some people, with those that anybody may use."""
        return self.shared + sum(
            self.owners.get(person.id, 0) + self.owners.get(person.address.casefold(), 0) for person in people
        )


@dataclass(frozen=True, slots=True)
class Directory:
    """What was read of a tenant's directory; `unknown` says why a part is missing."""

    people: Mapping[str, Person] = field(default_factory=dict)  # by id
    groups: Mapping[str, Group] = field(default_factory=dict)  # by the name the school file uses
    unknown: Mapping[str, str] = field(default_factory=dict)  # "people", or a group's name -> reason
    missing: Mapping[str, str] = field(default_factory=dict)  # of the unknown ones -> the permission that is missing
    devices: DeviceUse | None = None  # None: not read, or not known
    named: frozenset[str] = frozenset()  # of the unknown ones, those whose reason names them
    gone: frozenset[str] = frozenset()  # of the unknown ones, those of whom the tenant says that they are not there
    former: Mapping[str, str] = field(default_factory=dict)  # of those -> the id under which a run found them last


@dataclass(frozen=True, slots=True)
class SpecialAccounts:
    """Why accounts are no ordinary person's, such as an emergency administrator; `unknown` says what was not read."""

    reasons: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by the id of the account
    unknown: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAccount:
    """An account of a person, who has signed in with it or was looked up; nothing of how they did is kept."""

    provider: str
    id: str  # never changes
    address: str
    known_as: frozenset[str]  # every address of it, in small letters
    name: str
    title: str  # the post that the directory gives them, "" where it gives none
    enabled: bool


def in_directory(found: PersonAccount | None) -> PersonAccount:
    """Return the account of a person who signed in; SignInRefused where the school has none."""
    if found is None:
        raise SignInRefused("the person who signed in is not in the directory of this school")
    return found


EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class UseCount:
    """How many of those whom a control is for use one cloud, by the directory that was read."""

    people: int = 0  # with a live account
    mailboxes: int = 0
    devices: int | None = None  # theirs and those that are shared; None where nothing was read to count them by
    unknown: str = ""  # why they could not be counted
    devices_unknown: str = ""  # why their devices could not be counted, where a control is about devices
    role: str = ""  # that has a group on another cloud only, so that no one is meant here


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a control reaches on one provider; `group` is None for everyone."""

    name: str
    group: Group | None = None
    people: tuple[Person, ...] = ()  # those with a live account; nobody while no directory was read
    reach: Reach = field(default_factory=Reach)

    @property
    def everyone(self) -> bool:
        return self.name == EVERYONE

    @property
    def lost(self) -> bool:
        """Return whether its group is empty, gone or was not read."""
        return self.group is not None and not (self.group.id and (self.group.members or self.group.devices))

    @property
    def counted(self) -> UseCount | None:
        """Count who uses the cloud; None where no directory was read, or where devices are in the group as well."""
        if self.reach.people is None or self.reach.devices:
            return None
        return UseCount(len(self.people), sum(person.mailbox for person in self.people))


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a control is at one moment: an audience, less who is excepted, less who is not in the pilot yet."""

    audience: Audience
    excepted: tuple[Audience, ...] = ()  # groups with an approved exception that is live now
    freed: tuple[Audience, ...] = ()  # of them, those of whom nothing is asked at all
    departs_from: Audience | None = None  # the audience is such a group, and this is the one it is taken from
    pilot: Audience | None = None  # only these, until the pilot's date

    @property
    def reached(self) -> Audience:
        """Give whom it reaches now: while there is a pilot, those who are in it."""
        return self.pilot or self.audience

    @property
    def people(self) -> tuple[Person, ...]:
        """List the people of the audience whom it reaches now."""
        first = self.pilot.group if self.pilot else None
        return tuple(one for one in self.audience.people if first is None or one.id in first.members)
