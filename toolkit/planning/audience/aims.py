"""For whom the objects of a plan are before and after it, as their targets say."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import reduce

from toolkit.planning.change import Create, Delete, Update, around
from toolkit.planning.matching import Known
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
class Aim:
    """The targets of an object before and after a change."""

    before: Targets | None
    after: Targets
    locks_out: bool = False  # the object can keep people from signing in
    control: bool = False  # a control's exceptions end on their date, which does not count as growth of its reach
    nesting: GroupNesting | None = None  # of the kind
    tenant_wide: bool = False  # the kind's objects are settings of the tenant, which are for everyone

    @property
    def changes(self) -> bool:
        """Return whether a change moves an object to other people."""
        return self.before is not None and self.before != self.after


def replaceable(plan: Plan) -> list[Observed]:
    """Return our orphaned objects."""
    pruned = (change for change in plan.changes if isinstance(change, Delete | Update))
    return [
        *plan.select(ORPHANED),
        *(replace(c.observed, address=c.address) for c in pruned if c.address in plan.pruned),
    ]


def aims(
    plan: Plan, kinds: Mapping[str, Kind[Connection]], known: Mapping[Address, Known], left: Sequence[Observed]
) -> Mapping[Address, Aim]:
    """Return the targets of each object of a plan. Today's targets come from the last apply, under any address.

    An object that does what one of ours did that is `left`, since no playbook asks for it, takes the place of that one.
    """
    by_id = {(address.of_kind, one.remote_id): one for address, one in known.items() if one.remote_id}

    def remembered(change: Create | Update) -> Known | None:
        observed = change.observed.remote.id if isinstance(change, Update) else ""
        return known.get(change.address) or by_id.get((change.address.of_kind, observed))

    return {
        change.address: _aim(change, kinds[change.address.of_kind], remembered(change), left)
        for change in plan.changes
        if isinstance(change, Create | Update)
    }


def _aim(change: Create | Update, kind: Kind[Connection], known: Known | None, left: Sequence[Observed]) -> Aim:
    there, after = around(change)
    then = {**(there or {}), **(known.returned if known else {}), **(known.sent if known else {})}
    name, control = change.address.name, bool(change.desired.made_by)
    held = frozenset[str]().union(*change.desired.as_applied.values())  # whom they keep out, no one can count
    before = _without_held(kind.reaches(name, then), held) if known or isinstance(change, Update) else None
    if before and before.empty and (control or known is None):
        before = None
    if known is None and (replaced := _replaced(change, kind, after or {}, left)):
        before = reduce(Targets.together, replaced)
    after_it = _without_held(kind.reaches(name, after or {}), held)
    return Aim(
        before,
        after_it,
        locks_out=kind.locks_out,
        control=control,
        nesting=kind.nesting,
        tenant_wide=kind.reach is Scale.TENANT,
    )


def _without_held(targets: Targets, held: Collection[str]) -> Targets:
    folded = {name.casefold() for name in held}
    return replace(targets, excluded=frozenset(name for name in targets.excluded if name.casefold() not in folded))


def _replaced(
    change: Create | Update, kind: Kind[Connection], after: Settings, left: Sequence[Observed]
) -> list[Targets]:
    """Return the targets of our objects that a new object replaces."""
    name = change.address.name
    own = [one for one in left if one.address.of_kind == change.address.of_kind]
    whose = kind.reaches(name, after)
    says = [path for path in change.desired.origins if kind.reaches(name, {**after, path: None}) == whose]
    return [
        kind.reaches(one.address.name, one.settings)
        for one in own
        if does_same_job(kind, one.settings, after) or (says and all(one.settings.get(p) == after[p] for p in says))
    ]


def does_same_job(kind: Kind[Connection], observed: Settings, desired: Settings) -> bool:
    jobs = kind.jobs
    return bool({*jobs.of(observed)} & {*jobs.of(desired)}) and jobs.same(observed, desired)
