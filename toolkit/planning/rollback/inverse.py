"""Plan a rollback: delete created objects, create deleted objects again, and restore changed settings."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from toolkit.planning.applied_change import (
    ChangedField,
    ObjectChange,
    explain_unrestorable_settings,
    find_unrestorable_settings,
)
from toolkit.planning.audience.resolve import is_protected
from toolkit.planning.change import Change, Create, Delete, Field, Update, settings_before_and_after
from toolkit.planning.compare import PlanRules
from toolkit.planning.diff import NAME, fields_of_new_object, leave_out_unchangeable_name
from toolkit.planning.draft import AnyKind, Draft, explain_evidence_refusal, find_obstacle_to_creation
from toolkit.planning.entries_of_others import find_entries_of_others, format_entries, refuse_deletion, remove_our_part
from toolkit.planning.ownership import refuse_object_of_other_school
from toolkit.planning.plan_details import Refusal, RollbackConflict
from toolkit.planning.plan_states import CHANGED, CONFLICT, KEPT, MATCHING, REFUSED
from toolkit.records import dataclass
from toolkit.sdk.resource import Absent, Desired, Observed, Origin
from toolkit.values import Settings, Value, entries, unique

_NEW_ID = "the new object gets a new id, because the service never reuses ids"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRules:
    """The rules for the plan of a rollback, for example whether it restores settings that people changed after
    the run.
    """

    plan_rules: PlanRules
    origin: Origin  # the source of the request, instead of a line of the playbooks
    even_if_changed: bool = False  # restore settings that someone changed since, too
    deletes_changed: bool = False  # delete objects that we created, even if someone changed them since
    keeps_others: bool = False  # keep created objects in which others have entries
    as_sent: Settings = field(default_factory=dict)  # our texts as we sent them, if the service rewrites texts
    put_back: Settings = field(default_factory=dict)  # the settings after an earlier rollback of the same run


def plan_undo(
    draft: Draft, kind: AnyKind, object_change: ObjectChange, observed: Observed | None, rules: RollbackRules
) -> None:
    """Add to the draft plan the change that undoes toolkit's changes to an object.

    A setting is restored only if it still has the value that toolkit last wrote.
    """
    draft.controls_of[object_change.address] = frozenset()
    if observed and (other := rules.plan_rules.ownership.other_school_owning(kind, observed, None)):
        draft.add(REFUSED, refuse_object_of_other_school(other, object_change.address, rules.origin))
    elif object_change.is_created:
        if observed and not object_change.is_deleted:
            _undo_creation(draft, kind, object_change, observed, rules)
        else:
            draft.add(MATCHING, object_change.address)
    elif object_change.is_deleted:
        _undo_deletion(draft, kind, object_change, observed, rules)
    elif observed is None:
        draft.add(
            KEPT, Refusal(object_change.address, "the object no longer exists, so nothing is restored", rules.origin)
        )
    elif rules.deletes_changed and kind.lifecycle.stays:
        draft.add(KEPT, Refusal(object_change.address, kind.lifecycle.stays, rules.origin))
    elif object_change.fields or object_change.renamed:
        _undo_update(draft, kind, object_change, observed, rules)


def _undo_creation(
    draft: Draft, kind: AnyKind, object_change: ObjectChange, observed: Observed, rules: RollbackRules
) -> None:
    since = {
        name: ChangedField(None, value)
        for name, value in object_change.after.items()
        if observed.settings.get(name) != value
    }
    absent = Absent(object_change.address, "", rules.origin)
    others = (
        find_entries_of_others(kind, observed, object_change.our_entries)
        if rules.keeps_others and object_change.after
        else {}
    )
    since = {name: changed for name, changed in since.items() if name not in others}
    if since and not (rules.deletes_changed or rules.even_if_changed):
        draft.add(CONFLICT, *(_to_conflict(object_change, name, changed, observed) for name, changed in since.items()))
        return
    if others:
        draft.add(KEPT, refuse_deletion(absent, others))
        if change := remove_our_part(kind, absent, observed, others, object_change.sent_settings):
            _add_or_refuse(draft, kind, change, rules)
        return
    _add_or_refuse(draft, kind, Delete(absent, observed), rules)


def _undo_deletion(
    draft: Draft, kind: AnyKind, object_change: ObjectChange, observed: Observed | None, rules: RollbackRules
) -> None:
    if observed and all(observed.settings.get(name) == value for name, value in (object_change.before or {}).items()):
        draft.add(MATCHING, object_change.address)
        return
    if observed:
        reason = "an object with this name exists again, so toolkit leaves it unchanged"
        draft.add(KEPT, Refusal(object_change.address, reason, rules.origin))
        return
    had = {**(object_change.before or {}), **rules.as_sent}
    if lost := find_unrestorable_settings(had):
        draft.add(REFUSED, Refusal(object_change.address, explain_unrestorable_settings(lost), rules.origin))
        return
    settings = {name: value for name, value in had.items() if value is not None}
    desired = Desired(object_change.address, settings, dict.fromkeys(settings, rules.origin), rules.origin)
    if refusal := find_obstacle_to_creation(draft, kind, desired, rules.plan_rules.ownership):
        if isinstance(refusal, Refusal):
            draft.add(REFUSED, refusal)
        return
    first = kind.lifecycle.cautious(settings) if rules.plan_rules.cautious else settings
    remarks = [_NEW_ID]
    if first != settings:
        remarks.append("created in test mode first. The next apply turns it on")
    _add_or_refuse(draft, kind, Create(desired, fields_of_new_object(first), "; ".join(remarks)), rules)


def _undo_update(
    draft: Draft, kind: AnyKind, object_change: ObjectChange, observed: Observed, rules: RollbackRules
) -> None:
    back, contested = _values_to_restore(kind, object_change, observed, rules)
    is_back = not _settings_not_restored(object_change, observed, rules)
    kept_before = len(draft.select(KEPT))
    if object_change.fields and not (back or contested or is_back):
        reason = f"{', '.join(object_change.fields)}: toolkit cannot restore this. Restore it by hand"
        draft.add(KEPT, Refusal(object_change.address, reason, rules.origin))
    if lost := find_unrestorable_settings(back):
        draft.add(KEPT, Refusal(object_change.address, explain_unrestorable_settings(lost), rules.origin))
        back = {name: value for name, value in back.items() if name not in lost}
    if lost := find_unrestorable_settings({name: object_change.fields[name].after for name in contested}):
        draft.add(KEPT, Refusal(object_change.address, explain_unrestorable_settings(lost), rules.origin))
        contested = [name for name in contested if name not in lost]
    if rules.deletes_changed and contested:
        reason = f"{', '.join(contested)}: changed by hand after the run, so toolkit leaves the value unchanged"
        draft.add(KEPT, Refusal(object_change.address, reason, rules.origin))
    else:
        draft.add(
            CONFLICT, *(_to_conflict(object_change, name, object_change.fields[name], observed) for name in contested)
        )
    changed = tuple(
        Field(name, observed.settings.get(name), value)
        for name, value in back.items()
        if observed.settings.get(name) != value and not _is_restored_text(kind, object_change, name, observed)
    )
    if observed.remote.name != object_change.address.name:
        changed = (Field(NAME, observed.remote.name, object_change.address.name), *changed)
    desired = _to_desired(object_change, observed, back, rules)
    if changed := leave_out_unchangeable_name(kind, changed, desired, observed):
        _add_or_refuse(draft, kind, Update(desired, observed, changed), rules)
    elif not contested and len(draft.select(KEPT)) == kept_before:
        draft.add(MATCHING, object_change.address)
    if others := _entries_that_stay(kind, object_change, observed, back):
        reason = f"keeps the entries that other people added ({format_entries(others)})"
        draft.add(KEPT, Refusal(object_change.address, reason, rules.origin))


def _values_to_restore(
    kind: AnyKind, object_change: ObjectChange, observed: Observed, rules: RollbackRules
) -> tuple[Settings, Sequence[str]]:
    """Return the values that a rollback restores, and the names of settings that it does not restore because a
    person has changed them since the run.
    """
    shared = {name for name, setting in kind.spec.table().items() if setting.at_least}
    back: dict[str, Value] = {}
    contested: list[str] = []
    for name, changed in object_change.fields.items():
        now = observed.settings.get(name)
        if now in (changed.after, changed.before) or rules.even_if_changed:
            back[name] = rules.as_sent.get(name, changed.before)
        elif name in rules.put_back and now == rules.put_back[name]:
            back[name] = now
        elif name in shared and not find_unrestorable_settings({name: changed.after}):
            back[name] = changed.without_our_entries(now)
        else:
            contested.append(name)
    whole = kind.lifecycle.restores(object_change.address.name, object_change.before or {}, back)
    if whole == back:
        return back, contested
    same = all(observed.settings.get(name) == value for name, value in object_change.after.items())
    is_there = bool(whole) and all(observed.settings.get(name) == value for name, value in whole.items())
    if (
        is_there
        or rules.even_if_changed
        or (same and (not object_change.foreign_settings or back.keys() <= whole.keys()))
    ):
        return whole, []
    if same:  # the inherited values would override the entries of others
        return {**back, **_shared_lists(kind, object_change, observed, back)}, contested
    since = _settings_not_restored(object_change, observed, rules)
    if not since:
        return {}, []
    lists = _shared_lists(kind, object_change, observed, back)
    return lists, [name for name in since if name not in lists]


def _shared_lists(kind: AnyKind, object_change: ObjectChange, observed: Observed, restored: Settings) -> Settings:
    """Return an object's shared lists without the entries that toolkit added. Entries that the object inherits stay."""
    above, table = kind.lifecycle.lists_above(observed.remote.body), kind.spec.table()
    lists: dict[str, Value] = {}
    for name in (name for name in restored if name in table and table[name].at_least):
        now = observed.settings.get(name)
        stays = {*entries(now)} & {*entries(above.get(name))}
        lists[name] = unique({*entries(object_change.fields[name].without_our_entries(now))} | stays) or None
    return lists


