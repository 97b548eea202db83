"""A school, as its school file describes it."""

from collections.abc import Mapping
from dataclasses import field

from toolkit.records import dataclass
from toolkit.school.calendar import Calendar
from toolkit.school.notices import Channel, Notices
from toolkit.school.schedule import Schedule, Windows
from toolkit.school.signers import ChangeClass, FileSigner, ReviewSettings
from toolkit.sdk.ownership import SchoolMark
from toolkit.sdk.resource import Mode, Origin


@dataclass(frozen=True, slots=True)
class Tenant:
    """The school's tenant on a provider, with its immutable id and a domain that it owns."""

    id: str
    domain: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the school, such as teachers, with its group or organisational unit on each provider."""

    name: str
    groups: Mapping[str, str] = field(default_factory=dict)  # provider -> group
    units: Mapping[str, str] = field(default_factory=dict)  # provider -> organisational unit
    whole_tenants: frozenset[str] = frozenset()  # providers on which the role is everyone in the tenant

    def on(self, provider: str) -> str | None:
        """Return the group or organisational unit of the role on a provider."""
        return self.groups.get(provider) or self.units.get(provider)

    def is_on(self, provider: str) -> bool:
        """Return whether the role has a group or unit on a provider, or is everyone in the tenant."""
        return provider in self.whole_tenants or self.on(provider) is not None


@dataclass(frozen=True, slots=True)
class ProtectedList:
    """Accounts, mailboxes and apps that no plan may touch."""

    accounts: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    exclude_group: str = ""  # a group with exactly these accounts, for services that only exclude groups


@dataclass(frozen=True, slots=True)
class DnsKeeper:
    """The person who manages the DNS of the school's domains, and their e-mail address."""

    run_by: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class KnownApp:
    """A supplier's app that the school allows to access its accounts."""

    app: str
    essential: bool  # the school does not run without it, so it is counted separately


OFFICES = (
    "Data Protection Officer",
    "Designated Safeguarding Lead",
    "School Business Manager",
    "Clerk to the Governors",
    "IT support",
)
"""Roles that an operator may name, in addition to roles that approve, unless the school file has others."""
APPROVERS = ("Head Teacher", "Senior Leadership Group", "Chair of Governors", "Governors")
"""Roles that may approve exceptions, unless the school file has others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school: its names, its tenants, its roles, and the settings of its school file."""

    name: str
    short_name: str
    domains: tuple[str, ...]
    time_zone: str
    tenants: Mapping[str, Tenant]
    roles: Mapping[str, Role]
    protected: ProtectedList
    mode: Mode
    phone: str | None
    website: str | None
    origin: Origin
    calendar: Calendar | None = None
    windows: Windows | None = None
    schedule: Schedule | None = None
    approvers: tuple[str, ...] = APPROVERS
    offices: tuple[str, ...] = OFFICES
    dns: DnsKeeper | None = None
    notices: Notices | None = None  # None: no channel
    report_readers: tuple[Channel, ...] = ()  # the head and the clerk, only for reports
    alive: bool = False  # a watching service is called after each night job
    unanswered_keys: tuple[str, ...] = ()  # keys of the school file to answer before a real tenant is written to
    cyber_essentials: bool = False  # the school applies for the certificate
    known_apps: tuple[KnownApp, ...] = ()
    rpa: bool = False  # the school is a member of the Risk Protection Arrangement
    id: str = ""  # in the mark of objects that toolkit creates for the school, or ""
    owns_tenant: bool = False  # the school manages tenant-wide settings of a tenant that schools share
    record_in_git: str = ""  # note or tag: how the ledger's head is kept in the playbooks' repository
    approval: frozenset[ChangeClass] = frozenset()  # the classes of change that a second person must approve
    reviews: ReviewSettings | None = None  # None: a review on a forge is not an approval
    signers: tuple[FileSigner, ...] = ()  # the keys that may sign reports, plans and approvals
    left_out: frozenset[str] = frozenset()  # clouds of the school file that are left out by `--provider`

    @property
    def mark(self) -> SchoolMark | None:
        """Return the mark that identifies the school's objects, or None if the school file has no id."""
        return SchoolMark(self.id, self.short_name) if self.id else None

    @property
    def all_clouds(self) -> frozenset[str]:
        """Return all clouds in the school file, including clouds that a run does not read."""
        return self.left_out | self.tenants.keys()
