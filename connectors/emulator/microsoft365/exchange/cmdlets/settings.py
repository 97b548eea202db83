"""Settings of the organisation and its policies: mail tips, the tag on mail from outside, filters, remote domains.

Each parameter is a name under its type; the pages of the cmdlets are those of
https://learn.microsoft.com/powershell/module/exchangepowershell/, such as set-remotedomain.
"""

from collections.abc import Iterable, Sequence

from connectors.emulator.microsoft365.exchange.cmdlet import (
    BY_GLOBAL,
    BY_SECURITY,
    Cmdlet,
    Outcome,
    Put,
    Request,
    merged,
    reader,
    writer,
)
from connectors.emulator.microsoft365.exchange.parameters import (
    REHEARSAL,
    RESULT_SIZE,
    WHICH,
    CmdletParameter,
    Reach,
    Refused,
    by_name,
)
from connectors.emulator.wire import Body

_ORGANIZATION, _OUTLOOK = "exchange.organizationConfig", "exchange.externalInOutlook"
_MALWARE, _OUTBOUND = "exchange.malwareFilterPolicies", "exchange.outboundSpamPolicies"
_DOMAINS = "exchange.remoteDomains"
ENTRIES = 200
BYTES = 8 * 1024


def _switches(names: str) -> Iterable[CmdletParameter]:
    return [CmdletParameter(name, "Boolean", nullable=False) for name in names.split()]


def _texts(kind: str, names: str) -> Iterable[CmdletParameter]:
    return [CmdletParameter(name, kind, unset="") for name in names.split()]


def _members(**kinds: str) -> Iterable[CmdletParameter]:
    return [CmdletParameter(name, kind, nullable=False) for name, kind in kinds.items()]


def _numbers(highest: int | None, names: str) -> Iterable[CmdletParameter]:
    return [CmdletParameter(name, "UInt32", nullable=False, lowest=0, highest=highest) for name in names.split()]


def _absent(names: str) -> Iterable[CmdletParameter]:
    """Name parameters that only Exchange on the school's own servers has."""
    return [CmdletParameter(name, "Object", reach=Reach.ABSENT) for name in names.split()]


_OF_ORGANIZATION = (
    *_switches(
        "MailTipsAllTipsEnabled MailTipsExternalRecipientsTipsEnabled MailTipsGroupMetricsEnabled "
        "MailTipsMailboxSourcedTipsEnabled"
    ),
    *_numbers(None, "MailTipsLargeAudienceThreshold"),
)
_OF_OUTLOOK = (WHICH, CmdletParameter("AllowList", "MultiValuedProperty", unset=()), *_switches("Enabled"))
_OF_MALWARE = (
    *_texts(
        "String",
        "AdminDisplayName CustomExternalBody CustomExternalSubject CustomFromName CustomInternalBody "
        "CustomInternalSubject",
    ),
    *_texts("SmtpAddress", "CustomFromAddress ExternalSenderAdminAddress InternalSenderAdminAddress"),
    *_switches(
        "CustomNotifications EnableExternalSenderAdminNotifications EnableFileFilter "
        "EnableInternalSenderAdminNotifications ZapEnabled"
    ),
    *_members(FileTypeAction="FileTypeFilteringAction", QuarantineTag="String"),
    CmdletParameter("FileTypes", "String[]", unset=()),
    CmdletParameter("IsPolicyOverrideApplied", "Boolean", reach=Reach.RESERVED),
    CmdletParameter("MakeDefault", "SwitchParameter", reach=Reach.ELSEWHERE),
    *_absent(
        "Action BypassInboundMessages BypassOutboundMessages CustomAlertText DomainController "
        "EnableExternalSenderNotifications EnableInternalSenderNotifications"
    ),
)
_OF_OUTBOUND = (
    *_members(
        ActionWhenThresholdReached="OutboundRecipientLimitsExceededAction", AutoForwardingMode="AutoForwardingMode"
    ),
    *_texts("String", "AdminDisplayName"),
    *_switches("BccSuspiciousOutboundMail NotifyOutboundSpam"),
    *(
        CmdletParameter(name, "MultiValuedProperty", entry="SmtpAddress", unset=())
        for name in ("BccSuspiciousOutboundAdditionalRecipients", "NotifyOutboundSpamRecipients")
    ),
    *_numbers(10_000, "RecipientLimitExternalPerHour RecipientLimitInternalPerHour RecipientLimitPerDay"),
)
_OF_DOMAIN = (
    *_members(
        AllowedOOFType="AllowedOOFType",
        ByteEncoderTypeFor7BitCharsets="ByteEncoderTypeFor7BitCharsetsEnum",
        ContentType="ContentType",
        PreferredInternetCodePageForShiftJis="PreferredInternetCodePageForShiftJisEnum",
    ),
    *_switches(
        "AutoForwardEnabled AutoReplyEnabled DeliveryReportEnabled DisplaySenderName IsInternal "
        "MeetingForwardNotificationEnabled NDRDiagnosticInfoEnabled NDREnabled TargetDeliveryDomain "
        "TrustedMailInboundEnabled TrustedMailOutboundEnabled UseSimpleDisplayName"
    ),
    CmdletParameter("CharacterSet", "CharacterSet"),
    CmdletParameter("LineWrapSize", "Unlimited", unset="Unlimited", lowest=0, highest=132),
    CmdletParameter("Name", "String", nullable=False, longest=64),
    CmdletParameter("NonMimeCharacterSet", "CharacterSet"),
    CmdletParameter("RequiredCharsetCoverage", "Int32", lowest=0, highest=100),
    CmdletParameter("TNEFEnabled", "Boolean"),
    *_absent("DomainController IsCoexistenceDomain MessageCountThreshold"),
)
_STATE = CmdletParameter("State", "RuleState", reach=Reach.IGNORED)


