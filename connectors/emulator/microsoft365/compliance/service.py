"""The service as the server sees it: the host that all know tells the region, and the region's host runs cmdlets."""

from collections.abc import Sequence
from urllib.parse import urlencode, urlsplit

from connectors.emulator.microsoft365.applications import COMPLIANCE
from connectors.emulator.microsoft365.compliance import cmdlets
from connectors.emulator.microsoft365.compliance.known import KNOWN
from connectors.emulator.microsoft365.exchange.routes import ROOT, ExchangeRoute, read_route
from connectors.emulator.microsoft365.exchange.service import CmdletService
from connectors.emulator.microsoft365.exchange.workload import Workload
from connectors.emulator.service import Answer, Call, Operation, Perform
from connectors.emulator.store import Store

GLOBAL = "ps.compliance.protection.outlook.com"
REGION = f"eur01b.{GLOBAL}"
PLACE = "compliance.region"  # region: {"host": ...}, what the Location of the redirect names
_BANNER = Operation(
    "GET EXOBanner", write=False, notes="at the global host: redirects, and the Location names the region"
)
_WORKLOAD = Workload(
    name="compliance",
    hosts=(GLOBAL, REGION),
    roots=(),  # its paths are Exchange's own: only the host tells them apart
    audiences=(COMPLIANCE,),
    cmdlets=cmdlets.found,
    known=KNOWN,
    administrators=frozenset({"Compliance Administrator", "Compliance Data Administrator", "Global Administrator"}),
)


class Compliance:
    """ps.compliance.protection.outlook.com and its regions."""

    def __init__(self) -> None:
        self._region = CmdletService(_WORKLOAD)
        self.name = _WORKLOAD.name
        self.hosts, self.roots, self.audiences = _WORKLOAD.hosts, _WORKLOAD.roots, _WORKLOAD.audiences

    @property
    def emulated(self) -> Sequence[Operation]:
        return [_BANNER, *self._region.emulated]

    def operations(self, call: Call) -> Sequence[Operation]:
        """Name what a call asks for; the global host runs no cmdlets."""
        if _at_region(call):
            return self._region.operations(call)
        return [_BANNER] if _banner(call) else []

    def batch(self, call: Call, perform: Perform) -> Answer | None:
        return self._region.batch(call, perform) if _at_region(call) else None

    def answer(self, call: Call, store: Store) -> Answer:
        """Run a cmdlet, or tell the region."""
        route = _banner(call)
        if _at_region(call) or route is None:
            return self._region.answer(call, store)
        if call.principal is None or not _WORKLOAD.opens(call.principal):
            return self.refuse(call, 401)
        told = store.get(call.principal.tenant_id, PLACE, "region") or {}
        place = f"https://{told.get('host', REGION)}{ROOT}/{route.version}/{route.tenant}/EXOBanner('AutogenSession')"
        return Answer(302, b"", {"Location": f"{place}?{urlencode(call.query)}"})

    def refuse(self, call: Call, status: int, reason: str = "") -> Answer:
        return self._region.refuse(call, status, reason)

    def truncate(self, call: Call, answer: Answer) -> Answer:
        return self._region.truncate(call, answer)


def _at_region(call: Call) -> bool:
    base = urlsplit(call.base)
    return (base.path.strip("/") or base.hostname or "").lower() != GLOBAL


def _banner(call: Call) -> ExchangeRoute | None:
    route = read_route(call)
    asked = route is not None and route.version == "beta" and route.action == "exobanner('autogensession')"
    return route if asked and call.method == "GET" else None
