"""The base class of values that are stored in JSON and in the ledger under their field names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import dataclass_transform

from toolkit.values import Body, Json


@dataclass(frozen=True)
@dataclass_transform(frozen_default=True, kw_only_default=True)
class StoredFields:
    """A value whose fields are stored under their names, in the order of the class. The names must not change.

    Fields with their default value are not stored.
    """

    def __init_subclass__(cls) -> None:
        """Make every subclass a frozen dataclass."""
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)

    def to_json(self) -> Body:
        """Return the fields as JSON. Fields with their default value are left out."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        return {name: _to_json(value) for name, (value, default) in values.items() if value != default}


def _to_json(value: object) -> Json:
    match value:
        case StoredFields():
            return value.to_json()
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _to_json(inner) for key, inner in value.items()}
        case None | bool() | int() | str():
            return value
        case Sequence():
            return [_to_json(inner) for inner in value]
    raise TypeError(f"no JSON: {value!r}")
