"""The spec of Chrome policies, which is created from the table.

Each type of field has a form, checks and a comparison.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from connectors.google_workspace.kind_tables import spec_of
from connectors.google_workspace.kinds.chrome_policy.lists import MOST, list_check
from connectors.google_workspace.kinds.chrome_policy.state import (
    ABOVE,
    SET_HERE,
    SPELT,
    VALUE,
    inherited_value,
    is_set_here,
    value_in_words,
)
from connectors.google_workspace.kinds.chrome_policy.table import (
    INHERITED,
    SCHEMAS,
    ChromeField,
    ChromeFieldType,
    Schema,
    split_name,
)
from toolkit.sdk import (
    FLAG,
    PATTERNS,
    SWITCH,
    TEXT,
    WORDS,
    Effect,
    Form,
    Join,
    Lacks,
    Listed,
    Properties,
    Setting,
    Spec,
    Within,
    declare_effects,
    switches_on,
    written_entries,
)
from toolkit.values import Body, Json, Settings, Value, plain

_MINUTE = 60
_UNITS: Mapping[str, int] = {"s": 1, "min": _MINUTE, "h": 60 * _MINUTE}
_LENGTH = re.compile(r"(\d+) ?(s|min|h)")


def parse_length(text: str) -> int:
    """Return the seconds in a text such as `5 min`, `90 s` or `8 h`. Raise ValueError if the text is not a duration."""
    match = _LENGTH.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a length of time. Write for example 5 min, 90 s or 8 h")
    return int(match[1]) * _UNITS[match[2]]


def format_length(seconds: int) -> str:
    """Return a number of seconds as text in the largest unit that fits exactly, such as `5 min`."""
    unit = next((unit for unit in ("h", "min") if seconds and seconds % _UNITS[unit] == 0), "s")
    return f"{seconds // _UNITS[unit]} {unit}"


def length_form(field: ChromeField) -> Form:
    """Return the form of a duration, which Google's API expects as a number inside an object."""
    unit = _MINUTE if field.takes is ChromeFieldType.MINUTES else 1

    def read(value: Json) -> Value:
        match value:
            case {"duration": int() | str() as number}:
                return format_length(int(number) * unit)
            case None | "" | Mapping():
                return None
            case _:
                return format_length(parse_length(str(value)))

    def write(value: Value) -> Json:
        return None if value is None else {"duration": parse_length(str(value)) // unit}

    return Form("length of time", read, write=write)


def length_check(field: ChromeField) -> Callable[[str], str]:
    """Return a function that checks a duration in a playbook."""

    def check(value: str) -> str:
        seconds = parse_length(value)
        if field.takes is ChromeFieldType.MINUTES and (seconds % _MINUTE or not seconds):
            raise ValueError(f"{value!r} is not a whole number of minutes")
        if field.longest and seconds > field.longest * _MINUTE:
            raise ValueError(
                f"{value!r} is longer than Chrome accepts ({format_length(field.longest * _MINUTE)} at most)"
            )
        return value

    return check


_UNSET = "UNSET"
_WORD = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]


def _write_entries(value: Value) -> Json:
    """Return the value of a list for Google's API.

    An unset list becomes an empty list, because Google requires a value.
    """
    return plain(value) or []


def _read_optional_boolean(value: Json) -> Value:
    return None if value in (None, "", _UNSET) else FLAG.read(value)


def _write_optional_boolean(value: Value) -> Json:
    return _UNSET if value is None else str(value).upper()


_ADDRESSES = replace(PATTERNS, write=_write_entries)
_LIST = replace(WORDS, write=_write_entries)
_PROSE = replace(TEXT, write=lambda value: plain(value) or "")  # an empty text means none
_THREE_WAYS = Form(
    "true, false, or null if people or Google choose", _read_optional_boolean, write=_write_optional_boolean
)


def declare_field(field: ChromeField) -> tuple[Any, Any]:
    """Return the Python type and the description of a field, for pydantic's create_model."""
    field_info = Field(default=None, description=field.meaning, examples=[field.example])
    return Annotated[_choose_field_type(field), *_make_annotations(field)], field_info


def _choose_field_type(field: ChromeField) -> Any:
    """Return the Python type of a field. The type allows None only if the field can be unset in Google."""
    match field.takes:
        case ChromeFieldType.FLAG:
            return bool
        case ChromeFieldType.UNSET_OR:
            return bool | None
        case ChromeFieldType.WORD:
            return _WORD
        case ChromeFieldType.TEXT:
            return Annotated[str, StringConstraints(min_length=1)]
        case ChromeFieldType.SECONDS | ChromeFieldType.MINUTES:
            return Annotated[str, AfterValidator(length_check(field))]
        case ChromeFieldType.BLOCKED | ChromeFieldType.ALLOWED | ChromeFieldType.LIST:
            return Annotated[Listed | None, AfterValidator(list_check(field))]


def _make_annotations(field: ChromeField) -> list[object]:
    join = Join.UNION if field.shared else Join.EQUAL
    setting = Setting(_choose_field_form(field), wire=field.wire_name, at_least=field.shared, join=join)
    return [setting, *([Within(within)] if (within := _describe_allowed_range(field)) else [])]


