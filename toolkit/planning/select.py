"""Narrows a plan to what was asked for, and to what was not found wrong."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toolkit.errors import UsageError
from toolkit.messages import closest
from toolkit.planning.change import Create
from toolkit.planning.plan import Plan, PlanRow, unknown_rows
from toolkit.planning.plan_details import LookAlike, Obstacle, Refusal, UnavailableKind, Unknown
from toolkit.planning.plan_states import (
    ACCEPTED_LOOK_ALIKE,
    CHANGED,
    LOOK_ALIKE,
    MATCHING,
    OVERRIDDEN,
    REFUSED,
    UNCERTAIN,
    UNCERTAIN_UNREAD,
    UNDECIDED,
    UNMANAGED,
    PlanState,
)
from toolkit.playbook.entries import OpenChoice
from toolkit.records import dataclass
from toolkit.sdk.lending import is_lent, object_name, without_person
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Address


def only(plan: Plan, wanted: Sequence[str], controls_there: Collection[str] = ()) -> Plan:
    """Keep what concerns some addresses or controls; everything else is as if no playbook asked for it.

    `controls_there` are the controls of the playbooks, those that are off too. UsageError for a word that names nothing
    in the playbooks.
    """
    if not wanted:
        return plan
    asked = _asked(plan, wanted, controls_there)
    controls = tuple(one for one in plan.controls if one.control in asked.controls)
    return replace(plan.filter(asked.concerns), controls=controls)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What some words ask for."""

    addresses: frozenset[Address]
    controls: frozenset[str]  # those that are named, and those that make an object which is named
    kinds: frozenset[str]  # of these objects, and of everything that a named control makes
    providers: frozenset[str]  # empty where a control is named: it may be on any
    words: frozenset[str]

    def concerns(self, row: PlanRow[Any]) -> bool:
        """Return whether a row is about what is asked for, or about what may hold it."""
        if row.state is UNMANAGED:
            return False
        if row.address is not None:
            return row.address in self.addresses
        match row.detail:
            case Unknown(kind=kind):
                return self._may_be_of(kind)
            case UnavailableKind(kind=kind):
                return kind in self.kinds
            case OpenChoice(waiting=waiting):
                return not self.words.isdisjoint(control.name for control in waiting)
        return True

    def _may_be_of(self, kind: str) -> bool:
        if kind in providers():
            return not self.providers or kind in self.providers
        return kind in {*self.kinds, *self.controls}


def _asked(plan: Plan, wanted: Sequence[str], controls_there: Collection[str]) -> _Asked:
    names = askable_names(plan)
    named = {*controls_there, *(control.control for control in plan.controls)}
    named |= {control.name for one in plan.select(UNDECIDED) for control in one.waiting}
    for word in wanted:
        if word not in named and not any(word in of_object for of_object in names.values()):
            known = [*named, *(name for address in names if not is_lent(address) for name in names[address])]
            meant = closest(word, known)
            suggestion = f": did you mean `{meant}`?" if meant else ""
            raise UsageError(f"--only {word}: no object or control of the playbooks is called this{suggestion}")
    asked = frozenset(address for address, of_object in names.items() if of_object & set(wanted))
    controls = frozenset(named & set(wanted))
    made = {
        f"{one.provider}.{resource.kind}"
        for one in plan.controls
        if one.control in controls
        for part in one.realisation.parts
        for resource in part.resources
    }
    return _Asked(
        asked,
        controls.union(*(makers for address, makers in plan.wanted.items() if names[address] & set(wanted) - controls)),
        frozenset({*made, *(address.of_kind for address in asked)}),
        frozenset() if controls else frozenset(address.provider for address in asked),
        frozenset(wanted),
    )


def askable_names(plan: Plan) -> Mapping[Address, set[str]]:
    """Return the names by which `--only` asks for each object: its address, its name, and the controls that want it."""
    words = {
        address: {str(address), address.told, address.name, address.shown, *_as_shown(address)}
        for address in plan.wanted
    }
    for address, makers in plan.wanted.items():
        words[address].update(makers)
    return words


def _as_shown(address: Address) -> set[str]:
    """Return the names under which an output shows an object of a person who is away, without saying who it is."""
    return {str(without_person(address)), object_name(address)}


def without(plan: Plan, obstacles: Sequence[Obstacle]) -> Plan:
    """Take out of a plan the changes that have an obstacle, and add the obstacles."""
    look_alikes = [obstacle for obstacle in obstacles if isinstance(obstacle, LookAlike)]
    doubts = [obstacle for obstacle in obstacles if not isinstance(obstacle, LookAlike)]
    alike = {look_alike.desired.address for look_alike in look_alikes}
    plan = plan.filter(lambda row: row.state is not CHANGED or row.address not in alike)
    for state, leaves in ((ACCEPTED_LOOK_ALIKE, True), (LOOK_ALIKE, False)):
        plan = plan.add(
            state, [look_alike for look_alike in look_alikes if look_alike.desired.handling.leave is leaves]
        )
    doubted = {doubt.address for doubt in doubts}
    not_made = {change.address for change in plan.changes if isinstance(change, Create) and change.address in doubted}
    gone: Mapping[PlanState[Any], Collection[Address | None]] = {
        OVERRIDDEN: not_made,
        **dict.fromkeys((UNCERTAIN, UNCERTAIN_UNREAD, CHANGED, MATCHING), doubted),
    }
    plan = plan.filter(lambda row: row.address not in gone.get(row.state, ()))
    plan = plan.add(REFUSED, [doubt for doubt in doubts if isinstance(doubt, Refusal)])
    return plan.add_rows(*unknown_rows(doubt for doubt in doubts if isinstance(doubt, Unknown)))
