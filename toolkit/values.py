"""Values of settings, and the ways in which a playbook can write a list."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from toolkit.records import dataclass

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Body: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A list that must contain at least these entries, and none of `lacking`. Other entries are left unchanged."""

    items: tuple[str, ...]
    lacking: tuple[str, ...] = ()


Value: TypeAlias = bool | int | str | tuple[str, ...] | AtLeast | None
"""A setting in canonical form. Settings are the same if their values are equal. None means unset."""

Settings: TypeAlias = Mapping[str, Value]


def canonical_text(value: Json) -> str:
    """Return a JSON value as canonical text, from which digests are computed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(value: Json) -> str:
    """Return the SHA-256 digest of a JSON value."""
    return hashlib.sha256(canonical_text(value).encode()).hexdigest()


def plain(value: Value) -> Json:
    """Convert a setting to JSON, for plan files and results."""
    match value:
        case AtLeast(items, ()):
            return {"contains": list(items)}
        case AtLeast(items, lacking):
            return {"contains": list(items), "lacks": list(lacking)}
        case tuple():
            return list(value)
        case _:
            return value


def from_plain(value: Json) -> Value:
    """Convert the JSON of `plain` to a setting."""
    match value:
        case {"contains": [*texts], **more}:
            lacking = more.get("lacks", [])
            assert isinstance(lacking, list)
            return AtLeast(tuple(map(str, texts)), tuple(map(str, lacking)))
        case [*texts]:
            return tuple(str(entry) for entry in texts)
        case bool() | int() | str() | None:
            return value
        case _:
            raise TypeError(f"not a setting: {value!r}")


def as_value(value: Json) -> Value:
    """Convert a value from a service to a setting. Objects and mixed lists become JSON text."""
    match value:
        case bool() | int() | str() | None:
            return value
        case list() | tuple() if all(isinstance(entry, str) for entry in value):
            return tuple(str(entry) for entry in value)
        case _:
            return canonical_text(value)


def satisfied(desired: Value, observed: Value) -> bool:
    """Return whether an observed value satisfies the desired value."""
    if isinstance(desired, AtLeast):
        present = set(entries(observed))
        return set(desired.items) <= present and not present & set(desired.lacking)
    return desired == observed


def effective(desired: Value, observed: Value) -> Value:
    """Return the value to send.

    An `at least` list keeps the entries that it does not name. A list without entries is unset.
    """
    if isinstance(desired, AtLeast):
        return unique({*desired.items, *entries(observed)} - set(desired.lacking)) or None
    return desired


def entries(value: Value) -> tuple[str, ...]:
    """Return the entries of a setting that is a list. Any other value has no entries."""
    match value:
        case AtLeast(items=items):
            return items
        case tuple():
            return value
        case _:
            return ()


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """Return the entries sorted and without duplicates, which is the canonical form of an unordered list."""
    return tuple(sorted(set(items)))


def table_of(value: object) -> Body:
    """Return the value if it is a mapping, otherwise an empty mapping."""
    return value if isinstance(value, Mapping) else {}


def tables_of(value: object) -> list[Body]:
    """Return the mappings in a list. Any other value contains none."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