def _entries_that_stay(
    kind: AnyKind, object_change: ObjectChange, observed: Observed, restored: Settings
) -> Mapping[str, tuple[str, ...]]:
    """Return, for each list, the entries of other administrators that stay in an object after the rollback."""
    before = object_change.before or {}
    if kind.lifecycle.restores(object_change.address.name, before, restored).keys() <= restored.keys():
        return {}
    above = kind.lifecycle.lists_above(observed.remote.body)
    added: dict[str, tuple[str, ...]] = {}
    for name, others in find_entries_of_others(kind, observed, object_change.our_entries).items():
        first = {*entries(before.get(name))} - {*entries(object_change.foreign_settings.get(name))}
        added[name] = unique({*others} - first - {*entries(above.get(name))})
    return {name: others for name, others in added.items() if others and restored}


def _settings_not_restored(object_change: ObjectChange, observed: Observed, rules: RollbackRules) -> list[str]:
    """Return the settings that have neither their value from before the run nor the value that an earlier
    rollback restored.
    """
    return [
        name
        for name, changed in object_change.fields.items()
        if observed.settings.get(name) not in (changed.before, rules.put_back.get(name, changed.before))
    ]


def _is_restored_text(kind: AnyKind, object_change: ObjectChange, name: str, observed: Observed) -> bool:
    """Return whether a text has its value from before the run, possibly rewritten by the service."""
    changed = object_change.fields.get(name)
    return bool(changed and kind.spec.table()[name].form.rewritten and observed.settings.get(name) == changed.before)


