"""Exchange Online's administration service: cmdlets sent as REST calls to /adminapi/beta/TENANT/InvokeCommand."""

from connectors.emulator.microsoft365.exchange.seed import seed
from connectors.emulator.microsoft365.exchange.service import ExchangeService

SERVICE = ExchangeService()

__all__ = ["SERVICE", "seed"]