def _set_organization(request: Request) -> Outcome:
    """Change the organisation, which is known without an Identity."""
    before = request.all(_ORGANIZATION)[0]
    return Outcome(writes=[Put(_ORGANIZATION, str(before["Guid"]), merged(before, request.parameters))])


def _get_outlook(request: Request) -> Outcome:
    return Outcome([_shown(row) for row in request.all(_OUTLOOK)])


def _set_outlook(request: Request) -> Outcome:
    """Change the tag that Outlook shows on mail from outside; Identity is taken and means nothing."""
    setting = request.all(_OUTLOOK)[0]
    after = merged(setting, request.parameters)
    entries = after["AllowList"]
    listed = [str(entry) for entry in entries] if isinstance(entries, Sequence) else []
    if len(listed) > ENTRIES or sum(len(entry.encode()) for entry in listed) > BYTES:
        raise Refused(f"AllowList can't hold more than {ENTRIES} entries or {BYTES} bytes.")
    return Outcome(writes=[Put(_OUTLOOK, str(setting["Guid"]), _shown(after))])


def _shown(row: Body) -> Body:
    return {"Identity": row["Guid"], "Enabled": row["Enabled"], "AllowList": row["AllowList"]}


def _adjust_domain(before: Body, after: Body) -> Body:
    """Keep automatic replies and the domain's being internal in step, as the service does."""
    if after["AllowedOOFType"] == "InternalLegacy" != before["AllowedOOFType"]:
        return {**after, "IsInternal": True}
    if before["IsInternal"] and not after["IsInternal"]:
        return {**after, "AllowedOOFType": "ExternalLegacy"}
    return after


CMDLETS = (
    reader("Get-OrganizationConfig", _ORGANIZATION, (), BY_GLOBAL),
    Cmdlet("Set-OrganizationConfig", _set_organization, by_name(_OF_ORGANIZATION, REHEARSAL), notes="mail tips"),
    Cmdlet("Get-ExternalInOutlook", _get_outlook, by_name((WHICH,)), BY_GLOBAL),
    Cmdlet("Set-ExternalInOutlook", _set_outlook, by_name(_OF_OUTLOOK)),  # no Confirm, no WhatIf
    reader("Get-MalwareFilterPolicy", _MALWARE, (WHICH,), BY_SECURITY),
    writer("Set-MalwareFilterPolicy", _MALWARE, _OF_MALWARE),
    reader("Get-HostedOutboundSpamFilterPolicy", _OUTBOUND, (WHICH,), BY_SECURITY),
    writer("Set-HostedOutboundSpamFilterPolicy", _OUTBOUND, _OF_OUTBOUND),
    reader("Get-RemoteDomain", _DOMAINS, (WHICH, RESULT_SIZE), BY_GLOBAL),
    writer("Set-RemoteDomain", _DOMAINS, _OF_DOMAIN, _adjust_domain),
    reader("Get-MalwareFilterRule", "exchange.malwareFilterRules", (WHICH, _STATE), BY_SECURITY),
    reader("Get-HostedOutboundSpamFilterRule", "exchange.outboundSpamRules", (WHICH, _STATE), BY_SECURITY),
    reader("Get-AcceptedDomain", "exchange.acceptedDomains", (WHICH, RESULT_SIZE), BY_GLOBAL),
    reader("Get-InboundConnector", "exchange.inboundConnectors", (WHICH, RESULT_SIZE), BY_GLOBAL),
    reader("Get-OutboundConnector", "exchange.outboundConnectors", (WHICH, RESULT_SIZE), BY_GLOBAL),
    reader("Get-EOPProtectionPolicyRule", "exchange.presetRules", (WHICH,), BY_SECURITY),
    reader("Get-ATPProtectionPolicyRule", "exchange.presetRulesForLinksAndFiles", (WHICH,), BY_SECURITY),
)
