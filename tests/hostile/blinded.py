"""The kind or control that a hostile response to each operation makes unknown, and the harmless sorts of hostility."""

from collections.abc import Mapping

from tests.extended_emulator.hostile import SORTS
from tests.hostile.operations import OPERATIONS

BLINDS: Mapping[str, str] = {
    "chromepolicy.customers.policies.resolve": "google_workspace.chrome_policy",
    "chromepolicy.customers.policySchemas.get": "google_workspace.chrome_policy",
    "cloudidentity.devices.deviceUsers.list": "google_workspace/device.compliance",
    "cloudidentity.devices.list": "google_workspace/device.compliance",
    "cloudidentity.policies.list": "google_workspace.dlp_rule",
    "GET EXOBanner": "microsoft365.retention_policy",
    "Get-RetentionCompliancePolicy": "microsoft365.retention_policy",
    "Get-RetentionComplianceRule": "microsoft365.retention_policy",
    "GET /api/indicators": "microsoft365.defender_indicator",
    "POST /{tenant}/oauth2/v2.0/token": "microsoft365/identity.idle_lock",
    "Get-ExternalInOutlook": "microsoft365.external_in_outlook",
    "Get-AntiPhishPolicy": "microsoft365.anti_phish_policy",
    "Get-AtpPolicyForO365": "microsoft365.files_protection",
    "Get-HostedContentFilterPolicy": "microsoft365.content_filter_policy",
    "Get-HostedOutboundSpamFilterPolicy": "microsoft365.outbound_spam_policy",
    "Get-IRMConfiguration": "microsoft365.message_encryption",
    "Get-Mailbox": "microsoft365/data.hold",
    "Get-MalwareFilterPolicy": "microsoft365.malware_filter_policy",
    "Get-Recipient": "microsoft365.transport_rule",
    "Get-RemoteDomain": "microsoft365/mail.out_of_office",
    "Get-ReportSubmissionPolicy": "microsoft365.report_submission",
    "Get-TransportRule": "microsoft365.transport_rule",
    "gmail.users.settings.filters.list": "google_workspace.forwarding",
    "gmail.users.settings.forwardingAddresses.list": "google_workspace.forwarding",
    "gmail.users.settings.getAutoForwarding": "google_workspace.forwarding",
    "gmail.users.settings.getVacation": "google_workspace/mail.out_of_office",
    "gmail.users.settings.sendAs.list": "google_workspace.signature",
    "calendar.events.list": "google_workspace/mail.out_of_office",
    "calendar.freebusy.query": "google_workspace/mail.out_of_office",
    "cloudidentity.allowlistedDomains.list": "google_workspace.domain_allowlist",
    "directory.chromeosdevices.list": "google_workspace/device.compliance",
    "directory.customers.get": "google_workspace/data.hold",
    "directory.domains.list": "google_workspace.forwarding",
    "directory.groups.list": "google_workspace/data.leaver_handover",
    "directory.orgunits.list": "data.hold",
    "directory.users.get": "google_workspace/data.hold",
    "directory.users.list": "data.hold",
    "groupsSettings.groups.get": "google_workspace.group_footer",
    "POST /token": "google_workspace/data.hold",
    "vault.matters.list": "google_workspace/data.hold",
    "GET /deviceAppManagement/mobileApps": "microsoft365.managed_app_removal",
    "GET /deviceManagement/configurationPolicies": "microsoft365.android_work_profile_configuration",
    "GET /deviceManagement/deviceCompliancePolicies": "microsoft365.android_work_profile_compliance_policy",
    "GET /deviceManagement/deviceConfigurations": "microsoft365.android_fully_managed_configuration",
    "GET /deviceManagement/managedDevices": "microsoft365/device.compliance",
    "GET /deviceManagement/managedDevices/{id}/deviceCompliancePolicyStates": "microsoft365/device.compliance",
    "GET /deviceManagement/settings": "microsoft365.compliance_settings",
    "GET /directory/deletedItems": "microsoft365/data.leaver_handover",
    "GET /directoryRoles": "microsoft365/identity.mfa",
    "GET /directoryRoles/{id}/members": "microsoft365/identity.mfa",
    "GET /domains": "microsoft365.password_expiry",
    "GET /groups": "data.hold",
    "GET /groups/{id}/transitiveMembers": "data.hold",
    "GET /identity/conditionalAccess/policies": "microsoft365/identity.mfa",
    "GET /organization": "microsoft365/identity.idle_lock",
    "GET /admin/sharepoint/settings": "microsoft365.sharing_setting",
    "GET /policies/crossTenantAccessPolicy/partners": "microsoft365/access.groups_and_roles",
    "GET /policies/adminConsentRequestPolicy": "microsoft365.consent_setting",
    "GET /policies/authorizationPolicy": "microsoft365.consent_setting",
    "GET /servicePrincipals": "microsoft365/data.app_consent",
    "GET /policies/activityBasedTimeoutPolicies": "microsoft365.web_idle_timeout",
    "GET /policies/identitySecurityDefaultsEnforcementPolicy": "microsoft365/identity.mfa",
    "GET /reports/authenticationMethods/userRegistrationDetails": "microsoft365/identity.mfa",
    "GET /security/cases/ediscoveryCases": "microsoft365/data.hold",
    "GET /subscribedSkus": "microsoft365.files_protection",
    "GET /users": "data.hold",
    "GET /users/{id}/mailboxSettings": "microsoft365/mail.out_of_office",
    "POST /users/{id}/calendar/getSchedule": "microsoft365/mail.out_of_office",
    "POST /users/{id}/getMemberGroups": "microsoft365/data.leaver_handover",
}
"""A kind, or for checks a control with its provider, that is unknown after a hostile response."""

