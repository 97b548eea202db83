"""Which service a request is for: by its host, by a host's name at the start of its path, or by the path itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from connectors.emulator.discovery import Provider
from connectors.emulator.service import Service

_Pair: TypeAlias = tuple[Provider, Service]


@dataclass(frozen=True, slots=True)
class ServicePath:
    """Where a request goes: the path behind the service's host, and what stood before it."""

    provider: Provider
    service: Service
    path: str
    prefix: str  # "" or /graph.microsoft.com


class Routing:
    """All services by host and by path."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._services = [(provider, service) for provider in providers for service in provider.services]
        self._roots = {root: pair for pair in self._services for root in pair[1].roots}
        self._hosts: dict[str, list[_Pair]] = {}
        for pair in self._services:
            for host in pair[1].hosts:
                self._hosts.setdefault(host, []).append(pair)

    @property
    def hosts(self) -> frozenset[str]:
        """Every vendor's host that is answered for."""
        return frozenset(self._hosts)

    def find(self, host: str, path: str) -> ServicePath | None:
        """Find the service of a request; None where no emulated service could be meant."""
        if (name := host.partition(":")[0].lower()) in self._hosts:
            return ServicePath(*self._at(name, path), path, "")
        first, _, rest = path.lstrip("/").partition("/")
        if (name := first.lower()) in self._hosts:
            return ServicePath(*self._at(name, "/" + rest), "/" + rest, "/" + first)
        fitting = _fitting(self._roots, path)
        return ServicePath(*self._roots[fitting[-1]], path, "") if fitting else None

    def _at(self, host: str, path: str) -> _Pair:
        """Choose among the services of one host: whose root begins the path, else the first that names it first."""
        pairs = self._hosts[host]
        roots = {root: pair for pair in pairs for root in pair[1].roots}
        fitting = _fitting(roots, path)
        return roots[fitting[-1]] if fitting else min(pairs, key=lambda pair: list(pair[1].hosts).index(host))


def _fitting(roots: Mapping[str, _Pair], path: str) -> list[str]:
    """List the roots that begin a path, the longest last."""
    return sorted((root for root in roots if path == root or path.startswith(root + "/")), key=len)
