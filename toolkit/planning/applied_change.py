"""Changes that toolkit has applied to objects, and the sum of the changes to each object."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from toolkit.records import dataclass
from toolkit.sdk.resource import Address
from toolkit.values import Settings, Value, entries, unique

CREATE, UPDATE, DELETE, MOVE = "create", "update", "delete", "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedChange:
    """A change that toolkit made to an object and that the service accepted."""

    address: Address
    action: str  # create, update, delete, move or adopt
    run: str = ""
    before: Settings = field(default_factory=dict)  # all settings of the object before the change
    sent_settings: Settings = field(default_factory=dict)  # all desired settings, including unchanged ones
    returned: Settings | None = None  # all settings of the object after the change
    remote_id: str | None = None
    was_named: str | None = None  # its earlier name in the service
    behind: str | None = None  # the address or id of the object before it, "" if there was none, None if unknown

    @property
    def after(self) -> Settings:
        """Return the object's settings after the change.

        Values that the service did not return come from the request and from before the change.
        """
        return {**self.before, **self.sent_settings, **(self.returned or {})}


@dataclass(frozen=True, slots=True)
class ChangedField:
    """The value of a setting before and after toolkit changed the setting."""

    before: Value
    after: Value

    def without_our_entries(self, current_list: Value) -> Value:
        """Return a list as it would be if toolkit had never changed the list.

        The entries that toolkit added are removed, and the entries that toolkit removed are added again. `after` is the
        list after toolkit's last change, and `before` is the list as it would be without toolkit's earlier changes.
        """
        before, left = {*entries(self.before)}, {*entries(self.after)}
        return unique(({*entries(current_list)} - (left - before)) | (before - left)) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectChange:
    """All changes that toolkit has made to one object, added together."""

    address: Address  # with its former name
    remote_id: str | None
    is_created: bool = False
    is_adopted: bool = False  # created by another ledger and adopted by this one
    is_deleted: bool = False
    is_moved: bool = False
    before: Settings | None = None  # its settings without these changes, including later list entries of others
    sent_settings: Settings = field(default_factory=dict)
    after: Settings = field(default_factory=dict)  # all its settings after the last change
    fields: Mapping[str, ChangedField] = field(default_factory=dict)
    renamed: bool = False
    foreign_settings: Settings = field(
        default_factory=dict
    )  # list entries and settings that others wrote between the changes

    @property
    def is_entirely_ours(self) -> bool:
        """Return whether toolkit owns every setting of the object.

        This is true if toolkit created the object, or adopted the object from another ledger.
        """
        return self.is_created or self.is_adopted

    @property
    def our_entries(self) -> Mapping[str, frozenset[str]]:
        """Return, for each list setting, the entries that toolkit added to the object."""
        if not self.is_entirely_ours and self.before is None:
            return {}
        before = self.foreign_settings if self.is_entirely_ours else self.before or {}
        return {name: frozenset(entries(left)) - {*entries(before.get(name))} for name, left in self.after.items()}

    @property
    def can_be_undone(self) -> bool:
        """Return whether any of toolkit's changes to the object can still be undone."""
        return (
            not self.is_deleted
            if self.is_created
            else self.is_deleted or self.is_moved or self.renamed or bool(self.fields)
        )


Key = tuple[str, str]
"""The key of an object: its kind with provider, and the service's id, or its name if the id is unknown."""


def object_key(kind: str, remote_id: str | None, name: str) -> Key:
    """Return the key of an object, under which its changes are added up.

    The key is the object's id, if the id is known, so that a renamed object keeps its key.
    """
    return kind, f"id {remote_id}" if remote_id else f"name {name.casefold()}"


def sum_changes(changes: Iterable[AppliedChange]) -> Mapping[Key, ObjectChange]:
    """Return the sum of the changes to each object. The changes must be in the order in which toolkit made them."""
    sums: dict[Key, ObjectChange] = {}
    for change in changes:
        key = object_key(change.address.kind_path, change.remote_id, change.address.name)
        sums[key] = _add_change(sums.get(key), change)
    return sums


def _add_change(total: ObjectChange | None, change: AppliedChange) -> ObjectChange:
    named = replace(change.address, name=change.was_named or change.address.name)
    so_far = total or ObjectChange(address=named, remote_id=change.remote_id)
    match change.action:
        case "create":
            return replace(
                so_far,
                address=change.address,
                is_created=True,
                is_deleted=False,
                sent_settings=change.sent_settings,
                after=change.after,
            )
        case "delete":
            was = {name: setting.before for name, setting in so_far.fields.items()}
            return replace(so_far, is_deleted=True, before={**change.before, **was}, fields={})
        case "adopt":
            return replace(
                so_far, is_adopted=True, is_deleted=False, sent_settings=change.sent_settings, after=change.after
            )
        case "move":
            return replace(so_far, is_moved=True)
        case _:
            return _add_update(so_far, change)