assert set(BLINDS) == {name for name, *_ in OPERATIONS}

OTHER_TENANT = {("directory.customers.get", "words for lists")}
"""The response names another tenant in valid words, so the command ends before it reads anything."""

_LEAVES = ("half a character", "words for numbers", "numbers for words", "null", "objects for words", "endless numbers")
_NEXT_PAGES = ("a circle", "a link elsewhere")
_HARMLESS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    # The command only checks that it is let in. It does not read the response.
    (
        ("GET /security/cases/ediscoveryCases", "vault.matters.list"),
        (*_LEAVES, *_NEXT_PAGES, "words for lists", "words for rows"),
    ),
    # The command reads a header of the response, not its body.
    (("GET EXOBanner",), (*_LEAVES, *_NEXT_PAGES, "cut", "repeated keys", "words for lists", "words for rows")),
    # The list is empty in the sample, so only its labels change.
    (
        (
            "GET /api/indicators",
            "GET /deviceAppManagement/mobileApps",
            "GET /deviceManagement/configurationPolicies",
            "GET /deviceManagement/deviceCompliancePolicies",
            "GET /deviceManagement/deviceConfigurations",
            "GET /directory/deletedItems",
            "GET /policies/activityBasedTimeoutPolicies",
            "GET /policies/crossTenantAccessPolicy/partners",
            "Get-ReportSubmissionPolicy",
            "calendar.freebusy.query",
            "POST /users/{id}/getMemberGroups",
        ),
        ("words for numbers", "numbers for words", "null", "objects for words"),
    ),
    # The response does not contain a number.
    (
        ("cloudidentity.allowlistedDomains.list", "GET /directoryRoles", "GET /servicePrincipals"),
        ("words for numbers",),
    ),
    # The response has a row for each requested person, so there is no next page, and a missing person is unknown.
    (("POST /users/{id}/calendar/getSchedule",), _NEXT_PAGES),
    # The response is not a list, so it has no link to a next page.
    (
        (
            "POST /{tenant}/oauth2/v2.0/token",
            "POST /token",
            "GET /organization",
            "GET /deviceManagement/settings",
            "GET /admin/sharepoint/settings",
            "GET /policies/adminConsentRequestPolicy",
            "GET /policies/authorizationPolicy",
            "GET /policies/identitySecurityDefaultsEnforcementPolicy",
            "GET /users/{id}/mailboxSettings",
            "POST /users/{id}/getMemberGroups",
            "calendar.freebusy.query",
            "chromepolicy.customers.policySchemas.get",
            "directory.customers.get",
            "directory.users.get",
            "gmail.users.settings.getAutoForwarding",
            "gmail.users.settings.getVacation",
            "groupsSettings.groups.get",
        ),
        _NEXT_PAGES,
    ),
    # The command reads none of the response's numbers and flags.
    (
        (
            "Get-Mailbox",
            "Get-Recipient",
            "Get-RetentionComplianceRule",
            "GET /deviceManagement/managedDevices",
            "GET /groups/{id}/transitiveMembers",
            "GET /organization",
            "GET /subscribedSkus",
            "GET /users/{id}/mailboxSettings",
            "POST /users/{id}/calendar/getSchedule",
            "chromepolicy.customers.policySchemas.get",
            "cloudidentity.devices.deviceUsers.list",
            "cloudidentity.devices.list",
            "directory.chromeosdevices.list",
            "directory.customers.get",
            "directory.orgunits.list",
        ),
        ("words for numbers",),
    ),
    # The command reads none of the response's texts.
    (
        (
            "GET /deviceManagement/settings",
            "GET /admin/sharepoint/settings",
            "GET /policies/adminConsentRequestPolicy",
            "GET /policies/authorizationPolicy",
            "GET /policies/identitySecurityDefaultsEnforcementPolicy",
            "Get-AtpPolicyForO365",
            "Get-ExternalInOutlook",
            "Get-IRMConfiguration",
            "directory.users.get",
        ),
        ("numbers for words",),
    ),
    # Services show an unset value as null.
    (
        (
            "GET /deviceManagement/settings",
            "GET /users/{id}/mailboxSettings",
            "Get-AtpPolicyForO365",
            "Get-ExternalInOutlook",
            "Get-IRMConfiguration",
        ),
        ("null",),
    ),
)


def harmless(name: str) -> frozenset[str]:
    """Return the sorts of hostility that change nothing that a command reads from an operation's response."""
    harmless_sorts = frozenset(sort for names, sorts in _HARMLESS if name in names for sort in sorts)
    assert harmless_sorts <= set(SORTS)
    return harmless_sorts
