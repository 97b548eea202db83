"""The tenant in Microsoft Graph: its id, its name and its domains."""

from collections.abc import Sequence
from threading import Lock

from connectors.microsoft365.graph.client import Graph
from toolkit.errors import BadAnswer
from toolkit.sdk import TenantSeen, mappings
from toolkit.values import Body


class Organization:
    """Reads the tenant's own data, and caches its domains for clients and kinds.

    Follows https://learn.microsoft.com/graph/api/resources/verifieddomain
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._initial_domain = ""
        self._domains = frozenset[str]()
        self._lock = Lock()

    def read(self) -> TenantSeen:
        """Read the tenant's id, name and domains. Raise the errors of toolkit.errors."""
        response = self._graph.get("/organization", select="id,displayName,verifiedDomains")
        match response.get("value"):
            case [{"id": str(identifier), "displayName": name, "verifiedDomains": domains}]:
                initial = [domain.get("name") for domain in mappings(domains) if domain.get("isInitial")]
                # Without an initial domain, only lists of a single page can be read. The service refuses the next page.
                self._initial_domain = str(initial[0]) if initial else identifier
                self._domains = frozenset(domain.casefold() for domain in _list_domain_names(domains))
                return TenantSeen(identifier, str(name), _list_domain_names(domains))
            case _:
                raise BadAnswer("GET /organization: the response does not contain a tenant")

    def initial_domain(self) -> str:
        """Return the tenant's initial domain, such as `school.onmicrosoft.com`."""
        self._read_once()
        return self._initial_domain

    def is_outside(self, address: str) -> bool:
        """Return whether a mail address is outside the tenant's domains."""
        self._read_once()
        return bool(self._domains) and address.rpartition("@")[2].casefold() not in self._domains

    def _read_once(self) -> None:
        with self._lock:
            if not self._initial_domain:
                self.read()


def _list_domain_names(domains: object) -> tuple[str, ...]:
    rows: Sequence[Body] = domains if isinstance(domains, list) else []
    return tuple(str(domain["name"]) for domain in rows if domain.get("name"))