def _to_desired(
    object_change: ObjectChange, observed: Observed, restored_settings: Settings, rules: RollbackRules
) -> Desired:
    """Return a desired object with the restored settings and the other desired settings, so that the ledger
    records both.
    """
    stays = {
        name: value
        for name, value in object_change.sent_settings.items()
        if name not in object_change.fields and observed.settings.get(name) == object_change.after.get(name)
    }
    partial = restored_settings.keys() <= object_change.fields.keys()
    origins = dict.fromkeys(restored_settings, rules.origin)
    return Desired(object_change.address, {**(stays if partial else {}), **restored_settings}, origins, rules.origin)


def _add_or_refuse(draft: Draft, kind: AnyKind, change: Change, rules: RollbackRules) -> None:
    """Add a change to the draft plan, or a refusal if a run must not make the change."""
    if reason := _explain_unsafe_change(kind, change, rules.plan_rules):
        draft.add(REFUSED, Refusal(change.address, reason, rules.origin))
    else:
        draft.add(CHANGED, change)


def _explain_unsafe_change(kind: AnyKind, change: Change, plan_rules: PlanRules) -> str | None:
    accounts = plan_rules.accounts if kind.temporary else (*plan_rules.accounts, *plan_rules.protected)
    if kind.per_person and is_protected(change.address, accounts):
        return "the school file protects this account"
    _, after = settings_before_and_after(change)
    if after and (reason := kind.mail.refusal(after, plan_rules.protected)):
        return reason
    weaker = explain_evidence_refusal(kind, change, plan_rules.approvers)
    return f"{weaker}. Write the former value into the playbook first" if weaker else None


def _to_conflict(
    object_change: ObjectChange, name: str, changed_field: ChangedField, observed: Observed
) -> RollbackConflict:
    return RollbackConflict(
        object_change.address, name, observed.settings.get(name), changed_field.after, changed_field.before
    )


def with_label(object_change: ObjectChange, label: str) -> ObjectChange:
    """Return an object's changes, with the person's address as the object's label."""
    return replace(object_change, address=replace(object_change.address, label=label))
