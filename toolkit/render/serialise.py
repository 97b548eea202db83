"""JSON of a result: the one place where dates, addresses, reasons and enums become text for programs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from operator import methodcaller
from pathlib import Path
from typing import Any

from toolkit.sdk.address import Address
from toolkit.sdk.lending import without_person
from toolkit.sdk.reason import Reason, admin_text
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
    """Return an answer as a JSON object."""
    return {key: to_json(value) for key, value in answer.items()}


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