def _choose_field_form(field: ChromeField) -> Form:
    match field.takes:
        case ChromeFieldType.FLAG:
            return FLAG
        case ChromeFieldType.UNSET_OR:
            return _THREE_WAYS
        case ChromeFieldType.WORD | ChromeFieldType.TEXT:
            return TEXT if field.takes is ChromeFieldType.WORD else _PROSE
        case ChromeFieldType.SECONDS | ChromeFieldType.MINUTES:
            return length_form(field)
        case ChromeFieldType.BLOCKED | ChromeFieldType.ALLOWED:
            return _ADDRESSES
        case ChromeFieldType.LIST:
            return _LIST


def _describe_allowed_range(field: ChromeField) -> str:
    match field.takes:
        case ChromeFieldType.WORD:
            return "one of the words in Google's schema, which the plan reads"
        case ChromeFieldType.SECONDS:
            return "a number with s, min or h, for example 5 min"
        case ChromeFieldType.MINUTES:
            return f"a number with min or h, from 1 min to {field.longest // 60} h"
        case ChromeFieldType.BLOCKED | ChromeFieldType.ALLOWED:
            return f"{MOST:,} at most"
        case _:
            return ""


def _list_allowed_sign_ins(listed: Listed | None) -> Sequence[str]:
    return () if isinstance(listed, Lacks) else written_entries(listed)


_TOP = "/"

_ABOUT = """Settings of Chrome and ChromeOS devices for the people of a unit or group."""


class _Policy(Spec):
    """The base class for the spec of policies, with the fields that every policy has."""

    effects = declare_effects({"inherited": Effect("{name} [inherits|inherit] from the unit above again", switches_on)})

    together: ClassVar[tuple[frozenset[str], ...]] = tuple(
        frozenset(schema.together) for schema in SCHEMAS.values() if schema.together
    )

    properties: ClassVar[Properties] = Properties(
        compared=frozenset({SET_HERE}),
        whole=frozenset(f"{VALUE}.{field.wire_name}" for schema in SCHEMAS.values() for field in schema.fields),
        ignored={
            SPELT: "maps Google's constants to words, from the policy's schema",
            ABOVE: "contains the lists of the unit above",
        },
    )

    inherited: Annotated[Literal[True] | None, Setting(SWITCH, wire=INHERITED)] = Field(
        default=None,
        description="true: nothing is set for this target itself, so it inherits from the unit above.",
        examples=[True],
    )

    @model_validator(mode="after")
    def _check_sign_ins(self) -> Self:
        """Raise ValueError for an empty list of allowed sign-ins, because no one could then use a Chromebook."""
        restricted = getattr(self, "device_allow_new_users", None) == "RESTRICTED_LIST"
        if restricted and not _list_allowed_sign_ins(getattr(self, "user_allowlist", None)):
            raise ValueError("device_allow_new_users: RESTRICTED_LIST needs entries in `user_allowlist`")
        return self

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the settings of the policy that takes effect, at whichever unit it is set."""
        value = value_in_words(body)
        settings = {name: setting.form.read(value.get(setting.wire)) for name, setting in cls.table().items()}
        return {**settings, INHERITED: None if is_set_here(body) else True}


def create_spec(schemas: Iterable[Schema]) -> type[Spec]:
    """Return the spec of all policies. A field that several policies have becomes one field."""
    spec = spec_of("ChromePolicy", schemas, _Policy, "Admin console > Devices > Chrome", declare_field)
    spec.__doc__ = _ABOUT
    return spec


def withdraw_entries(written: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Return the settings for a withdrawal, which removes toolkit's entries from shared lists.

    Entries added by others stay.
    """
    shared = {field.name for schema in SCHEMAS.values() for field in schema.fields if field.shared}
    removals: dict[str, Json] = {
        name: {"lacks": list(entries)}
        for name, value in written.items()
        if name in shared and (entries := _list_entries(value))
    }
    return removals or None


def lists_above(body: Body) -> Settings:
    """Return the shared lists that the target would inherit if it had no lists of its own."""
    above, table = inherited_value(body), ChromePolicy.table()
    return {name: setting.form.read(above.get(setting.wire)) for name, setting in table.items() if setting.at_least}


def restore_settings(name: str, before: Settings, restored: Settings) -> Settings:
    """Return the settings for a rollback: the target's own earlier settings, or inheritance if it had none."""
    target = split_name(name)
    if before.get(INHERITED) and (
        target.group or target.app or target.unit != _TOP
    ):  # the top unit has nothing above it
        return {INHERITED: True}
    if INHERITED in restored:
        return {field: value for field, value in before.items() if value is not None and field != INHERITED}
    return restored


def _list_entries(value: Json) -> Sequence[Json]:
    match value:
        case {"exactly": list() | tuple() as entries} | {"contains": list() | tuple() as entries}:
            return entries
        case list() | tuple():
            return value
        case _:
            return ()


ChromePolicy = create_spec(SCHEMAS.values())
