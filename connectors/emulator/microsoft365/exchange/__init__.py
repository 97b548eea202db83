"""Exchange Online's administration service: cmdlets sent as REST calls to /adminapi/beta/TENANT/InvokeCommand."""

from connectors.emulator.microsoft365.exchange import cmdlets
from connectors.emulator.microsoft365.exchange.known import KNOWN
from connectors.emulator.microsoft365.exchange.seed import seed
from connectors.emulator.microsoft365.exchange.service import CmdletService
from connectors.emulator.microsoft365.exchange.workload import AUDIENCES, HOSTS, ROOT, Workload

__all__ = ["SERVICE", "seed"]

SERVICE = CmdletService(
    Workload(
        name="exchange",
        hosts=HOSTS,
        roots=(ROOT,),
        audiences=AUDIENCES,
        cmdlets=cmdlets.found,
        known=KNOWN,
        administrators=frozenset({"Exchange Administrator", "Global Administrator"}),
    )
)
