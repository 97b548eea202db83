"""Find the people who are in the groups of two schools of a trust. A person has one home."""

from collections.abc import Iterator, Mapping
from dataclasses import field

from toolkit.errors import Problem
from toolkit.messages import one_of, quoted
from toolkit.planning.audience.school_reach import groups_of_school
from toolkit.playbook.slices import Slices
from toolkit.records import dataclass
from toolkit.sdk.directory import Directory, Person


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonInTwoSchools:
    """A person in the groups of several schools on a cloud, with a group of each school."""

    provider: str
    person: Person
    groups: Mapping[str, str]  # by school: the group or unit in which the person is
    unit_home: str = ""  # the school whose unit has the account, on a cloud with units


@dataclass(frozen=True, slots=True)
class PeopleInTwoSchools:
    """The people in the groups of several schools, and the homes that the trust gives them."""

    slices: Slices = field(default_factory=Slices)
    people: tuple[PersonInTwoSchools, ...] = ()

    def guests(self, provider: str, schools: frozenset[str]) -> frozenset[str]:
        """Return the addresses of people in some schools whose home is none of these schools."""
        return frozenset(
            entry.person.address
            for entry in self.people
            if entry.provider == provider and schools & entry.groups.keys() and self._home(entry) not in schools
        )

    def home_of(self, provider: str, address: str) -> str:
        """Return the home of a person who is in several schools, or "" if the person has none or is in one school."""
        entries = (entry for entry in self.people if entry.provider == provider)
        folded = address.casefold()
        return next((self._home(entry) for entry in entries if entry.person.address.casefold() == folded), "")

    def problems(self) -> Iterator[Problem]:
        """Yield a problem for each person without a home, with a home at another school, or with two homes."""
        homes: dict[str, PersonInTwoSchools] = {}
        origin = self.slices.homes_origin
        for entry in sorted(self.people, key=lambda entry: (entry.person.address, entry.provider)):
            address, home = entry.person.address, self._home(entry)
            first = homes.setdefault(address.casefold(), entry)
            if home not in entry.groups:
                yield Problem(origin.path, origin.line, self._describe_missing_home(entry, home))
            elif self._home(first) != home:
                text = (
                    f"the home of {address} is {self._home(first)} on {first.provider} and {home} on {entry.provider}"
                )
                yield Problem(origin.path, origin.line, f"{text}: a person has one home. Correct one of the accounts")

    def _home(self, entry: PersonInTwoSchools) -> str:
        """Return the home from the trust's file, from the account's unit, or from the account's property."""
        written = self.slices.homes.get(entry.person.address.casefold())
        return written or entry.unit_home or self.slices.home_values.get(entry.person.home, "")

    def _describe_missing_home(self, entry: PersonInTwoSchools, home: str) -> str:
        places = one_of([f"{group} ({school})" for school, group in entry.groups.items()], "and")
        address = entry.person.address
        what = f"the home of {address} is {home}, but the account is" if home else f"{address} is"
        return f"{what} in {places}: {self._remedy(entry)}"

    def _remedy(self, entry: PersonInTwoSchools) -> str:
        name, values = self.slices.home_property, self.slices.home_values
        if not name:
            return "write the address and one of these schools into the CSV file of `people:`"
        fitting = [quoted(value) for value, school in values.items() if school in entry.groups]
        value = f"is {quoted(entry.person.home)}" if entry.person.home else "is empty"
        if not fitting:
            return f"its {name} {value}. Add a value for one of these schools to `homes:`"
        return f"its {name} {value}. Set it to {one_of(fitting)}"


def find_people_in_two_schools(slices: Slices, directories: Mapping[str, Directory] | None) -> PeopleInTwoSchools:
    """Return the people who are in groups of several schools, from the groups that were read."""
    people: list[PersonInTwoSchools] = []
    for provider, directory in (directories or {}).items():
        groups_of: dict[str, dict[str, str]] = {}
        homes: dict[str, str] = {}
        for name, school in slices.schools.items():
            for group, is_unit in groups_of_school(school, provider):
                for person in directory.groups[group].members if group in directory.groups else ():
                    groups_of.setdefault(person, {}).setdefault(name, group)
                    if is_unit:
                        homes[person] = name
        people += [
            PersonInTwoSchools(
                provider=provider, person=directory.people[person], groups=groups, unit_home=homes.get(person, "")
            )
            for person, groups in groups_of.items()
            if len(groups) > 1 and person in directory.people
        ]
    return PeopleInTwoSchools(slices, tuple(people))
