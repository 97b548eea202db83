"""Find orphaned settings: settings that toolkit changed and no playbook names any more, in objects that the playbooks
still require. Such a setting stays until an administrator runs a prune, which restores the value from before toolkit's
first change. Toolkit's entries in shared lists are removed without a prune.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace

from toolkit.planning.applied_change import (
    CREATE,
    AppliedChange,
    ChangedField,
    are_all_lists,
    explain_unrestorable_settings,
    find_unrestorable_settings,
)
from toolkit.planning.draft import AnyKind
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan_details import ObservedState, OrphanSetting, Refusal
from toolkit.records import dataclass
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed
from toolkit.values import Value

_MADE_WITH = "the object was created with this value, so there is no former value. Write another value, or `null`"
_NO_WAY = "toolkit cannot restore it automatically"


@dataclass(frozen=True, slots=True)
class _OurSetting:
    """The value of a setting after toolkit's last change, and its value before toolkit's first change."""

    after: Value
    before: Value = None
    made_with: bool = False


@dataclass(frozen=True, slots=True)
class AppliedRecords:
    """The ledger's records of objects: their last apply, toolkit's changes, and the settings that playbook
    entries named.
    """

    last_applied: Mapping[Address, LastApplied]
    changes: Sequence[AppliedChange] = ()
    named_settings: Mapping[Address, Collection[str]] = field(default_factory=dict)


def find_objects_with_possible_orphans(
    entries: Iterable[Desired | Absent], last_applied: Mapping[Address, LastApplied], kinds: Mapping[str, AnyKind]
) -> list[Desired]:
    """Return the desired objects that may have orphaned settings: their last apply sent settings that the
    playbooks no longer name.
    """
    return [
        entry
        for entry in entries
        if isinstance(entry, Desired)
        and entry.mode is Mode.ENFORCE
        and not entry.unknown
        and kinds[entry.address.kind_path].temporary is None
        and entry.address in last_applied
        and last_applied[entry.address].sent.keys() - entry.settings.keys()
    ]


def find_orphaned_settings(
    entries: Sequence[Desired], observed_state: ObservedState, kinds: Mapping[str, AnyKind], records: AppliedRecords
) -> tuple[OrphanSetting, ...]:
    """Return the settings that still have the value that toolkit sent last, although no playbook entry requires
    them any more.
    """
    orphans: list[OrphanSetting] = []
    for entry in entries:
        kind, address = kinds[entry.address.kind_path], entry.address
        there = _find_observed(address, records.last_applied[address], observed_state)
        if there is None:
            continue
        named = {*entry.settings, *records.named_settings.get(address, ())}
        table = kind.spec.table()
        ours = _sum_changes(change for change in records.changes if change.address == address)
        orphans += [
            OrphanSetting(
                address, path, ours_of_path.before, _explain_unrestorable_setting(kind, address, path, ours_of_path)
            )
            for path, ours_of_path in ours.items()
            if path not in named and path in table and not (table[path].at_least or table[path].mark)
            if there.settings.get(path) == ours_of_path.after and ours_of_path.after != ours_of_path.before
        ]
    return tuple(orphans)


def restore_orphaned_settings(
    entries: Sequence[Desired | Absent], orphans: Sequence[OrphanSetting]
) -> tuple[list[Desired | Absent], list[Refusal]]:
    """Return the playbook entries with orphaned settings added, so that a run restores them, and a refusal for
    each setting that cannot be restored.
    """
    back: dict[Address, dict[str, Value]] = {}
    for orphan in orphans:
        if not orphan.stays:
            back.setdefault(orphan.address, {})[orphan.path] = orphan.before
    restored = [
        replace(entry, settings={**entry.settings, **back[entry.address]})
        if isinstance(entry, Desired) and entry.address in back
        else entry
        for entry in entries
    ]
    return restored, [Refusal(orphan.address, f"{orphan.path}: {orphan.stays}") for orphan in orphans if orphan.stays]


def _find_observed(address: Address, last_applied: LastApplied, observed_state: ObservedState) -> Observed | None:
    return next(
        (
            observed
            for observed in observed_state.objects.get(address.kind_path, ())
            if observed.remote.id == last_applied.remote_id
        ),
        None,
    )


def _sum_changes(changes: Iterable[AppliedChange]) -> Mapping[str, _OurSetting]:
    """Add up toolkit's changes to each setting.

    A value that a person set in between counts as the value before toolkit's changes.
    """
    sums: dict[str, _OurSetting] = {}
    for change in changes:
        for path in change.sent_settings:
            left, so_far = change.after.get(path), sums.get(path)
            if so_far and (change.action == CREATE or change.before.get(path) == so_far.after):
                sums[path] = replace(so_far, after=left)
            else:
                before = change.before.get(path)
                # Entries that others added are not ours.
                if so_far and are_all_lists(so_far.before, so_far.after, before):
                    before = ChangedField(so_far.before, so_far.after).without_our_entries(before)
                sums[path] = _OurSetting(left, before, made_with=change.action == CREATE)
    return sums


def _explain_unrestorable_setting(kind: AnyKind, address: Address, path: str, our_setting: _OurSetting) -> str:
    """Return why a prune cannot restore a setting, or "" if it can."""
    if our_setting.made_with:
        return _MADE_WITH
    back = {path: our_setting.before}
    if lost := find_unrestorable_settings(back):
        return explain_unrestorable_settings(lost)
    return "" if kind.lifecycle.restores(address.name, {}, back) == back else _NO_WAY
