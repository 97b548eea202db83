"""The schools of a trust that share the tenants of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import field

from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.resource import Address, Origin

BASE = "*base"
"""In place of a school: the value that the trust's files give for every school."""
WHOLE_TENANT = "*tenant"
"""In place of a school: a control for everyone in the tenant, of which only the parts count that no school has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """The schools of a trust that share the tenants of a run, by short name. A lone school has none."""

    schools: Mapping[str, School] = field(default_factory=dict)
    names: tuple[str, ...] = ()  # of all schools, also if only the school file is read
    selection: frozenset[str] = frozenset()  # the schools of the run, or none for a run on all schools
    roles: Mapping[str, str] = field(default_factory=dict)  # the role in a school, by its name such as `OAK staff`
    split_objects: Mapping[Address, frozenset[str]] = field(
        default_factory=dict
    )  # applied objects with a name in brackets, each with its groups in lower case
    homes: Mapping[str, str] = field(default_factory=dict)  # the school of each person in two, by address
    home_property: str = ""  # the property of the directory that names the home, such as department
    home_values: Mapping[str, str] = field(default_factory=dict)  # the school for each value of that property
    homes_origin: Origin = field(default_factory=lambda: Origin("trust.yaml", 1))  # the place of the homes
    files: Mapping[str, str] = field(default_factory=dict)  # the school of each file in a school's own folder
    is_judged: bool = False  # the policy is judged for the selected school, so values that it shares count for it

    def covers(self, school: str) -> bool:
        """Return whether a run covers the slice of a school. The tenant's own settings belong to no school."""
        return not self.selection or school in self.selection

    @property
    def covered_schools(self) -> tuple[str, ...]:
        """Return the short names of the schools that a run covers."""
        return tuple(filter(self.covers, self.names))

    def select_covered(self, schools: Sequence[str]) -> tuple[str, ...]:
        """Return the covered schools that have an object. An object of the whole tenant is for all of them."""
        return tuple(filter(self.covers, schools)) or self.covered_schools

    def is_of_others(self, path: str) -> bool:
        """Return whether a file is in the folder of a school that a run does not cover."""
        return path in self.files and not self.covers(self.files[path])

    @property
    def other_domains(self) -> frozenset[str]:
        """Return the domains of the schools that a run does not cover, in lower case."""
        others = (school for name, school in self.schools.items() if not self.covers(name))
        return frozenset(domain.casefold() for school in others for domain in school.domains)
