"""Limit a plan to some objects or controls, and take blocked changes out of a plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toolkit.errors import UsageError
from toolkit.messages import closest
from toolkit.planning.change import Create
from toolkit.planning.plan import Plan, PlanRow, rows_for_unknown
from toolkit.planning.plan_details import (
    LookAlike,
    Obstacle,
    RealisedControl,
    Refusal,
    Remark,
    UnavailableKind,
    Unknown,
)
from toolkit.planning.plan_states import (
    ACCEPTED_LOOK_ALIKE,
    CHANGED,
    LOOK_ALIKE,
    MATCHING,
    NOTED,
    OVERRIDDEN,
    REFUSED,
    UNCERTAIN,
    UNCERTAIN_UNREAD,
    UNDECIDED,
    UNMANAGED,
    PlanState,
)
from toolkit.playbook.entries import OpenChoice
from toolkit.playbook.slices import Slices
from toolkit.records import dataclass
from toolkit.sdk.lending import is_temporary_setting, object_name, without_person
from toolkit.sdk.part import Part
from toolkit.sdk.providers import providers
from toolkit.sdk.resource import Absent, Address, Desired


def narrow_plan(plan: Plan, only_values: Sequence[str], all_controls: Collection[str] = ()) -> Plan:
    """Return the part of a plan for some addresses or controls, as if the playbooks asked for nothing else.

    `all_controls` are all controls of the playbooks, including disabled controls. Raise UsageError for a word that is
    not a name in the playbooks.
    """
    if not only_values:
        return plan
    selection = _parse_selection(plan, only_values, all_controls)
    controls = tuple(control for control in plan.controls if control.control in selection.controls)
    return replace(plan.filter_rows(selection.concerns), controls=controls)


def narrow_to_schools(plan: Plan, desired: Sequence[Desired | Absent], slices: Slices) -> Plan:
    """Return the plan for the slices of some schools of a trust, or the whole plan if no school is selected.

    A tenant's own settings belong to no slice, so they are only named. If the policy of a school is judged, they are
    part of its plan, because they count for the school too.
    """
    schools = slices.selection
    if not schools:
        return plan
    if slices.is_judged:
        return _narrow_to_judged_school(plan, desired, slices)
    covered = {
        entry.address
        for entry in desired
        if (set(entry.schools) & set(schools) if isinstance(entry, Desired) else set(entry.schools) <= set(schools))
        and entry.schools
    }
    kinds = {address.kind_path for address in covered} | {address.provider for address in covered}
    controls = tuple(control for control in plan.controls if control.school in schools)
    names = {control.control for control in controls}

    def concerns(row: PlanRow[Any]) -> bool:
        if row.address is not None:
            return row.address in covered
        return not isinstance(row.detail, Unknown) or row.detail.kind in {*kinds, *names}

    text = "sets this for the whole tenant"
    of_tenant = [entry for entry in desired if isinstance(entry, Desired) and entry.made_by and not entry.schools]
    remarks = [Remark(entry.address, "the trust", text) for entry in of_tenant]
    return replace(plan.filter_rows(concerns), controls=controls).add(NOTED, remarks)


def _narrow_to_judged_school(plan: Plan, desired: Sequence[Desired | Absent], slices: Slices) -> Plan:
    """Return the plan of a school's own objects and of the objects of the whole tenant."""
    of_others = {
        entry.address
        for entry in desired
        if (isinstance(entry, Desired) and entry.schools and not slices.selection & {*entry.schools})
        or entry.address.name.casefold() in slices.other_domains
    }
    controls = [control for control in plan.controls if control.school in {"", *slices.selection}]
    return replace(
        plan.filter_rows(lambda row: row.address not in of_others),
        controls=tuple(_leave_out_domains(control, slices.other_domains) for control in controls),
        desired_controls={
            address: makers for address, makers in plan.desired_controls.items() if address not in of_others
        },
    )


def _leave_out_domains(control: RealisedControl, domains: Collection[str]) -> RealisedControl:
    """Return a control without the objects that are for domains of other schools."""

    def leave_out(part: Part) -> Part:
        kept = tuple(resource for resource in part.resources if resource.name.casefold() not in domains)
        return part if len(kept) == len(part.resources) else replace(part, resources=kept)

    parts = map(leave_out, control.realisation.parts)
    kept = tuple(
        part for part, before in zip(parts, control.realisation.parts, strict=True) if part.resources or part is before
    )
    return replace(control, realisation=replace(control.realisation, parts=kept))


