"""The types of Graph in each version, read from the source text of msgraph-sdk's model classes, and from a table for
beta.

`beta_types.json` has, by type, the properties and members of enumerations that beta adds to v1.0, and the types that
only beta has (npm microsoft-graph-types-beta). A type that neither knows accepts any object.
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypedDict, cast

_PROPERTY_NAME = re.compile(r'^\s+"(\w+)": lambda n ?:', re.MULTILINE)
_CLASS = re.compile(r"^class \w+\((\w+)", re.MULTILINE)
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@lru_cache(maxsize=512)
def properties(name: str) -> frozenset[str]:
    """Return the properties of a type, including inherited properties."""
    text = source(name) or ""
    own = frozenset(_PROPERTY_NAME.findall(text)) - {"@odata.type"}
    base = _CLASS.search(text)
    if base is None or base[1] in ("Parsable", "AdditionalDataHolder"):
        return own
    return own | properties(wire_name(base[1]))


def source(name: str) -> str | None:
    """Return the source text of the class for a type or enumeration, by its name in Graph.

    None if the SDK does not have it.
    """
    file = _models() / f"{_WORD.sub('_', name).lower()}.py"
    return file.read_text(encoding="utf-8") if file.exists() else None


@lru_cache(maxsize=1)
def _models() -> Path:
    spec = find_spec("msgraph")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("msgraph-sdk is not installed: the emulator reads its types from there")
    return Path(spec.origin).parent / "generated" / "models"


BETA = "beta"
_PROPERTY = re.compile(r'^\s+"(\w+)": lambda n ?:.*?n\.get_(\w+?)_values?\((\w*)\)', re.MULTILINE)
_ONE_ENUM = re.compile(r'write_enum_value\("(\w+)"')
_BASE = re.compile(r"^class \w+\((\w+)", re.MULTILINE)
_DERIVED = re.compile(r'"#microsoft\.graph\.(\w+)"\.casefold\(\)')
_MEMBER = re.compile(r'^    \w+ = "(\w+)",?', re.MULTILINE)
_NO_TYPES = ("Parsable", "AdditionalDataHolder", "BackedModel", "ComplexType")


class ODataKind(StrEnum):
    """The kind of a value, with the OData name that error messages use.

    All values that JSON writes in quotes are text.
    """

    TEXT = "Edm.String"
    BOOL = "Edm.Boolean"
    INT = "Edm.Int32"
    NUMBER = "Edm.Double"
    ENUM = "enum"
    OBJECT = "object"


class Value(NamedTuple):
    """The type of a property: its kind, the name of its enumeration or object type, and whether it is a list."""

    kind: ODataKind
    name: str = ""
    many: bool = False


class _BetaType(TypedDict, total=False):
    base: str | None  # only where v1.0 does not have the type
    properties: Mapping[str, str]


class _Beta(TypedDict):
    types: Mapping[str, _BetaType]
    enums: Mapping[str, list[str]]


Properties: TypeAlias = Mapping[str, Value]

_SCALARS: Mapping[str, ODataKind] = {
    "bool": ODataKind.BOOL,
    "int": ODataKind.INT,
    "float": ODataKind.NUMBER,
    "number": ODataKind.NUMBER,
    "text": ODataKind.TEXT,
}
_PRIMITIVES: Mapping[str, ODataKind] = {"int": ODataKind.INT, "bool": ODataKind.BOOL, "float": ODataKind.NUMBER}


@lru_cache(maxsize=512)
def model(name: str, version: str) -> Properties | None:
    """Return the properties of a type, including inherited ones. None if the version does not have the type."""
    added = _read_beta_types()["types"].get(name, {}) if version == BETA else {}
    text = source(name)
    if text is None and not added:
        return None
    base = _base_type(text) if text is not None else added.get("base")
    inherited = (model(base, version) or {}) if base else {}
    own = _own_properties(text) if text is not None else {}
    beta = {key: _beta_value(kind) for key, kind in added.get("properties", {}).items()}
    return {**inherited, **own, **beta}


@lru_cache(maxsize=512)
def derived_types(name: str, version: str) -> frozenset[str]:
    """Return the types that an object of a declared type may have: the type itself and the types derived from it."""
    text = source(name)
    names = {name, *(_DERIVED.findall(text) if text is not None else ())}
    if version == BETA:
        bases = {type_name: added.get("base") for type_name, added in _read_beta_types()["types"].items()}
        while more := {type_name for type_name, base in bases.items() if base in names} - names:
            names |= more
    return frozenset(names)


@lru_cache(maxsize=512)
def members(name: str) -> tuple[str, ...]:
    """Return the members of an enumeration in order, beta's last. Empty if it is unknown."""
    text = source(name)
    return (*(_MEMBER.findall(text) if text is not None else ()), *_read_beta_types()["enums"].get(name, ()))


def wire_name(class_name: str) -> str:
    """Return the name in Graph of a class in the SDK."""
    return class_name[0].lower() + class_name[1:]


def _base_type(text: str) -> str | None:
    match = _BASE.search(text)
    return None if match is None or match[1] in _NO_TYPES else wire_name(match[1])


def _own_properties(text: str) -> Properties:
    # Several flags in one text are read as a list and written as a text: only the writing side tells them from lists.
    single = frozenset(_ONE_ENUM.findall(text))
    properties = {key: _sdk_value(getter, argument) for key, getter, argument in _PROPERTY.findall(text)}
    return {key: value._replace(many=False) if key in single else value for key, value in properties.items()}


def _sdk_value(getter: str, argument: str) -> Value:
    many, kind = getter.startswith("collection_of_"), getter.removeprefix("collection_of_")
    match kind:
        case "object":
            return Value(ODataKind.OBJECT, wire_name(argument), many)
        case "enum":
            return Value(ODataKind.ENUM, wire_name(argument), many)
        case "primitive":
            return Value(_PRIMITIVES.get(argument, ODataKind.TEXT), many=many)
        case _:
            return Value(_SCALARS.get(kind, ODataKind.TEXT), many=many)


def _beta_value(raw: str) -> Value:
    many, name = raw.endswith("[]"), raw.removesuffix("[]")
    if name in _SCALARS:
        return Value(_SCALARS[name], many=many)
    return Value(ODataKind.ENUM if members(name) else ODataKind.OBJECT, name, many)


@lru_cache(maxsize=1)
def _read_beta_types() -> _Beta:
    return cast("_Beta", json.loads((files(__package__) / "beta_types.json").read_text(encoding="utf-8")))
