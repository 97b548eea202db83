"""Narrows a plan to what was asked for, and to what was not found wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.errors import UsageError
from toolkit.planning.change import Create
from toolkit.planning.plan import Plan, Refusal, Unknown
from toolkit.records import dataclass
from toolkit.sdk.lending import is_lent, object_name, without_person
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Address
from toolkit.yaml.messages import closest


def only(plan: Plan, wanted: Sequence[str]) -> Plan:
    """Keep what concerns some addresses or controls; everything else is as if no playbook asked for it.

    UsageError for a word that names nothing in the playbooks.
    """
    if not wanted:
        return plan
    asked = _asked(plan, wanted)

    def kept(address: Address) -> bool:
        return address in asked.addresses

    return replace(
        plan,
        changes=tuple(change for change in plan.changes if kept(change.address)),
        watched=tuple(change for change in plan.watched if kept(change.address)),
        matching=tuple(filter(kept, plan.matching)),
        unmanaged=(),
        look_alikes=tuple(one for one in plan.look_alikes if kept(one.desired.address)),
        doubles=tuple(double for double in plan.doubles if kept(double.desired.address)),
        left=tuple(one for one in plan.left if kept(one.desired.address)),
        unknown=tuple(filter(asked.concerns, plan.unknown)),
        unused=tuple(filter(asked.concerns, plan.unused)),
        refused=tuple(one for one in plan.refused if kept(one.address)),
        remarks=tuple(one for one in plan.remarks if kept(one.address)),
        notes=tuple(note for note in plan.notes if kept(note.address)),
        maybes=tuple(one for one in plan.maybes if kept(one.address)),
        unread=tuple(one for one in plan.unread if asked.addresses.intersection(one.addresses)),
        leftover=tuple(one for one in plan.leftover if kept(one.address)),
        dropped=tuple(one for one in plan.dropped if kept(one.address)),
        elsewhere=tuple(one for one in plan.elsewhere if kept(one.address)),
        conflicts=tuple(one for one in plan.conflicts if kept(one.address)),
        kept=tuple(one for one in plan.kept if kept(one.address)),
        controls=tuple(one for one in plan.controls if one.control in asked.controls),
        unavailable={kind: why for kind, why in plan.unavailable.items() if kind in asked.kinds},
        undecided=tuple(one for one in plan.undecided if {control.name for control in one.waiting} & set(wanted)),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What some words ask for."""

    addresses: frozenset[Address]
    controls: frozenset[str]  # those that are named, and those that make an object which is named
    kinds: frozenset[str]  # of these objects, and of everything that a named control makes
    providers: frozenset[str]  # empty where a control is named: it may be on any

    def concerns(self, unknown: Unknown) -> bool:
        """Return whether something that was not read is asked for, or may hold what is."""
        if unknown.address is not None:
            return unknown.address in self.addresses
        if unknown.kind in providers():
            return not self.providers or unknown.kind in self.providers
        return unknown.kind in {*self.kinds, *self.controls}


def _asked(plan: Plan, wanted: Sequence[str]) -> _Asked:
    names = askable_names(plan)
    named = {control.control for control in plan.controls}
    named |= {control.name for one in plan.undecided for control in one.waiting}
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


def without(plan: Plan, doubts: Sequence[Refusal | Unknown]) -> Plan:
    """Take out of a plan the changes that were found wrong, or could not be judged, when the tenant was asked."""
    doubted = {doubt.address for doubt in doubts}
    not_made = {change.address for change in plan.changes if isinstance(change, Create) and change.address in doubted}
    return replace(
        plan,
        remarks=tuple(remark for remark in plan.remarks if remark.address not in not_made),
        maybes=tuple(remark for remark in plan.maybes if remark.address not in doubted),
        changes=tuple(change for change in plan.changes if change.address not in doubted),
        matching=tuple(address for address in plan.matching if address not in doubted),
        refused=(*plan.refused, *(doubt for doubt in doubts if isinstance(doubt, Refusal))),
        unknown=(*plan.unknown, *(doubt for doubt in doubts if isinstance(doubt, Unknown))),
    )