@dataclass(frozen=True, slots=True)
class _Selection:
    """The objects, controls and kinds that the values of `--only` select."""

    addresses: frozenset[Address]
    controls: frozenset[str]  # the named controls, and the controls of named objects
    kinds: frozenset[str]  # of the named objects and of all objects of the named controls
    providers: frozenset[str]  # empty if a control is named, because it may be on any provider
    words: frozenset[str]

    def concerns(self, row: PlanRow[Any]) -> bool:
        """Return whether a plan row is about a selected object, or about a kind that may contain selected objects."""
        if row.state is UNMANAGED:
            return False
        if row.address is not None:
            return row.address in self.addresses
        match row.detail:
            case Unknown(kind=kind):
                return self._may_contain_kind(kind)
            case UnavailableKind(kind=kind):
                return kind in self.kinds
            case OpenChoice(waiting=waiting):
                return not self.words.isdisjoint(control.name for control in waiting)
        return True

    def _may_contain_kind(self, kind: str) -> bool:
        if kind in providers():
            return not self.providers or kind in self.providers
        return kind in {*self.kinds, *self.controls}


def _parse_selection(plan: Plan, only_values: Sequence[str], all_controls: Collection[str]) -> _Selection:
    names = selectable_names(plan)
    named = {*all_controls, *(control.control for control in plan.controls)}
    named |= {control.name for choice in plan.select(UNDECIDED) for control in choice.waiting}
    for word in only_values:
        if word not in named and not any(word in of_object for of_object in names.values()):
            suggestions = [
                *named,
                *(name for address in names if not is_temporary_setting(address) for name in names[address]),
            ]
            meant = closest(word, suggestions)
            suggestion = f": did you mean `{meant}`?" if meant else ""
            raise UsageError(f"--only {word}: no object or control in the playbooks has this name{suggestion}")
    addresses = frozenset(address for address, of_object in names.items() if of_object & set(only_values))
    controls = frozenset(named & set(only_values))
    made = {
        f"{control.provider}.{resource.kind}"
        for control in plan.controls
        if control.control in controls
        for part in control.realisation.parts
        for resource in part.resources
    }
    return _Selection(
        addresses,
        controls.union(
            *(
                makers
                for address, makers in plan.desired_controls.items()
                if names[address] & set(only_values) - controls
            )
        ),
        frozenset({*made, *(address.kind_path for address in addresses)}),
        frozenset() if controls else frozenset(address.provider for address in addresses),
        frozenset(only_values),
    )


def selectable_names(plan: Plan) -> Mapping[Address, set[str]]:
    """Return the values of `--only` that select each object: its address, its name, and the names of its controls."""
    names = {
        address: {str(address), address.display_text, address.name, address.display_name, *_displayable_names(address)}
        for address in plan.desired_controls
    }
    for address, makers in plan.desired_controls.items():
        names[address].update(makers)
    return names


def _displayable_names(address: Address) -> set[str]:
    """Return the names that select an object and may be shown in output that must not reveal who is away."""
    return {str(without_person(address)), object_name(address)}


def leave_out_blocked(plan: Plan, obstacles: Sequence[Obstacle]) -> Plan:
    """Return the plan without the changes that an obstacle blocks, and with a row for each obstacle.

    An obstacle is a refusal, a look-alike or an unknown object.
    """
    look_alikes = [obstacle for obstacle in obstacles if isinstance(obstacle, LookAlike)]
    doubts = [obstacle for obstacle in obstacles if not isinstance(obstacle, LookAlike)]
    alike = {look_alike.desired.address for look_alike in look_alikes}
    plan = plan.filter_rows(lambda row: row.state is not CHANGED or row.address not in alike)
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
    plan = plan.filter_rows(lambda row: row.address not in gone.get(row.state, ()))
    plan = plan.add(REFUSED, [doubt for doubt in doubts if isinstance(doubt, Refusal)])
    return plan.add_rows(*rows_for_unknown(doubt for doubt in doubts if isinstance(doubt, Unknown)))
