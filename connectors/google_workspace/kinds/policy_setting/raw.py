"""Names and converts settings and fields that the table does not have, under Google's own names."""

import json
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from connectors.google_workspace.detectors import RULES
from connectors.google_workspace.detectors import TYPES as DETECTORS
from connectors.google_workspace.kinds.policy_setting.table import TYPES, SettingType, known_name, raw_type
from toolkit.sdk import PATTERNS, Form
from toolkit.values import Body, Json, Value, canonical_text, plain

PREFIX = "settings/"
"""The beginning of a setting's name if its fields have Google's names, as in Google's types."""

RAW = "fields without words"
"""The property with the fields that are not in the table."""

_WORDS = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")  # how the table writes a name; Google writes camelCase
_TAKEN = ("adopt", "beside", "leave", "mode", "ours", "enabled")
"""Words of a playbook and of the tables that Google might use as a field's name."""

_VALUE = "value."
_LISTS = ("exactly", "contains", "lacks")


def is_raw(name: str) -> bool:
    """Return whether a name is not in the table and may be one of Google's names."""
    return not _WORDS.fullmatch(name) and name not in _TAKEN


def raw_name(path: str) -> str:
    """Return the name in playbooks for the path of a field.

    The name begins with `value.` if the path would otherwise have another meaning in a playbook.
    """
    return path if is_raw(path) else _VALUE + path


def read_fields(body: Body) -> Mapping[str, Value]:
    """Return the single values in a response by their paths, such as `guardians.access` for a field of an object."""
    return {raw_name(path): VALUE.read(value) for path, value in _list_single_values(body, "")}


def _list_single_values(body: Body, above: str) -> Iterator[tuple[str, Json]]:
    for name, value in body.items():
        if isinstance(value, Mapping) and value:
            yield from _list_single_values(value, f"{above}{name}.")
        else:
            yield above + name, value


def _read_value(value: Json) -> Value:
    match value:
        case None | "":
            return None
        case bool() | int() | str():
            return value
        case float():
            return int(value) if value.is_integer() else str(value)
        case Mapping() if value and value.keys() <= set(_LISTS):
            return PATTERNS.read({way: [_entry_to_text(entry) for entry in _check_list(value[way])] for way in value})
        case Mapping() if value:
            raise ValueError(f"write each field of the object by its path, with {next(iter(value))!r} after a dot")
        case Mapping():
            return "{}"
        case _:
            return PATTERNS.read([_entry_to_text(entry) for entry in _check_list(value)])


def _check_list(value: Json) -> list[Json]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r} is not a list")  # noqa: TRY004 - reported as what is wrong with a playbook
    return list(value)


def _entry_to_text(value: Json) -> str:
    """Return an entry of a list as text. An object is returned as JSON in canonical form."""
    return value if isinstance(value, str) else canonical_text(_simplify_numbers(value))


def _simplify_numbers(value: Json) -> Json:
    """Return whole numbers without a fraction, such as 1 for 1.0, because Google writes all numbers with a fraction."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {name: _simplify_numbers(field_value) for name, field_value in value.items()}
        case list() | tuple():
            return [_simplify_numbers(entry) for entry in value]
        case _:
            return value


def _to_playbook(value: Value) -> Json:
    """Return a value as a playbook writes it. An object in a list is written as an object."""
    return [_parse_object(entry) for entry in value] if isinstance(value, tuple) else plain(value)


def _parse_object(entry: str) -> Json:
    if entry.startswith("{"):
        try:
            parsed: Json = json.loads(entry)
        except ValueError:
            return entry
        if canonical_text(parsed) == entry:
            return parsed
    return entry


VALUE = Form(
    "value in Google's form. A list is compared without regard to order", _read_value, to_playbook=_to_playbook
)


_AT = " @ "
_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_OTHERS = {"dlp_rule": RULES, "detector": DETECTORS}


def split_name(name: str) -> tuple[SettingType, str]:
    """Return the setting and the path of the unit in a name. Raise ValueError if the name is not valid."""
    setting, at, unit = name.partition(_AT)
    if not at:
        raise ValueError(f"{name!r} does not name a setting at a unit. Write it like `security.password @ /Staff`")
    setting_type = _make_raw_setting(setting.removeprefix(PREFIX)) if setting.startswith(PREFIX) else TYPES.get(setting)
    if setting_type is None:
        raise ValueError(
            f"{setting!r} is not a setting of the admin console that toolkit can read{_suggest_setting_name(setting)}"
        )
    if not unit.startswith("/") or (unit.endswith("/") and unit != "/"):
        raise ValueError(
            f"{unit!r} is not an organisational unit. Write its path, for example /Staff/Teachers, or / for all units"
        )
    return setting_type, unit


def _make_raw_setting(setting: str) -> SettingType:
    if not _TYPE.fullmatch(setting):
        raise ValueError(f"{PREFIX + setting!r} is not one of Google's types. Example: settings/gmail.pop_access")
    if kind := kind_of(setting):
        raise ValueError(f"{PREFIX + setting!r} has its own kind. Use google_workspace.{kind}")
    return raw_type(setting)


def kind_of(setting: str) -> str | None:
    """Return the name of the kind that has the policies of a type as separate objects, or None without one."""
    return next((kind for kind, types in _OTHERS.items() if re.fullmatch(types, setting)), None)


def name_of(setting: str, unit: str) -> str:
    """Return the name in playbooks for a type of setting at a unit."""
    setting_name = known_name(setting)
    return f"{setting_name if setting_name in TYPES else PREFIX + setting_name}{_AT}{unit}"


def check_setting(name: str, setting: str) -> str | None:
    """Return a message that lists a setting's fields if the setting does not have this field, otherwise None."""
    written = name.partition(_AT)[0]
    if written.startswith(PREFIX):
        return (
            None
            if is_raw(setting)
            else f"{written} uses Google's names for its fields. Write {_make_google_name(setting)}"
        )
    kind = TYPES.get(written)
    field_names = [field.name for field in kind.fields] if kind else []
    if kind is None or setting in field_names:
        return None
    worded = {field.wire_name: field.name for field in kind.fields if not kind.without_words(field.wire_name)}
    if is_raw(setting) and setting not in worded:
        return None
    if setting in worded:
        return f"in {kind.name}, the name for {setting} is {worded[setting]}. Write {worded[setting]}"
    return f"{kind.name} has no setting {setting}. It has: {', '.join(field_names)}"


def _make_google_name(setting: str) -> str:
    first, *others = setting.split("_")
    return raw_name(first + "".join(map(str.capitalize, others)))


def _suggest_setting_name(setting: str) -> str:
    close = get_close_matches(setting, TYPES, n=1)
    if close:
        return f". Did you mean {close[0]!r}?"
    return f". Write {PREFIX + setting!r} for a type that is not in the table" if _TYPE.fullmatch(setting) else ""
