"""Exchange Online's administration service, behind which the cmdlets of its PowerShell module are called."""

from connectors.microsoft365.exchange.client import Exchange
from connectors.microsoft365.exchange.service import Command

__all__ = ["Command", "Exchange"]
