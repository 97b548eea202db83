"""The plan of a run: rows, each with an object and its state, and facts about the whole plan."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Generic, TypeVar

from toolkit.planning.audience.school_reach import IdsOfSchools, SchoolReach
from toolkit.planning.change import Change, to_digest_json
from toolkit.planning.loss import CoverLoss, ObjectLoss, sum_cover_losses
from toolkit.planning.plan_details import PlannedOrder, ReachBefore, RealisedControl, Refusal, Remark, Unknown
from toolkit.planning.plan_states import (
    CHANGED,
    CHECKED,
    GROUPS,
    KEPT,
    NOTED,
    NOTED_UNREAD,
    REFUSED,
    UNCERTAIN,
    UNCERTAIN_UNREAD,
    UNKNOWN,
    PlanState,
    unknown_state,
)
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Growth
from toolkit.values import digest_of

Detail = TypeVar("Detail")


@dataclass(frozen=True, slots=True)
class PlanRow(Generic[Detail]):
    """A row of a plan: an object and its state.

    An object may have several rows. A row about a whole kind has no address.
    """

    address: Address | None
    state: PlanState[Detail]
    detail: Detail


def to_rows(state: PlanState[Detail], details: Iterable[Detail]) -> tuple[PlanRow[Detail], ...]:
    """Return a plan row with the given state for each detail."""
    return tuple(PlanRow(state.address(detail), state, detail) for detail in details)


def rows_for_unknown(unknown: Iterable[Unknown]) -> tuple[PlanRow[Unknown], ...]:
    """Return a plan row for each object or kind that could not be read.

    The reason why it is unknown decides the state of the row.
    """
    return tuple(PlanRow(detail.address, unknown_state(detail), detail) for detail in unknown)


def rows_for_notes(remarks: Iterable[Remark]) -> tuple[PlanRow[Remark], ...]:
    """Return a plan row for each remark that is only a note and not a finding."""
    return tuple(PlanRow(remark.address, NOTED_UNREAD if remark.is_unread else NOTED, remark) for remark in remarks)


def rows_for_uncertain_objects(remarks: Iterable[Remark]) -> tuple[PlanRow[Remark], ...]:
    """Return a plan row for each remark that an object may not work for everyone."""
    return tuple(
        PlanRow(remark.address, UNCERTAIN_UNREAD if remark.is_unread else UNCERTAIN, remark) for remark in remarks
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The plan of a run: its changes, and the objects that do not change.

    The rows with the same state are in the order in which a run processes them.
    """

    rows: tuple[PlanRow[Any], ...] = ()
    pruned_objects: frozenset[Address] = frozenset()  # orphans that are deleted or restored
    controls: tuple[RealisedControl, ...] = ()
    desired_controls: Mapping[Address, frozenset[str]] = field(
        default_factory=dict
    )  # desired objects, with their controls
    desired_schools: Mapping[Address, tuple[str, ...]] = field(default_factory=dict)  # of objects of a trust's schools
    orders: Mapping[str, PlannedOrder] = field(default_factory=dict)  # by ordered kind
    reach_growth: Mapping[Address, Growth] = field(
        default_factory=dict
    )  # how many more people or devices an object would reach
    reach_before: Mapping[Address, ReachBefore] = field(default_factory=dict)  # of the objects that a run changes
    reached_everyone_before: frozenset[Address] = frozenset()  # objects that reached everyone before
    first_time: frozenset[Address] = frozenset()  # objects that reached no one before, so that no limit counts them
    shared_with: tuple[str, ...] = ()  # other schools with objects in the same tenants
    groups: Mapping[str, str] = field(default_factory=dict)  # read to count: provider:name -> the service's id
    school_reach: Mapping[Address, Mapping[str, SchoolReach]] = field(
        default_factory=dict
    )  # by school of a trust: whom each change reaches
    ids_of_schools: IdsOfSchools = field(default_factory=dict)  # by provider and school of a trust
    losses: tuple[ObjectLoss, ...] = ()  # of cover, by the changes that were planned when it was counted
    losses_by_rollback: tuple[ObjectLoss, ...] = ()  # likewise, by a rollback of these changes

    def select(self, *states: PlanState[Detail]) -> tuple[Detail, ...]:
        """Return the details of all rows that are in one of the given states."""
        return tuple(row.detail for row in self.rows if row.state in states)

    def replace(self, state: PlanState[Detail], details: Iterable[Detail]) -> "Plan":
        """Return the plan with the rows in one state replaced by rows with the given details."""
        others = tuple(row for row in self.rows if row.state is not state)
        return replace(self, rows=(*others, *to_rows(state, details)))

    def add(self, state: PlanState[Detail], details: Iterable[Detail]) -> "Plan":
        """Return the plan with a row added for each detail, in the given state."""
        return replace(self, rows=(*self.rows, *to_rows(state, details)))

    def add_rows(self, *rows: PlanRow[Any]) -> "Plan":
        """Return the plan with the given rows added."""
        return replace(self, rows=(*self.rows, *rows))

    def filter_rows(self, keep: Callable[[PlanRow[Any]], bool]) -> "Plan":
        """Return the plan with only the rows for which `keep` returns true."""
        return replace(self, rows=tuple(row for row in self.rows if keep(row)))

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return the changes that a run writes, in the order in which it writes them."""
        return self.select(CHANGED)

    @property
    def cover_losses(self) -> Sequence[CoverLoss]:
        """Return how many people and devices lose cover because of the plan's changes, by control or object.

        In a trust, they are counted for each school.
        """
        return sum_cover_losses(self.losses, {change.address for change in self.changes}, self.ids_of_schools)

    @property
    def checked_changes(self) -> tuple[Change, ...]:
        """Return the differences of objects that a run compares but does not change."""
        return self.select(CHECKED)

    @property
    def unknown(self) -> tuple[Unknown, ...]:
        """Return the objects and kinds whose state is unknown. A run does not write to them."""
        return self.select(UNKNOWN, *GROUPS)

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Return the changes that a run refuses to make."""
        return self.select(REFUSED)

    @property
    def objects_kept(self) -> tuple[Refusal, ...]:
        """Return the objects that stay in the tenant although their control or run is undone, with the reasons."""
        return self.select(KEPT)

    @property
    def digest(self) -> str:
        """Return a digest of the plan's changes and of the values before the changes."""
        return digest_of([to_digest_json(change) for change in self.changes])
