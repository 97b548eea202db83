"""The settings of a policy: those that Graph has as properties, and those that every kind has."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from connectors.microsoft365.intune.assignments import Assigned, shown_targets, targets_of
from toolkit.sdk import (
    MANAGED_BY,
    MARK,
    PROSE,
    TEXT,
    Harmless,
    Properties,
    Remote,
    Setting,
    Spec,
    check_unmarked,
    declare,
    declare_effects,
    in_camel_case,
    mapping,
    mark_in,
    texts,
    with_mark,
    without_mark,
)
from toolkit.values import Body, Json, Settings, as_value

NAME = 200
"""Characters in a display name; not published."""


def is_ours(remote: Remote) -> bool:
    """Say whether an object bears the mark."""
    return is_marked(remote.body)


def is_marked(row: Body) -> bool:
    return mark_of(row) is not None


def mark_of(row: Body) -> str | None:
    """Give the value of `managed_by` that an object shows."""
    return mark_in(str(row.get("description") or ""))


def bears_mark_of(row: Body, desired: Settings) -> bool:
    """Say whether an object has the mark of what is wanted, or one of no school; another school's is not ours."""
    mark, managed_by = mark_of(row), desired.get("managed_by")
    return mark is not None and (managed_by is None or mark in {MANAGED_BY, managed_by})


def described(row: Body, settings: Body) -> Body:
    """Give the description that settings ask for, as a property to be sent; nothing where they do not speak of it."""
    if not {"description", "managed_by"} & settings.keys():
        return {}
    before = str(row.get("description") or "")
    description = str(settings.get("description") or "") if "description" in settings else without_mark(before)
    managed_by = settings["managed_by"] if "managed_by" in settings else mark_of(row)
    return {"description": with_mark(description, as_value(managed_by))}


def shown_mark(row: Body) -> Body:
    """Give the settings of Marked as an object shows them."""
    return {"description": without_mark(str(row.get("description") or "")), "managed_by": mark_of(row)}


def check_name(name: str) -> str | None:
    """Say what is wrong with a display name, None if nothing is."""
    if not name.strip():
        return "it needs a name"
    return f"{name[:20]!r}... has {len(name)} characters; {NAME} are enough" if len(name) > NAME else None


class Marked(Spec):
    """How people in the admin centre see what it is for and whose it is."""

    effects = declare_effects({}, {Harmless.LABEL: ("description", "managed_by")})

    description: Annotated[str | None, AfterValidator(check_unmarked), Setting(PROSE, wire="description")] = declare(
        f"Says what it is for; toolkit puts behind it: {MARK}.", "Agreed by the governors"
    )
    managed_by: Annotated[Literal["toolkit"], Setting(TEXT, wire="description", silence="toolkit", mark=True)] = (
        declare("Says whose it is; the sentence in its description is put back if it is gone.", default="toolkit")
    )


BESIDE = "toolkit"
"""In a body, beside Graph's properties: what is none of them."""

GROUPS = "groups"
"""Under BESIDE, what the groups that an object is assigned to are called, by their ids."""

DELETED = "deleted"
"""Under BESIDE, the ids of the groups that an object is assigned to and that were deleted."""

NO_ID = "00000000-0000-0000-0000-000000000000"
ID = "identifies the object"
_TIME = "says when it was made or changed; what was changed is compared"
_SCOPE = "says which administrators see the object; it reaches no device"
_TARGET = ("@odata.type", "groupId", "collectionId")

ASSIGNED = Properties(
    compared=frozenset(f"assignments[].target.{name}" for name in _TARGET),
    whole=frozenset({BESIDE}),
    ignored={
        **dict.fromkeys(("id", "assignments[].id"), ID),
        "@odata.type": "says which type of object it is; the kind is read by it",
        **dict.fromkeys(("createdDateTime", "lastModifiedDateTime"), _TIME),
        "roleScopeTagIds": _SCOPE,
        **dict.fromkeys(("assignments[].source", "assignments[].sourceId"), "says how the assignment was made"),
    },
    defaults={"assignments[].intent": "apply"},
    unset_words=frozenset({"notConfigured", "userDefined", "deviceDefault", "default", "none", "unavailable", NO_ID}),
    narrowing=frozenset(
        {"assignments", "scheduledActionsForRule", "platforms", "technologies"}
        | {f"deviceManagementApplicabilityRule{name}" for name in ("OsEdition", "OsVersion", "DeviceMode")}
    ),
)
"""What every object that is assigned to groups shows; a filter of an assignment, or an intent, is unknown.

What else is unknown may be a new restriction beside those compared: it makes the object neither reach nor do less.
"""

POLICY = ASSIGNED.extended(
    compared={"description"},
    ignored={
        "displayName": "is the name of the object",
        "version": "counts the changes of the object",
        "supportsScopeTags": _SCOPE,
    },
)
"""What compliance policies and device configurations show."""


def with_names(body: Body, groups: Mapping[str, str], deleted: Sequence[str] = ()) -> Body:
    """Return an object with the names of the groups that it is assigned to, by their ids, and the deleted ones."""
    deleted_entry: Body = {DELETED: list(deleted)} if deleted else {}
    return {**body, BESIDE: {GROUPS: groups, **deleted_entry}} if groups else body


def with_deleted_groups(body: Body, shown: Mapping[str, Json]) -> Mapping[str, str]:
    """Return the settings, by their shown entries, that name a deleted group, each with that as the reason."""
    deleted = {*texts(beside(body).get(DELETED))}
    return {name: "it names a deleted group" for name, listed in shown.items() if deleted & {*texts(listed)}}


class Policy(Assigned, Marked):
    """A policy with a mark and assignments; a setting without a wire name of its own is called like Graph's property.

    Its endpoint puts the names of groups under BESIDE when it reads, and finds there the settings that are none of
    Graph's properties when it writes.
    """

    properties: ClassVar[Properties] = POLICY

    beside: ClassVar[frozenset[str]] = frozenset({*Marked.table(), *Assigned.table()})
    """Names of the settings that are no properties."""

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        return _table(cls)

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        shown = cls.shown(body)
        return {
            name: setting.form.read(shown.get(name) if name in cls.beside else body.get(setting.wire))
            for name, setting in cls.table().items()
        }

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:
        return with_deleted_groups(body, named_targets(body))

    @classmethod
    def shown(cls, row: Body) -> Body:
        """Give the settings that are no properties, as an object shows them."""
        return {**shown_mark(row), **named_targets(row)}

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        written = {name: cls.table()[name].form.write(value) for name, value in settings.items()}
        properties = {cls.table()[name].wire: value for name, value in written.items() if name not in cls.beside}
        return {**properties, BESIDE: {name: value for name, value in written.items() if name in cls.beside}}


def named_targets(body: Body) -> Body:
    """Give the settings of Assigned, with the names of groups that the endpoint put beside."""
    names = mapping(beside(body).get(GROUPS))
    return shown_targets(targets_of(body) or [], lambda group: str(names.get(group, group)))


def beside(body: Body) -> Body:
    """Give the settings that are no properties."""
    held = body.get(BESIDE)
    return held if isinstance(held, Mapping) else {}


def properties(body: Body) -> Body:
    """Give what Graph has as properties."""
    return {name: value for name, value in body.items() if name != BESIDE}


@cache
def _table(spec: type[Policy]) -> Mapping[str, Setting]:
    plain = super(Policy, spec).table()
    return {
        name: setting if setting.wire else replace(setting, wire=in_camel_case(name)) for name, setting in plain.items()
    }
