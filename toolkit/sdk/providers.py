"""Find the installed connectors and the emulator's tenants. No other module names connectors."""

import pkgutil
import sys
from collections.abc import ItemsView, Iterator, Mapping, Sequence, ValuesView
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from toolkit.errors import BadAnswer, UnusableModule, UsageError
from toolkit.part_modules import (
    BrokenModule,
    broken_control,
    broken_modules,
    broken_part,
    declared_controls,
    isolate,
    load_part,
    refuse_invalid,
)
from toolkit.values import Body, tables_of

if TYPE_CHECKING:  # `validate` does without most of them
    from toolkit.sdk.account_settings import AccountSettings
    from toolkit.sdk.check import Check
    from toolkit.sdk.connector import Connection
    from toolkit.sdk.credentials import Provider
    from toolkit.sdk.expiry import ExpirySource
    from toolkit.sdk.first_run import VendorFact
    from toolkit.sdk.kind import Kind
    from toolkit.sdk.legal_holds import Service
    from toolkit.sdk.mail_flow import MailFlow
    from toolkit.sdk.part import CloudControl
    from toolkit.sdk.permission import Needs, Permission
    from toolkit.sdk.precedence import MachineSettings, Precedence

_T = TypeVar("_T")
_ROOT = "connectors"
isolate()

EMULATED = "emulated"
"""The tenant id in a school file that means the emulator's tenant."""


@cache
def providers() -> "Mapping[str, Provider[Connection]]":
    """Return the provider of each package in connectors, by name."""
    connectors = [module.PROVIDER for module in _import_modules(_ROOT) if hasattr(module, "PROVIDER")]
    return {provider.name: provider for provider in connectors}


class KindModules(Mapping[str, "Kind[Connection]"]):
    """The kinds of a provider by module name.

    A module is imported at first use. The names of broken modules are included. For a broken module, `get` returns the
    default, `values` and `items` leave it out, and access by name raises UnusableModule.
    """

    def __init__(self, provider: str) -> None:
        self._package = f"{_ROOT}.{provider}.kinds"
        self._module_names = frozenset(_module_names(self._package))
        self._loaded: dict[str, Kind[Connection]] = {}

    def __getitem__(self, name: str) -> "Kind[Connection]":
        if name not in self._loaded:
            if name not in self._module_names:
                raise KeyError(name)
            self._loaded[name] = _load_kind(f"{self._package}.{name}", name)
        return self._loaded[name]

    def get(self, name: str, default: "Kind[Connection] | _T | None" = None) -> "Kind[Connection] | _T | None":  # type: ignore[override]
        return default if self.find_broken_module(name) else super().get(name, default)

    def values(self) -> "ValuesView[Kind[Connection]]":
        return self._usable().values()

    def items(self) -> "ItemsView[str, Kind[Connection]]":
        return self._usable().items()

    def find_broken_module(self, name: str) -> BrokenModule | None:
        """Return the error of a kind that cannot be loaded, or None."""
        if name not in self._module_names or name in self._loaded:
            return None
        try:
            self[name]
        except UnusableModule:
            return broken_part(f"{self._package}.{name}")
        return None

    def _usable(self) -> "dict[str, Kind[Connection]]":
        return {name: self[name] for name in self if not self.find_broken_module(name)}

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._module_names))

    def __len__(self) -> int:
        return len(self._module_names)

    def __contains__(self, name: object) -> bool:
        return name in self._module_names


def _load_kind(module_name: str, name: str) -> "Kind[Connection]":
    from toolkit.sdk.kind import Kind

    module = load_part(module_name)
    kind: object = getattr(module, "KIND", None)
    if not isinstance(kind, Kind) or kind.name != name:
        refuse_invalid(module, "KIND", f"KIND must be a Kind with the name {name}")
    return kind


def cloud_titles() -> Mapping[str, str]:
    return {name: provider.title for name, provider in providers().items()}


def cloud_title(name: str) -> str:
    """Return the title of a cloud, or its name if its connector is no longer installed."""
    return cloud_titles().get(name, name)


@cache
def kinds(provider: str) -> "Mapping[str, Kind[Connection]]":
    """Return every kind of a provider, by its name without the provider."""
    return KindModules(provider)


def broken_kind(provider: str, name: str) -> BrokenModule | None:
    """Return the error of a provider's kind that cannot be loaded, or None."""
    modules = kinds(provider)
    return modules.find_broken_module(name) if isinstance(modules, KindModules) else None


def broken_kinds(provider: str) -> Sequence[BrokenModule]:
    """Return the kinds of a provider that cannot be loaded. Every kind is imported."""
    return [broken for name in kinds(provider) if (broken := broken_kind(provider, name))]


