"""What the calendar makes due, and how a plan is narrowed to it; pure.

A change is due where the tenant is as the same playbooks wanted it when a run last made it so, and time alone has made
them want something else since. What somebody changed by hand or in a playbook is left to `apply`, and so is what was
never applied: it is not due. What was applied in part (`--only`) is due in part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from toolkit.planning.applied_state import Known
from toolkit.planning.change import Change
from toolkit.planning.draft import AnyKind
from toolkit.planning.matter import NEVER, Matter
from toolkit.planning.plan import Plan, Refusal
from toolkit.playbook.entries import Departure, Pilot
from toolkit.sdk.address import Address
from toolkit.sdk.resource import Absent, Desired

Wanted: TypeAlias = Mapping[Address, Desired | Absent]


@dataclass(frozen=True, slots=True)
class EarlierWish:
    """What the playbooks, as they are now, wanted at a moment at which a run made a tenant agree with them."""

    at: datetime
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class History:
    """What the playbooks wanted at the moments at which runs made an object agree with them."""

    earlier: Sequence[EarlierWish] = ()  # where it was different from now
    hindrance: str = ""

    @property
    def was_applied(self) -> bool:
        """Return whether the object was ever applied; if not, nothing of it can be due."""
        return self.hindrance != NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class DueOccasion:
    """What is known of one tenant when it is asked what is due."""

    provider: str
    now: datetime
    plan: Plan
    wanted: Wanted  # at now
    histories: Mapping[Address, History]
    earlier: Sequence[EarlierWish] = ()  # of all the histories
    departures: Sequence[Departure] = ()
    pilots: Sequence[Pilot] = ()
    known: Mapping[Address, Known]
    kinds: Mapping[str, AnyKind]

    def history(self, address: Address) -> History:
        """Return what is known of one object."""
        return self.histories.get(address, History(hindrance=NEVER))


def only_due(plan: Plan, matters: Sequence[Matter]) -> Plan:
    """Keep what is due, and refuse what is due and blocked; whatever else differs is as if nobody had asked."""
    blocked = {address: one for one in matters if one.blocked for address in one.addresses}
    due = {address for one in matters for address in one.addresses} - blocked.keys()
    return replace(
        plan,
        changes=tuple(change for change in plan.changes if change.address in due),
        refused=(
            *(one for one in plan.refused if one.address in blocked),
            *(_refusal(one, blocked[one.address]) for one in plan.changes if one.address in blocked),
        ),
        look_alikes=tuple(one for one in plan.look_alikes if one.desired.address in blocked),
        watched=(),
        remarks=(),
    )


def _refusal(change: Change, matter: Matter) -> Refusal:
    return Refusal(change.address, f"{matter.text}, but {matter.blocked}", matter.origin, waits=matter.waits)
