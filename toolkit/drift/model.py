"""The findings of a drift run: differences, their causes, and their history."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from toolkit.planning.change import Change, Create, Delete, Field, Move, Update
from toolkit.planning.diff import NAME
from toolkit.planning.finding_state import Ending
from toolkit.planning.flapping import PLACE
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import (
    ACCEPTED,
    CEDED,
    CHANGED,
    CHECKED,
    DUPLICATE,
    LOOK_ALIKE,
    MATCHING,
    OVERRIDDEN,
)
from toolkit.records import dataclass
from toolkit.sdk.audit_log import Actor
from toolkit.sdk.resource import Address
from toolkit.values import satisfied

_SHOWN = 8  # hex digits, with which two of a thousand findings share an id in one of eight thousand schools


class DifferenceType(StrEnum):
    """The type of a difference between a tenant and the playbooks."""

    DIFFERENT = "different"  # one setting
    MISSING = "missing"
    UNWANTED = "unwanted"
    MOVED = "moved"
    LOOK_ALIKE = "look_alike"
    DEFEATED = "defeated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between a tenant and the playbooks.

    Its path is a setting, or an unmanaged object that conflicts with a desired object.
    """

    address: Address
    path: str
    what: DifferenceType

    @property
    def id(self) -> str:
        """Return the id of the finding. A difference has the same id in every run."""
        return finding_id(str(self.address), self.path, self.what)


def finding_id(address: str, path: str, difference_type: str) -> str:
    """Return the id of a finding, which is computed from its address, its path and its type."""
    return hashlib.sha256(f"{address}\n{path}\n{difference_type}".encode()).hexdigest()[:_SHOWN]


def contested_setting_name(path: str, difference_type: DifferenceType) -> str:
    """Return the name under which the ledger records the setting of a contested difference."""
    return PLACE if difference_type is DifferenceType.MOVED else path


def differences_of_change(change: Change) -> tuple[Difference, ...]:
    """Return the differences that a change would correct, one for each setting."""
    match change:
        case Create():
            return (Difference(change.address, "", DifferenceType.MISSING),)
        case Update():
            return tuple(Difference(change.address, field.path, DifferenceType.DIFFERENT) for field in change.fields)
        case Delete():
            return (Difference(change.address, "", DifferenceType.UNWANTED),)
        case Move():
            return (Difference(change.address, "", DifferenceType.MOVED),)


def all_differences(plan: Plan) -> tuple[Difference, ...]:
    return tuple(dict.fromkeys(_all_differences(plan)))


def _all_differences(plan: Plan) -> Iterator[Difference]:
    for change in (*plan.changes, *plan.checked_changes):
        yield from differences_of_change(change)
    for alike in plan.select(LOOK_ALIKE, DUPLICATE):
        yield Difference(alike.desired.address, alike.observed.remote.name, DifferenceType.LOOK_ALIKE)
    for remark in plan.select(OVERRIDDEN):
        yield Difference(remark.address, remark.by, DifferenceType.DEFEATED)
    for refusal in plan.refused:
        yield Difference(refusal.address, "", DifferenceType.REFUSED)


def is_judged(address: Address, plan: Plan, *, is_partial_run: bool) -> bool:
    """Return whether a plan shows if an object differs from the playbooks.

    The plan does not show this for an object that could not be read.
    """
    if any(row.state.blocks and row.address == address for row in plan.rows):
        return False
    if any(not unknown.address and unknown.kind in {address.kind_path, address.provider} for unknown in plan.unknown):
        return False
    # An object that nobody wants now may belong to a control of which something is unknown.
    return address in _judged_addresses(plan) or not (is_partial_run or plan.unknown)


def _judged_addresses(plan: Plan) -> frozenset[Address]:
    looked_at = {CHANGED, CHECKED, MATCHING, CEDED, ACCEPTED}
    return frozenset(row.address for row in plan.rows if row.state in looked_at and row.address)


