"""The states that an object can have in a plan, each with its count, sign and exit codes.

A new state needs a row here and a phrase in `toolkit/render`.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Generic, TypeVar

from toolkit.errors import Exit
from toolkit.planning.audience.resolve import AUDIENCE_EMPTY
from toolkit.planning.audience.unresolved import EXCEPTION_EMPTY
from toolkit.planning.change import Change
from toolkit.planning.plan_details import (
    AcceptedDrift,
    LookAlike,
    OrphanSetting,
    Refusal,
    Remark,
    RollbackConflict,
    SettingsOfOthers,
    UnavailableKind,
    Unknown,
    UnreadProperty,
    UnverifiedChange,
)
from toolkit.playbook.entries import OpenChoice
from toolkit.records import dataclass
from toolkit.sdk.reason import Reason
from toolkit.sdk.resource import Address, Observed

Detail = TypeVar("Detail")


@dataclass(frozen=True, slots=True)
class Exits:
    """The exit code of each command if its plan has a row in this state."""

    plan: Exit = Exit.AS_WANTED
    apply: Exit = Exit.AS_WANTED
    drift: Exit = Exit.AS_WANTED
    check: Exit = Exit.AS_WANTED


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState(Generic[Detail]):
    """A state that an object can have in a plan, with its count, sign and exit codes.

    Two different states are never equal.
    """

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    name: str
    sign: str = ""  # before its lines
    key: str = ""  # of its list in the JSON; several states may share one
    summary_key: str = ""  # its key in the summary, which several states may share
    exits: Exits = Exits()
    why: str = ""  # why no command ends with 4, although something is unknown
    blocks: bool = False  # the object is not written, and its difference is not judged
    address: Callable[[Detail], Address | None] = attrgetter("address")
    count: Callable[[Sequence[Detail]], int] = len


def _count_overridden(remarks: Sequence[Remark]) -> int:
    return len({remark.address for remark in remarks if not remark.is_fulfilled})


def _desired_address(look_alike: LookAlike) -> Address:
    return look_alike.desired.address


def _same_address(address: Address) -> Address:
    return address


def _no_address(_detail: object) -> None:
    return None


_REFUSED = Exits(plan=Exit.REFUSED, apply=Exit.REFUSED, drift=Exit.PENDING)
_ALWAYS_PENDING = Exits(*[Exit.PENDING] * 4)
_ALWAYS_UNREAD = Exits(*[Exit.UNREAD] * 4)

CHANGED: PlanState[Change] = PlanState(
    name="changed", key="changes", exits=Exits(plan=Exit.PENDING, drift=Exit.PENDING)
)
MATCHING: PlanState[Address] = PlanState(
    name="matching", key="as_before", summary_key="matching", address=_same_address
)
CHECKED: PlanState[Change] = PlanState(
    name="checked and different", key="checked", summary_key="checked", exits=Exits(drift=Exit.PENDING)
)
UNMANAGED: PlanState[Observed] = PlanState(name="unmanaged", key="unmanaged", summary_key="unmanaged")
ORPHANED: PlanState[Observed] = PlanState(name="orphaned", sign="!", key="leftover", summary_key="leftover")
ORPHANED_SETTING: PlanState[OrphanSetting] = PlanState(
    name="orphaned setting", sign="!", key="dropped", summary_key="dropped"
)
LOOK_ALIKE: PlanState[LookAlike] = PlanState(
    name="look-alike",
    sign="!",
    key="look_alikes",
    summary_key="look_alikes",
    exits=_REFUSED,
    blocks=True,
    address=_desired_address,
)
DUPLICATE: PlanState[LookAlike] = PlanState(
    name="duplicate",
    sign="!",
    key="doubles",
    summary_key="doubles",
    exits=Exits(drift=Exit.PENDING),
    address=_desired_address,
)
ACCEPTED_LOOK_ALIKE: PlanState[LookAlike] = PlanState(name="accepted look-alike", sign="=", address=_desired_address)
OVERRIDDEN: PlanState[Remark] = PlanState(
    name="overridden",
    sign="!",
    key="remarks",
    summary_key="defeated",
    exits=Exits(drift=Exit.PENDING),
    count=_count_overridden,
)
UNKNOWN: PlanState[Unknown] = PlanState(
    name="unknown", sign="?", key="unknown", summary_key="unknown", blocks=True, exits=_ALWAYS_UNREAD
)
GROUP_UNREAD: PlanState[Unknown] = PlanState(
    name="unread group", sign="?", key="unknown", summary_key="unknown", blocks=True, exits=_ALWAYS_UNREAD
)
GROUP_EMPTIED: PlanState[Unknown] = PlanState(
    name="emptied group",
    sign="?",
    key="unknown",
    summary_key="unknown",
    why="the group was read, and has lost its members since the last apply",
    blocks=True,
    exits=_ALWAYS_PENDING,
)
GROUP_EMPTY: PlanState[Unknown] = PlanState(
    name="empty group",
    sign="?",
    key="unknown",
    summary_key="unknown",
    why="the group was read, and nothing can be done until it has a member",
    blocks=True,
)
UNUSED: PlanState[Unknown] = PlanState(
    name="unused",
    sign="=",
    key="unused",
    why="the account is closed or has no mailbox, so there is nothing to read or to write",
    blocks=True,
)
REFUSED: PlanState[Refusal] = PlanState(
    name="refused",
    sign="!",
    key="refused",
    summary_key="refused",
    exits=_REFUSED,
    blocks=True,
)
CONFLICT: PlanState[RollbackConflict] = PlanState(
    name="conflict",
    sign="!",
    key="conflicts",
    summary_key="conflicts",
    exits=Exits(plan=Exit.REFUSED, apply=Exit.REFUSED),
)
UNCERTAIN: PlanState[Remark] = PlanState(
    name="uncertain",
    sign="?",
    key="maybes",
    why="the object was read and is as desired, but no API shows whether it does its job for everyone",
)
UNCERTAIN_UNREAD: PlanState[Remark] = PlanState(
    name="uncertain and unread", sign="?", key="maybes", exits=_ALWAYS_UNREAD
)
NOTED: PlanState[Remark] = PlanState(name="noted", sign="*", key="notes")
NOTED_UNREAD: PlanState[Remark] = PlanState(name="noted and unread", sign="?", key="notes", exits=_ALWAYS_UNREAD)
UNREAD_PROPERTY: PlanState[UnreadProperty] = PlanState(
    name="unread property",
    sign="*",
    key="unread_properties",
    why="no kind compares the property, and it changes neither the effect nor the reach of the object",
)
KEPT: PlanState[Refusal] = PlanState(name="kept", sign="=", key="kept")
OTHER_LEDGER: PlanState[Observed] = PlanState(name="of another ledger", sign="=", key="elsewhere")
ACCEPTED: PlanState[AcceptedDrift] = PlanState(name="accepted", sign="=", key="accepted")
CEDED: PlanState[SettingsOfOthers] = PlanState(name="left to others", sign="=", key="left")
CONTESTED: PlanState[SettingsOfOthers] = PlanState(name="contested", key="contested")
UNVERIFIED: PlanState[UnverifiedChange] = PlanState(name="not verified", sign="!", key="unverified")
UNAVAILABLE: PlanState[UnavailableKind] = PlanState(
    name="unavailable",
    sign="-",
    key="unavailable",
    why="the licences of the tenant do not include the kind, and no run can change that",
    address=_no_address,
)
UNDECIDED: PlanState[OpenChoice] = PlanState(
    name="undecided", sign="*", key="undecided", summary_key="undecided", address=_no_address
)
NOT_PROTECTED: PlanState[str] = PlanState(
    name="protected account not found", sign="!", key="not_protected", address=_no_address
)

GROUPS = (GROUP_UNREAD, GROUP_EMPTIED, GROUP_EMPTY)
"""The states of objects whose audience is unknown."""

PLAN_STATES: Sequence[PlanState[Any]] = tuple(state for state in globals().values() if isinstance(state, PlanState))


def unknown_state(unknown: Unknown) -> PlanState[Unknown]:
    """Return the plan's state for an object or kind that could not be read, depending on the reason."""
    if unknown.is_unused:
        return UNUSED
    return empty_group_state(unknown.reason, unknown.people_before) if unknown.for_whom else UNKNOWN


def empty_group_state(reason: Reason, people_before: int | None) -> PlanState[Unknown]:
    """Return the state of objects for a group that has no people now.

    The state depends on whether the group had people at the last apply.
    """
    if people_before and reason.code in {AUDIENCE_EMPTY, EXCEPTION_EMPTY}:
        return GROUP_EMPTIED
    return GROUP_EMPTY if reason.code is AUDIENCE_EMPTY else GROUP_UNREAD
