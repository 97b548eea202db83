"""The audience of an Intune policy, and the overlap of the audiences of two policies.

Intune does not connect people with devices. An excluded group of people excludes none of their devices, and an excluded
group of devices excludes none of their users. Follows
https://learn.microsoft.com/intune/intune-service/configuration/device-profile-assign
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Self

from connectors.microsoft365.intune.assignments import ALL_DEVICES, ALL_USERS, FILTER_TYPE, target_settings
from connectors.microsoft365.intune.client import Groups
from toolkit.records import dataclass
from toolkit.sdk import texts
from toolkit.values import Body

EVERYBODY = frozenset({ALL_DEVICES, ALL_USERS})
FILTER = "one policy has an assignment filter, which toolkit does not evaluate"
MIXED = "Intune does not exclude the devices of an excluded group's people"
WHOSE_DEVICES = "toolkit does not know who signs in to the group's devices"


@dataclass(frozen=True, slots=True)
class SharedReach:
    """The overlap of the audiences of two policies: a group, everyone, or the people who are in two groups."""

    target: str  # the id of a group, `all devices` or `all users`
    other_group: str = ""  # the id of the other group
    members: int = 0  # the number of members in both groups
    doubt: str = ""  # the reason why the overlap is uncertain

    def describe(self, groups: Groups) -> str:
        if not self.other_group:
            return target_name(groups, self.target)
        if not self.members:
            return f"{target_name(groups, self.target)} on the devices in {target_name(groups, self.other_group)}"
        count = "1 member" if self.members == 1 else f"{self.members} members"
        return f"{count} of both {target_name(groups, self.target)} and {target_name(groups, self.other_group)}"


@dataclass(frozen=True, slots=True)
class Audience:
    """The audience of a policy: ids of groups, `all devices` or `all users`, and the ids of excluded groups."""

    included: frozenset[str]
    excluded: frozenset[str]
    with_filter: frozenset[str] = frozenset()  # included targets with a filter on device properties

    @classmethod
    def from_targets(cls, targets: Sequence[Body]) -> Self:
        settings = target_settings(targets, str.lower)
        filtered_settings = target_settings(
            [target for target in targets if target.get(FILTER_TYPE) not in (None, "none")], str.lower
        )
        included, excluded = (frozenset(texts(settings[name])) for name in ("assigned_to", "excluded"))
        return cls(included, excluded, frozenset(texts(filtered_settings["assigned_to"])))

    def has_people(self, groups: Groups) -> bool:
        """Return whether the audience includes people, and not only devices."""
        members_by_group = groups.members_of(sorted(self.included - EVERYBODY))
        return ALL_USERS in self.included or any(members.people for members in members_by_group.values())

    def overlaps_with(self, second: "Audience", groups: Groups) -> Sequence[SharedReach]:
        """Return the overlaps of two audiences, including overlaps through nested groups.

        Uncertain overlaps are left out if another overlap is certain.
        """
        overlaps: list[SharedReach] = []
        for first_target, second_target in product(sorted(self.included), sorted(second.included)):
            pair = _TargetPair(self, second, first_target, second_target, groups)
            overlaps += [pair.with_doubt(overlap) for overlap in pair.direct_overlap()]
        if not any(not overlap.doubt for overlap in overlaps):
            for first_target, second_target in product(sorted(self.included), sorted(second.included)):
                pair = _TargetPair(self, second, first_target, second_target, groups)
                overlaps += [pair.with_doubt(overlap) for overlap in pair.overlap_by_members()]
        certain = [overlap for overlap in overlaps if not overlap.doubt]
        return list(dict.fromkeys(certain or overlaps))


@dataclass(frozen=True, slots=True)
class _TargetPair:
    """Targets of two different policies, which may overlap."""

    first: Audience
    second: Audience
    first_target: str
    second_target: str
    groups: Groups

    def with_doubt(self, overlap: SharedReach) -> SharedReach:
        """Return the overlap, marked as uncertain if a filter limits either target."""
        if overlap.doubt or not (
            self.first_target in self.first.with_filter or self.second_target in self.second.with_filter
        ):
            return overlap
        return SharedReach(overlap.target, overlap.other_group, overlap.members, FILTER)

    def direct_overlap(self) -> Iterator[SharedReach]:
        """Yield the overlap of two targets that are the same group, or of which one is everyone."""
        if self.first_target != self.second_target and EVERYBODY.isdisjoint({self.first_target, self.second_target}):
            return
        target, everybody = (
            (self.first_target, self.second_target)
            if self.second_target in EVERYBODY
            else (self.second_target, self.first_target)
        )
        if self.first_target not in self.second.excluded and self.second_target not in self.first.excluded:
            yield SharedReach(target)
        elif everybody in EVERYBODY and self._is_still_reached(target, everybody):
            yield SharedReach(target, doubt=MIXED)

    def _is_still_reached(self, group: str, everybody: str) -> bool:
        """Return whether an excluded group is still reached, because people and devices are excluded separately."""
        members = self.groups.members_of([group])[group]
        return bool(members.people) if everybody == ALL_DEVICES else bool(members.devices)

    def overlap_by_members(self) -> Iterator[SharedReach]:
        """Yield the overlap of two groups with common members.

        It is uncertain if people in one may use devices in the other.
        """
        if self.first_target == self.second_target or not EVERYBODY.isdisjoint({self.first_target, self.second_target}):
            return
        excluded = self.first.excluded | self.second.excluded
        members_by_group = self.groups.members_of(sorted({self.first_target, self.second_target} | excluded))
        first_members, second_members = members_by_group[self.first_target], members_by_group[self.second_target]
        left_out = frozenset[str]().union(*(members_by_group[group].all_ids for group in excluded))
        if shared_members := (first_members.all_ids & second_members.all_ids) - left_out:
            yield SharedReach(self.first_target, self.second_target, len(shared_members))
        elif first_members.people and second_members.devices:
            yield SharedReach(self.first_target, self.second_target, doubt=WHOSE_DEVICES)
        elif first_members.devices and second_members.people:
            yield SharedReach(self.second_target, self.first_target, doubt=WHOSE_DEVICES)


def target_name(groups: Groups, target: str) -> str:
    """Return the name of a target as messages show it."""
    return target if target in EVERYBODY else groups.name_of(target)
