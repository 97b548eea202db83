"""The schools of a trust that share the tenants of a run."""

from collections.abc import Mapping
from dataclasses import field

from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.resource import Origin

BASE = "*base"
"""In place of a school: the value that the trust's files give for every school."""
WHOLE_TENANT = "*tenant"
"""In place of a school: a control for everyone in the tenant, of which only the parts count that no school has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """The schools of a trust that share the tenants of a run, by short name. A lone school has none."""

    schools: Mapping[str, School] = field(default_factory=dict)
    selection: frozenset[str] = frozenset()  # the schools of the run, or none for a run on all schools
    roles: Mapping[str, str] = field(default_factory=dict)  # the role in a school, by its name such as `OAK staff`
    homes: Mapping[str, str] = field(default_factory=dict)  # the school of each person in two, by address
    homes_origin: Origin = field(default_factory=lambda: Origin("trust.yaml", 1))  # the place of the homes

    def covers(self, school: str) -> bool:
        """Return whether a run covers the slice of a school. The tenant's own settings belong to no school."""
        return not self.selection or school in self.selection
