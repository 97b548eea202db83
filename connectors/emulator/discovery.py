"""Finding the clouds and services that are emulated: each is a module that is there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import connectors.emulator
from connectors.emulator.cloud import Cloud, Seed
from connectors.emulator.school import School
from connectors.emulator.service import Service


@dataclass(frozen=True, slots=True)
class Provider:
    """One vendor's cloud with everything of it that is emulated."""

    name: str
    cloud: Cloud
    services: Sequence[Service]
    seeds: Sequence[Callable[[School], Seed]]


def providers() -> list[Provider]:
    """Find every provider that is a package of the emulator, with its services."""
    packages = [module for module in _inside(connectors.emulator) if hasattr(module, "CLOUD")]
    return [_provider(package) for package in packages]


def _provider(package: ModuleType) -> Provider:
    modules = [module for module in _inside(package) if hasattr(module, "SERVICE")]
    return Provider(
        name=package.__name__.rpartition(".")[2],
        cloud=package.CLOUD,
        services=[module.SERVICE for module in modules],
        seeds=[package.CLOUD.seed, *(module.seed for module in modules if hasattr(module, "seed"))],
    )


def _inside(package: ModuleType) -> Iterator[ModuleType]:
    for found in iter_modules(package.__path__, package.__name__ + "."):
        if not found.name.endswith("__main__"):
            yield import_module(found.name)
