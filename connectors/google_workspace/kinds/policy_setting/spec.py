"""The settings of the kind, made from the table, and how each kind of field is written, checked and compared."""

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


def _seconds(value: Json) -> Value:
    if value is None or value == "":
        return None
    match = _DURATION.fullmatch(str(value))
    if not match:
        raise ValueError(f"{value!r} is not a length of time; write the seconds, as 43200s for twelve hours")
    return f"{int(match[1])}s"


def _check_duration(written: str) -> str:
    _seconds(written)
    return written


def _check_instant(written: str) -> str:
    try:
        instant = datetime.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"{written!r} is not a date and time; write one as 2026-09-01T08:00:00+01:00") from error
    if instant.tzinfo is None:
        raise ValueError(f"{written!r} says no time zone; write it with its offset, as 2026-09-01T08:00:00+01:00")
    return written


def _whole_number(value: Json) -> Value:
    """Read a number as Google's free-form values hold it: there every number is a fraction, or a text."""
    if value is None or value == "":
        return None
    number = float(str(value))
    if not number.is_integer():
        raise ValueError(f"{value!r} is not a whole number")
    return int(number)


def _descriptions(value: Json) -> Value:
    return PATTERNS.read([_entry_property(entry, "description") for entry in _entries(value)])


def _enabled_rules(value: Json) -> Value:
    """Read which rules are on, whether Google lists states of rules or a playbook their ids."""
    states = [rule for rule in _entries(value) if not isinstance(rule, Mapping) or flag(rule.get("enabled"))]
    return PATTERNS.read([_entry_property(entry, "ruleId") for entry in states])


def _entries(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else []


def _entry_property(entry: Json, name: str) -> Json:
    return entry.get(name, "") if isinstance(entry, Mapping) else entry


_FORMS = {
    PolicyFieldType.FLAG: FLAG,
    PolicyFieldType.NUMBER: Form("whole number", _whole_number),
    PolicyFieldType.WORD: TEXT,
    PolicyFieldType.TEXT: TEXT,
    PolicyFieldType.DURATION: Form("length of time", _seconds),
    PolicyFieldType.INSTANT: INSTANT,
    PolicyFieldType.LIST: PATTERNS,
    PolicyFieldType.RULES: Form("list of rules, by their descriptions", _descriptions, is_list=True),
    PolicyFieldType.RULE_STATES: Form("list of rules that are on, by their ids", _enabled_rules, is_list=True),
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
    PolicyFieldType.DURATION: "seconds, as 43200s for twelve hours",
    PolicyFieldType.INSTANT: "written with its offset from UTC, as 2026-09-01T08:00:00+01:00",
    PolicyFieldType.WORD: "one of Google's words in capitals, as the Policy API shows it",
}


def _form(field: PolicyField) -> Form:
    """Give the form of a field; of two words of Google's for the same, one is read as the other."""
    form = _FORMS[field.takes]
    if not field.also:
        return form
    return replace(form, read=lambda value: form.read(field.default if value == field.also else value))


def declare_field(field: PolicyField) -> tuple[Any, Any]:
    """Give the type and the description of a field, as a model is made of them."""
    taken = cast("Any", Literal)[field.words] if field.words else _TYPES[field.takes]
    notes: list[object] = [Setting(_form(field), wire=field.wire_name)]
    if field.takes in _WITHIN and not field.words:
        notes.append(Within(_WITHIN[field.takes]))
    meaning = field.meaning
    if field.default is not None:
        meaning = f"{meaning} Default in Google: {json.dumps(field.default).strip(chr(34))}."
    field_info = Field(default=None, description=meaning, examples=[field.example])
    return Annotated[(taken | None, *notes)], field_info


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

    effects = declare_effects({}, {Harmless.CHECKED: (OPEN_SETTINGS,)})

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
    def observed(cls, body: Body) -> Settings:
        twice = {name: body[name] for name in _READ_TWICE if name in body}
        return {**super().observed(body), **read_fields({**twice, **mapping(body.get(RAW))})}

    @classmethod
    def table(cls) -> Mapping[str, Setting]:
        return _open(cls)


@cache
def _open(spec: type[ConsoleSetting]) -> OpenTable:
    return OpenTable(super(ConsoleSetting, spec).table(), is_raw, VALUE)


def create_spec(types: Iterable[SettingType]) -> type[Spec]:
    """Make the spec; a field that several settings have is one field of all of them."""
    spec = spec_of("PolicySetting", types, ConsoleSetting, "Admin console", declare_field)
    spec.__doc__ = _ABOUT
    return spec


PolicySetting = create_spec(TYPES.values())
