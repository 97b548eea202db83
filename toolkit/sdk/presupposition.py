"""Objects that a setting of another object presupposes."""

from collections.abc import Callable, Iterable

from toolkit.records import dataclass
from toolkit.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Presupposition:
    """Other objects that have to be in place before a setting is written, as without them it does harm or nothing."""

    setting: str
    kinds: tuple[str, ...]  # of the same provider, whose objects are written before
    names: Callable[[Value], Iterable[str]]
    """Return the names of the objects that a value presupposes; `EVERY` for each that the playbooks ask for."""
    otherwise: str  # what would happen without them, as a clause
