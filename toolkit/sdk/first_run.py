"""Facts about a vendor's service that no live tenant has shown yet, and the writes that depend on them."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from toolkit.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DependentChanges:
    """The changes that depend on a fact: all changes of a kind that match every other field that is set."""

    kind: str  # without its provider
    named: tuple[str, ...] = ()  # the object's name begins with one of these
    settings: tuple[str, ...] = ()  # the change sends one of these
    actions: tuple[str, ...] = ("create", "update")
    clears: bool = False  # it empties a setting that has a value


Settle = Callable[[Any], bool | None]
"""Reads a tenant. Returns True if the fact is true, False if it is not, and None if this tenant does not show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorFact:
    """One fact, and how it is settled. Stored in FACTS of connectors/<provider>/first_run.

    A fact on which no write depends has no `rests`. Without `settle` the first write that depends on it settles it.
    """

    name: str
    says: str
    how: str  # the request that settles it, or why nothing rests on it
    rests: tuple[DependentChanges, ...] = ()
    settle: Settle | None = None
    shown_by_write: bool = False  # the first write that depends on it settles it too, if a read shows nothing
    command: str = ""  # the one command whose writes rest on it, and which is never kept waiting


def read_facts(module: str, settles: Mapping[str, Settle]) -> tuple[VendorFact, ...]:
    """Return the facts in the TOML file next to a module, with the functions that settle some of them by reading."""
    import tomllib

    tables = tomllib.loads(Path(module).with_suffix(".toml").read_text(encoding="utf-8"))
    unused = tables.pop("unused")
    used = [
        VendorFact(**{**row, "name": name, "rests": _dependent_changes(row), "settle": settles.get(name)})
        for name, row in tables.items()
    ]
    return (*used, *(VendorFact(name=name, says=says, how=how) for name, (says, how) in unused.items()))


def _dependent_changes(row: Mapping[str, Any]) -> tuple[DependentChanges, ...]:
    return tuple(DependentChanges(**_frozen(rests)) for rests in row.get("rests", ()))


def _frozen(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
