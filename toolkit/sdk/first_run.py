"""Facts about a vendor's service that a live tenant must confirm, and the writes that rely on these facts."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from toolkit.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentChanges:
    """The changes that rely on a fact: all changes of a kind, or only the changes that match the remaining fields."""

    kind: str  # the kind's name without its provider
    named: tuple[str, ...] = ()  # prefixes of the objects' names
    settings: tuple[str, ...] = ()  # settings, of which the change sends at least one
    actions: tuple[str, ...] = ("create", "update")
    clears: bool = False  # whether the change clears a setting


Settle = Callable[[Any], bool | None]
"""Reads a tenant. Returns whether the fact is true, or None if this tenant does not show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorFact:
    """A fact about a vendor's service, and how a tenant confirms it.

    Defined in FACTS of connectors/<provider>/first_run. `rests` are the changes that rely on the fact, and may be
    empty. `settle` is a function that confirms the fact by reading. If it is missing, the first write that relies on
    the fact confirms it.
    """

    name: str
    says: str
    how: str  # the request that verifies it, or why no write depends on it
    rests: tuple[DependentChanges, ...] = ()
    settle: Settle | None = None
    shown_by_write: bool = False  # whether the first dependent write also verifies it
    command: str = ""  # the only command whose writes depend on it, which never waits for it


def read_facts(module: str, settles: Mapping[str, Settle]) -> tuple[VendorFact, ...]:
    """Read the facts from the TOML file next to a module, and return them.

    `settles` contains, by name, the functions that confirm a fact by reading.
    """
    import tomllib

    tables = tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8"))
    unused = tables.pop("unused")
    used = [
        VendorFact(**{**row, "name": name, "rests": _dependent_changes(row), "settle": settles.get(name)})
        for name, row in tables.items()
    ]
    return (*used, *(VendorFact(name=name, says=says, how=how) for name, (says, how) in unused.items()))


def _dependent_changes(row: Mapping[str, Any]) -> tuple[DependentChanges, ...]:
    return tuple(DependentChanges(**_fields_of_table(rests)) for rests in row.get("rests", ()))


def _fields_of_table(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
