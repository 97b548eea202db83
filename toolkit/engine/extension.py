"""The seam between the engine and its features: what a feature adds to a run.

The engine names no feature. The context of a run holds its extensions; toolkit/features.py lists them.
A feature overrides what it needs of `Extension` and answers with a result of a type of its own.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from toolkit.engine.apply.outcome import Outcome
from toolkit.engine.journal import Journal
from toolkit.engine.read_tenants import Progress
from toolkit.errors import Exit
from toolkit.ledger.entries import Transition
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.expand import Expansion
from toolkit.planning.matching import Known
from toolkit.planning.matter import Matter
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.playbook.entries import ControlIdentity, Playbooks
from toolkit.records import dataclass
from toolkit.school.signals import Signals
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address, Desired

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


class Expand(Protocol):
    """Writes out what the playbooks want at another moment, for the same people."""

    def __call__(self, *, now: datetime) -> Expansion: ...


TenantSignals: TypeAlias = Mapping[ControlIdentity, Signals]
"""What was seen on one provider, by the control and the audience that it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTenant:
    """One tenant whose directory was read, and what the ledger knows of its objects."""

    provider: str
    playbooks: Playbooks
    directory: Directory
    connection: Connection
    known: Mapping[Address, Known]
    now: datetime
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReads:
    """What a run read before it has a plan."""

    playbooks: Playbooks
    expansion: Expansion
    expand: Expand
    signals: Mapping[str, TenantSignals]
    seen: ObservedState
    known: Mapping[Address, Known]
    kinds: Mapping[str, Kind[Connection]]
    now: datetime
    only: Sequence[str]


class ExtensionAct(Protocol):
    """Something to do that changes no object, such as sending a message."""

    @property
    def address(self) -> Address:
        """Return what the ledger calls it."""
        ...

    @property
    def control(self) -> str:
        """Return the control that asks for it: it waits for the same windows."""
        ...


class ExtensionResult(Protocol):
    """What a feature adds to a plan, and later how that went."""

    @property
    def exit(self) -> Exit:
        """Return what it makes of the exit code of a plan or a drift."""
        return Exit.AS_WANTED

    @property
    def unread(self) -> bool:
        """Return whether it could not be read what else the feature would do, so that no run has done all of it."""
        return False

    @property
    def acts(self) -> Sequence[ExtensionAct]:
        """Return what an apply does beside the changes of the plan."""
        return ()

    @property
    def failures(self) -> Sequence[str]:
        """Return what went wrong with the acts."""
        return ()

    @property
    def matters(self) -> Sequence[Matter]:
        """Return what time alone has changed and no run has done yet."""
        return ()

    def without(self, addresses: Collection[Address]) -> Self:
        """Leave out some acts."""
        return self

    def observe(self, connections: Mapping[str, Connection]) -> Self:
        """Read what no plan compares; only a drift asks for it."""
        return self

    def record(self, journal: Journal) -> None:
        """Record in the ledger what `observe` read, for the next drift to compare."""
        return

    def do(self, connections: Mapping[str, Connection], journal: Journal) -> Self:
        """Do the acts, each between two entries of the ledger."""
        return self

    def turned(self, outcomes: Sequence[Outcome], now: datetime) -> Sequence[Transition]:
        """Return which exceptions began or ended with the changes of a run."""
        return ()


class Extension(Protocol):
    """One feature during one run, with what the ledger remembers for it."""

    apart: frozenset[str] = frozenset()
    """Kinds of addresses in the ledger that are no objects of a plan: only the feature reads them."""

    def signals(self, tenant: OpenTenant) -> TenantSignals:
        """Read what controls rest on beside the directory."""
        return {}

    def findings(
        self, provider: str, playbooks: Playbooks, signals: TenantSignals, today: date
    ) -> Iterable[ControlFinding]:
        """Return what a check finds in the signals of a cloud."""
        return ()

    def findings_of_school(
        self, playbooks: Playbooks, signals: Mapping[str, TenantSignals], today: date
    ) -> Iterable[ControlFinding]:
        """Return what a check finds about the school itself, in the ledger or in the signals of all its clouds."""
        return ()

    def remembered(self, playbooks: Playbooks, known: Mapping[Address, Known]) -> Sequence[Address]:
        """Return objects to read although no playbook may ask for them."""
        return ()

    def wanted(self, reads: RunReads, remembered: Sequence[Address]) -> Sequence[Desired]:
        """Return what the feature wants beside what the playbooks ask for."""
        return ()

    def controls_of(self, kind: Kind[Connection]) -> frozenset[str]:
        """Return the controls whose windows all changes of a kind wait for."""
        return frozenset()

    def result(self, reads: RunReads, plan: Plan) -> ExtensionResult:
        """Return what the feature adds to a plan."""
        ...

    def nothing(self) -> ExtensionResult:
        """Return the result of a run in which the feature has no part."""
        ...


Extensions = Callable[["Ledger | None"], Sequence[Extension]]
"""Makes the extensions of one run."""
