"""Exchange Online at the host of a region. The shared host redirects to the region's host.

All pages of a list come from the same host.
"""

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from connectors.emulator.microsoft365.exchange.answers import no_token
from connectors.emulator.microsoft365.exchange.service import HOSTS, CmdletService, ExchangeRoute, read_route
from connectors.emulator.service import Answer, Batch, Call, Operation
from connectors.emulator.store import Store

REGION = f"eur05b.{HOSTS[0]}"
FORMER = f"eur01b.{HOSTS[0]}"
"""A region that the tenant has left. It redirects every request to the new region."""

PLACE = "exchange.region"  # region: {"host": ...}, the host in the Location of the redirect
_FILE = Operation("GET EXOModuleFile", write=False, notes="at a shared host: redirects to the host of the region")
_MOVED = Operation("POST at a former region", write=False, notes="redirects to the tenant's region")


class Exchange(CmdletService):
    """The service at outlook.office365.com and its regional hosts, which all run cmdlets."""

    @property
    def emulated_operations(self) -> Sequence[Operation]:
        return [_FILE, _MOVED, *super().emulated_operations]

    def operations(self, call: Call) -> Sequence[Operation]:
        if _module_file_route(call):
            return [_FILE]
        return [_MOVED] if _host_name(call) == FORMER else super().operations(call)

    def batch(self, call: Call) -> Batch | None:
        return None if _host_name(call) == FORMER else super().batch(call)

    def answer(self, call: Call, store: Store) -> Answer:
        """Run a cmdlet, or redirect the request to the region's host."""
        route = _module_file_route(call)
        if route is None and _host_name(call) != FORMER:
            return super().answer(call, store)
        if call.principal is None or not self.grants_access(call.principal):
            return no_token(call)
        if route is not None and _host_name(call) == REGION:
            return Answer(200, {"value": [{"fileName": "module", "exportedCmdlets": ""}]})
        place = store.get(call.principal.tenant_id, PLACE, "region") or {}
        host = REGION if route is None else str(place.get("host", REGION))
        query = f"?{urlencode(call.query)}" if call.query else ""
        return Answer(302, b"", {"Location": f"https://{host}{call.path}{query}"})


def _host_name(call: Call) -> str:
    base = urlsplit(call.base)
    return (base.path.strip("/") or base.hostname or "").lower()


def _module_file_route(call: Call) -> ExchangeRoute | None:
    route = read_route(call)
    is_lookup = route is not None and route.version == "v1.0" and route.action == "exomodulefile"
    return route if is_lookup and call.method == "GET" else None
