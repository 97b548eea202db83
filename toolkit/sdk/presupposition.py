"""Objects that must exist before another object's setting is written."""

from collections.abc import Callable, Iterable

from toolkit.records import dataclass
from toolkit.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Presupposition:
    """Other objects that must exist before a setting is written, because the setting is harmful or useless without
    them.
    """

    setting: str
    kinds: tuple[str, ...]  # kinds of the same provider whose objects are written first
    names: Callable[[Value], Iterable[str]]
    """Returns the names of the required objects for a value, or `EVERY` for all desired objects."""
    consequence: str  # the consequence if they are missing, as a clause
