"""Read tables of published facts. The head of each file names the source and the date of its facts."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

_FOLDER = Path(__file__).parent


class PropertyType(NamedTuple):
    """The declared type of a property in a schema."""

    name: str
    is_collection: bool


def read_table(name: str) -> Mapping[str, Any]:
    """Return a YAML table of this folder."""
    table: Mapping[str, Any] = YAML(typ="safe").load(_FOLDER / f"{name}.yaml")
    return table


def read_rows(name: str) -> Sequence[Mapping[str, str]]:
    """Return the rows of a CSV table of this folder, by the names in its first line that is not a comment."""
    lines = (_FOLDER / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def property_types(names_by_type: Mapping[str, str]) -> Mapping[str, PropertyType]:
    """Return the type of each property from a table of names by type, in which "[]" marks a collection."""
    return {
        name: PropertyType(declared.removesuffix("[]"), declared.endswith("[]"))
        for declared, names in names_by_type.items()
        for name in names.split()
    }


def unset_properties(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that a table lists under "null" and "false", with these values."""
    return {**dict.fromkeys(table["null"].split()), **dict.fromkeys(table["false"].split(), False)}
