"""What describes the organisation: its configuration, the domains it accepts mail for, its outbound connectors."""

from connectors.emulator.microsoft365.exchange.cmdlet import (
    BY_GLOBAL,
    BY_SECURITY,
    Cmdlet,
    Outcome,
    Put,
    Request,
    merged,
    reader,
)
from connectors.emulator.microsoft365.exchange.parameters import REHEARSAL, RESULT_SIZE, WHICH, CmdletParameter, by_name

_ORGANIZATION = "exchange.organizationConfig"

# https://learn.microsoft.com/powershell/module/exchangepowershell/set-organizationconfig: those of mail tips
_PARAMETERS = (
    CmdletParameter("MailTipsAllTipsEnabled", "Boolean", nullable=False),
    CmdletParameter("MailTipsExternalRecipientsTipsEnabled", "Boolean", nullable=False),
    CmdletParameter("MailTipsGroupMetricsEnabled", "Boolean", nullable=False),
    CmdletParameter("MailTipsLargeAudienceThreshold", "UInt32", nullable=False, lowest=0),
    CmdletParameter("MailTipsMailboxSourcedTipsEnabled", "Boolean", nullable=False),
)


def _set(request: Request) -> Outcome:
    """Change the organisation, which is known without an Identity."""
    before = request.all(_ORGANIZATION)[0]
    return Outcome(writes=[Put(_ORGANIZATION, str(before["Guid"]), merged(before, request.parameters))])


CMDLETS = (
    reader("Get-OrganizationConfig", _ORGANIZATION, (), BY_GLOBAL),
    Cmdlet("Set-OrganizationConfig", _set, by_name(_PARAMETERS, REHEARSAL), notes="mail tips"),
    reader("Get-AcceptedDomain", "exchange.acceptedDomains", (WHICH, RESULT_SIZE), BY_GLOBAL),
    reader("Get-InboundConnector", "exchange.inboundConnectors", (WHICH, RESULT_SIZE), BY_GLOBAL),
    reader("Get-OutboundConnector", "exchange.outboundConnectors", (WHICH, RESULT_SIZE), BY_GLOBAL),
    reader("Get-EOPProtectionPolicyRule", "exchange.presetRules", (WHICH,), BY_SECURITY),
    reader("Get-ATPProtectionPolicyRule", "exchange.presetRulesForLinksAndFiles", (WHICH,), BY_SECURITY),
)
