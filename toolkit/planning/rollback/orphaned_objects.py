"""Find managed objects that no playbook names any more, and plan to delete or restore them."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from toolkit.planning.applied_change import ChangedField, Key, ObjectChange, find_unrestorable_settings, object_key
from toolkit.planning.draft import AnyKind, Draft
from toolkit.planning.entries_of_others import find_entries_of_others, has_our_entries
from toolkit.planning.matching import LastApplied, LedgerObjects, belongs_to_other_ledger
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
from toolkit.planning.rollback.inverse import RollbackRules, plan_undo
from toolkit.records import dataclass
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.resource import EVERY, Address, Observed, Origin
from toolkit.sdk.temporary_setting import TemporarySetting
from toolkit.values import Value, entries

ORIGIN = Origin("no longer in any playbook", 0)
WITHDRAWN = Origin("toolkit withdraw", 0)


@dataclass(frozen=True, slots=True)
class OrphanedObject:
    """A managed object that no playbook names any more."""

    observed: Observed
    trace: ObjectChange


@dataclass(frozen=True, slots=True)
class PlaybookReferences:
    """The objects that the playbooks name, even in disabled entries."""

    names: frozenset[tuple[str, str]]  # kind with provider, and name
    ids: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def includes(self, observed: Observed) -> bool:
        """Return whether the playbooks name an object by its name or its id, or have an entry for every
        object of its kind.
        """
        kind, name = observed.address.kind_path, observed.remote.name.casefold()
        return bool({(kind, name), (kind, EVERY)} & self.names) or (kind, observed.remote.id) in self.ids


def reference_key(address: Address, name: str = "") -> tuple[str, str]:
    """Return the kind and the name of an address. The name is in lower case, because services ignore case."""
    return address.kind_path, (name or address.name).casefold()


def is_managed_object(
    object_change: ObjectChange | None, kind: AnyKind, observed: Observed, ledger_objects: LedgerObjects
) -> bool:
    """Return whether the ledger proves that toolkit created an object or changed a part of it.

    A marker is not enough proof, because another ledger may have created the object.
    """
    if object_change is None:
        return bool(kind.is_ours and kind.is_ours(observed.remote)) and ledger_objects.contains(observed)
    if object_change.is_created or object_change.is_adopted:
        ours = object_change.our_entries
        theirs = find_entries_of_others(kind, observed, ours) if object_change.after else {}
        return not object_change.is_deleted and (has_our_entries(kind, observed, ours) or not theirs)
    if object_change.renamed and _has_our_name(object_change, observed, ledger_objects):
        return True
    now, table = observed.settings, kind.spec.table()
    above = kind.lifecycle.lists_above(observed.remote.body)
    return any(
        _differs_without_our_entries(changed, now.get(name), above.get(name))
        if name in table and table[name].at_least and not find_unrestorable_settings({name: changed.before})
        else now.get(name) == changed.after or _has_added_entries(changed, now.get(name))
        for name, changed in object_change.fields.items()
    )


def _differs_without_our_entries(changed_field: ChangedField, current: Value, inherited: Value) -> bool:
    """Return whether a shared list would change if toolkit's entries were removed from it.

    Inherited entries would stay in the list.
    """
    stays = {*entries(current)} & {*entries(inherited)}
    return {*entries(changed_field.without_our_entries(current))} | stays != {*entries(current)}


def _has_added_entries(changed_field: ChangedField, current: Value) -> bool:
    return bool(({*entries(changed_field.after)} - {*entries(changed_field.before)}) & {*entries(current)})


def _has_our_name(object_change: ObjectChange, observed: Observed, ledger_objects: LedgerObjects) -> bool:
    """Return whether an object that someone else created has a name that toolkit once gave to an object of its own."""
    named = replace(observed.address, name=observed.remote.name)
    return named.name.casefold() != object_change.address.name.casefold() and named in ledger_objects.addresses


def find_unmatched_objects(plan: Plan, observed_state: ObservedState) -> Sequence[Observed]:
    """Return the observed objects for which there is no playbook entry."""
    return [*plan.select(UNMANAGED), *_objects_of_other_kinds(plan, observed_state)]


def _objects_of_other_kinds(plan: Plan, observed_state: ObservedState) -> Sequence[Observed]:
    compared = {address.kind_path for address in plan.desired_controls}
    return [
        observed for kind, objects in observed_state.objects.items() if kind not in compared for observed in objects
    ]


def find_orphaned_objects(
    plan: Plan,
    observed_state: ObservedState,
    kinds: Mapping[str, AnyKind],
    object_changes: Mapping[Key, ObjectChange],
    ledger_objects: LedgerObjects,
) -> Sequence[OrphanedObject]:
    """Return the orphaned objects: managed objects that no playbook names.

    An object with toolkit's marker counts only if this ledger knows it.
    """
    orphans: list[OrphanedObject] = []
    for observed in find_unmatched_objects(plan, observed_state):
        name = observed.address.kind_path
        trace = object_changes.get(object_key(name, observed.remote.id, observed.remote.name))
        if is_managed_object(trace, kinds[name], observed, ledger_objects):
            trace_of_ours = trace or ObjectChange(
                address=observed.address, remote_id=observed.remote.id, is_created=True
            )
            orphans.append(
                OrphanedObject(
                    observed, replace(trace_of_ours, is_created=True) if trace_of_ours.is_adopted else trace_of_ours
                )
            )
    return orphans


def plan_pruning(
    plan: Plan,
    orphans: Sequence[OrphanedObject],
    observed_state: ObservedState,
    kinds: Mapping[str, AnyKind],
    rules: RollbackRules,
) -> Plan:
    """Return the plan with changes that delete or restore orphaned objects."""
    draft, orders = Draft(), dict(plan.orders)
    for orphan in orphans:
        plan_undo(draft, kinds[orphan.observed.address.kind_path], orphan.trace, orphan.observed, rules)
    for name in {change.address.kind_path for change in draft.select(CHANGED)}:
        if name not in orders and isinstance(kinds[name].endpoint, Ordered):
            orders[name] = PlannedOrder(desired=(), current=tuple(observed_state.order[name]), our_addresses={})
    added = (row for row in draft.rows if row.state in {CHANGED, REFUSED, KEPT, CONFLICT})
    return replace(
        plan,
        rows=(*plan.rows, *added),
        desired_controls={**plan.desired_controls, **draft.controls_of},
        pruned_objects=plan.pruned_objects | frozenset(change.address for change in draft.select(CHANGED)),
        orders=orders,
    )


def keep_evidence(
    plan: Plan, observed_state: ObservedState, kinds: Mapping[str, AnyKind], last_applied: Mapping[Address, LastApplied]
) -> Plan:
    """Return the plan of a withdrawal, in which objects that keep evidence or whose change is refused stay as they are.

    An owner's own automatic reply stays too, until the time that toolkit set.
    """
    evidence = [change for change in plan.changes if kinds[change.address.kind_path].keeps_evidence]
    stays = [Refusal(change.address, "it keeps evidence, so it stays as it is", WITHDRAWN) for change in evidence]
    changes = tuple(change for change in plan.changes if change not in evidence)
    taken = {change.address for change in changes}
    every = (observed for objects in observed_state.objects.values() for observed in objects)
    temporary = ((observed, kinds[observed.address.kind_path].temporary) for observed in every)
    stays += [
        Refusal(observed.address, "the owner's own reply stays on until the time that toolkit set", WITHDRAWN)
        for observed, setting in temporary
        if setting
        and observed.address not in taken
        and _is_as_sent(observed, last_applied.get(observed.address, LastApplied()), setting)
    ]
    return plan.replace(CHANGED, changes).replace(REFUSED, ()).add(KEPT, (*plan.refused, *stays))


def _is_as_sent(observed: Observed, last_applied: LastApplied, setting: TemporarySetting) -> bool:
    return setting.is_timed(last_applied.sent) and all(
        observed.settings.get(name) == value for name, value in last_applied.sent.items()
    )


def mark_our_orphans(plan: Plan, orphans: Sequence[OrphanedObject]) -> Plan:
    """Return the plan with look-alikes and overriding objects marked as managed if they are orphaned objects."""
    ids = {(orphan.observed.address.kind_path, orphan.observed.remote.id) for orphan in orphans}
    names = {(orphan.observed.address.kind_path, orphan.observed.remote.name) for orphan in orphans}
    for state in (LOOK_ALIKE, DUPLICATE):
        alike = plan.select(state)
        plan = plan.replace(
            state,
            [
                replace(
                    look_alike, is_ours=(look_alike.observed.address.kind_path, look_alike.observed.remote.id) in ids
                )
                for look_alike in alike
            ],
        )
    remarks = plan.select(OVERRIDDEN)
    return plan.replace(
        OVERRIDDEN, [replace(remark, is_ours=(remark.address.kind_path, remark.by) in names) for remark in remarks]
    )


def separate_unmanaged(
    plan: Plan,
    orphans: Sequence[OrphanedObject],
    observed_state: ObservedState,
    kinds: Mapping[str, AnyKind],
    ledger_objects: LedgerObjects,
) -> Plan:
    """Return the plan with a row for each unmanaged object.

    Orphaned objects are left out, and objects of another ledger get rows of their own.
    """
    ours = {(orphan.observed.address.kind_path, orphan.observed.remote.id) for orphan in orphans}
    listed = [
        observed
        for observed in _objects_of_other_kinds(plan, observed_state)
        if (kind := kinds[observed.address.kind_path]).whole and not kind.fixed
    ]
    others = [
        observed
        for observed in (*plan.select(UNMANAGED), *listed)
        if (observed.address.kind_path, observed.remote.id) not in ours
    ]
    marked = [
        observed
        for observed in others
        if belongs_to_other_ledger(kinds[observed.address.kind_path], observed, ledger_objects)
    ]
    rest = tuple(observed for observed in others if observed not in marked)
    return plan.replace(UNMANAGED, rest).add(OTHER_LEDGER, marked)
