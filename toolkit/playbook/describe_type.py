"""Describe the values that a typed setting accepts, in plain words."""

import types
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from enum import Enum
from typing import Annotated, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel

from toolkit.yaml.node import Step

Shape: TypeAlias = object
"""A type without unions or Annotated."""

_WORDS: Mapping[object, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    date: "a date such as 2026-11-25",
    datetime: "a date and time such as 2026-11-25T07:00:00Z",
    time: "a time such as 16:00",
    type(None): "nothing",
}


_LISTS = ("contains", "exactly", "lacks")
"""Keys that determine how a list is compared."""


def shapes(annotation: object) -> Sequence[Shape]:
    """Return the alternatives of a type annotation, without null unless it is the only alternative."""
    alternatives = list(_split_union(annotation))
    return [shape for shape in alternatives if shape is not type(None)] or alternatives


def types_at_path(model: type[BaseModel], path: Sequence[Step]) -> Sequence[Shape]:
    """Return the types that a model accepts at a path, or an empty sequence if the model does not have the path."""
    level: Sequence[Shape] = [model]
    for step in path:
        level = [shape for above in level for shape in _shapes_below(above, step)]
    return level


def keys(shape: Shape) -> Sequence[str]:
    """Return the permitted keys of a table that has fixed keys."""
    if not (isinstance(shape, type) and issubclass(shape, BaseModel)):
        return []
    return [field.alias or name for name, field in shape.model_fields.items()]


def expected(alternatives: Iterable[Shape]) -> Sequence[str]:
    """Return a phrase that describes each alternative, such as "a date"."""
    return list(dict.fromkeys(phrase for shape in alternatives for phrase in _describe_shape(shape)))


def choices(alternatives: Iterable[Shape]) -> Sequence[str]:
    """Return the fixed values that the alternatives accept, such as the names in an enum."""
    return [_yaml_text(value) for shape in alternatives for value in _fixed_values(shape)]


def example_of(model: type[BaseModel], path: Sequence[Step]) -> str:
    """Return an example of a setting's value, or of an entry if the setting is a list.

    Return "" if there is no example.
    """
    fields = [field for name, field in model.model_fields.items() if (field.alias or name) == path[0]]
    for example in (example for field in fields for example in field.examples or []):
        entry = example[0] if isinstance(example, list) and example else example
        if isinstance(entry, str):
            return entry
    return ""


def _split_union(annotation: object) -> Iterable[Shape]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _split_union(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for alternative in get_args(annotation):
            yield from _split_union(alternative)
    else:
        yield annotation


def _shapes_below(shape: Shape, step: Step) -> Sequence[Shape]:
    arguments = get_args(shape)
    match get_origin(shape) or shape, step:
        case type() as model, str() if issubclass(model, BaseModel):
            fields = [field for name, field in model.model_fields.items() if (field.alias or name) == step]
            return [shape for field in fields for shape in shapes(field.annotation)]
        case type() as table, str() if issubclass(table, Mapping) and arguments:
            return shapes(arguments[1])
        case type() as items, int() if issubclass(items, Sequence) and arguments:
            return shapes(arguments[0])
        case _:
            return []


def _describe_shape(shape: Shape) -> Sequence[str]:
    if values := _fixed_values(shape):
        return [f"`{_yaml_text(value)}`" for value in values]
    if names := keys(shape):
        return [f"`{names[0]}: ...`" if names[0] in _LISTS or len(names) == 1 else "a table of settings"]
    origin = get_origin(shape) or shape
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return ["a table of keys and values"]
    if isinstance(origin, type) and issubclass(origin, Sequence) and not issubclass(origin, str):
        return ["a list"]
    return [_WORDS.get(origin, "another kind of value")]


def _yaml_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fixed_values(shape: Shape) -> Sequence[object]:
    if get_origin(shape) is Literal:
        return get_args(shape)
    if isinstance(shape, type) and issubclass(shape, Enum):
        return [member.value for member in shape]
    return []
