"""Count the people and devices of each school of a trust whom the changes of a plan reach."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from toolkit.playbook.slices import Slices
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.directory import EVERYONE, Directory
from toolkit.sdk.resource import Growth, Reach

IdsOfSchools: TypeAlias = Mapping[str, Mapping[str, frozenset[str]]]
"""The ids of the people and devices of each school, by provider and school. A lone school has none."""


@dataclass(frozen=True, slots=True)
class SchoolReach:
    """The people and devices of a school whom a change reaches, and how many of them it did not reach before."""

    reach: Reach
    growth: Growth
    is_first: bool  # the object reached no one of the school before

    def counted_growth(self, *, counts_first: bool) -> Growth:
        """Return the growth that limits count. The first apply of an object to a school counts only if asked for."""
        return Growth() if self.is_first and not counts_first else self.growth


def groups_of_school(school: School, provider: str) -> Iterator[tuple[str, bool]]:
    """Yield the groups and units of a school's roles, beginning with everyone's, and whether it is everyone's unit."""
    for name, role in sorted(school.roles.items(), key=lambda item: item[0] != EVERYONE):
        if group := role.on(provider):
            yield group, name == EVERYONE and provider in role.units


def find_ids_of_schools(slices: Slices, directories: Mapping[str, Directory]) -> IdsOfSchools:
    """Return the ids of the people and devices in each school's groups, as far as the groups were read."""
    return {
        provider: {name: _ids_of_school(school, provider, directory) for name, school in slices.schools.items()}
        for provider, directory in directories.items()
        if slices.schools
    }


def _ids_of_school(school: School, provider: str, directory: Directory) -> frozenset[str]:
    everyone = school.roles.get(EVERYONE)
    if everyone and provider in everyone.whole_tenants:
        return frozenset(directory.people)
    names = (group for group, _ in groups_of_school(school, provider))
    groups = [directory.groups[name] for name in names if name in directory.groups]
    return frozenset[str]().union(*(group.members | group.device_ids for group in groups))
