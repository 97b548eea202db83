"""The organisation itself, the domains it accepts mail for, and the domains of others it has settings for."""

from collections.abc import Iterator

from connectors.emulator.school import School
from connectors.emulator.wire import Body


def organization(school: School, organization_id: str) -> Body:
    """Describe the organisation."""
    return {
        "Name": school.initial_domain,
        "DisplayName": school.name,
        "Identity": school.initial_domain,
        "Guid": organization_id,
        "ExternalDirectoryOrganizationId": school.tenant_id,
        "IsDehydrated": False,
        "AuditDisabled": False,
        "ActivityBasedAuthenticationTimeoutEnabled": True,
        "ActivityBasedAuthenticationTimeoutInterval": "06:00:00",
        "ActivityBasedAuthenticationTimeoutWithSingleSignOnEnabled": True,
        "AutoExpandingArchiveEnabled": False,
        "CustomerLockBoxEnabled": False,
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
            "Name": domain,
            "Identity": domain,
            "Guid": school.identifier("exchange", "accepted domain", domain),
            "IsValid": True,
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
        "Name": name,
        "Identity": name,
        "Guid": school.identifier("exchange", "remote domain", name),
        "IsValid": True,
    }
