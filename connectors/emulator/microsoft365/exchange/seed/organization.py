"""The organisation itself, the domains it accepts mail for, and the domains of others it has settings for."""

from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.school import School
from connectors.emulator.wire import Body, Json

_MADE = datetime(2021, 9, 1, 8, 0, tzinfo=UTC)


def organization(school: School, organization_id: str) -> Body:
    """Describe the organisation."""
    return {
        "Name": school.initial_domain,
        "DisplayName": school.name,
        "Identity": school.initial_domain,
        "Guid": organization_id,
        "ExternalDirectoryOrganizationId": school.tenant_id,
        "IsDehydrated": False,
        "HybridConfigurationStatus": "Unknown",
        "DefaultAuthenticationPolicy": None,
        "ConnectorsEnabled": True,
        "ConnectorsEnabledForTeams": True,
        "SmtpActionableMessagesEnabled": True,
        "BookingsEnabled": True,
        "AuditDisabled": False,
        "ActivityBasedAuthenticationTimeoutEnabled": True,
        "ActivityBasedAuthenticationTimeoutInterval": "06:00:00",
        "ActivityBasedAuthenticationTimeoutWithSingleSignOnEnabled": True,
        "AutoExpandingArchiveEnabled": False,
        "CustomerLockboxEnabled": False,
        "FocusedInboxOn": None,
        "MailTipsAllTipsEnabled": True,
        "MailTipsExternalRecipientsTipsEnabled": False,
        "MailTipsGroupMetricsEnabled": True,
        "MailTipsLargeAudienceThreshold": 25,
        "MailTipsMailboxSourcedTipsEnabled": True,
        "OAuth2ClientProfileEnabled": True,
        "RejectDirectSend": False,
        "SendFromAliasEnabled": False,
        "IsValid": True,
    }


def external_in_outlook(organization_id: str) -> Body:
    """Describe the tag on mail from outside, which is off."""
    return {"Identity": organization_id, "Enabled": False, "AllowList": []}


def accepted_domains(school: School) -> Iterator[Body]:
    """List the school's own domain and the one that every tenant begins with."""
    for domain in (school.domain, school.initial_domain):
        yield {
            "DomainName": domain,
            "DomainType": "Authoritative",
            "Default": domain == school.domain,
            "InitialDomain": domain == school.initial_domain,
            "MatchSubDomains": False,
            "AuthenticationType": "Managed",
            "RawAuthenticationType": "Managed",
            "LiveIdInstanceType": "Business",
            "FederatedOrganizationLink": "Federation",
            "AddressBookEnabled": True,
            "SmtpDaneStatus": "Disabled",
            "MailFlowRegion": "",
            "AzureProvisioningRegion": "",
            **dict.fromkeys(("CatchAllRecipientID", "MailFlowPartner")),
            **dict.fromkeys(_ACCEPTED_DOMAIN_SWITCHES, False),
            **_stored(school, domain, "Accepted-Domain", ["top", "msExchAcceptedDomain"]),
            "Guid": school.identifier("exchange", "accepted domain", domain),
        }


# Switches of an accepted domain that no school sets.
_ACCEPTED_DOMAIN_SWITCHES = (
    "CanHaveCloudCache",
    "EmailOnly",
    "EnableNego2Authentication",
    "ExternallyManaged",
    "IsCoexistenceDomain",
    "IsDefaultFederatedDomain",
    "OutboundOnly",
    "PendingCompletion",
    "PendingFederatedAccountNamespace",
    "PendingFederatedDomain",
    "PendingRemoval",
    "PerimeterDuplicateDetected",
    "SendingFromDomainDisabled",
    "SendingToDomainDisabled",
)


def _stored(school: School, name: str, category: str, classes: list[Json]) -> Body:
    """Describe where and how Exchange stores an object."""
    organization = f"EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{school.initial_domain}"
    return {
        "AdminDisplayName": "",
        "ExchangeVersion": "0.1 (8.0.535.0)",
        "Name": name,
        "Identity": name,
        "Id": name,
        "DistinguishedName": f"CN={name},CN=Configuration,CN={school.initial_domain},CN=ConfigurationUnits",
        "ObjectCategory": f"EURPR01A001.PROD.OUTLOOK.COM/Configuration/Schema/ms-Exch-{category}",
        "ObjectClass": classes,
        **dict.fromkeys(("WhenChanged", "WhenChangedUTC", "WhenCreated", "WhenCreatedUTC"), formats.moment(_MADE)),
        "ExchangeObjectId": school.identifier("exchange", category, name),
        "OrganizationalUnitRoot": school.initial_domain,
        "OrganizationId": organization,
        "OriginatingServer": "LO1PR01A01DC001.EURPR01A001.PROD.OUTLOOK.COM",
        "IsValid": True,
        "ObjectState": "Unchanged",
    }


def outbound_connectors(school: School) -> Iterator[Body]:
    """List the one way out that is not the ordinary one: to the management information system."""
    yield {
        "Enabled": True,
        "UseMXRecord": False,
        "Comment": "",
        "ConnectorType": "Partner",
        "RecipientDomains": ["mis.example"],
        "SmartHosts": ["mail.mis.example"],
        "TlsSettings": "EncryptionOnly",
        "IsTransportRuleScoped": True,
        "Name": "MIS gateway",
        "Identity": "MIS gateway",
        "Guid": school.identifier("exchange", "outbound connector", "MIS gateway"),
        "IsValid": True,
    }


def remote_domains(school: School) -> Iterator[Body]:
    """List the domain that stands for all others, and the local authority's."""
    yield _remote_domain(school, "Default", "*", "iso-8859-1")
    yield _remote_domain(school, "Local authority", "local-authority.example", None)


def _remote_domain(school: School, name: str, domain: str, characters: str | None) -> Body:
    return {
        "DomainName": domain,
        "IsInternal": False,
        "TargetDeliveryDomain": False,
        "ByteEncoderTypeFor7BitCharsets": "Undefined",
        "CharacterSet": characters,
        "NonMimeCharacterSet": characters,
        "AllowedOOFType": "External",
        "AutoReplyEnabled": True,
        "AutoForwardEnabled": True,
        "DeliveryReportEnabled": True,
        "NDREnabled": True,
        "MeetingForwardNotificationEnabled": False,
        "ContentType": "MimeHtmlText",
        "DisplaySenderName": True,
        "PreferredInternetCodePageForShiftJis": "Undefined",
        "RequiredCharsetCoverage": None,
        "TNEFEnabled": None,
        "LineWrapSize": "Unlimited",
        "TrustedMailOutboundEnabled": False,
        "TrustedMailInboundEnabled": False,
        "UseSimpleDisplayName": False,
        "NDRDiagnosticInfoEnabled": True,
        "MessageCountThreshold": 2147483647,
        **_stored(school, name, "Domain-Content-Config", ["top", "msExchDomainContentConfig"]),
        "Guid": school.identifier("exchange", "remote domain", name),
    }
