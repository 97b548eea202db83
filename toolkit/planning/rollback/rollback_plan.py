"""Plan the rollback of a run, object by object, and restore the former order of objects if it is known.

Each change of the run has one row in the plan: reversed, already reversed, refused, not reversible, or unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.planning.applied_change import (
    CREATE,
    ObjectChange,
    settings_as_sent,
    sum_changes,
)
from toolkit.planning.change import Delete
from toolkit.planning.compare import PlanRules
from toolkit.planning.draft import AnyKind, Draft
from toolkit.planning.look_alikes import object_with_current_jobs
from toolkit.planning.matching import LastApplied, Pair
from toolkit.planning.ordering import check_order
from toolkit.planning.plan import Plan, rows_for_unknown, to_rows
from toolkit.planning.plan_details import ObservedState, PlannedOrder, Refusal, Unknown
from toolkit.planning.plan_states import (
    CHANGED,
    CONFLICT,
    KEPT,
    LOOK_ALIKE,
    MATCHING,
    NOTED,
    OVERRIDDEN,
    REFUSED,
    UNKNOWN,
)
from toolkit.planning.ranks import check_ranks
from toolkit.planning.rollback.inverse import RollbackRules, plan_undo, with_label
from toolkit.planning.rollback.restore_order import restore_order
from toolkit.planning.rollback.run_record import RunRecord
from toolkit.records import dataclass
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Address, Desired, Observed, Origin
from toolkit.values import Settings


def plan_rollback(
    record: RunRecord,
    observed_state: ObservedState,
    kinds: Mapping[str, AnyKind],
    rules: PlanRules,
    *,
    even_if_changed: bool = False,
) -> Plan:
    """Return the plan that undoes a run. Settings that changed after the run are conflicts."""
    summed = sum_changes(record.changes)
    rollback_rules = RollbackRules(plan_rules=rules, origin=record.origin, even_if_changed=even_if_changed)
    drafts = {
        name: _draft_rollback_of_kind(
            kinds[name],
            [trace for trace in summed.values() if trace.address.kind_path == name],
            observed_state,
            record,
            rollback_rules,
        )
        for name in dict.fromkeys(trace.address.kind_path for trace in summed.values())
        if name in observed_state.objects
    }
    every = drafts.values()
    unavailable = [
        Refusal(trace.address, observed_state.unavailable[trace.address.kind_path], record.origin)
        for trace in summed.values()
        if trace.address.kind_path in observed_state.unavailable
    ]
    return Plan(
        rows=(
            *rows_for_unknown(observed_state.unknown),
            *to_rows(REFUSED, unavailable),
            *(row for draft in every for row in draft.rows),
        ),
        desired_controls={trace.address: frozenset() for trace in summed.values()},
        orders={name: draft.order for name, draft in drafts.items() if draft.order},
    )


def _draft_rollback_of_kind(
    kind: AnyKind,
    object_changes: Sequence[ObjectChange],
    observed_state: ObservedState,
    record: RunRecord,
    rules: RollbackRules,
) -> Draft:
    name = object_changes[0].address.kind_path
    objects = observed_state.objects[name]
    unread = _find_unread_objects(name, observed_state)
    ours = {record.remote_id for address, record in record.last_applied.items() if address.kind_path == name}
    draft = Draft(unmanaged=[observed for observed in objects if observed.remote.id not in ours])
    draft.rivals = [object_with_current_jobs(kind, other) for other in draft.unmanaged]
    places: dict[str, Observed] = {}  # the run's objects that still exist, by address
    for trace in object_changes:
        last = record.last_applied.get(trace.address)
        if unread.contains(trace, last):
            draft.rows += rows_for_unknown(unread.unknown_under_other_names(trace))
            continue
        if not trace.can_be_undone:
            draft.add(MATCHING, trace.address)
            continue
        labelled = with_label(trace, record.labels.get(trace.address, ""))
        there = _find_observed(labelled, objects, last)
        if there:
            places[str(trace.address)] = there
        put_back = record.put_back.get(trace.address, {})
        plan_undo(
            draft,
            kind,
            labelled,
            there,
            replace(rules, as_sent=_settings_as_sent(trace, record, kind), put_back=put_back),
        )
    if isinstance(kind.endpoint, Ordered):
        restore_order(draft, observed_state, name, places, record)
    _check_rules(draft, kind, objects, record, rules.plan_rules)
    summed_addresses = [trace.address for trace in object_changes]
    draft.add(REFUSED, *_refuse_unplanned_changes(draft, summed_addresses, observed_state.unknown, record.origin))
    return draft


@dataclass(frozen=True, slots=True)
class _UnreadObjects:
    """The objects of a kind that exist but could not be read, by name and by id."""

    names: frozenset[str]
    ids: frozenset[str]

    def contains(self, object_change: ObjectChange, last_applied: LastApplied | None) -> bool:
        ids = {object_change.remote_id, last_applied.remote_id if last_applied else None}
        return object_change.address.name.casefold() in self.names or bool(self.ids & ids)

    def unknown_under_other_names(self, object_change: ObjectChange) -> list[Unknown]:
        """Return a row for an object that could not be read.

        Return nothing if a row under the object's own name already reports this.
        """
        if object_change.address.name.casefold() in self.names:
            return []
        reason = COULD_NOT_BE_READ(text="it has another name now and could not be read")
        return [Unknown(object_change.address.kind_path, reason, object_change.address)]


def _find_unread_objects(kind: str, observed_state: ObservedState) -> _UnreadObjects:
    read = {observed.remote.id for observed in observed_state.objects[kind]}
    addresses = [unknown.address for unknown in observed_state.unknown if unknown.kind == kind]
    names = frozenset(address.name.casefold() for address in addresses if address)
    return _UnreadObjects(names, frozenset(observed_state.order.get(kind, ())) - read)


def _refuse_unplanned_changes(
    draft: Draft, changed_addresses: Sequence[Address], unknown: Sequence[Unknown], origin: Origin
) -> Iterator[Refusal]:
    """Yield a refusal for each change of the run that has no row in the plan yet. Every change must have a row."""
    planned = (CHANGED, MATCHING, CONFLICT, KEPT, LOOK_ALIKE, REFUSED, UNKNOWN)
    named = {row.address for row in draft.rows if row.state in planned}
    named |= {unknown_object.address for unknown_object in unknown}
    for address in changed_addresses:
        if address not in named:
            yield Refusal(address, "toolkit cannot undo this change. Undo it by hand", origin)


def _check_rules(draft: Draft, kind: AnyKind, objects: Sequence[Observed], record: RunRecord, rules: PlanRules) -> None:
    """Add rows to the draft plan about objects that other objects would prevent from working after the rollback."""
    changes = draft.select(CHANGED)
    changed = {change.address: change.desired for change in changes if not isinstance(change, Delete)}
    goes = {change.address for change in changes if isinstance(change, Delete)}
    there, last = {observed.remote.id: observed for observed in objects}, record.last_applied
    ours = {address: there[record.remote_id] for address, record in last.items() if record.remote_id in there}
    pairs = [
        Pair(changed.get(address) or Desired(address, {}, {}, Origin(f"run {last[address].run}", 0)), ours.get(address))
        for address in dict.fromkeys((*changed, *ours))
        if address not in goes
    ]
    provider = objects[0].address.provider if objects else ""
    judged = Draft(rows=[*to_rows(CHANGED, changes)], unmanaged=draft.unmanaged)
    check_ranks(judged, kind, pairs, {address.name.casefold() for address in changed})
    if draft.order:
        keys = {observed.remote.id: str(address) for address, observed in ours.items()}
        orders = (draft.order.desired, draft.order.current)
        desired, current = (tuple(keys.get(key, key) for key in order) for order in orders)
        judged.order = PlannedOrder(desired, current, keys)
        as_before = {address for address in (*changed, *ours) if not _is_kept_after_run(address, record)}
        check_order(kind, pairs, judged, rules.members.get(provider, {}), rules.now, restored=as_before)
    names = {address.display_text for address in changed}
    draft.replace(CHANGED, judged.select(CHANGED))
    draft.add(REFUSED, *(refusal for refusal in judged.select(REFUSED) if refusal.address in changed))
    draft.add(OVERRIDDEN, *(remark for remark in judged.select(OVERRIDDEN) if remark.address in changed))
    draft.add(NOTED, *(remark for remark in judged.select(NOTED) if remark.address in changed or remark.by in names))


def _is_kept_after_run(address: Address, record: RunRecord) -> bool:
    """Return whether an object still counts as applied after the rollback, because the run created it or a later
    run changed it.
    """
    made = any(applied.address == address and applied.action == CREATE for applied in record.changes)
    return made or (address in record.last_applied and record.last_applied[address].run in record.since)


def _find_observed(
    object_change: ObjectChange, objects: Sequence[Observed], last_applied: LastApplied | None
) -> Observed | None:
    """Return the observed object of a change, found by its id in the run, by its latest id, or, if it was
    deleted, by its name.
    """
    by_id = {observed.remote.id: observed for observed in objects}
    if object_change.remote_id in by_id:
        return by_id[object_change.remote_id]
    if last_applied and last_applied.remote_id in by_id:
        return by_id[last_applied.remote_id]
    name = object_change.address.name.casefold() if object_change.is_deleted else None
    return next((observed for observed in objects if observed.remote.name.casefold() == name), None)


def _settings_as_sent(object_change: ObjectChange, record: RunRecord, kind: AnyKind) -> Settings:
    """Return the texts that the service rewrites, in the form in which toolkit sent them."""
    table = kind.spec.table()
    return {
        name: value
        for name, value in settings_as_sent(object_change, record.earlier).items()
        if table[name].form.rewritten
    }
