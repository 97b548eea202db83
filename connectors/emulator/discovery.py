"""Finds the emulated clouds and services, and chooses the service that a request is addressed to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeAlias

import connectors.emulator
from connectors.emulator.data_files import seed_of
from connectors.emulator.delivery.message import Message
from connectors.emulator.delivery.outcome import DeliveryOutcome
from connectors.emulator.effective.setting import EffectiveSetting
from connectors.emulator.school import School
from connectors.emulator.service import Cloud, Seed, Service
from connectors.emulator.store import Store

Deliver: TypeAlias = Callable[[Store, str, Sequence[Message]], list[list[DeliveryOutcome]]]
"""Returns the outcomes of each message in a tenant, for every recipient. The emulator finds it in the module or package
`delivery` in a provider's folder.
"""

FindEffective: TypeAlias = Callable[[Store, str, str], list[EffectiveSetting] | None]
"""Returns the effective settings of the account with an address. The emulator finds it in the module or package
`effective` in a provider's folder.
"""


@dataclass(frozen=True, slots=True)
class Provider:
    """A vendor's cloud with all of its emulated services."""

    name: str
    cloud: Cloud
    services: Sequence[Service]
    seeds: Sequence[Callable[[School], Seed]]
    deliver: Deliver | None = None  # None if the vendor's delivery of messages is not emulated
    find_effective_settings: FindEffective | None = None  # None if the vendor's precedence is not emulated


def providers() -> list[Provider]:
    """Return the emulated vendors, each with its services."""
    packages = [module for module in _import_modules_inside(connectors.emulator) if hasattr(module, "CLOUD")]
    return [_provider(package) for package in packages]


def _provider(package: ModuleType) -> Provider:
    inside = list(_import_modules_inside(package))
    modules = [module for module in inside if hasattr(module, "SERVICE")]
    return Provider(
        name=package.__name__.rpartition(".")[2],
        cloud=package.CLOUD,
        services=[module.SERVICE for module in modules],
        seeds=[package.CLOUD.seed, *(seed_of(module) for module in modules)],
        deliver=next((module.deliver for module in inside if hasattr(module, "deliver")), None),
        find_effective_settings=next(
            (module.find_effective_settings for module in inside if hasattr(module, "find_effective_settings")), None
        ),
    )


def _import_modules_inside(package: ModuleType) -> Iterator[ModuleType]:
    for module in iter_modules(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            yield import_module(module.name)


# Hosts that clients such as GAM call and that are not emulated. They answer 501 at once, since a client would call a
# proxy that refuses them again and again.
_NOT_EMULATED = frozenset(f"{name}.googleapis.com" for name in ("chromemanagement", "drive", "people", "tasks")) | {
    "graph.windows.net",
    "manage.office.com",
}

_Pair: TypeAlias = tuple[Provider, Service]


@dataclass(frozen=True, slots=True)
class ServicePath:
    """The service that a request is addressed to, with the path on its host and the prefix before the path."""

    provider: Provider
    service: Service
    path: str
    prefix: str  # "" or /graph.microsoft.com


class Routing:
    """All emulated services, by host and path."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._services = [(provider, service) for provider in providers for service in provider.services]
        self._roots = {root: pair for pair in self._services for root in pair[1].roots}
        self._hosts: dict[str, list[_Pair]] = {}
        for pair in self._services:
            for host in pair[1].hosts:
                self._hosts.setdefault(host, []).append(pair)

    @property
    def hosts(self) -> frozenset[str]:
        """Return the vendors' host names that the emulated services use."""
        return _NOT_EMULATED.union(self._hosts)

    def find(self, host: str, path: str) -> ServicePath | None:
        """Return the service that a request is addressed to. None if no emulated service has the host or the path."""
        if (name := host.partition(":")[0].lower()) in self._hosts:
            return ServicePath(*self._service_at(name, path), path, "")
        if name in _NOT_EMULATED:
            return None
        first, _, rest = path.lstrip("/").partition("/")
        if (name := first.lower()) in self._hosts:
            return ServicePath(*self._service_at(name, "/" + rest), "/" + rest, "/" + first)
        fitting = _matching_roots(self._roots, path)
        return ServicePath(*self._roots[fitting[-1]], path, "") if fitting else None

    def _service_at(self, host: str, path: str) -> _Pair:
        """Return the service whose root begins a path of a host, or else the service that lists the host first."""
        pairs = self._hosts[host]
        roots = {root: pair for pair in pairs for root in pair[1].roots}
        fitting = _matching_roots(roots, path)
        return roots[fitting[-1]] if fitting else min(pairs, key=lambda pair: list(pair[1].hosts).index(host))


def _matching_roots(roots: Mapping[str, _Pair], path: str) -> list[str]:
    """Return the roots with which a path begins, the longest last."""
    return sorted((root for root in roots if path == root or path.startswith(root + "/")), key=len)
