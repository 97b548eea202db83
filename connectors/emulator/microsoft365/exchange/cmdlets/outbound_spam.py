"""Outbound spam policies, which say whether mail is forwarded out of the school by itself."""

from connectors.emulator.microsoft365.exchange.cmdlet import BY_SECURITY
from connectors.emulator.microsoft365.exchange.parameters import WHICH, Parameter
from connectors.emulator.microsoft365.exchange.policies import reader, writer

POLICIES = "exchange.outboundSpamPolicies"


def _recipients(name: str) -> Parameter:
    return Parameter(name, "MultiValuedProperty", entry="SmtpAddress", unset=())


def _limit(name: str) -> Parameter:
    return Parameter(name, "UInt32", nullable=False, lowest=0, highest=10_000)


# https://learn.microsoft.com/powershell/module/exchangepowershell/set-hostedoutboundspamfilterpolicy
_PARAMETERS = (
    Parameter("ActionWhenThresholdReached", "OutboundRecipientLimitsExceededAction", nullable=False),
    Parameter("AdminDisplayName", "String", unset=""),
    Parameter("AutoForwardingMode", "AutoForwardingMode", nullable=False),
    _recipients("BccSuspiciousOutboundAdditionalRecipients"),
    Parameter("BccSuspiciousOutboundMail", "Boolean", nullable=False),
    Parameter("NotifyOutboundSpam", "Boolean", nullable=False),
    _recipients("NotifyOutboundSpamRecipients"),
    _limit("RecipientLimitExternalPerHour"),
    _limit("RecipientLimitInternalPerHour"),
    _limit("RecipientLimitPerDay"),
)

CMDLETS = (
    reader("Get-HostedOutboundSpamFilterPolicy", POLICIES, (WHICH,), BY_SECURITY),
    writer("Set-HostedOutboundSpamFilterPolicy", POLICIES, _PARAMETERS),
)