class Cause(StrEnum):
    """The reason why a difference exists."""

    PLAYBOOK = "playbook"
    TENANT = "tenant"
    BOTH = "both"
    TIME = "time"
    FOLLOWED = "followed"  # something in the tenant that it rests on: a list above it, the members of a group
    TOOLKIT = "toolkit"
    NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Facts that have not changed since an object was last applied or last seen without a difference."""

    playbooks: bool
    toolkit: bool
    date: bool = False  # only the date has changed

    @property
    def desired_change_cause(self) -> Cause:
        """Return the reason why the desired settings changed: the playbooks, the date, the tenant or toolkit."""
        if not self.playbooks:
            return Cause.PLAYBOOK
        if not self.toolkit:
            return Cause.TOOLKIT
        return Cause.TIME if self.date else Cause.FOLLOWED


def find_cause(
    change: Change,
    field: Field | None,
    known_object: LastApplied | None,
    unchanged: Unchanged | None,
    *,
    previous_run_was_complete: bool,
) -> Cause:
    """Return the cause of a difference. `known_object` is the ledger's record of the object's last apply.

    `unchanged` contains the facts that have not changed since this apply or, if the object was never applied, since
    the previous drift run. `previous_run_was_complete` says whether the previous drift run read everything.
    """
    if known_object is None:
        return _cause_if_never_applied(change, unchanged, previous_run_was_complete=previous_run_was_complete)
    match change:
        case Update() if field is not None:
            return _setting_cause(change, field, known_object, unchanged)
        case Create() | Move():
            return (
                Cause.TENANT if isinstance(change, Create) or (unchanged and unchanged.playbooks) else Cause.NOT_KNOWN
            )
        case Delete():
            return unchanged.desired_change_cause if unchanged else Cause.NOT_KNOWN
        case _:
            return Cause.NOT_KNOWN


def _cause_if_never_applied(change: Change, unchanged: Unchanged | None, *, previous_run_was_complete: bool) -> Cause:
    if previous_run_was_complete and unchanged:
        if unchanged.playbooks and unchanged.toolkit and not unchanged.date:
            return Cause.TENANT
        return unchanged.desired_change_cause if _only_toolkit_makes(change) else Cause.NOT_KNOWN
    return Cause.PLAYBOOK if isinstance(change, Create) else Cause.NOT_KNOWN


def _only_toolkit_makes(change: Change) -> bool:
    """Return whether a change creates an object that only toolkit creates, so that no one else can have created it
    before.
    """
    return isinstance(change, Create) and bool(change.desired.made_by) and not change.desired.handling.adopt


def _setting_cause(change: Update, field: Field, known_object: LastApplied, unchanged: Unchanged | None) -> Cause:
    if field.path == NAME:
        return Cause.TENANT
    desired = change.desired.settings.get(field.path)
    if field.path not in known_object.sent:
        if known_object.returned and satisfied(desired, known_object.returned.get(field.path)):
            return Cause.TENANT  # it was as wanted when we left it
        return unchanged.desired_change_cause if unchanged else Cause.PLAYBOOK
    same_wish = satisfied(desired, known_object.sent[field.path])
    left = known_object.returned.get(field.path, known_object.sent[field.path])
    if field.before == left:
        return Cause.NOT_KNOWN if same_wish else (unchanged.desired_change_cause if unchanged else Cause.PLAYBOOK)
    if same_wish or (unchanged and unchanged.desired_change_cause is not Cause.PLAYBOOK):
        return Cause.TENANT
    return Cause.BOTH


class FindingNovelty(StrEnum):
    """Whether a finding is new since the previous drift run."""

    NEW = "new"
    ONGOING = "ongoing"
    CONTESTED = "contested"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class FindingWithHistory:
    """A finding together with its history."""

    difference: Difference
    state: FindingNovelty
    since: datetime
    cause: str
    actor: Actor | None
    changed: datetime | None  # when the actor did it
    news: bool  # the drift before did not report it in this state


@dataclass(frozen=True, slots=True)
class EndedFinding:
    """A finding that has ended. A drift run reports the end only once."""

    id: str
    difference: Difference
    since: datetime
    how: Ending


@dataclass(frozen=True, slots=True)
class DriftHistory:
    """The findings of a drift run, by id, and the findings that have ended."""

    findings: Mapping[str, FindingWithHistory] = field(default_factory=dict)
    ended: Sequence[EndedFinding] = ()
    log_errors: Sequence[str] = ()  # errors of logs that would show who made a change
    is_first: bool = False  # the ledger has no earlier drift and no apply
