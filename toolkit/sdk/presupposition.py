"""Objects that a setting of another object presupposes."""

from collections.abc import Callable, Iterable

from toolkit.records import dataclass
from toolkit.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Presupposition:
    """Other objects that must exist before a setting is written, because it is harmful or useless without them."""

    setting: str
    kinds: tuple[str, ...]  # of the same provider, whose objects are written before
    names: Callable[[Value], Iterable[str]]
    """Return the names of the required objects for a value, or `EVERY` for each desired object."""
    consequence: str  # the result without them, as a clause
