"""The base class for specs of Intune policies, and settings of every kind: description, mark, assignments."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from connectors.microsoft365.intune.assignments import Assigned, target_settings, targets_of
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
    mapping,
    parse_mark,
    texts,
    to_camel_case,
    with_mark,
    without_mark,
)
from toolkit.values import Body, Json, Settings, as_value

NAME = 200
"""Characters in a display name. Microsoft does not publish the limit."""


def is_ours(remote: Remote) -> bool:
    """Return whether an object has toolkit's mark."""
    return is_marked(remote.body)


def is_marked(row: Body) -> bool:
    return mark_of(row) is not None


def mark_of(row: Body) -> str | None:
    """Return the value of `managed_by` in an object's description, or None if it has no mark."""
    return parse_mark(str(row.get("description") or ""))


def bears_mark_of(row: Body, desired: Settings) -> bool:
    """Return whether an object has the desired mark, or a mark without a school's name.

    Another school's mark differs.
    """
    mark, managed_by = mark_of(row), desired.get("managed_by")
    return mark is not None and (managed_by is None or mark in {MANAGED_BY, managed_by})


def to_description(row: Body, settings: Body) -> Body:
    """Return the description property to send, or an empty body if the settings do not change it."""
    if not {"description", "managed_by"} & settings.keys():
        return {}
    before = str(row.get("description") or "")
    description = str(settings.get("description") or "") if "description" in settings else without_mark(before)
    managed_by = settings["managed_by"] if "managed_by" in settings else mark_of(row)
    return {"description": with_mark(description, as_value(managed_by))}


def shown_mark(row: Body) -> Body:
    """Return the settings of the Marked spec: the text and the mark in an object's description."""
    return {"description": without_mark(str(row.get("description") or "")), "managed_by": mark_of(row)}


def check_name(name: str) -> str | None:
    """Return the problem with a display name, or None if the name is valid."""
    if not name.strip():
        return "it needs a name"
    return f"{name[:20]!r}... has {len(name)} characters. The limit is {NAME}" if len(name) > NAME else None


class Marked(Spec):
    """The settings for the description of an object, which ends with toolkit's mark.

    People see it in the admin centre.
    """

    effects = declare_effects({}, {Harmless.LABEL: ("description", "managed_by")})

    description: Annotated[str | None, AfterValidator(check_unmarked), Setting(PROSE, wire="description")] = declare(
        f"The purpose of the object. toolkit adds to it: {MARK}.", "Agreed by the governors"
    )
    managed_by: Annotated[Literal["toolkit"], Setting(TEXT, wire="description", silence="toolkit", mark=True)] = (
        declare(
            "The mark of the object. If the mark is missing from the description, toolkit writes it again.",
            default="toolkit",
        )
    )


EXTRA_SETTINGS = "toolkit"
"""The key in a body for everything that is not a property of Graph."""

GROUPS = "groups"
"""The key in EXTRA_SETTINGS for the names of the assigned groups, by id."""

DELETED = "deleted"
"""The key in EXTRA_SETTINGS for the ids of assigned groups that were deleted."""

NO_ID = "00000000-0000-0000-0000-000000000000"
ID = "identifies the object"
_TIME = "shows when the object was created or changed. Its settings are compared instead"
_SCOPE = "shows which administrators see the object. It does not affect devices"
_TARGET = ("@odata.type", "groupId", "collectionId")

ASSIGNED = Properties(
    compared=frozenset(f"assignments[].target.{name}" for name in _TARGET),
    whole=frozenset({EXTRA_SETTINGS}),
    ignored={
        **dict.fromkeys(("id", "assignments[].id"), ID),
        "@odata.type": "shows the type of the object. Each kind reads only its own type",
        **dict.fromkeys(("createdDateTime", "lastModifiedDateTime"), _TIME),
        "roleScopeTagIds": _SCOPE,
        **dict.fromkeys(("assignments[].source", "assignments[].sourceId"), "shows how the assignment was made"),
    },
    defaults={"assignments[].intent": "apply"},
    unset_words=frozenset({"notConfigured", "userDefined", "deviceDefault", "default", "none", "unavailable", NO_ID}),
    narrowing=frozenset(
        {"assignments", "scheduledActionsForRule", "platforms", "technologies"}
        | {f"deviceManagementApplicabilityRule{name}" for name in ("OsEdition", "OsVersion", "DeviceMode")}
    ),
)
"""Properties of every object that is assigned to groups. Filters and intents of assignments are unknown.

Other unknown properties may be new restrictions, which do not make the object reach or do less.
"""

