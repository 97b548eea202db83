"""Collect the names that are stored or read by programs: tables, ledger entries, JSON, files of a school, plan files.

`python -m tests.stored` writes them to names.yaml, which is how a new name is recorded. It never takes a name out:
a name in that file may be in a ledger, a script or a playbook. Delete it by hand if it was never in a release.
"""

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TypeAlias, TypeGuard, get_args, get_origin

from pydantic import BaseModel
from ruamel.yaml import YAML

import connectors
import toolkit
from toolkit.ledger.entries import Entry
from toolkit.ledger.tables import METADATA
from toolkit.playbook.json_schema import schema
from toolkit.render.plan_file import WrittenPlan
from toolkit.sdk.stored_fields import StoredFields

GOLDEN = Path(__file__).with_name("names.yaml")
ROOT = Path(__file__).parents[2]
Names: TypeAlias = Mapping[str, frozenset[str]]
"""The names of each class, table, definition or module."""

WRITTEN_BY_FIELD = (
    "toolkit.board_report.case_lines.CaseSection",
    "toolkit.board_report.change_lines.NamedFindingLine",
    "toolkit.board_report.document.BoardSections",
    "toolkit.board_report.document.StandardsSections",
    "toolkit.board_report.evidence.EvidenceLine",
    "toolkit.board_report.release.ResponseLine",
    "toolkit.board_report.report_head.ReportHead",
    "toolkit.board_report.report_head.SignedPolicy",
    "toolkit.catalogue.app.App",
    "toolkit.planning.change.Field",
    "toolkit.playbook.policy_entries.ClausePlace",
    "toolkit.render.reference.reference.OverviewLine",
    "toolkit.render.reference.reference.Reference",
    "toolkit.sdk.resource.Origin",
    "toolkit.sdk.resource.Reach",
    "toolkit.settings.env_file.Allowance",
)
"""Classes that `to_json` and `asdict` write field by field, with every class in their fields.

The ledger's entries, measurements, statements and the rows of the derived tables are found without this list.
"""
_JSON_TYPE = re.compile(r"\b(Body|Json)\b")
_JSON_WRITERS = {"to_body", "to_json", "keep_json", "dumps", "row", "rows"}
_COLUMN = re.compile(r"([a-z][a-z0-9_]*)\??(=[a-z_.()]+)?")


def stored_names() -> Mapping[str, Names]:
    """Return every stored name, by section and by the class, table, definition or module that has it."""
    import_all()
    return {
        "tables of the ledger": {name: frozenset(table.columns.keys()) for name, table in METADATA.tables.items()},
        "entries of the ledger": fields_of(get_args(Entry)),
        "stored values": fields_of(
            part for part in _subclasses(StoredFields) if part.__module__.startswith(("toolkit.", "connectors."))
        ),
        "plan file": {WrittenPlan.__name__: frozenset(WrittenPlan.model_fields)},
        "files of a school": {name: frozenset(_properties(part)) for name, part in _definitions()},
        "JSON by field": fields_of(map(_load, WRITTEN_BY_FIELD)),
        "JSON by module": dict(_module_keys()),
    }


def import_all() -> None:
    """Import every module of the toolkit and the connectors, so that all subclasses are known."""
    for package in (toolkit, connectors):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("connectors.emulator") and not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def _load(path: str) -> type:
    module, _, name = path.rpartition(".")
    loaded: type = getattr(importlib.import_module(module), name)
    return loaded


def _subclasses(parent: type) -> Iterator[type]:
    children: list[type] = parent.__subclasses__()
    for child in children:
        yield child
        yield from _subclasses(child)


