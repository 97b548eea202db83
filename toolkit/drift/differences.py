"""What is not as wanted, one thing at a time: what a drift remembers from one night to the next."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.planning.flapping import PLACE
from toolkit.planning.plan import Plan
from toolkit.sdk.address import Address

_SHOWN = 8  # hex digits: a school with a thousand findings has two of one id once in eight thousand schools


class What(StrEnum):
    """How something is not as wanted."""

    DIFFERENT = "different"  # one setting
    MISSING = "missing"
    UNWANTED = "unwanted"
    MOVED = "moved"
    LOOK_ALIKE = "look_alike"
    DEFEATED = "defeated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as wanted; the path is the setting, or whose object stands in the way."""

    address: Address
    path: str
    what: What

    @property
    def id(self) -> str:
        """Name it by what it is about, the same in every run."""
        return finding_id(str(self.address), self.path, self.what)


def finding_id(address: str, path: str, what: str) -> str:
    """Name a finding by its address, its path and how it is not as wanted."""
    return hashlib.sha256(f"{address}\n{path}\n{what}".encode()).hexdigest()[:_SHOWN]


def fought_over(path: str, what: What) -> str:
    """Name what of an object somebody changes back, as what is contested is named."""
    return PLACE if what is What.MOVED else path


def of_change(change: Change) -> tuple[Difference, ...]:
    """List what a change would put right: each setting of an object by itself."""
    match change:
        case Create():
            return (Difference(change.address, "", What.MISSING),)
        case Update():
            return tuple(Difference(change.address, field.path, What.DIFFERENT) for field in change.fields)
        case Delete():
            return (Difference(change.address, "", What.UNWANTED),)
        case Move():
            return (Difference(change.address, "", What.MOVED),)


def differing(plan: Plan) -> tuple[Difference, ...]:
    """List everything of a plan that is not as wanted, each once."""
    return tuple(dict.fromkeys(_differing(plan)))


def _differing(plan: Plan) -> Iterator[Difference]:
    for change in (*plan.changes, *plan.watched):
        yield from of_change(change)
    for alike in plan.look_alikes:
        yield Difference(alike.desired.address, alike.observed.remote.name, What.LOOK_ALIKE)
    for remark in plan.remarks:
        yield Difference(remark.address, remark.by, What.DEFEATED)
    for refusal in plan.refused:
        yield Difference(refusal.address, "", What.REFUSED)


def judged(address: Address, plan: Plan, *, narrowed: bool) -> bool:
    """Say whether a plan can tell that something of an address is as wanted; what was not read says nothing."""
    set_aside = [*(one.address for one in plan.refused), *(one.address for one in plan.unknown)]
    if address in set_aside:
        return False
    if any(one.desired.address == address for one in plan.look_alikes):
        return False
    if any(not one.address and one.kind in {address.of_kind, address.provider} for one in plan.unknown):
        return False
    # An object that nobody wants now may belong to a control of which something is unknown.
    return address in _looked_at(plan) or not (narrowed or plan.unknown)


def _looked_at(plan: Plan) -> frozenset[Address]:
    changed: Sequence[Change] = (*plan.changes, *plan.watched)
    accepted = (one.address for one in plan.accepted)
    return frozenset([*plan.matching, *plan.ceded, *accepted, *(change.address for change in changed)])
