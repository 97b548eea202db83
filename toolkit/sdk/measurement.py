"""The numbers that a check counts, and the count that a verdict rests on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import dataclass_transform

from toolkit.sdk.verdict import Count
from toolkit.values import Body, Json


@dataclass(frozen=True)
@dataclass_transform(frozen_default=True, kw_only_default=True)
class Measurement:
    """The numbers that a check counted. Each check has its own class.

    JSON and the ledger store each field under its name, in the order of the class, so names do not change. A field with
    its default is left out. A verdict rests on `count` and `whole`. Page one of the report for governors reads the
    fields. ValueError for a negative number, and for a count that `Count` refuses.
    """

    def __init_subclass__(cls) -> None:
        """Make the class of a check a frozen dataclass."""
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)

    def __post_init__(self) -> None:
        """Refuse a negative number, and counts that `Count` refuses."""
        for field in fields(self):
            if any(number < 0 for number in _numbers(getattr(self, field.name))):
                raise ValueError(f"{type(self).__name__}: {field.name} is negative: {getattr(self, field.name)}")
        _ = self.count

    @property
    def count(self) -> Count | None:
        """Return how many are as required; None if the verdict is never "in part"."""
        return None

    @property
    def whole(self) -> int | None:
        """Return how many were looked at, if zero means that there is nothing to judge."""
        return None

    def to_json(self) -> Body:
        """Return the fields as JSON. A field with its default is left out."""
        values = {field.name: (getattr(self, field.name), field.default) for field in fields(self)}
        return {name: _json(value) for name, (value, default) in values.items() if value != default}


class NothingToCount(Measurement):
    """No person and no thing that the check is about."""

    in_scope: int

    @property
    def whole(self) -> int:
        """Return that there is none."""
        return self.in_scope


def _numbers(value: object) -> Iterator[int]:
    match value:
        case int():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _numbers(inner)


def _json(value: object) -> Json:
    match value:
        case Measurement():
            return value.to_json()
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _json(inner) for key, inner in value.items()}
        case None | bool() | int() | str():
            return value
        case Sequence():
            return [_json(inner) for inner in value]
    raise TypeError(f"no JSON: {value!r}")


NOTHING_TO_COUNT = NothingToCount(in_scope=0)
