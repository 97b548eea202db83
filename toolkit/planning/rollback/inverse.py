"""Plan a rollback: delete created objects, create deleted objects again, and restore changed settings."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from toolkit.planning.applied_change import ChangedField, ObjectChange, lost_settings, why_lost
from toolkit.planning.audience.resolve import is_protected
from toolkit.planning.change import Change, Create, Delete, Field, Update, settings_before_and_after
from toolkit.planning.compare import PlanRules
from toolkit.planning.diff import NAME, first_settings, keep_nameable
from toolkit.planning.draft import AnyKind, Draft, cannot_create, weakens
from toolkit.planning.entries_of_others import entries_of_others, format_entries, take_ours_out, why_kept
from toolkit.planning.ownership import refusal_of
from toolkit.planning.plan_details import Refusal, RollbackConflict
from toolkit.planning.plan_states import CHANGED, CONFLICT, KEPT, MATCHING, REFUSED
from toolkit.records import dataclass
from toolkit.sdk.resource import Absent, Desired, Observed, Origin
from toolkit.values import Settings, Value, entries, unique

_NEW_ID = "gets a new id, because the service never reuses an id"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackRules:
    """The rules for planning a rollback."""

    manner: PlanRules
    origin: Origin  # the source of the request, instead of a line of the playbooks
    even_if_changed: bool = False  # restore settings that someone changed since, too
    deletes_changed: bool = False  # delete objects that we created, even if someone changed them since
    keeps_others: bool = False  # keep created objects in which others have entries
    as_sent: Settings = field(default_factory=dict)  # our texts as we sent them, if the service rewrites texts
    put_back: Settings = field(default_factory=dict)  # the settings after an earlier rollback of the same run


def undo(draft: Draft, kind: AnyKind, trace: ObjectChange, there: Observed | None, manners: RollbackRules) -> None:
    """Plan to undo the changes to an object, if its settings still have the values that toolkit last wrote."""
    draft.controls_of[trace.address] = frozenset()
    if there and (other := manners.manner.ownership.claimed_by(kind, there, None)):
        draft.add(REFUSED, refusal_of(other, trace.address, manners.origin))
    elif trace.is_created:
        if there and not trace.is_deleted:
            _undo_creation(draft, kind, trace, there, manners)
        else:
            draft.add(MATCHING, trace.address)
    elif trace.is_deleted:
        _undo_deletion(draft, kind, trace, there, manners)
    elif there is None:
        draft.add(KEPT, Refusal(trace.address, "no longer exists, so nothing is restored", manners.origin))
    elif manners.deletes_changed and kind.lifecycle.stays:
        draft.add(KEPT, Refusal(trace.address, kind.lifecycle.stays, manners.origin))
    elif trace.fields or trace.renamed:
        _undo_update(draft, kind, trace, there, manners)


def _undo_creation(draft: Draft, kind: AnyKind, trace: ObjectChange, there: Observed, manners: RollbackRules) -> None:
    since = {
        name: ChangedField(None, value) for name, value in trace.after.items() if there.settings.get(name) != value
    }
    absent = Absent(trace.address, "", manners.origin)
    others = entries_of_others(kind, there, trace.our_entries) if manners.keeps_others and trace.after else {}
    since = {name: changed for name, changed in since.items() if name not in others}
    if since and not (manners.deletes_changed or manners.even_if_changed):
        draft.add(CONFLICT, *(_to_conflict(trace, name, changed, there) for name, changed in since.items()))
        return
    if others:
        draft.add(KEPT, why_kept(absent, others))
        if change := take_ours_out(kind, absent, there, others, trace.sent_settings):
            _add_or_refuse(draft, kind, change, manners)
        return
    _add_or_refuse(draft, kind, Delete(absent, there), manners)


def _undo_deletion(
    draft: Draft, kind: AnyKind, trace: ObjectChange, there: Observed | None, manners: RollbackRules
) -> None:
    if there and all(there.settings.get(name) == value for name, value in (trace.before or {}).items()):
        draft.add(MATCHING, trace.address)
        return
    if there:
        reason = "an object of this name exists again, so it is left as it is"
        draft.add(KEPT, Refusal(trace.address, reason, manners.origin))
        return
    had = {**(trace.before or {}), **manners.as_sent}
    if lost := lost_settings(had):
        draft.add(REFUSED, Refusal(trace.address, why_lost(lost), manners.origin))
        return
    settings = {name: value for name, value in had.items() if value is not None}
    desired = Desired(trace.address, settings, dict.fromkeys(settings, manners.origin), manners.origin)
    if refusal := cannot_create(draft, kind, desired, manners.manner.ownership):
        if isinstance(refusal, Refusal):
            draft.add(REFUSED, refusal)
        return
    first = kind.lifecycle.cautious(settings) if manners.manner.cautious else settings
    remarks = [_NEW_ID]
    if first != settings:
        remarks.append("created in test mode first. The next apply turns it on")
    _add_or_refuse(draft, kind, Create(desired, first_settings(first), "; ".join(remarks)), manners)


def _undo_update(draft: Draft, kind: AnyKind, trace: ObjectChange, there: Observed, manners: RollbackRules) -> None:
    back, contested = _values_to_restore(kind, trace, there, manners)
    is_back = not _settings_not_restored(trace, there, manners)
    kept_before = len(draft.select(KEPT))
    if trace.fields and not (back or contested or is_back):
        reason = f"{', '.join(trace.fields)}: toolkit cannot restore this. Restore it by hand"
        draft.add(KEPT, Refusal(trace.address, reason, manners.origin))
    if lost := lost_settings(back):
        draft.add(KEPT, Refusal(trace.address, why_lost(lost), manners.origin))
        back = {name: value for name, value in back.items() if name not in lost}
    if lost := lost_settings({name: trace.fields[name].after for name in contested}):
        draft.add(KEPT, Refusal(trace.address, why_lost(lost), manners.origin))
        contested = [name for name in contested if name not in lost]
    if manners.deletes_changed and contested:
        reason = f"{', '.join(contested)}: changed by hand since, so left as it is"
        draft.add(KEPT, Refusal(trace.address, reason, manners.origin))
    else:
        draft.add(CONFLICT, *(_to_conflict(trace, name, trace.fields[name], there) for name in contested))
    changed = tuple(
        Field(name, there.settings.get(name), value)
        for name, value in back.items()
        if there.settings.get(name) != value and not _is_restored_text(kind, trace, name, there)
    )
    if there.remote.name != trace.address.name:
        changed = (Field(NAME, there.remote.name, trace.address.name), *changed)
    desired = _to_desired(trace, there, back, manners)
    if changed := keep_nameable(kind, changed, desired, there):
        _add_or_refuse(draft, kind, Update(desired, there, changed), manners)
    elif not contested and len(draft.select(KEPT)) == kept_before:
        draft.add(MATCHING, trace.address)
    if others := _entries_that_stay(kind, trace, there, back):
        reason = f"keeps settings of its own, because others added entries, which stay ({format_entries(others)})"
        draft.add(KEPT, Refusal(trace.address, reason, manners.origin))


def _values_to_restore(
    kind: AnyKind, trace: ObjectChange, there: Observed, manners: RollbackRules
) -> tuple[Settings, Sequence[str]]:
    """Return the values to restore, and the names of settings that a person has changed since the run.

    These settings are not restored.
    """
    shared = {name for name, setting in kind.spec.table().items() if setting.at_least}
    back: dict[str, Value] = {}
    contested: list[str] = []
    for name, changed in trace.fields.items():
        now = there.settings.get(name)
        if now in (changed.after, changed.before) or manners.even_if_changed:
            back[name] = manners.as_sent.get(name, changed.before)
        elif name in manners.put_back and now == manners.put_back[name]:
            back[name] = now
        elif name in shared and not lost_settings({name: changed.after}):
            back[name] = changed.without_ours(now)
        else:
            contested.append(name)
    whole = kind.lifecycle.restores(trace.address.name, trace.before or {}, back)
    if whole == back:
        return back, contested
    same = all(there.settings.get(name) == value for name, value in trace.after.items())
    is_there = bool(whole) and all(there.settings.get(name) == value for name, value in whole.items())
    if is_there or manners.even_if_changed or (same and (not trace.foreign_settings or back.keys() <= whole.keys())):
        return whole, []
    if same:  # the inherited values would override the entries of others
        return {**back, **_shared_lists(kind, trace, there, back)}, contested
    since = _settings_not_restored(trace, there, manners)
    if not since:
        return {}, []
    lists = _shared_lists(kind, trace, there, back)
    return lists, [name for name in since if name not in lists]


def _shared_lists(kind: AnyKind, trace: ObjectChange, there: Observed, back: Settings) -> Settings:
    """Return the shared lists without our entries, but with the entries that the object inherits."""
    above, table = kind.lifecycle.lists_above(there.remote.body), kind.spec.table()
    lists: dict[str, Value] = {}
    for name in (name for name in back if name in table and table[name].at_least):
        now = there.settings.get(name)
        stays = {*entries(now)} & {*entries(above.get(name))}
        lists[name] = unique({*entries(trace.fields[name].without_ours(now))} | stays) or None
    return lists


def _entries_that_stay(
    kind: AnyKind, trace: ObjectChange, there: Observed, back: Settings
) -> Mapping[str, tuple[str, ...]]:
    """Return the entries that other administrators added and that stay, so that an object is not as before."""
    before = trace.before or {}
    if kind.lifecycle.restores(trace.address.name, before, back).keys() <= back.keys():
        return {}
    above = kind.lifecycle.lists_above(there.remote.body)
    added: dict[str, tuple[str, ...]] = {}
    for name, others in entries_of_others(kind, there, trace.our_entries).items():
        first = {*entries(before.get(name))} - {*entries(trace.foreign_settings.get(name))}
        added[name] = unique({*others} - first - {*entries(above.get(name))})
    return {name: others for name, others in added.items() if others and back}


def _settings_not_restored(trace: ObjectChange, there: Observed, manners: RollbackRules) -> list[str]:
    """Return the settings that differ from their values before the run and after an earlier rollback of it."""
    return [
        name
        for name, changed in trace.fields.items()
        if there.settings.get(name) not in (changed.before, manners.put_back.get(name, changed.before))
    ]


def _is_restored_text(kind: AnyKind, trace: ObjectChange, name: str, there: Observed) -> bool:
    """Return whether a text is already restored, in the form into which the service rewrites it."""
    changed = trace.fields.get(name)
    return bool(changed and kind.spec.table()[name].form.rewritten and there.settings.get(name) == changed.before)


def _to_desired(trace: ObjectChange, there: Observed, back: Settings, manners: RollbackRules) -> Desired:
    """Return the restored settings together with the other desired settings, so that the ledger records both."""
    stays = {
        name: value
        for name, value in trace.sent_settings.items()
        if name not in trace.fields and there.settings.get(name) == trace.after.get(name)
    }
    partial = back.keys() <= trace.fields.keys()
    origins = dict.fromkeys(back, manners.origin)
    return Desired(trace.address, {**(stays if partial else {}), **back}, origins, manners.origin)


def _add_or_refuse(draft: Draft, kind: AnyKind, change: Change, manners: RollbackRules) -> None:
    """Add a change to the draft, or a refusal if a run must not make it."""
    if reason := _reason_unsafe(kind, change, manners.manner):
        draft.add(REFUSED, Refusal(change.address, reason, manners.origin))
    else:
        draft.add(CHANGED, change)


def _reason_unsafe(kind: AnyKind, change: Change, manner: PlanRules) -> str | None:
    accounts = manner.accounts if kind.temporary else (*manner.accounts, *manner.protected)
    if kind.per_person and is_protected(change.address, accounts):
        return "the school file protects this account"
    _, after = settings_before_and_after(change)
    if after and (reason := kind.mail.refusal(after, manner.protected)):
        return reason
    weaker = weakens(kind, change, manner.approvers)
    return f"{weaker}. Write the former value into the playbook first" if weaker else None


def _to_conflict(trace: ObjectChange, name: str, changed: ChangedField, there: Observed) -> RollbackConflict:
    return RollbackConflict(trace.address, name, there.settings.get(name), changed.after, changed.before)


def with_label(trace: ObjectChange, label: str) -> ObjectChange:
    """Return the changes to a person's object, with the person's address as its label."""
    return replace(trace, address=replace(trace.address, label=label))