@cache
def realisations(provider: str) -> "Mapping[str, CloudControl]":
    """Return a provider's realisation of each control that it supports, by the control's name.

    The controls of a broken module are left out.
    """
    from toolkit.sdk.part import CloudControl

    package = f"{_ROOT}.{provider}.controls"
    modules = [f"{package}.{name}" for name in _module_names(package)]
    return {control.name: control for module in modules for control in declared_controls(module, CloudControl)}


def broken_realisation(provider: str, control: str) -> BrokenModule | None:
    """Return the error of the broken module that realises a control on a cloud, or None."""
    return None if control in realisations(provider) else broken_control(control, f"{_ROOT}.{provider}.controls")


def controls_with_pilots(provider: str) -> frozenset[str]:
    """Return the controls that a provider can limit to a pilot group."""
    return frozenset(name for name, control in realisations(provider).items() if control.pilots)


@cache
def checks(provider: str) -> "Mapping[str, Check[Any]]":
    """Return a provider's checks by the control's name, for controls that need more than settings.

    If the module of a check is broken, the check raises BadAnswer, so that its finding is unknown.
    """
    return {
        control: cast("Check[Any]", module.check) if isinstance(module, ModuleType) else partial(_refuse_check, module)
        for control, module in _check_modules(provider).items()
    }


def _refuse_check(broken: BrokenModule, *_arguments: object) -> NoReturn:
    raise BadAnswer(str(broken))


@cache
def check_needs(provider: str) -> "Mapping[str, Needs]":
    """Return the permissions of each check, by the control's name. A broken check needs none."""
    return {
        control: _with_reading_needs(module.needs if isinstance(module, ModuleType) else ())
        for control, module in _check_modules(provider).items()
    }


def _with_reading_needs(needs: "Needs | tuple[Permission, ...]") -> "Needs":
    return needs if callable(needs) else lambda _settings: needs


@cache
def _check_modules(provider: str) -> Mapping[str, ModuleType | BrokenModule]:
    """Return each check <area>.<name> in connectors/<provider>/checks/<area>/<name>: its module or, if it is broken,
    its error.
    """
    package = f"{_ROOT}.{provider}.checks"
    areas = [module.__name__ for module in _import_modules(package) if hasattr(module, "__path__")]
    names = [f"{area}.{name}" for area in areas for name in _module_names(area)]
    modules = {".".join(name.split(".")[-2:]): _load_check(name) for name in names}
    return {control: module for control, module in modules.items() if module}


def _load_check(name: str) -> ModuleType | BrokenModule | None:
    """Load a module of checks. Return the module, its error if it is broken, or None if it contains no check."""
    try:
        module = load_part(name)
        if not hasattr(module, "check"):
            return None
        if not callable(module.check) or not hasattr(module, "needs"):
            refuse_invalid(module, "check", "a check needs a function `check`, and its permissions in `needs`")
    except UnusableModule:
        return broken_part(name)
    return module


def load_every_part(*, with_checks: bool = True) -> Sequence[BrokenModule]:
    """Import every kind, realisation and check. Return the broken modules, one for each cause."""
    for provider in providers():
        kinds(provider).values()
        realisations(provider)
        if with_checks:
            checks(provider)
    return broken_modules()


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
def mail_flow(provider: str) -> "MailFlow[Connection] | None":
    """Return a provider's mail flow, or None if the provider has no mail."""
    module = next((name for name in _module_names(f"{_ROOT}.{provider}") if name == "mail_flow"), "")
    return cast("MailFlow[Connection]", import_module(f"{_ROOT}.{provider}.{module}").MAIL_FLOW) if module else None


@cache
def account_settings(provider: str) -> "AccountSettings[Connection] | None":
    """Return a provider's reader of the settings of an account, or None without a reader."""
    name = next((name for name in _module_names(f"{_ROOT}.{provider}") if name == "account_settings"), "")
    module = import_module(f"{_ROOT}.{provider}.{name}") if name else None
    return cast("AccountSettings[Connection]", module.ACCOUNT_SETTINGS) if module else None


@cache
def expiries(provider: str) -> "Sequence[ExpirySource]":
    """Return a provider's sources of end dates for the expiry board."""
    return tuple(import_module(f"{_ROOT}.{provider}.expiry").EXPIRIES)


@cache
def facts(provider: str) -> "Sequence[VendorFact]":
    """Return the facts about a provider's service that a live tenant must confirm."""
    return tuple(import_module(f"{_ROOT}.{provider}.first_run").FACTS)


def hold_services(provider: str) -> "Sequence[Service]":
    """Return the services in which a provider can hold a person's data, the strongest protection first."""
    return tuple(import_module(f"{_ROOT}.{provider}.legal_holds").Holds.services)


def emulator_command() -> Sequence[str]:
    """Return the command line that starts the emulator as a separate process."""
    return [sys.executable, "-m", f"{_ROOT}.emulator"]


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
