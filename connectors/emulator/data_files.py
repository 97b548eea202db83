"""Reads the emulator's data files: JSON stored next to a module, with the school's names and ids filled in.

In strings, `{domain}` and similar names are replaced, and `{id:exchange/malware/Default}` becomes an id made from that
path.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter

from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Json

_NAME = re.compile(r"\{(name|short_name|domain|initial_domain|tenant_id)\}")
_VALUE = re.compile(r"\{(\w+)\}")
_ID = re.compile(r"\{id:([^}]*)\}")

_Row = TypeVar("_Row")
STRICT = ConfigDict(extra="forbid")  # of a class whose rows are data: a column that it does not have is refused


@cache
def read_data(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def read_table(module: str, name: str, row: type[_Row]) -> list[_Row]:
    """Return the rows of the JSON table stored next to a module, each as an object of the given class."""
    adapter = TypeAdapter(row)
    return [adapter.validate_python(written) for written in read_data(Path(module).parent / name)]


def seed_objects(module: str, school: School) -> Seed:
    """Return the objects in the file `seed.json` next to a module, by collection and key."""
    return cast(
        "Seed", change_texts(read_data(Path(module).parent / "seed.json"), lambda text: fill_names(text, school))
    )


def seed_of(module: ModuleType) -> Callable[[School], Seed]:
    """Return the function that creates a module's objects for a new tenant: its own `seed`, or a function that reads
    its `seed.json`.
    """
    made: Callable[[School], Seed] | None = getattr(module, "seed", None)
    if made or not (Path(str(module.__file__)).parent / "seed.json").exists():
        return made or (lambda _school: {})
    return partial(seed_objects, str(module.__file__))


def from_template(module: str, name: str, /, **values: Json) -> dict[str, Json]:
    """Return an object from the file `templates.json` next to a module.

    A string that consists only of `{name}` is replaced by the value, which may have any type.
    """

    def change(text: str) -> Json:
        if "{" not in text:
            return text
        if (whole := _VALUE.fullmatch(text)) and whole[1] in values:
            return values[whole[1]]
        return _VALUE.sub(lambda match: str(values[match[1]]), text)

    made = change_texts(_read_templates(module)[name], change)
    assert isinstance(made, dict)
    return made


@cache
def _read_templates(module: str) -> Any:
    return read_data(Path(module).parent / "templates.json")


def fill_names(text: str, school: School) -> str:
    """Return a text with the school's names and ids filled in."""
    if "{" not in text:
        return text
    named = _NAME.sub(lambda match: str(getattr(school, match[1])), text)
    return _ID.sub(lambda match: school.identifier(match[1]), named)


def change_texts(value: Json, change: Callable[[str], Json]) -> Json:
    """Return a JSON value with a function applied to every string in it, including the names of properties."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {str(change(name)): change_texts(held, change) for name, held in value.items()}
    return [change_texts(held, change) for held in value] if isinstance(value, list) else value
