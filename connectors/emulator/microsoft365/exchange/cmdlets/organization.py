"""What describes the organisation: its configuration, the domains it accepts mail for, its outbound connectors."""

from connectors.emulator.microsoft365.exchange.cmdlet import BY_GLOBAL, reader
from connectors.emulator.microsoft365.exchange.parameters import RESULT_SIZE, WHICH

CMDLETS = (
    reader("Get-OrganizationConfig", "exchange.organizationConfig", (), BY_GLOBAL),
    reader("Get-AcceptedDomain", "exchange.acceptedDomains", (WHICH, RESULT_SIZE), BY_GLOBAL),
    reader("Get-OutboundConnector", "exchange.outboundConnectors", (WHICH, RESULT_SIZE), BY_GLOBAL),
)
