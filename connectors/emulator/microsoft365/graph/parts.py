"""Finding what Graph consists of: each package in here that has `actions` and `seed`."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol, cast

from connectors.emulator.cloud import Seed
from connectors.emulator.microsoft365.graph.actions import Action
from connectors.emulator.school import School


class GraphWorkload(Protocol):
    """One workload behind Graph, such as Intune."""

    def actions(self) -> Sequence[Action]:
        """List what it answers."""

    def seed(self, school: School) -> Seed:
        """Make what a new tenant holds of it."""


@lru_cache(maxsize=1)
def parts() -> tuple[GraphWorkload, ...]:
    """Find every part."""
    return tuple(_found())


def _found() -> Iterator[GraphWorkload]:
    folder = import_module(__package__)
    for module in iter_modules(folder.__path__, folder.__name__ + "."):
        if module.ispkg:
            yield cast("GraphWorkload", import_module(module.name))
