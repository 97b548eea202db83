"""Reads tables of settings, and creates the specs of kinds from them."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any, Protocol, TypeVar

from pydantic import create_model

from toolkit.sdk import (
    Effect,
    FieldGroup,
    Harmless,
    SettingEffect,
    Spec,
    ValueChange,
    adds_entries,
    becomes,
    changes,
    limits_to_entries,
    lowers,
    raises,
    removes_entries,
    switches_off,
    switches_on,
)
from toolkit.values import Value


class TableField(Protocol):
    """A field in a table. Several objects of the table may have the same field."""

    @property
    def name(self) -> str: ...

    @property
    def effect(self) -> SettingEffect | None: ...


F = TypeVar("F", bound=TableField)
F_co = TypeVar("F_co", bound=TableField, covariant=True)


class TableObject(Protocol[F_co]):
    """An object in a table: a setting or a policy, with its fields and its page in the admin console."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def console(self) -> str: ...

    @property
    def fields(self) -> Sequence[F_co]: ...


def refusal_of(split: Callable[[str], object], name: str) -> str | None:
    """Return an error message if a name cannot be split into its parts, otherwise None."""
    try:
        split(name)
    except ValueError as invalid_name:
        return str(invalid_name)
    return None


def read_table(package: str, name: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the rows of a table in a package, by the name of the object."""
    return tomllib.loads((files(package) / name).read_text(encoding="utf-8"))


_LENGTH = re.compile(r"(\d+) ?(s|min|h)")
_SECONDS: Mapping[str, int] = {"s": 1, "min": 60, "h": 3600}


def _to_seconds(value: Value) -> int:
    length = _LENGTH.fullmatch(str(value))
    return int(length[1]) * _SECONDS[length[2]] if length else 0


def _shortens(before: Value, after: Value) -> bool:
    """Return whether a change makes a duration shorter. An unset duration, and 0 s, mean that there is no limit."""
    return lowers(_to_seconds(before), _to_seconds(after))


_CHANGES: Mapping[object, ValueChange] = {
    True: switches_on,
    False: switches_off,
    "added": adds_entries,
    "removed": removes_entries,
    "listed": limits_to_entries,
    "higher": raises,
    "lower": lowers,
    "shorter": _shortens,
    "changed": changes,
}


def effect_of(row: Mapping[str, Any]) -> SettingEffect | None:
    """Return the effect of a change to a field: from `stops` and `when` in its row, or from `harmless`.

    `when` is the value of a boolean, a list of words that begins with the strictest, or a word for the change. Raise
    KeyError if the word is unknown.
    """
    if "harmless" in row:
        return Harmless[row["harmless"]]
    if "stops" not in row:
        return None
    when = row["when"]
    return Effect(row["stops"], becomes(*when) if isinstance(when, list) else _CHANGES[when])


def spec_of(
    title: str,
    objects: Iterable[TableObject[F]],
    base: type[Spec],
    console: str,
    declared: Callable[[F], tuple[Any, Any]],
) -> type[Spec]:
    """Return a spec with the fields of all objects in a table. A field that several objects have becomes one field.

    Fields of the same objects have a common heading. Raise ValueError if two fields have the same name but differ.
    """
    fields: dict[str, F] = {}
    owners: dict[str, list[TableObject[F]]] = {}
    for table_object in objects:
        for field in table_object.fields:
            if fields.setdefault(field.name, field) != field:
                raise ValueError(f"{table_object.name}: another row has a different field with the name {field.name}")
            owners.setdefault(field.name, []).append(table_object)
    names_by_owners: dict[tuple[str, ...], list[str]] = {}
    for name, field_owners in owners.items():
        names_by_owners.setdefault(tuple(owner.name for owner in field_owners), []).append(name)
    definitions: dict[str, Any] = {name: declared(fields[name]) for names in names_by_owners.values() for name in names}
    spec = create_model(title, __base__=base, __module__=base.__module__, **definitions)
    groups = {names[0]: _make_field_group(owners[names[0]], console) for names in names_by_owners.values()}
    effects = {name: field.effect for name, field in fields.items()}
    spec.effects = {name: effect for name, effect in effects.items() if effect is not None}
    spec.field_groups = {name: groups[names[0]] for names in names_by_owners.values() for name in names}
    return spec


def _make_field_group(field_owners: Sequence[TableObject[F]], console: str) -> FieldGroup:
    title = "; ".join(dict.fromkeys(owner.title for owner in field_owners))
    places = "; ".join(dict.fromkeys(owner.console for owner in field_owners))
    return FieldGroup(title, f"Of {', '.join(f'`{owner.name}`' for owner in field_owners)}; {console} > {places}.")
