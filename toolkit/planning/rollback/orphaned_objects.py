"""Finds what is ours in the tenants and in no playbook any more, and plans to take it back."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from toolkit.planning.applied_change import ChangedField, Key, ObjectChange, key_of, lost_settings
from toolkit.planning.draft import AnyKind, Draft
from toolkit.planning.entries_of_others import entries_of_others, has_ours
from toolkit.planning.matching import Known, Own, of_another
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, PlannedOrder, Refusal
from toolkit.planning.plan_states import (
    CHANGED,
    CONFLICT,
    DUPLICATE,
    KEPT,
    LOOK_ALIKE,
    OTHER_LEDGER,
    OVERRIDDEN,
    REFUSED,
    UNMANAGED,
)
from toolkit.planning.rollback.inverse import Manners, undo
from toolkit.records import dataclass
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.resource import EVERY, Address, Observed, Origin
from toolkit.sdk.temporary_setting import TemporarySetting
from toolkit.values import Value, entries

ORIGIN = Origin("in no playbook any more", 0)
WITHDRAWN = Origin("toolkit withdraw", 0)


@dataclass(frozen=True, slots=True)
class Leftover:
    """An object that is ours and that no playbook speaks of."""

    observed: Observed
    trace: ObjectChange


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the playbooks speak of, that which is off too."""

    names: frozenset[tuple[str, str]]  # kind with provider, and name
    ids: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def of(self, observed: Observed) -> bool:
        """Say whether an object is spoken of, by its name, by its id or with all of its kind."""
        kind, name = observed.address.of_kind, observed.remote.name.casefold()
        return bool({(kind, name), (kind, EVERY)} & self.names) or (kind, observed.remote.id) in self.ids


def spoken_name(address: Address, name: str = "") -> tuple[str, str]:
    """Write an address as services compare names."""
    return address.of_kind, (name or address.name).casefold()


def is_ours(trace: ObjectChange | None, kind: AnyKind, observed: Observed, own: Own) -> bool:
    """Return whether the ledger proves that an object is ours, or has something of ours in it.

    A marker alone does not: another ledger may have made the object.
    """
    if trace is None:
        return bool(kind.is_ours and kind.is_ours(observed.remote)) and own.knows(observed)
    if trace.made or trace.adopted:
        ours = trace.our_entries
        theirs = entries_of_others(kind, observed, ours) if trace.left else {}
        return not trace.gone and (has_ours(kind, observed, ours) or not theirs)
    if trace.renamed and _bears_our_name(trace, observed, own):
        return True
    now, table = observed.settings, kind.spec.table()
    above = kind.lifecycle.lists_above(observed.remote.body)
    return any(
        _differs_without_ours(changed, now.get(name), above.get(name))
        if name in table and table[name].at_least and not lost_settings({name: changed.before})
        else now.get(name) == changed.left or _has_added(changed, now.get(name))
        for name, changed in trace.fields.items()
    )


def _differs_without_ours(changed: ChangedField, now: Value, above: Value) -> bool:
    """Return whether a list that several hands fill would differ without us; what is above it stays in it."""
    stays = {*entries(now)} & {*entries(above)}
    return {*entries(changed.without_ours(now))} | stays != {*entries(now)}


def _has_added(changed: ChangedField, now: Value) -> bool:
    return bool(({*entries(changed.left)} - {*entries(changed.before)}) & {*entries(now)})


def _bears_our_name(trace: ObjectChange, observed: Observed, own: Own) -> bool:
    """Return whether an object that others made is called by a name that we gave it."""
    named = replace(observed.address, name=observed.remote.name)
    return named.name.casefold() != trace.address.name.casefold() and named in own.addresses


def loose(plan: Plan, seen: ObservedState) -> Sequence[Observed]:
    """List what was seen and matches nothing that is wanted."""
    return [*plan.select(UNMANAGED), *_objects_of_other_kinds(plan, seen)]


def _objects_of_other_kinds(plan: Plan, seen: ObservedState) -> Sequence[Observed]:
    compared = {address.of_kind for address in plan.wanted}
    return [observed for kind, objects in seen.objects.items() if kind not in compared for observed in objects]


def leftovers(
    plan: Plan, seen: ObservedState, kinds: Mapping[str, AnyKind], traces: Mapping[Key, ObjectChange], own: Own
) -> Sequence[Leftover]:
    """List what of the loose objects is ours; what bears our marker and is no other ledger's was made by us."""
    orphans: list[Leftover] = []
    for observed in loose(plan, seen):
        name = observed.address.of_kind
        trace = traces.get(key_of(name, observed.remote.id, observed.remote.name))
        if is_ours(trace, kinds[name], observed, own):
            trace_of_ours = trace or ObjectChange(address=observed.address, remote_id=observed.remote.id, made=True)
            orphans.append(
                Leftover(observed, replace(trace_of_ours, made=True) if trace_of_ours.adopted else trace_of_ours)
            )
    return orphans


