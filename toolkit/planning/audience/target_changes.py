"""The groups, people and devices that each object of a plan applies to, before and after the plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from toolkit.planning.change import Create, Delete, Update, settings_before_and_after
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import ORPHANED
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import GroupNesting
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address, Observed
from toolkit.sdk.targets import Scale, Targets
from toolkit.values import Settings


@dataclass(frozen=True, slots=True)
class TargetChange:
    """The groups, people and devices that an object applies to, before and after a change."""

    before: Targets | None
    after: Targets
    locks_out: bool = False  # the object can keep people from signing in
    control: bool = False  # made by a control, so the end of an exception does not count as growth
    nesting: GroupNesting | None = None  # of the kind
    tenant_wide: bool = False  # the kind's objects are settings of the tenant, which are for everyone

    @property
    def has_other_targets(self) -> bool:
        """Return whether the change makes the object apply to other people or devices."""
        return self.before is not None and self.before != self.after


def find_replaceable_objects(plan: Plan) -> list[Observed]:
    """Return the objects that toolkit manages and no playbook names any more, because a new object may replace them."""
    pruned = (change for change in plan.changes if isinstance(change, Delete | Update))
    return [
        *plan.select(ORPHANED),
        *(replace(c.observed, address=c.address) for c in pruned if c.address in plan.pruned_objects),
    ]


def find_target_changes(
    plan: Plan,
    kinds: Mapping[str, Kind[Connection]],
    last_applied: Mapping[Address, LastApplied],
    orphaned_objects: Sequence[Observed],
) -> Mapping[Address, TargetChange]:
    """Return the groups, people and devices that each object of a plan applies to, before and after the plan.

    The targets before the plan come from the object's last apply, even if the object had a different name then. If a
    new object replaces `orphaned_objects` objects, its targets before the plan are their targets.
    """
    by_id = {
        (address.kind_path, record.remote_id): record for address, record in last_applied.items() if record.remote_id
    }

    def find_last_applied(change: Create | Update) -> LastApplied | None:
        observed = change.observed.remote.id if isinstance(change, Update) else ""
        return last_applied.get(change.address) or by_id.get((change.address.kind_path, observed))

    return {
        change.address: _find_target_change(
            change, kinds[change.address.kind_path], find_last_applied(change), orphaned_objects
        )
        for change in plan.changes
        if isinstance(change, Create | Update)
    }


def _find_target_change(
    change: Create | Update,
    kind: Kind[Connection],
    last_applied: LastApplied | None,
    orphaned_objects: Sequence[Observed],
) -> TargetChange:
    there, after = settings_before_and_after(change)
    then = {
        **(there or {}),
        **(last_applied.returned if last_applied else {}),
        **(last_applied.sent if last_applied else {}),
    }
    name, control = change.address.name, bool(change.desired.made_by)
    held = frozenset[str]().union(*change.desired.as_applied.values())  # members of these groups cannot be counted
    before = (
        _leave_out_kept_targets(kind.reaches(name, then), held) if last_applied or isinstance(change, Update) else None
    )
    if before and before.is_empty and (control or last_applied is None):
        before = None
    if last_applied is None and (replaced := _targets_of_replaced_objects(change, kind, after or {}, orphaned_objects)):
        before = reduce(Targets.combine_with, replaced)
    after_it = _leave_out_kept_targets(kind.reaches(name, after or {}), held)
    return TargetChange(
        before,
        after_it,
        locks_out=kind.locks_out,
        control=control,
        nesting=kind.nesting,
        tenant_wide=kind.reach is Scale.TENANT,
    )


def _leave_out_kept_targets(targets: Targets, kept_groups: Collection[str]) -> Targets:
    folded = {name.casefold() for name in kept_groups}
    return replace(targets, excluded=frozenset(name for name in targets.excluded if name.casefold() not in folded))


def _targets_of_replaced_objects(
    change: Create | Update, kind: Kind[Connection], settings_after: Settings, orphaned_objects: Sequence[Observed]
) -> list[Targets]:
    """Return the targets of the orphaned objects that a new object replaces."""
    name = change.address.name
    same_kind = [other for other in orphaned_objects if other.address.kind_path == change.address.kind_path]
    targets = kind.reaches(name, settings_after)
    target_paths = [
        path for path in change.desired.origins if kind.reaches(name, {**settings_after, path: None}) == targets
    ]
    return [
        kind.reaches(other.address.name, other.settings)
        for other in same_kind
        if does_same_job(kind, other.settings, settings_after)
        or (target_paths and all(other.settings.get(p) == settings_after[p] for p in target_paths))
    ]


def does_same_job(kind: Kind[Connection], observed: Settings, desired: Settings) -> bool:
    jobs = kind.jobs
    return bool({*jobs.of(observed)} & {*jobs.of(desired)}) and jobs.same(observed, desired)
