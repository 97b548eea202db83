"""toolkit's mark in the descriptions of Google's policies, and the settings that every marked object has.

The mark identifies toolkit's own policies, because policies have no labels, and two policies may have the same name.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator

from connectors.google_workspace.policies import value_of
from connectors.google_workspace.units import ROOT
from toolkit.sdk import (
    MARK,
    PROSE,
    TEXT,
    Form,
    Harmless,
    ObjectScope,
    Remote,
    Setting,
    Spec,
    check_unmarked,
    declare,
    declare_effects,
    differs,
    mapping,
    parse_mark,
    text,
    text_in,
    with_mark,
    without_mark,
)
from toolkit.values import Body, Json, Settings, Value, as_value

UNIT = "unit"
"""The key in a Remote's body for the path of the policy's unit, or for its id if the unit is deleted."""


IGNORED: Mapping[str, str] = {
    "name": "identifies the object",
    "customer": "identifies the tenant",
    "type": "shows that an administrator created the policy, which is true for all policies of these types",
    "policyQuery.orgUnit": "is compared as the path of the unit",
    "policyQuery.group": "is compared in place of the unit",
    "policyQuery.query": "names the unit or group in Google's query language",
    "policyQuery.sortOrder": "orders policies for one setting, but each of these policies is a separate object",
    "setting.type": "names the kind",
    "setting.value.displayName": "is the object's name",
    "setting.value.createTime": "is the time of creation",
    "setting.value.updateTime": "is the time of the last change. The settings are compared instead",
}
"""Properties of a policy that are not compared, with the reasons."""


def is_ours(remote: Remote) -> bool:
    """Return whether an object has toolkit's mark."""
    return mark_of(value_of(remote.body)) is not None


def mark_of(value: Body) -> str | None:
    """Return the value of `managed_by` in the mark of a policy, or None if the policy has no mark."""
    return parse_mark(text(value.get("description")))


def with_description(value: Body, settings: Body) -> Body:
    """Return the value of a policy with the description from the settings, or unchanged if the settings have none."""
    before = text(value.get("description"))
    words = text(settings["description"]) if "description" in settings else without_mark(before)
    managed_by = settings["managed_by"] if "managed_by" in settings else parse_mark(before)
    return {**value, "description": with_mark(words, as_value(managed_by))}


def _remove_end_slash(value: Json) -> Value:
    """Return the path of a unit without a slash at its end."""
    return None if value is None or value == "" else text_in(value).rstrip(ROOT) or ROOT


def _check_absolute(path: str) -> str:
    if not path.startswith(ROOT):
        raise ValueError(f"write the path from the root, for example /{path}")
    return path


class Placement(Spec):
    """The settings for the unit that an object applies to, and for its description. People see the mark there."""

    effects = declare_effects({"unit": ObjectScope(differs)}, {Harmless.LABEL: ("description", "managed_by")})

    unit: Annotated[
        str,
        AfterValidator(_check_absolute),
        Setting(Form("path", _remove_end_slash), wire="policyQuery.orgUnit", silence=ROOT),
    ] = declare(
        "Gives the path of the organisational unit whose people the object applies to. / means everyone. Another "
        "unit means a new object in Google, created before the old one is deleted.",
        "/Pupils",
        default=ROOT,
    )
    description: Annotated[str | None, AfterValidator(check_unmarked), Setting(PROSE, wire="description")] = declare(
        f"Describes the purpose of the object. toolkit adds at the end: {MARK}.", "Agreed by the governors"
    )
    managed_by: Annotated[Literal["toolkit"], Setting(TEXT, wire="description", silence="toolkit", mark=True)] = (
        declare(
            "Says who manages the object. toolkit restores the mark in the description if it is missing.",
            default="toolkit",
        )
    )

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the settings of a policy, from its value and the related values that the endpoint adds."""
        value = value_of(body)
        description = text(value.get("description"))
        settings: Mapping[str, Json] = {
            **cls.to_settings(value, body),
            "unit": body.get(UNIT),
            "description": without_mark(description),
            "managed_by": parse_mark(description),
        }
        return {name: setting.form.read(settings.get(name)) for name, setting in cls.table().items()}

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:
        """Return the settings that no playbook can contain, because the audience is a group or a deleted unit."""
        if mapping(body.get("policyQuery")).get("group"):
            return {UNIT: "the object is for a group, but a playbook can name only an organisational unit"}
        return (
            {} if text(body.get(UNIT)).startswith(ROOT) else {UNIT: "the object is for a deleted organisational unit"}
        )

    @classmethod
    def to_settings(cls, value: Body, related: Body) -> Body:  # noqa: ARG003 - each kind has its own
        """Return the settings of a value that only this kind has."""
        return {}

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return the settings unchanged, because the endpoint adds them to the complete value that Google requires."""
        return {name: cls.table()[name].form.write(value) for name, value in settings.items()}
