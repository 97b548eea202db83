"""Outbound spam policies, which say whether mail is forwarded out of the school by itself."""

from connectors.emulator.microsoft365.exchange.cmdlet import BY_SECURITY, reader, writer
from connectors.emulator.microsoft365.exchange.parameters import WHICH, CmdletParameter

POLICIES = "exchange.outboundSpamPolicies"


def _recipients(name: str) -> CmdletParameter:
    return CmdletParameter(name, "MultiValuedProperty", entry="SmtpAddress", unset=())


def _limit(name: str) -> CmdletParameter:
    return CmdletParameter(name, "UInt32", nullable=False, lowest=0, highest=10_000)


# https://learn.microsoft.com/powershell/module/exchangepowershell/set-hostedoutboundspamfilterpolicy
_PARAMETERS = (
    CmdletParameter("ActionWhenThresholdReached", "OutboundRecipientLimitsExceededAction", nullable=False),
    CmdletParameter("AdminDisplayName", "String", unset=""),
    CmdletParameter("AutoForwardingMode", "AutoForwardingMode", nullable=False),
    _recipients("BccSuspiciousOutboundAdditionalRecipients"),
    CmdletParameter("BccSuspiciousOutboundMail", "Boolean", nullable=False),
    CmdletParameter("NotifyOutboundSpam", "Boolean", nullable=False),
    _recipients("NotifyOutboundSpamRecipients"),
    _limit("RecipientLimitExternalPerHour"),
    _limit("RecipientLimitInternalPerHour"),
    _limit("RecipientLimitPerDay"),
)

CMDLETS = (
    reader("Get-HostedOutboundSpamFilterPolicy", POLICIES, (WHICH,), BY_SECURITY),
    writer("Set-HostedOutboundSpamFilterPolicy", POLICIES, _PARAMETERS),
)
