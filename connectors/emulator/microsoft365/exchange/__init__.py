"""Exchange Online: cmdlets sent to /adminapi/beta/TENANT/InvokeCommand, and those that answer 501."""

from connectors.emulator.microsoft365.exchange.cmdlet import read_cmdlets, read_known
from connectors.emulator.microsoft365.exchange.cmdlets import audit_log, mailboxes, settings, transport_rules
from connectors.emulator.microsoft365.exchange.seed import seed
from connectors.emulator.microsoft365.exchange.service import AUDIENCES, HOSTS, ROOT, CmdletService, Workload

__all__ = ["SERVICE", "seed"]

SERVICE = CmdletService(
    Workload(
        name="exchange",
        hosts=HOSTS,
        roots=(ROOT,),
        audiences=AUDIENCES,
        cmdlets=read_cmdlets(__file__, {**audit_log.RUNS, **mailboxes.RUNS, **settings.RUNS, **transport_rules.RUNS}),
        known=read_known(__file__),
        administrators=frozenset({"Exchange Administrator", "Global Administrator"}),
    )
)
