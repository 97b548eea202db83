"""A size that all objects of a kind in a tenant share, such as the bytes of all regular expressions in mail rules."""

from collections.abc import Callable

from toolkit.records import dataclass
from toolkit.values import Settings


@dataclass(frozen=True, slots=True)
class SharedSize:
    """A size that all objects of a kind in a tenant share."""

    most: int
    unit: str  # such as bytes of regular expressions
    measure: Callable[[Settings], int]  # the part of an object with these settings
