"""The settings of the kind, made from the table: one group of fields for each setting of the console."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import ClassVar

from pydantic import ConfigDict, create_model

from connectors.google_workspace.kind_tables import spec_bases
from connectors.google_workspace.kinds.policy_setting.fields import declared
from connectors.google_workspace.kinds.policy_setting.raw import RAW, VALUE, OpenTable, is_raw, read_fields
from connectors.google_workspace.kinds.policy_setting.table import TYPES, SettingType
from toolkit.sdk.properties import Properties
from toolkit.sdk.shapes import mapping
from toolkit.sdk.spec import NameTranslation, Setting, Spec
from toolkit.values import Body, Json, Settings

POLICIES_FOR_GROUPS = "policies for groups"
POLICIES_FOR_LICENCES = "policies for licences"

_ABOUT = """What the admin console holds for a unit, compared and reported; no API of Google's sets it.

A type that has no words here is named as Google names it, `settings/gmail.attachment_compliance @ /Staff`, and so are
its fields: `attachmentComplianceRules`, and `guardians.access` for a field of an object.
"""


_READ_TWICE = frozenset(
    field.wire_name for setting in TYPES.values() for field in setting.fields if setting.without_words(field.wire_name)
)
"""Fields that have words for a part of what they hold, and are read whole beside."""


class ConsoleSetting(Spec):
    """Fields that have words, and beside them every field by Google's own name."""

    model_config = ConfigDict(json_schema_extra={"patternProperties": {"[A-Z.]|^[a-z0-9]+$": {}}})

    properties: ClassVar[Properties] = Properties(
        whole=frozenset({RAW, *_READ_TWICE}),
        ignored={
            POLICIES_FOR_GROUPS: "counts policies for groups, which are no part of what holds at a unit",
            POLICIES_FOR_LICENCES: "counts policies in it that only people with certain licences have",
        },
    )

    @classmethod
    def desired(cls, written: Mapping[str, Json]) -> Settings:
        raw = {name: value for name, value in written.items() if is_raw(name)}
        worded = super().desired({name: value for name, value in written.items() if name not in raw})
        return {**worded, **{name: VALUE.read(value) for name, value in raw.items()}}

    @classmethod
    def observed(cls, body: Body, names: NameTranslation | None = None) -> Settings:
        twice = {name: body[name] for name in _READ_TWICE if name in body}
        return {**super().observed(body, names), **read_fields({**twice, **mapping(body.get(RAW))})}

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        return _open(cls)


@cache
def _open(spec: type[ConsoleSetting]) -> OpenTable:
    return OpenTable(super(ConsoleSetting, spec).table())


def made_from(types: Iterable[SettingType]) -> type[Spec]:
    """Make the spec; a field that several settings have is one field of all of them."""
    bases = spec_bases(types, ConsoleSetting, "Admin console", declared)
    return create_model("PolicySetting", __base__=bases, __doc__=_ABOUT, __module__=__name__)


PolicySetting = made_from(TYPES.values())
