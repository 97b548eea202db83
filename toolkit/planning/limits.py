"""The limits on the changes of a run. For each limit there is a flag that lets a run exceed it."""

from collections import Counter
from collections.abc import Mapping

from toolkit.planning.change import Change, Create, Delete, Update
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Growth, Reach

SHARE = 0.30
SPARED_UPDATES = 10
FREE_DELETES = 2
REACH_GROWTH = 25
COVER_LOSS = 25
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Allowances:
    """The flags of the command line that let a run exceed limits."""

    changes: frozenset[str] = frozenset()  # kinds, such as microsoft365.transport_rule
    deletes: int = FREE_DELETES
    reach: int = REACH_GROWTH
    named_reach: int = 0  # the number of --reach, needed for everyone after a part, and before a pilot's last date
    lose: int = COVER_LOSS
    named_lose: int = 0  # the number of --lose, needed for a whole role
    several_at_first: bool = True  # controls in the first write that the ledger records


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that a plan exceeds, and the flag that lets a run exceed the limit."""

    reason: str
    flag: str


def find_breaches(plan: Plan, last_applied: Mapping[Address, LastApplied], allowances: Allowances) -> list[Breach]:
    """Return the limits that a plan exceeds.

    An object's first application does not count, unless the same tenants have objects of other schools.
    """
    exceeded = [
        *_find_update_breaches(plan, last_applied, allowances),
        *_find_deletion_breaches(plan, last_applied, allowances),
        *_find_reach_breaches(plan, last_applied, allowances),
        *_find_cover_breaches(plan, allowances),
    ]
    return exceeded if last_applied or allowances.several_at_first else [*_find_first_run_breaches(plan), *exceeded]


def _find_first_run_breaches(plan: Plan) -> list[Breach]:
    """Return an exceeded limit if the first run that writes would apply more than one control.

    The message suggests the controls with the fewest changes.
    """
    counts = Counter(name for change in plan.changes for name in _values_for_only_option(change))
    if len(plan.changes) < 2 or max(counts.values(), default=0) == len(plan.changes):  # noqa: PLR2004 - one is one control's
        return []
    fewest = sorted(counts.items(), key=lambda item: (item[1], item[0]))
    shown = ", ".join(f"{name} ({count})" for name, count in fewest[:_SHOWN])
    more = f" and {len(fewest) - _SHOWN} more" if len(fewest) > _SHOWN else ""
    reason = (
        "no run has written to these tenants yet, so the first run may set up only one control. Controls, with "
        f"the number of changes: {shown}{more}. `toolkit rollback last` undoes that run"
    )
    return [Breach(reason, f"--only {fewest[0][0]}")]


def _values_for_only_option(change: Change) -> tuple[str, ...]:
    """Return the values of `--only` that select a change: the names of its controls or, if no control made the
    change, its address.
    """
    makers = () if isinstance(change, Delete) else change.desired.made_by
    return makers or (str(change.address),)


def _find_update_breaches(
    plan: Plan, last_applied: Mapping[Address, LastApplied], allowances: Allowances
) -> list[Breach]:
    population = Counter(address.kind_path for address in last_applied)
    changed = Counter(
        change.address.kind_path
        for change in plan.changes
        if isinstance(change, Update) and change.address in last_applied
    )
    return [
        Breach(
            f"{count} of the {population[kind]} {kind} that were applied before would change, but a run "
            f"may change at most {SHARE:.0%} or {SPARED_UPDATES} of them",
            f"--allow-changes {kind}",
        )
        for kind, count in sorted(changed.items())
        if kind not in allowances.changes and count > SPARED_UPDATES and count > SHARE * population[kind]
    ]


def _find_deletion_breaches(
    plan: Plan, last_applied: Mapping[Address, LastApplied], allowances: Allowances
) -> list[Breach]:
    counted = last_applied.keys() | plan.pruned_objects
    count = sum(isinstance(change, Delete) and change.address in counted for change in plan.changes)
    if count <= allowances.deletes:
        return []
    text = f"{count} objects would be deleted, but a run may delete at most {allowances.deletes}"
    return [Breach(text, f"--allow-deletes {count}")]


def _find_reach_breaches(
    plan: Plan, last_applied: Mapping[Address, LastApplied], allowances: Allowances
) -> list[Breach]:
    grown = {change.address: _growth_of_change(change, plan, last_applied) for change in plan.changes}
    growth = max(
        [Growth(), *grown.values(), *(_growth_after_pilot(control, plan, last_applied) for control in plan.controls)]
    )
    early = max((_growth_before_pilot_end(control, plan) for control in plan.controls), default=Growth())
    newly_for_everyone = _objects_newly_for_everyone(plan, last_applied)
    whole = {address: more for address, more in grown.items() if address in newly_for_everyone}
    everyone = max(whole.values(), default=Growth())
    reasons = []
    if growth.number > allowances.reach:
        widest = _describe_widest_object(grown, growth)
        reasons.append(f"the plan reaches {growth}{_describe_school(plan, growth)} than before{widest}")
    elif everyone.number > allowances.named_reach:
        reasons.append(f"the plan reaches everyone, {everyone} than before{_describe_widest_object(whole, everyone)}")
    if early.number > allowances.named_reach:
        reasons.append(f"a pilot has not ended yet, and the plan reaches {early} than the pilot")
    return [Breach("; ".join(reasons), f"--reach {max(growth, early).number}")] if reasons else []


def _find_cover_breaches(plan: Plan, allowances: Allowances) -> list[Breach]:
    """Return the limits on lost cover that a plan exceeds: too many people lose cover on one cloud, or all
    people of a role do.
    """
    over = [
        loss
        for loss in plan.cover_losses
        if loss.number > allowances.lose or (loss.roles and loss.number > allowances.named_lose)
    ]
    if not over:
        return []
    reasons = (f"{loss.prefix}{loss.count_text} would lose the cover of {loss.subject_with_cloud}" for loss in over)
    return [Breach("; ".join(reasons), f"--lose {max(loss.number for loss in over)}")]


def _describe_widest_object(growth_by_object: Mapping[Address, Growth], total_growth: Growth) -> str:
    return next((f": {address.display_text}" for address, more in growth_by_object.items() if more == total_growth), "")


def _describe_school(plan: Plan, growth: Growth) -> str:
    """Return the school of a trust that has this growth as part of a sentence, or ""."""
    reaches = (pair for by_school in plan.school_reach.values() for pair in by_school.items())
    return next((f" of {school}" for school, reach in reaches if reach.growth == growth), "")


def _objects_newly_for_everyone(plan: Plan, last_applied: Mapping[Address, LastApplied]) -> frozenset[Address]:
    """Return the managed objects that will reach everyone or all devices and did not do so before the plan.

    Objects of pilots are left out.
    """
    piloted = {address for control in plan.controls if control.pilot for address in control.pilot.addresses}
    reaching = (change for change in plan.changes if isinstance(change, Create | Update))
    ours = (change for change in reaching if change.address in last_applied or change.desired.renamed_from)
    wide = (change.address for change in ours if change.desired.everyone or change.desired.all_devices)
    return frozenset(wide) - plan.reached_everyone_before - piloted


def _growth_of_change(change: Change, plan: Plan, last_applied: Mapping[Address, LastApplied]) -> Growth:
    """Count how many more people and devices a change reaches, because of its settings or because its groups
    have grown since its last apply.
    """
    if not isinstance(change, Create | Update):
        return Growth()
    by_school = plan.school_reach.get(change.address, {}).values()
    more = plan.reach_growth.get(change.address, Growth())
    if by_school:
        more = max(reach.counted_growth(counts_first=bool(plan.shared_with)) for reach in by_school)
    before = last_applied.get(change.address)
    if plan.shared_with and change.address in plan.first_time and change.desired.reach:
        return _growth_between(Reach(), change.desired.reach)
    if change.address in plan.reached_everyone_before or not (before and before.reach and change.desired.reach):
        return more
    at_first = Reach(
        sum(reach.reach.people or 0 for reach in by_school if reach.is_first),
        sum(reach.reach.devices or 0 for reach in by_school if reach.is_first),
    )  # schools for which this is the first apply of the object
    return max(more, _growth_between(_add_reaches(before.reach, at_first), change.desired.reach))


def _add_reaches(first: Reach, second: Reach) -> Reach:
    return Reach((first.people or 0) + (second.people or 0), (first.devices or 0) + (second.devices or 0))


def _growth_after_pilot(control: RealisedControl, plan: Plan, last_applied: Mapping[Address, LastApplied]) -> Growth:
    """Count how many more people a control's objects reach than its pilot did. The pilot has ended."""
    pilot, provider = control.pilot, control.provider
    if pilot is None or not pilot.is_over or pilot.early or last_applied.keys().isdisjoint(pilot.addresses):
        return Growth()
    addresses = [address for address, makers in plan.desired_controls.items() if makers == {control.control}]
    own = {address for address in addresses if address.provider == provider} - {*pilot.addresses}
    reaches = [
        change.desired.reach for change in plan.changes if isinstance(change, Create | Update) and change.address in own
    ]
    if not last_applied.keys().isdisjoint(own):
        return Growth()
    return max((_growth_between(pilot.reach, reach) for reach in reaches if reach), default=Growth())


def _growth_before_pilot_end(control: RealisedControl, plan: Plan) -> Growth:
    """Count how many more people a control reaches than its pilot contains, although the pilot has not ended."""
    pilot = control.pilot
    if pilot is None or not pilot.early:
        return Growth()
    reaches = [
        change.desired.reach
        for change in plan.changes
        if isinstance(change, Create | Update)
        and change.address.provider == control.provider
        and control.control in change.desired.made_by
    ]
    return max((_growth_between(pilot.reach, reach) for reach in reaches if reach), default=Growth())


def _growth_between(before: Reach, after: Reach) -> Growth:
    people = (after.people or 0) - (before.people or 0)
    devices = (after.devices or 0) - (before.devices or 0)
    return Growth.greater(people=people, devices=devices)
