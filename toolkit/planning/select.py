"""Narrows a plan to what somebody asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from toolkit.errors import UsageError
from toolkit.planning.plan import Plan
from toolkit.sdk.address import Address


def only(plan: Plan, wanted: Sequence[str]) -> Plan:
    """Keep the changes of some addresses or controls; everything else is as if nobody had asked.

    UsageError for a word that names nothing in the playbooks.
    """
    if not wanted:
        return plan
    makers = askable_names(plan)
    named = {control.control for control in plan.controls}
    named |= {control.name for one in plan.undecided for control in one.waiting}
    for word in wanted:
        if word not in named and not any(word in names for names in makers.values()):
            raise UsageError(f"--only {word}: no object or control of the playbooks is called this")
    asked = {address for address, names in makers.items() if names & set(wanted)}

    def kept(address: Address | None) -> bool:
        return address is None or address in asked

    return replace(
        plan,
        changes=tuple(change for change in plan.changes if change.address in asked),
        watched=tuple(change for change in plan.watched if change.address in asked),
        matching=tuple(address for address in plan.matching if address in asked),
        look_alikes=tuple(one for one in plan.look_alikes if one.desired.address in asked),
        left=tuple(one for one in plan.left if one.desired.address in asked),
        unknown=tuple(one for one in plan.unknown if kept(one.address)),
        unused=tuple(one for one in plan.unused if kept(one.address)),
        refused=tuple(one for one in plan.refused if one.address in asked),
        remarks=tuple(one for one in plan.remarks if one.address in asked),
        unread=tuple(one for one in plan.unread if asked.intersection(one.addresses)),
        leftover=tuple(one for one in plan.leftover if one.address in asked),
        dropped=tuple(one for one in plan.dropped if one.address in asked),
        elsewhere=tuple(one for one in plan.elsewhere if one.address in asked),
        conflicts=tuple(one for one in plan.conflicts if one.address in asked),
        kept=tuple(one for one in plan.kept if one.address in asked),
        undecided=tuple(one for one in plan.undecided if {control.name for control in one.waiting} & set(wanted)),
    )


def askable_names(plan: Plan) -> Mapping[Address, set[str]]:
    """Return the names by which `--only` asks for each object: its address, its name, and the controls that want it."""
    words = {address: {str(address), address.told, address.name, address.shown} for address in plan.wanted}
    for address, makers in plan.wanted.items():
        words[address].update(makers)
    return words
