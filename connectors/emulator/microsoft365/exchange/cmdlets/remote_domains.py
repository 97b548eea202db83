"""Remote domains: what may be sent by itself to a domain of others; the one named Default is for every other domain."""

from connectors.emulator.microsoft365.exchange.cmdlet import BY_GLOBAL, reader, writer
from connectors.emulator.microsoft365.exchange.parameters import RESULT_SIZE, WHICH, CmdletParameter, Reach
from connectors.emulator.wire import Body

DOMAINS = "exchange.remoteDomains"


def _switch(name: str) -> CmdletParameter:
    return CmdletParameter(name, "Boolean", nullable=False)


# https://learn.microsoft.com/powershell/module/exchangepowershell/set-remotedomain
_PARAMETERS = (
    CmdletParameter("AllowedOOFType", "AllowedOOFType", nullable=False),
    _switch("AutoForwardEnabled"),
    _switch("AutoReplyEnabled"),
    CmdletParameter("ByteEncoderTypeFor7BitCharsets", "ByteEncoderTypeFor7BitCharsetsEnum", nullable=False),
    CmdletParameter("CharacterSet", "CharacterSet"),
    CmdletParameter("ContentType", "ContentType", nullable=False),
    _switch("DeliveryReportEnabled"),
    _switch("DisplaySenderName"),
    _switch("IsInternal"),
    CmdletParameter("LineWrapSize", "Unlimited", unset="Unlimited", lowest=0, highest=132),
    _switch("MeetingForwardNotificationEnabled"),
    CmdletParameter("Name", "String", nullable=False, longest=64),
    _switch("NDRDiagnosticInfoEnabled"),
    _switch("NDREnabled"),
    CmdletParameter("NonMimeCharacterSet", "CharacterSet"),
    CmdletParameter(
        "PreferredInternetCodePageForShiftJis",
        "PreferredInternetCodePageForShiftJisEnum",
        nullable=False,
    ),
    CmdletParameter("RequiredCharsetCoverage", "Int32", lowest=0, highest=100),
    _switch("TargetDeliveryDomain"),
    CmdletParameter("TNEFEnabled", "Boolean"),
    _switch("TrustedMailInboundEnabled"),
    _switch("TrustedMailOutboundEnabled"),
    _switch("UseSimpleDisplayName"),
    *(
        CmdletParameter(name, "Object", reach=Reach.ABSENT)
        for name in ("DomainController", "IsCoexistenceDomain", "MessageCountThreshold")
    ),
)


def _adjusted(before: Body, after: Body) -> Body:
    """Keep automatic replies and the domain's being internal in step, as the service does."""
    if after["AllowedOOFType"] == "InternalLegacy" != before["AllowedOOFType"]:
        return {**after, "IsInternal": True}
    if before["IsInternal"] and not after["IsInternal"]:
        return {**after, "AllowedOOFType": "ExternalLegacy"}
    return after


CMDLETS = (
    reader("Get-RemoteDomain", DOMAINS, (WHICH, RESULT_SIZE), BY_GLOBAL),
    writer("Set-RemoteDomain", DOMAINS, _PARAMETERS, _adjusted),
)