POLICY = ASSIGNED.extended(
    compared={"description"},
    ignored={
        "displayName": "is the name of the object",
        "version": "is the number of changes to the object",
        "supportsScopeTags": _SCOPE,
    },
)
"""Properties of compliance policies and device configurations."""


def with_names(body: Body, groups: Mapping[str, str], deleted: Sequence[str] = ()) -> Body:
    """Return an object's body with the names of its assigned groups, by id, and the ids of deleted groups."""
    deleted_entry: Body = {DELETED: list(deleted)} if deleted else {}
    return {**body, EXTRA_SETTINGS: {GROUPS: groups, **deleted_entry}} if groups else body


def with_deleted_groups(body: Body, entries: Mapping[str, Json]) -> Mapping[str, str]:
    """Return the settings that name a deleted group, each with the reason why a playbook cannot contain its value."""
    deleted = {*texts(extra_settings(body).get(DELETED))}
    return {
        name: "the setting names a deleted group"
        for name, names_in_setting in entries.items()
        if deleted & {*texts(names_in_setting)}
    }


class Policy(Assigned, Marked):
    """A policy with a mark and assignments. A setting without a wire name has the name of Graph's property.

    The key EXTRA_SETTINGS of a body is not sent to Graph. In a body that was read, it has the names of groups. In a
    body for a change, it has the settings that are not properties in Graph.
    """

    properties: ClassVar[Properties] = POLICY

    extra_setting_names: ClassVar[frozenset[str]] = frozenset({*Marked.table(), *Assigned.table()})
    """The names of settings that are not properties of Graph."""

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        return _make_table(cls)

    @classmethod
    def observed(cls, body: Body) -> Settings:
        shown = cls.shown_settings(body)
        return {
            name: setting.form.read(shown.get(name) if name in cls.extra_setting_names else body.get(setting.wire))
            for name, setting in cls.table().items()
        }

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:
        return with_deleted_groups(body, named_targets(body))

    @classmethod
    def shown_settings(cls, row: Body) -> Body:
        """Return the settings of an object that are not properties in Graph."""
        return {**shown_mark(row), **named_targets(row)}

    @classmethod
    def body(cls, settings: Settings) -> Body:
        written = {name: cls.table()[name].form.write(value) for name, value in settings.items()}
        properties = {
            cls.table()[name].wire: value for name, value in written.items() if name not in cls.extra_setting_names
        }
        return {
            **properties,
            EXTRA_SETTINGS: {name: value for name, value in written.items() if name in cls.extra_setting_names},
        }


def named_targets(body: Body) -> Body:
    """Return the settings of the Assigned spec, with the names of groups from EXTRA_SETTINGS."""
    names = mapping(extra_settings(body).get(GROUPS))
    return target_settings(targets_of(body) or [], lambda group: str(names.get(group, group)))


def extra_settings(body: Body) -> Body:
    """Return the settings in a body that are not properties in Graph."""
    extra = body.get(EXTRA_SETTINGS)
    return extra if isinstance(extra, Mapping) else {}


def properties(body: Body) -> Body:
    """Return the properties in a body that Graph has."""
    return {name: value for name, value in body.items() if name != EXTRA_SETTINGS}


@cache
def _make_table(spec: type[Policy]) -> Mapping[str, Setting]:
    plain = super(Policy, spec).table()
    return {
        name: setting if setting.wire else replace(setting, wire=to_camel_case(name)) for name, setting in plain.items()
    }
