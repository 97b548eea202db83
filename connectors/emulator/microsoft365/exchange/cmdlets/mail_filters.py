"""Malware policies and outbound spam policies."""

from connectors.emulator.microsoft365.exchange.cmdlet import BY_SECURITY, reader, writer
from connectors.emulator.microsoft365.exchange.parameters import WHICH, CmdletParameter, Reach

POLICIES = "exchange.malwareFilterPolicies"
_ON_PREMISES = (
    "Action",
    "BypassInboundMessages",
    "BypassOutboundMessages",
    "CustomAlertText",
    "DomainController",
    "EnableExternalSenderNotifications",
    "EnableInternalSenderNotifications",
)


def _switch(name: str) -> CmdletParameter:
    return CmdletParameter(name, "Boolean", nullable=False)


def _text(name: str) -> CmdletParameter:
    return CmdletParameter(name, "String", unset="")


# https://learn.microsoft.com/powershell/module/exchangepowershell/set-malwarefilterpolicy
_PARAMETERS = (
    _text("AdminDisplayName"),
    _text("CustomExternalBody"),
    _text("CustomExternalSubject"),
    CmdletParameter("CustomFromAddress", "SmtpAddress", unset=""),
    _text("CustomFromName"),
    _text("CustomInternalBody"),
    _text("CustomInternalSubject"),
    _switch("CustomNotifications"),
    _switch("EnableExternalSenderAdminNotifications"),
    _switch("EnableFileFilter"),
    _switch("EnableInternalSenderAdminNotifications"),
    CmdletParameter("ExternalSenderAdminAddress", "SmtpAddress", unset=""),
    CmdletParameter("FileTypeAction", "FileTypeFilteringAction", nullable=False),
    CmdletParameter("FileTypes", "String[]", unset=()),
    CmdletParameter("InternalSenderAdminAddress", "SmtpAddress", unset=""),
    CmdletParameter("IsPolicyOverrideApplied", "Boolean", reach=Reach.RESERVED),
    CmdletParameter("MakeDefault", "SwitchParameter", reach=Reach.ELSEWHERE),
    CmdletParameter("QuarantineTag", "String", nullable=False),
    _switch("ZapEnabled"),
    *(CmdletParameter(name, "Object", reach=Reach.ABSENT) for name in _ON_PREMISES),
)


OUTBOUND_POLICIES = "exchange.outboundSpamPolicies"


def _recipients(name: str) -> CmdletParameter:
    return CmdletParameter(name, "MultiValuedProperty", entry="SmtpAddress", unset=())


def _limit(name: str) -> CmdletParameter:
    return CmdletParameter(name, "UInt32", nullable=False, lowest=0, highest=10_000)


# https://learn.microsoft.com/powershell/module/exchangepowershell/set-hostedoutboundspamfilterpolicy
_OUTBOUND_PARAMETERS = (
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

_STATE = CmdletParameter("State", "RuleState", reach=Reach.IGNORED)

CMDLETS = (
    reader("Get-MalwareFilterPolicy", POLICIES, (WHICH,), BY_SECURITY),
    reader("Get-MalwareFilterRule", "exchange.malwareFilterRules", (WHICH, _STATE), BY_SECURITY),
    writer("Set-MalwareFilterPolicy", POLICIES, _PARAMETERS),
    reader("Get-HostedOutboundSpamFilterPolicy", OUTBOUND_POLICIES, (WHICH,), BY_SECURITY),
    reader("Get-HostedOutboundSpamFilterRule", "exchange.outboundSpamRules", (WHICH, _STATE), BY_SECURITY),
    writer("Set-HostedOutboundSpamFilterPolicy", OUTBOUND_POLICIES, _OUTBOUND_PARAMETERS),
)
