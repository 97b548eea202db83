"""The numbers that checks count, from which verdicts and reports are made."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from toolkit.sdk.stored_fields import StoredFields
from toolkit.sdk.verdict import Count


class Measurement(StoredFields):
    """The numbers that a check counted. Each check has its own class, whose fields are stored under their names.

    A verdict uses `count` and `whole`. Page one of the governors' report reads the fields. Raises ValueError for a
    negative number, or for a count that `Count` refuses.
    """

    def __post_init__(self) -> None:
        """Raise ValueError if a number is negative, or if `Count` refuses a count."""
        for field in fields(self):
            if any(number < 0 for number in _numbers_in(getattr(self, field.name))):
                raise ValueError(f"{type(self).__name__}: {field.name} is negative: {getattr(self, field.name)}")
        _ = self.count

    @property
    def count(self) -> Count | None:
        """Return the count of objects that meet the requirement, or None if the verdict is never "in part"."""
        return None

    @property
    def whole(self) -> int | None:
        """Return the total number if a total of zero means that there is nothing to judge, otherwise return None."""
        return None


class NothingToCount(Measurement):
    """A measurement of an audience without people or devices."""

    in_scope: int

    @property
    def whole(self) -> int:
        """Return zero, because this measurement has no people or devices."""
        return self.in_scope


def _numbers_in(value: object) -> Iterator[int]:
    match value:
        case int():
            yield value
        case Mapping():
            for inner in value.values():
                yield from _numbers_in(inner)


NOTHING_TO_COUNT = NothingToCount(in_scope=0)
