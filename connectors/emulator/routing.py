"""Which service a request is for: by its host, by a host's name at the start of its path, or by the path itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.emulator.found import Provider
from connectors.emulator.service import Service


@dataclass(frozen=True, slots=True)
class Route:
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
        self._hosts = {host: pair for pair in self._services for host in pair[1].hosts}

    @property
    def hosts(self) -> frozenset[str]:
        """Every vendor's host that is answered for."""
        return frozenset(self._hosts)

    def find(self, host: str, path: str) -> Route | None:
        """Find the service of a request; None where no emulated service could be meant."""
        if pair := self._hosts.get(host.partition(":")[0].lower()):
            return Route(*pair, path, "")
        first, _, rest = path.lstrip("/").partition("/")
        if pair := self._hosts.get(first.lower()):
            return Route(*pair, "/" + rest, "/" + first)
        fitting = [root for root in self._roots if path == root or path.startswith(root + "/")]
        return Route(*self._roots[max(fitting, key=len)], path, "") if fitting else None
