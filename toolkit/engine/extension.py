"""The interface between the engine and the features of toolkit. The engine imports no feature.

toolkit/features.py lists the extensions, and the context of a run holds them. A feature overrides the methods of
`Extension` that it needs, and returns a result of its own type.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from toolkit.engine.apply.outcome import Outcome
from toolkit.engine.journal import Journal
from toolkit.engine.read_tenants import Progress
from toolkit.errors import Exit
from toolkit.ledger.entries import Transition
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.due_change import DueChange
from toolkit.planning.expand import Expansion
from toolkit.planning.matching import LastApplied
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
    """A function that works out the desired objects as if the run took place at another time, with the same people."""

    def __call__(self, *, now: datetime) -> Expansion: ...


TenantSignals: TypeAlias = Mapping[ControlIdentity, Signals]
"""The signals of a provider, by control and audience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTenant:
    """A connected tenant, its directory, and the ledger's records of its objects."""

    provider: str
    playbooks: Playbooks
    directory: Directory
    connection: Connection
    known_objects: Mapping[Address, LastApplied]
    now: datetime
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReads:
    """The state that a run has read from the tenants before its plan is made."""

    playbooks: Playbooks
    expansion: Expansion
    expand: Expand
    signals: Mapping[str, TenantSignals]
    observed: ObservedState
    known_objects: Mapping[Address, LastApplied]
    kinds: Mapping[str, Kind[Connection]]
    now: datetime
    only: Sequence[str]
    directories: Mapping[str, Directory] = field(default_factory=dict)


class ExtensionAct(Protocol):
    """An action of a feature that does not change an object, for example sending a message."""

    @property
    def address(self) -> Address:
        """Return the address under which the ledger records the action."""
        ...

    @property
    def control(self) -> str:
        """Return the control because of which the action is performed.

        The action runs only in the control's change windows.
        """
        ...


class ExtensionResult(Protocol):
    """The result of a feature in a run: its actions in the plan and, after an apply, the outcomes of these actions."""

    @property
    def exit(self) -> Exit:
        """Return the exit code for the feature. The worst exit code of a run counts."""
        return Exit.AS_WANTED

    @property
    def has_acts_of_unknown_outcome(self) -> bool:
        """Return whether it is unknown which actions the feature must perform, because something could not be read."""
        return False

    @property
    def acts(self) -> Sequence[ExtensionAct]:
        """Return the feature's actions, which an apply performs in addition to the changes of the plan."""
        return ()

    @property
    def failures(self) -> Sequence[str]:
        """Return a description of each failed action."""
        return ()

    @property
    def due_changes(self) -> Sequence[DueChange]:
        """Return the feature's changes that must be made now because a date has passed."""
        return ()

    def without_acts(self, addresses: Collection[Address]) -> Self:
        """Return the feature's result without the actions at the given addresses."""
        return self

    def read_for_drift(self, connections: Mapping[str, Connection]) -> Self:
        """Read facts that only drift runs compare, and return the result with these facts."""
        return self

    def record_what_was_read(self, journal: Journal) -> None:
        """Record in the ledger the facts that `read_for_drift` has read, so that the next drift run can
        compare them.
        """
        return

    def perform_acts(self, connections: Mapping[str, Connection], journal: Journal) -> Self:
        """Perform the feature's actions, and return the result.

        Each action is recorded in the ledger before and after it is performed.
        """
        return self

    def transitions(self, outcomes: Sequence[Outcome], now: datetime) -> Sequence[Transition]:
        """Return the exceptions that began or ended because of the changes of a run."""
        return ()


class Extension(Protocol):
    """The interface of features, which add steps to runs and have their own records in the ledger."""

    ledger_only_kinds: frozenset[str] = frozenset()
    """Kinds of addresses in the ledger that only the feature reads, because no plan contains them."""

    def signals(self, tenant: OpenTenant) -> TenantSignals:
        """Read facts about a tenant's people that controls need and that are not in the directory, such as
        calendars.
        """
        return {}

    def findings(
        self, provider: str, playbooks: Playbooks, signals: TenantSignals, today: date
    ) -> Iterable[ControlFinding]:
        """Return the feature's findings on a cloud, for example from people's calendars."""
        return ()

    def findings_of_school(
        self, playbooks: Playbooks, signals: Mapping[str, TenantSignals], today: date
    ) -> Iterable[ControlFinding]:
        """Return the feature's findings on the whole school, from the ledger or from the signals of all clouds."""
        return ()

    def objects_to_read(self, playbooks: Playbooks, known_objects: Mapping[Address, LastApplied]) -> Sequence[Address]:
        """Return the addresses of objects that a run must read for the feature, even if no playbook asks for them."""
        return ()

    def desired_objects(self, reads: RunReads, to_read: Sequence[Address]) -> Sequence[Desired]:
        """Return objects that the feature desires in addition to the playbooks' objects."""
        return ()

    def controls_of(self, kind: Kind[Connection]) -> frozenset[str]:
        """Return the controls whose change windows apply to changes of this kind of object."""
        return frozenset()

    def result(self, reads: RunReads, plan: Plan) -> ExtensionResult:
        """Return the feature's result for a plan."""
        ...

    def empty_result(self) -> ExtensionResult:
        """Return the feature's result for a run that does not involve the feature."""
        ...


Extensions = Callable[["Ledger | None"], Sequence[Extension]]
"""A function that returns the extensions of a run."""
