"""Fields by Google's own names: how those of every setting are read and written of which no table has words."""

import json
import re
from collections.abc import Iterator, Mapping

from toolkit.sdk.form import PATTERNS, Form
from toolkit.sdk.spec import Setting
from toolkit.values import Body, Json, Value, canonical_text, plain

PREFIX = "settings/"
"""Begins the name of a setting whose fields have Google's names, as its type does at Google."""

RAW = "fields without words"
"""Holds in what was read the fields that no table has words for."""

_WORDS = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")  # how a table writes a name; Google writes camelCase
_TAKEN = ("adopt", "beside", "leave", "mode", "ours", "enabled")
"""Words of a playbook and of the tables that Google may use for a field of its own."""

_VALUE = "value."
_LISTS = ("exactly", "contains", "lacks")


class OpenTable(dict[str, Setting]):
    """The settings that have words; looked up by a name of Google's own, it has one for that too."""

    def __missing__(self, name: str) -> Setting:
        if not is_raw(name):
            raise KeyError(name)
        return Setting(VALUE, wire=name)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or (isinstance(name, str) and is_raw(name))

    def get(self, name: str, default: Setting | None = None) -> Setting | None:  # type: ignore[override]
        try:
            return self[name]
        except KeyError:
            return default


def is_raw(name: str) -> bool:
    """Say whether a name can be one of Google's own, and is no word of a table."""
    return not _WORDS.fullmatch(name) and name not in _TAKEN


def raw_name(path: str) -> str:
    """Return how a playbook writes the path of a field: a word that means something else there has `value.` before."""
    return path if is_raw(path) else _VALUE + path


def read_fields(body: Body) -> Mapping[str, Value]:
    """Return the single values of an answer by their paths: `guardians.access` for a field of an object."""
    return {raw_name(path): VALUE.read(value) for path, value in _single_values(body, "")}


def _single_values(body: Body, above: str) -> Iterator[tuple[str, Json]]:
    for name, value in body.items():
        if isinstance(value, Mapping) and value:
            yield from _single_values(value, f"{above}{name}.")
        else:
            yield above + name, value


def _read(value: Json) -> Value:
    match value:
        case None | "":
            return None
        case bool() | int() | str():
            return value
        case float():
            return int(value) if value.is_integer() else str(value)
        case Mapping() if value and value.keys() <= set(_LISTS):
            return PATTERNS.read({way: [_entry(one) for one in _entries(value[way])] for way in value})
        case Mapping() if value:
            raise ValueError(f"write each field of it by its path, as {next(iter(value))!r} behind a dot")
        case Mapping():
            return "{}"
        case _:
            return PATTERNS.read([_entry(one) for one in _entries(value)])


def _entries(value: Json) -> list[Json]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r} is not a list")  # noqa: TRY004 - reported as what is wrong with a playbook
    return list(value)


def _entry(value: Json) -> str:
    """Write an entry of a list as text: an object as JSON in one way."""
    return value if isinstance(value, str) else canonical_text(_whole_numbers(value))


def _whole_numbers(value: Json) -> Json:
    """Write 1.0 as 1: in Google's free-form values every number is a fraction."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case Mapping():
            return {name: _whole_numbers(one) for name, one in value.items()}
        case list() | tuple():
            return [_whole_numbers(one) for one in value]
        case _:
            return value


def _told(value: Value) -> Json:
    """Write a value as people do: the objects of a list as objects."""
    return [_object(entry) for entry in value] if isinstance(value, tuple) else plain(value)


def _object(entry: str) -> Json:
    if entry.startswith("{"):
        try:
            found: Json = json.loads(entry)
        except ValueError:
            return entry
        if canonical_text(found) == entry:
            return found
    return entry


VALUE = Form("value as Google has it; a list is compared without regard to order", _read, told=_told)
