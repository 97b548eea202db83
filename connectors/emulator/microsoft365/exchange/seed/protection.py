"""Policies against malware and spam, and the mail rules that were made by hand before."""

from collections.abc import Iterator, Mapping

from connectors.emulator.clock import START
from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.rules.table import BLANK
from connectors.emulator.school import School
from connectors.emulator.wire import Body, Json

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


def outbound_spam_rules(school: School) -> Iterator[Body]:
    """List the rule that gives those who lead trips their policy."""
    yield {
        "Name": "Trips coordinators",
        "HostedOutboundSpamFilterPolicy": "Trips coordinators",
        "State": "Enabled",
        "Priority": 0,
        "From": None,
        "FromMemberOf": [f"trip-leaders@{school.domain}"],
        "SenderDomainIs": None,
        "ExceptIfFrom": None,
        "ExceptIfFromMemberOf": None,
        "ExceptIfSenderDomainIs": None,
        "Comments": "",
        "IsValid": True,
        "Guid": school.identifier("exchange", "outbound spam rule", "Trips coordinators"),
    }


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


def transport_rules(school: School) -> Iterator[Body]:
    """List four rules, in the order in which they run."""
    office = f"office@{school.domain}"
    yield _rule(
        school,
        "Scanner mail bypass spam",
        {"From": [f"scanner@{school.domain}"], "SenderIpRanges": ["203.0.113.24"], "SetSCL": -1},
        comments="\n",  # as the admin centre leaves it when nothing is typed
    )
    yield _rule(
        school,
        "Copy governors mail to clerk",
        {"RecipientAddressContainsWords": ["governors@"], "BlindCopyTo": ["clerk@local-authority.example"]},
    )
    yield _rule(
        school,
        "Route MIS mail",
        {"RecipientDomainIs": ["mis.example"], "RouteMessageOutboundConnector": "MIS gateway"},
        comments="Asked for by the MIS supplier",
    )
    yield _rule(
        school,
        "Large mail warning",
        {
            "MessageSizeOver": formats.size("20 MB"),
            "SentTo": [office],
            "GenerateNotification": "<p>Your message is large; please share big files by link.</p>",
        },
    )


def _rule(school: School, name: str, settings: Mapping[str, Json], comments: str | None = None) -> Body:
    identifier = school.identifier("exchange", "transport rule", name)
    return {
        **BLANK,
        **settings,
        "Name": name,
        "Comments": comments,
        "Guid": identifier,
        "ImmutableId": identifier,
        "CreatedBy": "Example Admin",
        "LastModifiedBy": "Example Admin",
        "WhenChanged": formats.moment(START),
    }
