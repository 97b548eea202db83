"""The spec of console settings, which is created from the table.

Each type of field has a form, checks and a comparison.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from connectors.google_workspace.kind_tables import spec_of
from connectors.google_workspace.kinds.policy_setting.raw import RAW, VALUE, is_raw, read_fields
from connectors.google_workspace.kinds.policy_setting.table import TYPES, PolicyField, PolicyFieldType, SettingType
from toolkit.sdk import (
    FLAG,
    INSTANT,
    OPEN_SETTINGS,
    PATTERNS,
    TEXT,
    Form,
    Harmless,
    Listed,
    OpenTable,
    Properties,
    Setting,
    Spec,
    Within,
    declare_effects,
    flag,
    mapping,
)
from toolkit.values import Body, Json, Settings, Value

_DURATION = re.compile(r"(\d+)(?:\.0*)?s")


def _read_seconds(value: Json) -> Value:
    if value is None or value == "":
        return None
    match = _DURATION.fullmatch(str(value))
    if not match:
        raise ValueError(f"{value!r} is not a length of time. Write the seconds, for example 43200s for 12 hours")
    return f"{int(match[1])}s"


def _check_duration(value: str) -> str:
    _read_seconds(value)
    return value


def _check_instant(value: str) -> str:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not a date and time. Write it like 2026-09-01T08:00:00+01:00") from error
    if instant.tzinfo is None:
        raise ValueError(f"{value!r} has no time zone. Write it with its offset, for example 2026-09-01T08:00:00+01:00")
    return value


def _read_number(value: Json) -> Value:
    """Return a whole number. Google writes it as a number with a fraction or as text."""
    if value is None or value == "":
        return None
    number = float(str(value))
    if not number.is_integer():
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)


def _read_descriptions(value: Json) -> Value:
    return PATTERNS.read([_read_entry_property(entry, "description") for entry in _list_entries(value)])


def _read_enabled_rules(value: Json) -> Value:
    """Return the ids of the rules that are on.

    Google lists all rules with their states, and a playbook lists only ids.
    """
    states = [rule for rule in _list_entries(value) if not isinstance(rule, Mapping) or flag(rule.get("enabled"))]
    return PATTERNS.read([_read_entry_property(entry, "ruleId") for entry in states])


def _list_entries(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else []


def _read_entry_property(entry: Json, name: str) -> Json:
    return entry.get(name, "") if isinstance(entry, Mapping) else entry


_FORMS = {
    PolicyFieldType.FLAG: FLAG,
    PolicyFieldType.NUMBER: Form("whole number", _read_number),
    PolicyFieldType.WORD: TEXT,
    PolicyFieldType.TEXT: TEXT,
    PolicyFieldType.DURATION: Form("length of time", _read_seconds),
    PolicyFieldType.INSTANT: INSTANT,
    PolicyFieldType.LIST: PATTERNS,
    PolicyFieldType.RULES: Form("list of rules, by their descriptions", _read_descriptions, is_list=True),
    PolicyFieldType.RULE_STATES: Form("list of rules that are on, by their ids", _read_enabled_rules, is_list=True),
}
_WORD = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
_TYPES: Mapping[PolicyFieldType, Any] = {
    PolicyFieldType.FLAG: bool,
    PolicyFieldType.NUMBER: Annotated[int, Field(ge=0)],
    PolicyFieldType.WORD: _WORD,
    PolicyFieldType.TEXT: Annotated[str, Field(min_length=1)],
    PolicyFieldType.DURATION: Annotated[str, AfterValidator(_check_duration)],
    PolicyFieldType.INSTANT: Annotated[str, AfterValidator(_check_instant)],
    PolicyFieldType.LIST: Listed,
    PolicyFieldType.RULES: list[str],
    PolicyFieldType.RULE_STATES: list[str],
}
_WITHIN = {
    PolicyFieldType.DURATION: "seconds, for example 43200s for 12 hours",
    PolicyFieldType.INSTANT: "with its offset from UTC, for example 2026-09-01T08:00:00+01:00",
    PolicyFieldType.WORD: "one of Google's words in capitals, as the Policy API shows it",
}


def _choose_field_form(field: PolicyField) -> Form:
    """Return the form of a field.

    If Google has a second word for the default, the form reads that word as the default.
    """
    form = _FORMS[field.takes]
    if not field.also:
        return form
    return replace(form, read=lambda value: form.read(field.default if value == field.also else value))


def declare_field(field: PolicyField) -> tuple[Any, Any]:
    """Return the Python type and the description of a field, for pydantic's create_model."""
    taken = cast("Any", Literal)[field.words] if field.words else _TYPES[field.takes]
    notes: list[object] = [Setting(_choose_field_form(field), wire=field.wire_name)]
    if field.takes in _WITHIN and not field.words:
        notes.append(Within(_WITHIN[field.takes]))
    meaning = field.meaning
    if field.default is not None:
        meaning = f"{meaning} Default in Google: {json.dumps(field.default).strip(chr(34))}."
    field_info = Field(default=None, description=meaning, examples=[field.example])
    return Annotated[(taken | None, *notes)], field_info


POLICIES_FOR_GROUPS = "policies for groups"
POLICIES_FOR_LICENCES = "policies for licences"

_ABOUT = """Settings of the admin console for a unit. They are compared and reported, because no Google API sets them.

A type that is not listed here has Google's name, `settings/gmail.attachment_compliance @ /Staff`. So do
its fields, such as `attachmentComplianceRules`, or `guardians.access` for a field of an object.
"""


_READ_TWICE = frozenset(
    field.wire_name for setting in TYPES.values() for field in setting.fields if setting.without_words(field.wire_name)
)
"""Fields of which the table covers only a part, so that they are also read in Google's form."""


class ConsoleSetting(Spec):
    """The base class for the spec of console settings, which also has fields that are not in the table."""

    effects = declare_effects({}, {Harmless.CHECKED: (OPEN_SETTINGS,)})

    model_config = ConfigDict(json_schema_extra={"patternProperties": {"[A-Z.]|^[a-z0-9]+$": {}}})

    properties: ClassVar[Properties] = Properties(
        whole=frozenset({RAW, *_READ_TWICE}),
        ignored={
            POLICIES_FOR_GROUPS: "counts policies for groups, which are not part of the unit's value",
            POLICIES_FOR_LICENCES: "counts policies that apply only to people with certain licences",
        },
    )

    @classmethod
    def desired(cls, written: Mapping[str, Json]) -> Settings:
        raw = {name: value for name, value in written.items() if is_raw(name)}
        worded = super().desired({name: value for name, value in written.items() if name not in raw})
        return {**worded, **{name: VALUE.read(value) for name, value in raw.items()}}

    @classmethod
    def observed(cls, body: Body) -> Settings:
        twice = {name: body[name] for name in _READ_TWICE if name in body}
        return {**super().observed(body), **read_fields({**twice, **mapping(body.get(RAW))})}

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        return _to_open_table(cls)


@cache
def _to_open_table(spec: type[ConsoleSetting]) -> OpenTable:
    return OpenTable(super(ConsoleSetting, spec).table(), is_raw, VALUE)


def create_spec(types: Iterable[SettingType]) -> type[Spec]:
    """Return the spec of all settings. A field that several settings have becomes one field."""
    spec = spec_of("PolicySetting", types, ConsoleSetting, "Admin console", declare_field)
    spec.__doc__ = _ABOUT
    return spec


PolicySetting = create_spec(TYPES.values())
