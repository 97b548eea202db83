"""A trust as its trust.yaml describes it, with tenants, schools, its scheme of delegation, and waves."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.records import dataclass
from toolkit.school.calendar import Calendar
from toolkit.school.school import ProtectedList, Role, Tenant
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.resource import Mode, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustTenant:
    """An entry of `tenants`: one ledger, one lock and one set of credentials."""

    name: str
    clouds: Mapping[str, Tenant]  # by provider
    origin: Origin
    env: Path | None = None  # a file with the tenant's TOOLKIT_ settings, below the trust's folder
    env_command: tuple[str, ...] = ()  # a command that prints these settings


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolPlace:
    """The place of a school on a cloud: its tenant, and a group or unit for each role."""

    tenant: str  # the name in `tenants`
    roles: Mapping[str, str]  # by role. `everyone` is missing if the whole tenant is the school's
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustSchool:
    """A school of a trust, with its part of a tenant or of several tenants."""

    short_name: str
    name: str
    domains: tuple[str, ...]  # empty for the central team
    places: Mapping[str, SchoolPlace]  # by provider
    origin: Origin
    central: bool = False  # the trust's central team, which is not a school
    folder: Path | None = None  # the school's own values
    owner: str = ""
    phone: str | None = None
    website: str | None = None

    @property
    def tenants(self) -> frozenset[str]:
        """Return the names of the tenants of which the school is a slice."""
        return frozenset(place.tenant for place in self.places.values())

    def roles(self) -> Mapping[str, Role]:
        """Return the school's roles, with their groups and units on each cloud.

        On a cloud whose tenant is only the school's, its role `everyone` is the whole tenant.
        """
        whole = frozenset(provider for provider, place in self.places.items() if EVERYONE not in place.roles)
        groups: dict[str, dict[str, str]] = {}
        units: dict[str, dict[str, str]] = {}
        for provider, place in self.places.items():
            for role, name in place.roles.items():
                (units if name.startswith("/") else groups).setdefault(role, {})[provider] = name
        names = sorted({*groups, *units, *([EVERYONE] if whole else [])})
        return {
            role: Role(role, groups.get(role, {}), units.get(role, {}), whole if role == EVERYONE else frozenset())
            for role in names
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """The one school of each person who works in two."""

    property: str = ""  # the property of the directory that names the home, or "" if a file does
    by_value: Mapping[str, str] = field(default_factory=dict)  # the school for each value of the property
    by_address: Mapping[str, str] = field(default_factory=dict)  # the school for each address in lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A trust: its name, tenants, schools, scheme of delegation and waves."""

    name: str
    short_name: str
    root: Path  # the folder of trust.yaml
    base: Path  # the folder of the trust's playbooks
    tenants: Mapping[str, TrustTenant]
    schools: Mapping[str, TrustSchool]  # by short name
    mode: Mode
    protected: ProtectedList
    time_zone: str
    origin: Origin
    lines: Mapping[str, int] = field(default_factory=dict)  # the line of each key of trust.yaml
    id: str = ""
    calendar: Calendar | None = None
    decided_by_school: frozenset[str] = frozenset()  # controls
    may_tighten: frozenset[str] = frozenset()  # controls
    homes: Homes = field(default_factory=Homes)
    waves: tuple[tuple[str, ...], ...] = ()  # empty: every school at once
    settle: int = 2  # school days between two waves

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the trust's schools."""
        return ZoneInfo(self.time_zone)

    def schools_of(self, tenant: str) -> Sequence[TrustSchool]:
        """Return the schools that are slices of a tenant, in the order of trust.yaml."""
        return [school for school in self.schools.values() if tenant in school.tenants]

    def wave_of(self, school: str) -> int:
        """Return the number of a school's wave, beginning with 0."""
        return next((number for number, wave in enumerate(self.waves) if school in wave), 0)

    def shares_tenant(self, school: TrustSchool, provider: str) -> bool:
        """Return whether a school is a group or unit of its tenant, because other schools are in the tenant too."""
        return EVERYONE in school.places[provider].roles