def fields_of(types: Iterable[object]) -> dict[str, frozenset[str]]:
    """Return the field names of some classes and of the classes in their fields, by the name of the class."""
    names: dict[str, frozenset[str]] = {}
    waiting = list(types)
    while waiting:
        candidate = waiting.pop()
        waiting += get_args(candidate)
        if not isinstance(candidate, type) or candidate.__name__ in names or get_origin(candidate):
            continue
        if issubclass(candidate, BaseModel):
            names[candidate.__name__] = frozenset(info.alias or name for name, info in candidate.model_fields.items())
            waiting += [info.annotation for info in candidate.model_fields.values()]
        elif is_dataclass(candidate) and not _has_own_form(candidate):
            names[candidate.__name__] = frozenset(field.name.removesuffix("_") for field in fields(candidate))
            waiting += [_annotation(candidate, field.type) for field in fields(candidate)]
    return names


def _has_own_form(written: type) -> bool:
    return written.__name__ in {"Address", "AtLeast", "Reason"}


def _annotation(owner: type, annotation: object) -> object:
    """Return the type of a field. None for a name that only a type checker imports."""
    if not isinstance(annotation, str):
        return annotation
    for ancestor in owner.__mro__:
        try:
            return eval(annotation, dict(vars(importlib.import_module(ancestor.__module__))))
        except NameError:
            continue
    return None


def _definitions() -> Iterator[tuple[str, object]]:
    whole = schema()
    definitions = whole["$defs"]
    assert isinstance(definitions, Mapping)
    return iter(definitions.items())


def _properties(node: object) -> Iterator[str]:
    """Find every property below a part of a JSON Schema."""
    if isinstance(node, Mapping):
        if isinstance(properties := node.get("properties"), Mapping):
            yield from properties
        for inner in node.values():
            yield from _properties(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _properties(inner)


def _module_keys() -> Iterator[tuple[str, frozenset[str]]]:
    """Find the keys of JSON that each module of the toolkit writes as text."""
    for path in sorted((ROOT / "toolkit").rglob("*.py")):
        keys = frozenset(keys_of(ast.parse(path.read_text(encoding="utf-8"))))
        if keys:
            yield path.relative_to(ROOT).as_posix(), keys


def keys_of(module: ast.Module) -> Iterator[str]:
    """Find the keys of dicts and the columns of `row` in functions that return or write JSON."""
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef) and _writes_json(function):
            for node in ast.walk(function):
                if isinstance(node, ast.Dict):
                    yield from (str(key.value) for key in node.keys if _is_text(key) and key.value)
                elif isinstance(node, ast.Call | ast.Tuple | ast.List):
                    texts = node.args if isinstance(node, ast.Call) else node.elts
                    columns = (_COLUMN.fullmatch(str(text.value)) for text in texts if _is_text(text))
                    yield from (column[1] for column in columns if column)


def _is_text(node: ast.expr | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _writes_json(function: ast.FunctionDef) -> bool:
    if function.returns and _JSON_TYPE.search(ast.unparse(function.returns)):
        return True
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Name) and called.id in _JSON_WRITERS for called in calls)


def recorded_names() -> Mapping[str, Names]:
    """Return the names that were recorded."""
    sections: Mapping[str, Mapping[str, str]] = YAML(typ="safe", pure=True).load(GOLDEN)
    return {
        section: {owner: frozenset(names.split()) for owner, names in groups.items()}
        for section, groups in sections.items()
    }


def missing(before: Mapping[str, Names], now: Mapping[str, Names]) -> Iterator[str]:
    """Describe each stored name that is gone. A class or a module may have a new name, if it keeps all of its own."""
    for section, groups in before.items():
        current = now.get(section, {})
        fresh = [names for owner, names in current.items() if owner not in groups]
        for owner, names in groups.items():
            if owner not in current and any(names <= others for others in fresh):
                continue
            for name in sorted(names - current.get(owner, frozenset())):
                yield f"{section}: {owner}: {name}"


def main() -> None:
    """Record new names. Refuse if a recorded name is gone."""
    now = stored_names()
    if gone := list(missing(recorded_names(), now)) if GOLDEN.exists() else []:
        sys.exit("\n".join(["Stored names are gone:", *gone]))
    yaml = YAML()
    yaml.width = 10_000
    yaml.dump(
        {
            section: {owner: " ".join(sorted(names)) for owner, names in sorted(groups.items()) if names}
            for section, groups in now.items()
        },
        GOLDEN,
    )
