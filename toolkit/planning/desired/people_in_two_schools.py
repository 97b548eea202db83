"""Find the people who are in the groups of two schools of a trust. A person has one home."""

from collections.abc import Iterator, Mapping
from dataclasses import field

from toolkit.errors import Problem
from toolkit.messages import one_of
from toolkit.playbook.slices import Slices
from toolkit.records import dataclass
from toolkit.sdk.directory import Directory


@dataclass(frozen=True, slots=True)
class PeopleInTwoSchools:
    """The people in the groups of several schools, by provider and address, with their schools."""

    schools: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def guests(self, provider: str, schools: frozenset[str], homes: Mapping[str, str]) -> frozenset[str]:
        """Return the addresses of people in some schools whose home is none of these schools."""
        return frozenset(
            address
            for address, names in self.schools.get(provider, {}).items()
            if schools.intersection(names) and homes.get(address.casefold()) not in schools
        )

    def problems(self, slices: Slices) -> Iterator[Problem]:
        """Yield a problem for each person without a home, or with a home at another school."""
        people = {address: names for of_cloud in self.schools.values() for address, names in of_cloud.items()}
        for address, names in sorted(people.items()):
            home = slices.homes.get(address.casefold())
            if home in names:
                continue
            what = f"the home of {address} is {home}, but the account is" if home else f"{address} is"
            text = f"{what} in {one_of(names, 'and')}: write the address and one of these schools into the CSV file of"
            origin = slices.homes_origin
            yield Problem(origin.path, origin.line, f"{text} `people:`")


def find_people_in_two_schools(slices: Slices, directories: Mapping[str, Directory] | None) -> PeopleInTwoSchools:
    """Return the people who are in groups of several schools, from the groups that were read."""
    people: dict[str, dict[str, tuple[str, ...]]] = {}
    for provider, directory in (directories or {}).items():
        schools_of: dict[str, list[str]] = {}
        for name, school in slices.schools.items():
            groups = (directory.groups.get(role.on(provider) or "") for role in school.roles.values())
            for person in frozenset[str]().union(*(group.members for group in groups if group)):
                schools_of.setdefault(person, []).append(name)
        people[provider] = {
            directory.people[person].address: tuple(names)
            for person, names in schools_of.items()
            if len(names) > 1 and person in directory.people
        }
    return PeopleInTwoSchools(people)