def pruned(
    plan: Plan, orphans: Sequence[Leftover], seen: ObservedState, kinds: Mapping[str, AnyKind], manners: Manners
) -> Plan:
    """Add to a plan that leftovers go, or get back what they had."""
    draft, orders = Draft(), dict(plan.orders)
    for orphan in orphans:
        undo(draft, kinds[orphan.observed.address.of_kind], orphan.trace, orphan.observed, manners)
    for name in {change.address.of_kind for change in draft.select(CHANGED)}:
        if name not in orders and isinstance(kinds[name].endpoint, Ordered):
            orders[name] = PlannedOrder(wanted=(), current=tuple(seen.order[name]), ours={})
    added = (row for row in draft.rows if row.state in {CHANGED, REFUSED, KEPT, CONFLICT})
    return replace(
        plan,
        rows=(*plan.rows, *added),
        wanted={**plan.wanted, **draft.wanted},
        pruned=plan.pruned | frozenset(change.address for change in draft.select(CHANGED)),
        orders=orders,
    )


def with_all_kept(
    plan: Plan, seen: ObservedState, kinds: Mapping[str, AnyKind], last_applied: Mapping[Address, Known]
) -> Plan:
    """Return the plan of a withdrawal: nothing that keeps evidence changes, and what would be refused is what stays.

    A reply in its owner's own words, of which we changed the time, stays too.
    """
    evidence = [change for change in plan.changes if kinds[change.address.of_kind].keeps_evidence]
    stays = [Refusal(change.address, "it keeps evidence, so it stays as it is", WITHDRAWN) for change in evidence]
    changes = tuple(change for change in plan.changes if change not in evidence)
    taken = {change.address for change in changes}
    every = (observed for objects in seen.objects.values() for observed in objects)
    temporary = ((observed, kinds[observed.address.of_kind].temporary) for observed in every)
    stays += [
        Refusal(observed.address, "the owner's own reply stays on until the time that toolkit set", WITHDRAWN)
        for observed, setting in temporary
        if setting
        and observed.address not in taken
        and _is_as_sent(observed, last_applied.get(observed.address, Known()), setting)
    ]
    return plan.replace(CHANGED, changes).replace(REFUSED, ()).add(KEPT, (*plan.refused, *stays))


def _is_as_sent(observed: Observed, last: Known, setting: TemporarySetting) -> bool:
    return setting.is_timed(last.sent) and all(
        observed.settings.get(name) == value for name, value in last.sent.items()
    )


def with_owners(plan: Plan, orphans: Sequence[Leftover]) -> Plan:
    """Call an object that does the job of one of ours, or overrides it, ours only where it still is."""
    ids = {(orphan.observed.address.of_kind, orphan.observed.remote.id) for orphan in orphans}
    names = {(orphan.observed.address.of_kind, orphan.observed.remote.name) for orphan in orphans}
    for state in (LOOK_ALIKE, DUPLICATE):
        alike = plan.select(state)
        plan = plan.replace(
            state,
            [
                replace(look_alike, ours=(look_alike.observed.address.of_kind, look_alike.observed.remote.id) in ids)
                for look_alike in alike
            ],
        )
    remarks = plan.select(OVERRIDDEN)
    return plan.replace(
        OVERRIDDEN, [replace(remark, ours=(remark.address.of_kind, remark.by) in names) for remark in remarks]
    )


def told_apart(
    plan: Plan, orphans: Sequence[Leftover], seen: ObservedState, kinds: Mapping[str, AnyKind], own: Own
) -> Plan:
    """Tell what is ours from what others made; where no playbook names a kind that was read, the rest is others'.

    What another ledger manages is only named.
    """
    ours = {(orphan.observed.address.of_kind, orphan.observed.remote.id) for orphan in orphans}
    listed = [
        observed
        for observed in _objects_of_other_kinds(plan, seen)
        if (kind := kinds[observed.address.of_kind]).whole and not kind.fixed
    ]
    others = [
        observed
        for observed in (*plan.select(UNMANAGED), *listed)
        if (observed.address.of_kind, observed.remote.id) not in ours
    ]
    marked = [observed for observed in others if of_another(kinds[observed.address.of_kind], observed, own)]
    rest = tuple(observed for observed in others if observed not in marked)
    return plan.replace(UNMANAGED, rest).add(OTHER_LEDGER, marked)
