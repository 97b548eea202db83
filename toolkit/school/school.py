"""The school that a run is for, as its school file says."""

from collections.abc import Mapping
from dataclasses import field

from toolkit.records import dataclass
from toolkit.school.calendar import Calendar
from toolkit.school.notices import Channel, Notices
from toolkit.school.schedule import Schedule, Windows
from toolkit.sdk.ownership import SchoolMark
from toolkit.sdk.resource import Mode, Origin


@dataclass(frozen=True, slots=True)
class Tenant:
    """Which tenant of one provider is the school's: its immutable id and a domain that it owns."""

    id: str
    domain: str


@dataclass(frozen=True, slots=True)
class Role:
    """A role in the school's words, mapped to a group or organisational unit for each provider."""

    name: str
    groups: Mapping[str, str] = field(default_factory=dict)  # provider -> group
    units: Mapping[str, str] = field(default_factory=dict)  # provider -> organisational unit

    def on(self, provider: str) -> str | None:
        """Return the group or organisational unit of the role on a provider."""
        return self.groups.get(provider) or self.units.get(provider)


@dataclass(frozen=True, slots=True)
class ProtectedList:
    """Accounts, mailboxes and apps that no plan may touch."""

    accounts: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    exclude_group: str = ""  # a group that holds exactly the accounts, for services that exclude groups alone


@dataclass(frozen=True, slots=True)
class DnsKeeper:
    """Who runs the DNS of the school's domains, and where they read mail."""

    run_by: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class KnownApp:
    """An app of a supplier that the school let into its accounts."""

    app: str
    essential: bool  # the school does not run without it, so it is counted apart


OFFICES = (
    "Data Protection Officer",
    "Designated Safeguarding Lead",
    "School Business Manager",
    "Clerk to the Governors",
    "IT support",
)
"""Roles beside those who approve that an operator may name, unless the school file says otherwise."""
APPROVERS = ("Head Teacher", "Senior Leadership Group", "Chair of Governors", "Governors")
"""Who may approve exceptions unless the school file says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """One school: what its mail calls it, where its tenants are, who is who."""

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
    report_readers: tuple[Channel, ...] = ()  # the head and the clerk, for reports alone
    alive: bool = False  # a watching service is called after each night job
    unanswered: tuple[str, ...] = ()  # keys of the school file; while there are any, no real tenant is written to
    cyber_essentials: bool = False  # the school applies for the certificate
    known_apps: tuple[KnownApp, ...] = ()
    rpa: bool = False  # the school is a member of the Risk Protection Arrangement
    id: str = ""  # in the mark of what is made for the school; "" while the file has none
    owns_tenant: bool = False  # the school sets what is for everybody where other schools have objects too
    left_out: frozenset[str] = frozenset()  # clouds of the school file that a run with `--provider` is not about

    @property
    def mark(self) -> SchoolMark | None:
        """Return what the mark of its objects says; None while its file has no id."""
        return SchoolMark(self.id, self.short_name) if self.id else None

    @property
    def declared(self) -> frozenset[str]:
        """Return all clouds of the school file, whichever a run is about."""
        return self.left_out | self.tenants.keys()
