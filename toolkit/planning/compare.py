"""Make the plan.

Match desired and observed objects, compare them, order the changes, and refuse changes that must not be written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TypeVar

from toolkit.planning.audience.resolve import AUDIENCE_EMPTY, AUDIENCE_UNKNOWN, is_protected
from toolkit.planning.audience.unresolved import keep_exception_entries
from toolkit.planning.change import Create, Delete, Update
from toolkit.planning.coverage import mark_unavailable_parts
from toolkit.planning.diff import (
    exclude_former_entries,
    fields_of_new_object,
    find_fixable_differences,
    leave_out_mark,
)
from toolkit.planning.draft import (
    AnyKind,
    Draft,
    add_duplicates,
    explain_evidence_refusal,
    find_obstacle_to_creation,
    plan_deletions,
    refuse_beyond_maximum,
    refuse_beyond_size,
    refuse_late_adoption,
    starts_job_of_unmanaged_object,
)
from toolkit.planning.join_drafts import join_drafts
from toolkit.planning.look_alikes import (
    ObjectWithJobs,
    object_with_current_jobs,
    remarks_on_same_jobs,
    remarks_on_unread_look_alikes,
)
from toolkit.planning.matching import (
    LastApplied,
    Pair,
    is_managed_by_other_ledger,
    match_objects,
    refuse_object_of_other_ledger,
)
from toolkit.planning.ordering import check_order, plan_moves
from toolkit.planning.ownership import (
    Ownership,
    add_mark,
    add_other_schools,
    leave_out_new_mark,
    refuse_tenant_wide_changes,
)
from toolkit.planning.plan import Plan, rows_for_unknown
from toolkit.planning.plan_details import (
    ObservedState,
    RealisedControl,
    Refusal,
    Remark,
    Unknown,
)
from toolkit.planning.plan_states import (
    CHANGED,
    CHECKED,
    MATCHING,
    NOTED,
    OTHER_LEDGER,
    OVERRIDDEN,
    REFUSED,
)
from toolkit.planning.ranks import check_ranks, is_preset, leave_out_presets
from toolkit.planning.spared_entries import add_spared_entries
from toolkit.planning.unknown_properties import add_unknown_properties
from toolkit.records import dataclass
from toolkit.sdk.directory import Members
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.kind import Renaming
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PlanRules:
    """The rules of a plan, for example whether new objects start in test mode and which accounts are protected."""

    cautious: bool = False
    protected: Sequence[str] = ()  # mailboxes
    accounts: Sequence[str] = ()
    approvers: Sequence[str] = ()  # the roles that may approve keeping less evidence
    ownership: Ownership = field(default_factory=Ownership)  # the school of the run, and the objects of its ledger
    now: datetime | None = None  # None: the dates of rules are ignored
    members: Mapping[str, Members] = field(default_factory=dict)  # of the groups that rules name, by provider


def compare(
    entries: Sequence[Desired | Absent],
    observed_state: ObservedState,
    kinds: Mapping[str, AnyKind],
    last_applied: Mapping[Address, LastApplied],
    *,
    rules: PlanRules,
    controls: Sequence[RealisedControl] = (),
) -> Plan:
    """Return the plan that makes the observed objects match the desired objects.

    An object that could not be read gets no change.
    """
    rules = replace(rules, ownership=add_other_schools(rules.ownership, observed_state, kinds))
    in_progress = {
        name: _match_objects_of_kind(
            kinds[name],
            [entry for entry in entries if entry.address.kind_path == name],
            observed_state,
            last_applied,
            rules,
        )
        for name in dict.fromkeys(entry.address.kind_path for entry in entries)
        if name in observed_state.objects
    }
    foreign = {
        **observed_state.rivals,
        **observed_state.objects,
        **{name: unfinished.draft.unmanaged for name, unfinished in in_progress.items()},
    }
    rivals = [
        object_with_current_jobs(kinds[name], other)
        for name in foreign
        if name in kinds and kinds[name].jobs.names
        for other in foreign[name]
    ]
    by_kind = {
        name: _plan_kind(unfinished, rivals, observed_state, last_applied, rules)
        for name, unfinished in in_progress.items()
    }
    ours = _flatten(draft.our_objects for draft in by_kind.values())
    notes = (
        *remarks_on_same_jobs(ours),
        *remarks_on_unread_look_alikes(ours, [kinds[name] for name in observed_state.unread_rivals]),
    )
    plan = join_drafts(
        by_kind, [entry for entry in entries if isinstance(entry, Desired)], observed_state, rules.ownership
    )
    plan = refuse_tenant_wide_changes(plan, kinds, rules.ownership)
    return replace(plan.add(NOTED, notes), controls=mark_unavailable_parts(controls, observed_state.unavailable))


def _flatten(lists: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(entry for items in lists for entry in items)


@dataclass(frozen=True, slots=True)
class _KindInProgress:
    """The objects of a single kind while their plan is made: each desired object with its observed object."""

    kind: AnyKind
    name: str
    draft: Draft
    pairs: Sequence[Pair]
    there: Sequence[Observed]
    desired_names: frozenset[str]  # the names of desired objects, in lower case


def _match_objects_of_kind(
    kind: AnyKind,
    entries: Sequence[Desired | Absent],
    observed_state: ObservedState,
    last_applied: Mapping[Address, LastApplied],
    rules: PlanRules,
) -> _KindInProgress:
    name = entries[0].address.kind_path
    there = observed_state.objects[name]
    draft = Draft(there=there)
    ownership = rules.ownership
    objects = [add_mark(entry, kind, ownership.school) for entry in entries if isinstance(entry, Desired)]
    matched, refusals = match_objects(objects, there, last_applied, ownership.make_ownership_test(kind))
    draft.add(REFUSED, *refusals)
    draft.controls_of.update({pair.desired.address: frozenset(pair.desired.made_by) for pair in matched})
    matched, theirs = ownership.separate_other_schools(kind, matched, last_applied)
    draft.add(REFUSED, *theirs)
    names = frozenset(entry.address.name.casefold() for entry in entries)
    matched = leave_out_presets(kind, matched, names)
    ours = {pair.observed.remote.id for pair in matched if pair.observed}
    foreign = [observed for observed in there if observed.remote.id not in ours]
    absent = [entry for entry in entries if isinstance(entry, Absent)]
    plan_deletions(draft, kind, absent, foreign, last_applied, ownership=ownership, approvers=rules.approvers)
    gone = {change.observed.remote.id for change in draft.select(CHANGED) if isinstance(change, Delete)}
    draft.unmanaged = [observed for observed in foreign if observed.remote.id not in gone]
    return _KindInProgress(kind, name, draft, matched, there, names)


def _plan_kind(
    in_progress: _KindInProgress,
    unmanaged_with_jobs: Sequence[ObjectWithJobs],
    observed_state: ObservedState,
    last_applied: Mapping[Address, LastApplied],
    rules: PlanRules,
) -> Draft:
    kind, draft, matched, there = in_progress.kind, in_progress.draft, in_progress.pairs, in_progress.there
    draft.rivals = unmanaged_with_jobs
    for pair in matched:
        if late := refuse_late_adoption(pair, there):
            draft.add(REFUSED, late)
            continue
        _plan_pair(draft, kind, pair, last_applied.get(pair.desired.address), rules)
        if pair.observed:
            add_unknown_properties(draft, pair.desired, pair.observed)
    draft.add(REFUSED, *refuse_beyond_maximum(draft, kind, len(there)))
    draft.add(REFUSED, *refuse_beyond_size(draft, kind, there))
    add_duplicates(draft, kind, matched)
    check_ranks(draft, kind, matched, in_progress.desired_names)
    if isinstance(kind.endpoint, Ordered):
        moves, draft.order = plan_moves(matched, observed_state.order[in_progress.name])
        draft.add(CHANGED, *moves)
        draft.remove_rows(MATCHING, {move.address for move in moves})
        check_order(kind, matched, draft, rules.members.get(in_progress.name.partition(".")[0], {}), rules.now)
        own = {foreign.remote.name for foreign in draft.unmanaged if rules.ownership.ledger_objects.contains(foreign)}
        draft.replace(OVERRIDDEN, [replace(remark, is_ours=remark.by in own) for remark in draft.select(OVERRIDDEN)])
    return draft


def _people_at_last_apply(kind: AnyKind, address: Address, last_apply: LastApplied | None) -> int | None:
    if last_apply is None or last_apply.reach is None:
        return None
    everybody = kind.reaches(address.name, {**last_apply.returned, **last_apply.sent}).everybody
    return None if everybody else last_apply.reach.people


def _note_waiting_values(
    draft: Draft, kind: AnyKind, pair: Pair, last_apply: LastApplied | None, rules: PlanRules
) -> None:
    """Note the values of an object that wait because schools that the run does not cover have the object too."""
    change = pair.observed and _make_update(kind, pair.desired, pair.observed, last_apply, rules)
    paths = [field.path for field in change.fields if field.path not in pair.desired.spared] if change else []
    if paths:
        text = f"have this object too, so these values wait for a run for all of them: {', '.join(paths)}"
        draft.add(NOTED, Remark(pair.desired.address, "other schools", text))


def _plan_pair(draft: Draft, kind: AnyKind, pair: Pair, last_apply: LastApplied | None, rules: PlanRules) -> None:
    desired = keep_exception_entries(pair.desired, pair.observed, last_apply)
    desired = add_spared_entries(desired, pair.observed, kind.spec) if pair.observed else desired
    desired = exclude_former_entries(desired, last_apply, kind.spec)
    if desired.mode is Mode.CHECK:
        desired = leave_out_mark(desired, kind.spec)
    if desired.unknown:
        before = _people_at_last_apply(kind, desired.address, last_apply) if desired.lost_group else None
        reason = (AUDIENCE_EMPTY if desired.empty else AUDIENCE_UNKNOWN)(why=desired.unknown)
        unknown = Unknown(desired.address.kind_path, reason, desired.address, for_whom=True, people_before=before)
        draft.rows += rows_for_unknown([unknown])
        return
    if pair.observed is None and kind.lifecycle.only_where_there:
        draft.add(MATCHING, desired.address)
        return
    there = pair.observed
    if desired.is_shared and there:
        _note_waiting_values(draft, kind, pair, last_apply, rules)
    change = _make_update(kind, desired, there, last_apply, rules) if there else _make_create(kind, desired, rules)
    # A temporary setting of a person delays no mail, so a mailbox with protected mail may have it.
    protected = rules.accounts if kind.temporary else (*rules.accounts, *rules.protected)
    if kind.per_person and is_protected(desired.address, protected):
        draft.add(REFUSED, Refusal(desired.address, "the school file protects this account", desired.origin))
    elif change is None:
        _add_matching_row(draft, kind, desired, there, rules)
    elif desired.mode is Mode.CHECK or kind.read_only:
        draft.add(CHECKED, change)
    else:
        _add_change(draft, kind, change, there, rules)


def _add_matching_row(
    draft: Draft, kind: AnyKind, desired: Desired, observed: Observed | None, rules: PlanRules
) -> None:
    draft.add(MATCHING, desired.address)
    is_written = desired.mode is not Mode.CHECK and not kind.read_only
    if observed and is_written and is_managed_by_other_ledger(kind, desired, observed, rules.ownership.ledger_objects):
        draft.add(OTHER_LEDGER, replace(observed, address=desired.address))


def _add_change(
    draft: Draft, kind: AnyKind, change: Create | Update, observed: Observed | None, rules: PlanRules
) -> None:
    desired = change.desired
    if observed is None and (refusal := find_obstacle_to_creation(draft, kind, desired, rules.ownership)):
        draft.add(REFUSED, *([refusal] if isinstance(refusal, Refusal) else []))
    elif observed and is_managed_by_other_ledger(kind, desired, observed, rules.ownership.ledger_objects):
        draft.add(REFUSED, refuse_object_of_other_ledger(desired.address, desired.origin))
    elif observed and starts_job_of_unmanaged_object(draft, kind, desired, observed):
        pass
    elif unsafe := _refuse_unsafe_change(kind, change, rules):
        draft.add(REFUSED, unsafe)
    else:
        draft.add(CHANGED, change)


def _refuse_unsafe_change(kind: AnyKind, change: Create | Update, rules: PlanRules) -> Refusal | None:
    """Return a refusal if a change is not safe, for example because the change could block protected mail."""
    desired = change.desired
    if reason := kind.mail.refusal(desired.settings, rules.protected):
        protected = kind.mail.holds_up(desired.settings, rules.protected)
        return Refusal(desired.address, reason, desired.origin, change, mail_of=protected)
    if isinstance(change, Update) and is_preset(kind, change.observed):
        reason = "this is a preset policy of the vendor, which cannot be changed"
        return Refusal(desired.address, reason, desired.origin)
    if less := explain_evidence_refusal(kind, change, rules.approvers):
        return Refusal(desired.address, less, desired.origin, change)
    return _refuse_unreviewed_uses(kind, change) if isinstance(change, Update) else None


def _refuse_unreviewed_uses(kind: AnyKind, change: Update) -> Refusal | None:
    """Return a refusal of a change that would stop people from doing something that no API can count.

    Return None if the control states that people have reviewed these uses.
    """
    before, desired = change.observed.settings, change.desired
    for setting, uncounted in kind.lifecycle.closes(before, {**before, **desired.settings}).items():
        if why := desired.reviewed.get(setting, uncounted):
            return Refusal(desired.address, why, desired.origins.get(setting, desired.origin))
    return None


def _make_update(
    kind: AnyKind, desired: Desired, observed: Observed, last_apply: LastApplied | None, rules: PlanRules
) -> Update | None:
    changed = find_fixable_differences(kind, desired, observed, last_apply)
    if not changed:
        return None
    remark = kind.lifecycle.promotion(observed, desired.settings) or ""
    if kind.renaming is Renaming.MARK and observed.remote.name != desired.address.name:
        remark = f"the service cannot rename a {kind.title}: only the comment gets the new name"
    return leave_out_new_mark(Update(desired, observed, changed, remark), kind, rules.ownership.school)


def _make_create(kind: AnyKind, desired: Desired, rules: PlanRules) -> Create:
    cautious = kind.lifecycle.cautious(desired.settings) if rules.cautious else desired.settings
    remark = "created in test mode first. The next apply turns it on" if cautious != desired.settings else ""
    return Create(desired, fields_of_new_object(cautious), remark)
