"""The types of change to an object: create, update, delete and move."""

from dataclasses import replace
from typing import TypeAlias

from toolkit.records import dataclass
from toolkit.sdk.resource import Absent, Address, Desired, Observed
from toolkit.values import Json, Settings, Value, effective, plain


@dataclass(frozen=True, slots=True)
class Field:
    """A setting whose value differs from the playbooks.

    `after` is the value to send, which includes the list entries of other administrators.
    """

    path: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Create:
    """The creation of a missing object."""

    desired: Desired
    fields: tuple[Field, ...]
    remark: str = ""

    @property
    def address(self) -> Address:
        return self.desired.address


@dataclass(frozen=True, slots=True)
class Update:
    """An update of an object whose settings differ."""

    desired: Desired
    observed: Observed
    fields: tuple[Field, ...]
    remark: str = ""

    @property
    def address(self) -> Address:
        return self.desired.address


@dataclass(frozen=True, slots=True)
class Delete:
    """The deletion of an object that must no longer exist."""

    absent: Absent
    observed: Observed
    remark: str = ""

    @property
    def address(self) -> Address:
        return self.absent.address


@dataclass(frozen=True, slots=True)
class Move:
    """The move of an object whose kind has an order. `after` is the object that must come before the moved object."""

    desired: Desired
    observed: Observed
    after: Address | None
    remark: str = ""

    @property
    def address(self) -> Address:
        return self.desired.address

    @property
    def predecessor_name(self) -> str:
        """Return the ledger's name for the object that will come directly before the moved object, or "" if
        the moved object comes first.
        """
        return str(self.after) if self.after else ""


Change: TypeAlias = Create | Update | Delete | Move


def playbook_entry_of(change: Change) -> Desired | Absent:
    """Return the playbook entry because of which a change is made."""
    return change.absent if isinstance(change, Delete) else change.desired


def action_name(change: Change) -> str:
    """Return the name of a change's action, such as "create" or "update", as in plans and JSON."""
    match change:
        case Create():
            return "create"
        case Update():
            return "update"
        case Delete():
            return "delete"
        case Move():
            return "move"


def changed_fields(change: Change) -> tuple[Field, ...]:
    """Return the settings that a change writes, each with the values before and after.

    A deletion or a move writes no settings.
    """
    return change.fields if isinstance(change, Create | Update) else ()


def settings_before_and_after(change: Change) -> tuple[Settings | None, Settings | None]:
    """Return the settings of an object before and after a change.

    The settings before are None if the change creates the object. The settings after are None if the change deletes the
    object.
    """
    match change:
        case Create(desired):
            return None, {path: effective(value, None) for path, value in desired.settings.items()}
        case Update(desired, observed) | Move(desired, observed):
            before = observed.settings
            written = {path: effective(value, before.get(path)) for path, value in desired.settings.items()}
            return before, {**before, **written}
        case Delete(_, observed):
            return observed.settings, None


def to_digest_json(change: Change) -> Json:
    """Return a change, with the values before the change, as JSON. The digest of a plan is computed from this JSON."""
    observed = None if isinstance(change, Create) else change.observed.remote
    return {
        "address": str(change.address),
        "action": action_name(change),
        "id": observed.id if observed else None,
        "version": observed.version if observed else None,
        "after": str(change.after) if isinstance(change, Move) and change.after else None,
        "fields": [[f.path, plain(f.before), plain(f.after)] for f in changed_fields(change)],
    }


def leave_out_settings(change: Update, paths: frozenset[str]) -> tuple[Update, ...]:
    """Return the change without some of its settings, in a tuple. The tuple is empty if no setting is left."""
    if not paths:
        return (change,)
    rest = tuple(field for field in change.fields if field.path not in paths)
    kept = {path: value for path, value in change.desired.settings.items() if path not in paths}
    return (replace(change, desired=replace(change.desired, settings=kept), fields=rest),) if rest else ()


def desired_with_current_name(change: Create | Update) -> Desired:
    """Return the desired object of a change under the name that the object has in the tenant now."""
    desired = change.desired
    if isinstance(change, Create) or change.observed.remote.name == desired.address.name:
        return desired
    return replace(desired, renamed_from=change.observed.remote.name)
