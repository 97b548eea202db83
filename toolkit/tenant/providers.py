"""Finds the connectors that are installed; the one place of the engine that names them."""

import pkgutil
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, cast

from toolkit.tenant.connector import Connection, Provider
from toolkit.tenant.kind import Kind
from toolkit.tenant.part import Realise

_ROOT = "connectors"


@cache
def providers() -> Mapping[str, Provider]:
    """Give every sub-package of connectors that has a PROVIDER, by name."""
    found = [module.PROVIDER for module in _modules(_ROOT) if hasattr(module, "PROVIDER")]
    return {provider.name: provider for provider in found}


@cache
def kinds(provider: str) -> Mapping[str, Kind[Connection]]:
    """Give every kind of a provider, by its name without the provider's."""
    found = [cast(Kind[Connection], module.KIND) for module in _modules(f"{_ROOT}.{provider}.kinds")]
    return {kind.name: kind for kind in found}


@cache
def realisations(provider: str) -> Mapping[str, Realise]:
    """Give what a provider makes of each control that it knows, by the control's name."""
    areas = [area.__name__ for area in _modules(f"{_ROOT}.{provider}.controls") if hasattr(area, "__path__")]
    modules: list[Any] = [module for area in areas for module in _modules(area)]
    return {".".join(module.__name__.split(".")[-2:]): cast(Realise, module.realise) for module in modules}


def emulator_command() -> Sequence[str]:
    """Give the command that runs the emulator as a process of its own."""
    return [sys.executable, "-m", f"{_ROOT}.emulator"]


def _modules(package: str) -> Sequence[ModuleType]:
    """Import the public modules of a package, in the order of their names; none where there is no package."""
    try:
        parent = import_module(package)
    except ModuleNotFoundError as missing:
        if missing.name and (package == missing.name or package.startswith(f"{missing.name}.")):
            return []
        raise
    names = sorted(found.name for found in pkgutil.iter_modules(parent.__path__) if not found.name.startswith("_"))
    return [import_module(f"{package}.{name}") for name in names]
