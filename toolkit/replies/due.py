"""Changes that are due on a date, and the plan that contains only these changes.

A change is due if an object has not changed since a run applied the same playbooks, and its desired state is different
now only because time has passed. Changes by hand, edits of a playbook and settings that were never applied are left to
`apply`. If only some controls were applied (`--only`), only their changes are due.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from toolkit.planning.change import Change, Create, Update
from toolkit.planning.draft import AnyKind
from toolkit.planning.due_change import NEVER, DueChange
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan, PlanRow
from toolkit.planning.plan_details import Refusal
from toolkit.planning.plan_states import CHANGED, CHECKED, LOOK_ALIKE, OVERRIDDEN, REFUSED
from toolkit.playbook.entries import Departure, Pilot
from toolkit.records import dataclass
from toolkit.sdk.form import parse_instant
from toolkit.sdk.resource import Absent, Address, Desired
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY
from toolkit.values import satisfied

DesiredObjects: TypeAlias = Mapping[Address, Desired | Absent]


@dataclass(frozen=True, slots=True)
class EarlierDesired:
    """The desired state that the present playbooks had at the moment when a run applied them."""

    at: datetime
    desired: DesiredObjects


@dataclass(frozen=True, slots=True)
class History:
    """The desired states of an object at the moments when runs applied it."""

    earlier: Sequence[EarlierDesired] = ()  # if it was different from now
    hindrance: str = ""

    @property
    def was_applied(self) -> bool:
        """Return whether the object was ever applied. If not, none of its changes can be due."""
        return self.hindrance != NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class DueOccasion:
    """The facts about a tenant that decide which of its changes are due."""

    provider: str
    now: datetime
    plan: Plan
    desired: DesiredObjects  # at now
    histories: Mapping[Address, History]
    earlier: Sequence[EarlierDesired] = ()  # of all the histories
    departures: Sequence[Departure] = ()
    pilots: Sequence[Pilot] = ()
    known_objects: Mapping[Address, LastApplied]
    kinds: Mapping[str, AnyKind]

    def history(self, address: Address) -> History:
        """Return the earlier desired states of an object."""
        return self.histories.get(address, History(hindrance=NEVER))


def keep_due_changes(plan: Plan, matters: Sequence[DueChange]) -> Plan:
    """Return a plan with only the due changes. A due change that is blocked becomes a refusal."""
    blocked = {address: matter for matter in matters if matter.blocked for address in matter.addresses}
    due = {address for matter in matters for address in matter.addresses} - blocked.keys()
    refusals = [
        _refuse_blocked_change(change, blocked[change.address]) for change in plan.changes if change.address in blocked
    ]

    def keep(row: PlanRow[Any]) -> bool:
        if row.state is CHANGED:
            return row.address in due
        return row.address in blocked if row.state in {REFUSED, LOOK_ALIKE} else row.state not in {CHECKED, OVERRIDDEN}

    return plan.filter_rows(keep).add(REFUSED, refusals)


def _refuse_blocked_change(change: Change, matter: DueChange) -> Refusal:
    return Refusal(change.address, f"{matter.text}, but {matter.blocked}", matter.origin, waits=matter.waits)


def find_due_replies(occasion: DueOccasion) -> Iterator[DueChange]:
    """Yield the automatic replies that are due to begin or to end, without names of people."""
    ours = [
        change for change in occasion.plan.changes if isinstance(change, Create | Update) and _is_due(change, occasion)
    ]
    for what, over in (("to set", False), ("to give back", True)):
        changes = [change for change in ours if _ends_reply(change) is over]
        hindrances = [occasion.history(change.address).hindrance for change in changes]
        for blocked in dict.fromkeys(hindrances):
            alike = [change for change, hindrance in zip(changes, hindrances, strict=True) if hindrance == blocked]
            yield _create_due_reply(alike, what, blocked, occasion)


def _create_due_reply(changes: Sequence[Create | Update], what: str, blocked: str, occasion: DueOccasion) -> DueChange:
    replies = "automatic reply" if len(changes) == 1 else "automatic replies"
    return DueChange(
        text=f"{len(changes)} {replies} {what} on {occasion.provider}",
        since=min((at for change in changes if (at := _due_since(change, occasion))), default=None),
        origin=None if _ends_reply(changes[0]) else changes[0].desired.origin,
        addresses=tuple(change.address for change in changes),
        blocked=blocked,
    )


def _is_due(change: Create | Update, occasion: DueOccasion) -> bool:
    """Return whether a control requires a different reply from the reply that toolkit last set."""
    address, desired = change.address, change.desired
    if address.provider != occasion.provider or not occasion.kinds[address.kind_path].temporary or not desired.made_by:
        return False
    if not occasion.history(address).was_applied:
        return False
    known_object = occasion.known_objects.get(address)
    return known_object is None or not all(
        satisfied(value, known_object.sent.get(name)) for name, value in desired.settings.items()
    )


def _ends_reply(change: Create | Update) -> bool:
    return AUTOMATIC_REPLY.is_off(change.desired.settings)


def _due_since(change: Create | Update, occasion: DueOccasion) -> datetime | None:
    """Return when a reply should have begun or, if it is over, when it ended."""
    known_object = occasion.known_objects.get(change.address)
    written = change.desired.settings.get("begins") or (known_object.sent.get("ends") if known_object else None)
    at = parse_instant(str(written)) if written else None
    return at if at and at <= occasion.now else None
