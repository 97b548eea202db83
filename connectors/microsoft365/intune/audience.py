"""Whom a policy of Intune reaches, and through whom two policies meet on a device.

Intune does not look whose devices a group holds: a group of people that is left out leaves out none of their devices,
and a group of devices none of the people who use them.
https://learn.microsoft.com/intune/intune-service/configuration/device-profile-assign
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Self

from connectors.microsoft365.intune.assignments import ALL_DEVICES, ALL_USERS, FILTER_TYPE, shown_targets
from connectors.microsoft365.intune.client import Groups
from toolkit.records import dataclass
from toolkit.sdk import texts
from toolkit.values import Body

EVERYBODY = frozenset({ALL_DEVICES, ALL_USERS})
FILTER = "an assignment filter of one of the two may leave them out, and what it lets through is not looked into"
MIXED = "Intune does not look whose devices a group that is left out holds"
WHOSE_DEVICES = "who signs in on the devices of the group is not known"


@dataclass(frozen=True, slots=True)
class SharedReach:
    """Through whom two policies reach the same: a group or everybody, or people who are in two groups."""

    through: str  # the id of a group, `all devices` or `all users`
    beside: str = ""  # the id of the other group
    members: int = 0  # how many are in both
    maybe: str = ""  # why it is not known whether both reach anybody through it

    def words(self, groups: Groups) -> str:
        if not self.beside:
            return word_for(groups, self.through)
        if not self.members:
            return f"{word_for(groups, self.through)} on devices of {word_for(groups, self.beside)}"
        whom = "1 member" if self.members == 1 else f"{self.members} members"
        return f"{whom} of both {word_for(groups, self.through)} and {word_for(groups, self.beside)}"


@dataclass(frozen=True, slots=True)
class Audience:
    """Ids of groups, `all devices` or `all users`, and the ids of the groups that are left out."""

    included: frozenset[str]
    excluded: frozenset[str]
    filtered: frozenset[str] = frozenset()  # those included whom a filter narrows by what a device is

    @classmethod
    def of_targets(cls, targets: Sequence[Body]) -> Self:
        shown = shown_targets(targets, str.lower)
        narrowed = shown_targets([one for one in targets if one.get(FILTER_TYPE) not in (None, "none")], str.lower)
        included, excluded = (frozenset(texts(shown[name])) for name in ("assigned_to", "excluded"))
        return cls(included, excluded, frozenset(texts(narrowed["assigned_to"])))

    def has_people(self, groups: Groups) -> bool:
        """Return whether people are named, and not devices alone."""
        held = groups.held(sorted(self.included - EVERYBODY))
        return ALL_USERS in self.included or any(one.people for one in held.values())

    def common(self, other: "Audience", groups: Groups) -> Sequence[SharedReach]:
        """Give those through whom both reach people or devices, or only maybe where nothing better is known.

        Groups inside groups count.
        """
        found: list[SharedReach] = []
        for mine, theirs in product(sorted(self.included), sorted(other.included)):
            meeting = _Meeting(self, other, mine, theirs, groups)
            found += [meeting.narrowed(one) for one in meeting.direct()]
        if not any(not one.maybe for one in found):
            for mine, theirs in product(sorted(self.included), sorted(other.included)):
                meeting = _Meeting(self, other, mine, theirs, groups)
                found += [meeting.narrowed(one) for one in meeting.by_members()]
        certain = [one for one in found if not one.maybe]
        return list(dict.fromkeys(certain or found))


@dataclass(frozen=True, slots=True)
class _Meeting:
    """One target of each of two policies."""

    one: Audience
    other: Audience
    mine: str
    theirs: str
    groups: Groups

    def narrowed(self, found: SharedReach) -> SharedReach:
        """Return that it is so only maybe, where a filter narrows one of the two."""
        if found.maybe or not (self.mine in self.one.filtered or self.theirs in self.other.filtered):
            return found
        return SharedReach(found.through, found.beside, found.members, FILTER)

    def direct(self) -> Iterator[SharedReach]:
        """Give whom both name, or one of them by naming everybody."""
        if self.mine != self.theirs and EVERYBODY.isdisjoint({self.mine, self.theirs}):
            return
        through, everybody = (self.mine, self.theirs) if self.theirs in EVERYBODY else (self.theirs, self.mine)
        if self.mine not in self.other.excluded and self.theirs not in self.one.excluded:
            yield SharedReach(through)
        elif everybody in EVERYBODY and self._is_not_left_out(through, everybody):
            yield SharedReach(through, maybe=MIXED)

    def _is_not_left_out(self, group: str, everybody: str) -> bool:
        """Return whether a group is left out of all devices by its people, or of all users by its devices."""
        held = self.groups.held([group])[group]
        return bool(held.people) if everybody == ALL_DEVICES else bool(held.devices)

    def by_members(self) -> Iterator[SharedReach]:
        """Count who is in a group of each, and in none that is left out; people may use the devices of a group."""
        if self.mine == self.theirs or not EVERYBODY.isdisjoint({self.mine, self.theirs}):
            return
        excluded = self.one.excluded | self.other.excluded
        held = self.groups.held(sorted({self.mine, self.theirs} | excluded))
        mine, theirs = held[self.mine], held[self.theirs]
        left_out = frozenset[str]().union(*(held[one].every for one in excluded))
        if both := (mine.every & theirs.every) - left_out:
            yield SharedReach(self.mine, self.theirs, len(both))
        elif mine.people and theirs.devices:
            yield SharedReach(self.mine, self.theirs, maybe=WHOSE_DEVICES)
        elif mine.devices and theirs.people:
            yield SharedReach(self.theirs, self.mine, maybe=WHOSE_DEVICES)


def word_for(groups: Groups, target: str) -> str:
    """Return what a target is called."""
    return target if target in EVERYBODY else groups.name_of(target)
