"""Find the installed connectors and the emulator's tenants. No other module names connectors."""

import pkgutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from toolkit.errors import UsageError
from toolkit.values import Body, tables_of

if TYPE_CHECKING:  # `validate` does without most of them
    from toolkit.sdk.check import Check
    from toolkit.sdk.connector import Connection
    from toolkit.sdk.credentials import Provider
    from toolkit.sdk.expiry import ExpirySource
    from toolkit.sdk.first_run import VendorFact
    from toolkit.sdk.kind import Kind
    from toolkit.sdk.part import CloudControl
    from toolkit.sdk.permission import Needs, Permission
    from toolkit.sdk.precedence import MachineSettings, Precedence

_ROOT = "connectors"
EMULATED = "emulated"
"""The tenant id in a school file that means the emulator's tenant."""


@cache
def providers() -> "Mapping[str, Provider[Connection]]":
    """Return the provider of each package in connectors, by name."""
    connectors = [module.PROVIDER for module in _import_modules(_ROOT) if hasattr(module, "PROVIDER")]
    return {provider.name: provider for provider in connectors}


class KindModules(Mapping[str, "Kind[Connection]"]):
    """The kinds of a provider by module name. A module is imported at first use."""

    def __init__(self, provider: str) -> None:
        self._package = f"{_ROOT}.{provider}.kinds"
        self._module_names = frozenset(_module_names(self._package))
        self._loaded: dict[str, Kind[Connection]] = {}

    def __getitem__(self, name: str) -> "Kind[Connection]":
        if name not in self._loaded:
            if name not in self._module_names:
                raise KeyError(name)
            self._loaded[name] = import_module(f"{self._package}.{name}").KIND
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._module_names))

    def __len__(self) -> int:
        return len(self._module_names)

    def __contains__(self, name: object) -> bool:
        return name in self._module_names


def cloud_titles() -> Mapping[str, str]:
    return {name: provider.title for name, provider in providers().items()}


def cloud_title(name: str) -> str:
    """Return the title of a cloud, or its name if its connector is no longer installed."""
    return cloud_titles().get(name, name)


@cache
def kinds(provider: str) -> "Mapping[str, Kind[Connection]]":
    """Return every kind of a provider, by its name without the provider."""
    return KindModules(provider)


@cache
def realisations(provider: str) -> "Mapping[str, CloudControl]":
    """Return a provider's realisation of each control that it supports, by the control's name."""
    modules = _import_modules(f"{_ROOT}.{provider}.controls")
    return {control.name: control for module in modules for control in getattr(module, "CONTROLS", ())}


def controls_with_pilots(provider: str) -> frozenset[str]:
    """Return the controls that a provider can limit to a pilot group."""
    return frozenset(name for name, control in realisations(provider).items() if control.pilots)


@cache
def checks(provider: str) -> "Mapping[str, Check[Any]]":
    """Return a provider's checks by the control's name, for controls that need more than settings."""
    modules = _import_by_control(f"{_ROOT}.{provider}.checks")
    return {
        control: cast("Check[Any]", module.check) for control, module in modules.items() if hasattr(module, "check")
    }


@cache
def check_needs(provider: str) -> "Mapping[str, Needs]":
    """Return the permissions of each check, by the control's name."""
    modules = _import_by_control(f"{_ROOT}.{provider}.checks")
    return {
        control: _with_reading_needs(module.needs) for control, module in modules.items() if hasattr(module, "check")
    }


def _with_reading_needs(needs: "Needs | tuple[Permission, ...]") -> "Needs":
    return needs if callable(needs) else lambda _settings: needs


@cache
def precedences(provider: str) -> "Sequence[Precedence[Connection]]":
    """Return the mechanisms by which a provider combines layers of settings."""
    modules = _import_modules(f"{_ROOT}.{provider}.precedence")
    return tuple(
        cast("Precedence[Connection]", module.PRECEDENCE) for module in modules if hasattr(module, "PRECEDENCE")
    )


@cache
def machine_settings(provider: str) -> "Sequence[MachineSettings[Connection]]":
    """Return the readers of the settings that a provider applies to computers."""
    modules = _import_modules(f"{_ROOT}.{provider}.precedence")
    return tuple(
        cast("MachineSettings[Connection]", module.MACHINE) for module in modules if hasattr(module, "MACHINE")
    )


@cache
def expiries(provider: str) -> "Sequence[ExpirySource]":
    """Return the sources from which a provider reads end dates for the expiry board."""
    return tuple(import_module(f"{_ROOT}.{provider}.expiry").EXPIRIES)


@cache
def facts(provider: str) -> "Sequence[VendorFact]":
    """Return the facts about a provider's service that a live tenant must confirm."""
    return tuple(import_module(f"{_ROOT}.{provider}.first_run").FACTS)


def emulator_command() -> Sequence[str]:
    """Return the command line that starts the emulator as a separate process."""
    return [sys.executable, "-m", f"{_ROOT}.emulator"]


def _import_by_control(package: str) -> Mapping[str, Any]:
    """Import <package>/<area>/<name> for every control <area>.<name>."""
    areas = [area.__name__ for area in _import_modules(package) if hasattr(area, "__path__")]
    modules = [module for area in areas for module in _import_modules(area)]
    return {".".join(module.__name__.split(".")[-2:]): module for module in modules}


def _import_modules(package: str) -> Sequence[ModuleType]:
    """Import the public modules of a package, in the order of their names, or none if there is no package."""
    return [import_module(f"{package}.{name}") for name in _module_names(package)]


def _module_names(package: str) -> Sequence[str]:
    """Return the names of the public modules of a package in order, or none if there is no package."""
    try:
        parent = import_module(package)
    except ModuleNotFoundError as missing:
        if missing.name and (package == missing.name or package.startswith(f"{missing.name}.")):
            return []
        raise
    return sorted(module.name for module in pkgutil.iter_modules(parent.__path__) if not module.name.startswith("_"))


def describe_tenant(ready: Body, provider: str, key: str, identifier: str) -> Body:
    """Return the emulator's description of the tenant whose `key` is `identifier`.

    If no tenant has this id, return the first tenant. The run's first request then shows that it belongs to another
    school.
    """
    tenants = tables_of([tenant.get(provider) for tenant in tables_of(ready.get("tenants"))])
    if not tenants:
        raise UsageError(f"the emulator has no {provider} tenant. Run `toolkit emulator reset` to create a tenant")
    return next((tenant for tenant in tenants if tenant[key] == identifier), tenants[0])
