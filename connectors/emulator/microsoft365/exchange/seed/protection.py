"""The policies against malware and spam: those that every tenant has, and one that somebody made."""

from collections.abc import Iterator

from connectors.emulator.school import School
from connectors.emulator.wire import Body

# The types that Microsoft blocks where nobody chose others.
_FILE_TYPES = (
    "ace apk app appx ani arj bat cab cmd com deb dex dll docm elf exe hta img iso jar jnlp kext lha lib library lnk "
    "lzh macho msc msi msix msp mst pif ppa ppam reg rev scf scr sct sys uif vb vbe vbs vxd wsc wsf wsh xll xz z"
)


def malware_policies(school: School) -> Iterator[Body]:
    """List the one malware policy."""
    yield {
        "AdminDisplayName": "",
        "CustomExternalBody": "",
        "CustomExternalSubject": "",
        "CustomFromAddress": "",
        "CustomFromName": "",
        "CustomInternalBody": "",
        "CustomInternalSubject": "",
        "CustomNotifications": False,
        "EnableExternalSenderAdminNotifications": False,
        "EnableFileFilter": True,
        "EnableInternalSenderAdminNotifications": False,
        "ExternalSenderAdminAddress": "",
        "FileTypeAction": "Reject",
        "FileTypes": _FILE_TYPES.split(),
        "InternalSenderAdminAddress": "",
        "IsDefault": True,
        "IsPolicyOverrideApplied": False,
        "QuarantineTag": "AdminOnlyAccessPolicy",
        "RecommendedPolicyType": "Custom",
        "ZapEnabled": True,
        "Identity": "Default",
        "Id": "Default",
        "IsValid": True,
        "Name": "Default",
        "Guid": school.identifier("exchange", "malware", "Default"),
    }


def outbound_spam_policies(school: School) -> Iterator[Body]:
    """List the default policy and the one for those who lead trips."""
    yield _outbound(school, "Default", "Automatic", default=True)
    yield _outbound(school, "Trips coordinators", "On", default=False)


def _outbound(school: School, name: str, forwarding: str, *, default: bool) -> Body:
    return {
        "AdminDisplayName": "",
        "IsDefault": default,
        "ConfigurationType": "HostedOutboundSpamFilterPolicy",
        "Enabled": False,
        "RecipientLimitExternalPerHour": 0,
        "RecipientLimitInternalPerHour": 0,
        "RecipientLimitPerDay": 0,
        "ActionWhenThresholdReached": "BlockUserForToday",
        "NotifyOutboundSpamRecipients": [],
        "BccSuspiciousOutboundAdditionalRecipients": [],
        "BccSuspiciousOutboundMail": False,
        "NotifyOutboundSpam": False,
        "RecommendedPolicyType": "Custom",
        "AutoForwardingMode": forwarding,
        "Name": name,
        "Identity": name,
        "Guid": school.identifier("exchange", "outbound spam", name),
        "IsValid": True,
    }