def _add_update(total: ObjectChange, change: AppliedChange) -> ObjectChange:
    renamed = total.renamed or change.was_named not in {None, change.address.name}
    others = _settings_changed_by_others(total, change)
    if total.is_created:
        return replace(
            total, sent_settings=change.sent_settings, after=change.after, renamed=renamed, foreign_settings=others
        )
    first = (
        change.before
        if total.before is None
        else _settings_without_our_changes(total.before, total.after, change.before)
    )
    left = change.after
    if all(left.get(name) == value for name, value in first.items()):  # the former settings are back
        others = others if total.is_adopted else {}
        return replace(
            total,
            before=None,
            sent_settings=change.sent_settings,
            after=left,
            fields={},
            renamed=renamed,
            foreign_settings=others,
        )
    earlier = {name: first.get(name, setting.before) for name, setting in total.fields.items()}
    touched = {**{name: change.before.get(name) for name in change.sent_settings}, **earlier}
    fields = {
        name: ChangedField(was, left.get(name))
        for name, was in touched.items()
        if left.get(name) != was and (name in earlier or left.get(name) != first.get(name))
        if name in change.sent_settings or name not in others or isinstance(others[name], tuple)
    }
    return replace(
        total,
        before=first if fields else None,
        sent_settings=change.sent_settings,
        after=left,
        fields=fields,
        renamed=renamed,
        foreign_settings=others if fields or total.is_adopted else {},
    )


def _settings_without_our_changes(
    before_our_change: Settings, after_our_change: Settings, observed: Settings
) -> Settings:
    """Return the settings that an object would have if toolkit had never changed the object.

    Other people's changes to lists are included. A setting that is not a list keeps its value from before toolkit's
    first change.
    """
    lists = {
        name: ChangedField(before_our_change.get(name), after_our_change.get(name)).without_our_entries(value)
        for name, value in observed.items()
        if value != after_our_change.get(name)
        and are_all_lists(before_our_change.get(name), after_our_change.get(name), value)
    }
    return {**before_our_change, **lists}


def _settings_changed_by_others(total: ObjectChange, change: AppliedChange) -> Settings:
    """Return the settings of an object that other people have changed since toolkit's first change.

    A setting that toolkit changes again is not included, unless the setting is a list.
    """
    if total.before is None and not total.is_entirely_ours:
        return {}
    others: dict[str, Value] = {name: value for name, value in total.foreign_settings.items() if name in change.before}
    for name, value in change.before.items():
        before, left = (
            (total.foreign_settings if total.is_entirely_ours else total.before or {}).get(name),
            total.after.get(name),
        )
        if value == left:
            continue
        if are_all_lists(before, left, value):
            put_in = {*entries(others.get(name))} | ({*entries(value)} - {*entries(left)})
            others[name] = unique(put_in & {*entries(ChangedField(before, left).without_our_entries(value))}) or None
        else:
            others[name] = None if value == before or name in change.sent_settings else value
    return {
        name: value
        for name, value in others.items()
        if value is not None and (isinstance(value, tuple) or name not in change.sent_settings)
    }


def are_all_lists(*values: Value) -> bool:
    """Return whether every value is a list. None counts as an empty list."""
    return any(isinstance(value, tuple) for value in values) and all(
        value is None or isinstance(value, tuple) for value in values
    )


def settings_as_sent(total: ObjectChange, earlier_changes: Sequence[AppliedChange]) -> Settings:
    """Return the settings before a change in the form in which toolkit once sent them, because the service may
    store a different form.
    """
    key = object_key(total.address.kind_path, total.remote_id, total.address.name)
    sent_forms: dict[str, Value] = {}
    for change in earlier_changes:
        if object_key(change.address.kind_path, change.remote_id, change.address.name) == key:
            shown = change.returned or {}
            was = {**(total.before or {}), **{name: setting.before for name, setting in total.fields.items()}}
            sent_forms |= {
                name: value
                for name, value in change.sent_settings.items()
                if was.get(name) == shown.get(name) is not None
            }
    return sent_forms


FORGOTTEN = "[forgotten]"
"""The ledger's placeholder for a name that was removed."""

_LOST = {"[redacted]": "looked like a secret", FORGOTTEN: "contained a person's name that was erased"}


def find_unrestorable_settings(settings: Mapping[str, Value]) -> Mapping[str, str]:
    """Return the settings that cannot be restored because the ledger does not have their complete value, each
    with the reason.
    """
    texts = {name: (value,) if isinstance(value, str) else entries(value) for name, value in settings.items()}
    return {
        name: why for name, some in texts.items() for mark, why in _LOST.items() if any(mark in text for text in some)
    }


def explain_unrestorable_settings(reasons_by_setting: Mapping[str, str]) -> str:
    """Return a message that says why some settings cannot be restored, and what to do."""
    reasons = " and ".join(dict.fromkeys(reasons_by_setting.values()))
    return f"{', '.join(reasons_by_setting)}: {reasons}, so the ledger does not keep the value. Enter it again by hand"
