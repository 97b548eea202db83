"""Where Google's policies have the mark of what is ours, and the settings of every object that bears it.

Google's policies have no labels, and two of them may have one name.
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
    mark_in,
    text,
    text_in,
    with_mark,
    without_mark,
)
from toolkit.values import Body, Json, Settings, Value, as_value

UNIT = "unit"
"""In a Remote's body, beside Google's answer: the path of the unit that the policy is for, or its id if it is gone."""


IGNORED: Mapping[str, str] = {
    "name": "identifies the object",
    "customer": "identifies the tenant",
    "type": "says that an administrator made it, as every policy of these types",
    "policyQuery.orgUnit": "is compared as the path of the unit",
    "policyQuery.group": "is compared in place of the unit",
    "policyQuery.query": "says in Google's language for which unit or group it is",
    "policyQuery.sortOrder": "ranks policies on one setting; each of these is an object of its own",
    "setting.type": "says of which kind it is",
    "setting.value.displayName": "is the object's name",
    "setting.value.createTime": "says when it was made",
    "setting.value.updateTime": "says when it was changed; what was changed is compared",
}
"""Properties of a policy that is an object of its own that are not compared, with the reasons."""


def is_ours(remote: Remote) -> bool:
    """Say whether an object bears the mark."""
    return mark_of(value_of(remote.body)) is not None


def mark_of(value: Body) -> str | None:
    """Give the value of `managed_by` that the value of a policy shows."""
    return mark_in(text(value.get("description")))


def with_description(value: Body, settings: Body) -> Body:
    """Give a value with the description that settings ask for; what they do not name stays."""
    before = text(value.get("description"))
    words = text(settings["description"]) if "description" in settings else without_mark(before)
    managed_by = settings["managed_by"] if "managed_by" in settings else mark_in(before)
    return {**value, "description": with_mark(words, as_value(managed_by))}


def _unit(value: Json) -> Value:
    """Write a path without the slash at its end."""
    return None if value is None or value == "" else text_in(value).rstrip(ROOT) or ROOT


def _from_the_top(path: str) -> str:
    if not path.startswith(ROOT):
        raise ValueError(f"write it from the top, as /{path}")
    return path


class Placement(Spec):
    """For whom it holds, and how people in the console see whose it is."""

    effects = declare_effects({"unit": ObjectScope(differs)}, {Harmless.LABEL: ("description", "managed_by")})

    unit: Annotated[
        str, AfterValidator(_from_the_top), Setting(Form("path", _unit), wire="policyQuery.orgUnit", silence=ROOT)
    ] = declare(
        "Gives the path of the organisational unit whose people it holds for; / is everybody. Another unit "
        "means a new object in Google, made before the old one is removed.",
        "/Pupils",
        default=ROOT,
    )
    description: Annotated[str | None, AfterValidator(check_unmarked), Setting(PROSE, wire="description")] = declare(
        f"Says what it is for; toolkit puts behind it: {MARK}.", "Agreed by the governors"
    )
    managed_by: Annotated[Literal["toolkit"], Setting(TEXT, wire="description", silence="toolkit", mark=True)] = (
        declare("Says whose it is; the sentence in its description is put back if it is gone.", default="toolkit")
    )

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read a policy, with what its endpoint put beside it."""
        value = value_of(body)
        description = text(value.get("description"))
        settings: Mapping[str, Json] = {
            **cls.to_settings(value, body),
            "unit": body.get(UNIT),
            "description": without_mark(description),
            "managed_by": mark_in(description),
        }
        return {name: setting.form.read(settings.get(name)) for name, setting in cls.table().items()}

    @classmethod
    def unwritable(cls, body: Body) -> Mapping[str, str]:
        """Return why a playbook cannot write for whom an object is: a group, or a unit that was deleted."""
        if mapping(body.get("policyQuery")).get("group"):
            return {UNIT: "it is for a group, and a playbook can name only an organisational unit"}
        return {} if text(body.get(UNIT)).startswith(ROOT) else {UNIT: "it is for a deleted organisational unit"}

    @classmethod
    def to_settings(cls, value: Body, related: Body) -> Body:  # noqa: ARG003 - each kind has its own
        """Give the kind's own settings by their names, as a value holds them."""
        return {}

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        """Give settings by their names: the endpoint puts them into the whole value that Google wants."""
        return {name: cls.table()[name].form.write(value) for name, value in settings.items()}
