"""JSON of a result: the one place where dates, addresses, reasons and enums become text for programs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from operator import attrgetter, methodcaller
from pathlib import Path
from typing import Any

from toolkit.sdk.lending import without_person
from toolkit.sdk.reason import Reason, admin_text
from toolkit.sdk.resource import Address
from toolkit.values import AtLeast, Body, Json, plain

_FORMS: Mapping[type, Callable[[Any], Json]] = {
    Address: lambda address: str(without_person(address)),
    AtLeast: plain,
    Path: str,
    Reason: admin_text,
    StrEnum: str,
    date: methodcaller("isoformat"),
}


def to_body(answer: Mapping[str, object]) -> Body:
    return {key: to_json(value) for key, value in answer.items()}


def row(value: object, *columns: str) -> Body:
    """Return some attributes of a value as a JSON object.

    A column is the name of an attribute, or `key=path` where its key is another or it is an attribute of an attribute.
    With a question mark behind its key what is empty is null.
    """
    return {key.removesuffix("?"): _cell(value, key, path) for key, _, path in (one.partition("=") for one in columns)}


def rows(values: Iterable[object], *columns: str) -> list[Body]:
    """Return some attributes of each value, as `row` does of one."""
    return [row(value, *columns) for value in values]


def _cell(value: object, key: str, path: str) -> Json:
    found = attrgetter(path or key.removesuffix("?"))(value)
    return to_json((found or None) if key.endswith("?") else found)


def to_json(value: object) -> Json:
    """Return a value as JSON, a dataclass field by field; TypeError for what has no form in JSON."""
    for known, write in _FORMS.items():
        if isinstance(value, known):
            return write(value)
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): to_json(each) for key, each in value.items()}
        case Sequence():
            return [to_json(each) for each in value]
        case _ if is_dataclass(value):
            return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no JSON: {value!r}")
