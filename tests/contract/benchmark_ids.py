"""The ids of published benchmarks about mail and data, with a condition on the tenant or the reason for none.

CIS Microsoft 365 Foundations 7.0 (`M365 ...`), CIS Google Workspace Foundations 1.3 (`GWS ...`), SCuBA of August 2026
(`MS....`, `GWS....`), and the parts of DfE's core standards on cyber security and on filtering and monitoring. The
conditions are the same as in ScubaGear, ScubaGoggles and Prowler.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.door import Door
from tests.emulated import Tenant

BENCHMARKS = Path(__file__).parents[1] / "samples" / "benchmarks"
RECIPIENTS = "exchange.recipients"


def bind(door: Door) -> None:
    """Replace the school's playbooks with the benchmarks', and add the mailbox for reports that a person would make."""
    boxes = door.tenant.objects(RECIPIENTS).values()
    like = next(box for box in boxes if box["RecipientTypeDetails"] == "SharedMailbox")
    made = {"Guid": "r1", "Name": "reported-mail", "PrimarySmtpAddress": f"reported-mail@{door.tenant.domain}"}
    door.tenant.put(RECIPIENTS, "r1", {**like, **made})
    for path in BENCHMARKS.glob("*.yaml"):
        text = path.read_text().replace("tenant_id: emulated", f"tenant_id: {door.tenant.tenant_id}")
        door.write(path.name, text.replace("customer_id: emulated", f"customer_id: {door.tenant.customer_id}"))


@dataclass(frozen=True, eq=False)
class Scan:
    """The objects of a tenant, each collection read once."""

    tenant: Tenant

    @cache  # noqa: B019 - a scan lives as long as its test
    def all(self, collection: str) -> Sequence[Mapping[str, Any]]:
        return list(self.tenant.objects(collection).values())

    def only(self, collection: str, name: str = "") -> Mapping[str, Any]:
        """Return the only object, or the object of that name. Return an empty object if there is none."""
        rows = [row for row in self.all(collection) if not name or row.get("Name") == name]
        assert len(rows) < 2
        return rows[0] if rows else {}

    def dlp(self, trigger: str, does: str = "") -> bool:
        """Return whether a rule for everyone is enabled for a trigger with this action. Prowler counts no others."""
        (root,) = [unit["orgUnitId"] for unit in self.all("google.orgunits") if unit["orgUnitPath"] == "/"]
        everybody = (None, root.replace("id:", "orgUnits/"))
        values = [
            row["setting"]["value"]
            for row in self.all("google.policies")
            if "rule.dlp" in row["setting"]["type"] and row["policyQuery"].get("orgUnit") in everybody
        ]
        return any(
            value.get("state") == "ACTIVE"
            and f"google.workspace.{trigger}" in value.get("triggers", [])
            and does in str(value.get("action"))
            for value in values
        )

    def every(self, collection: str, **wanted: object) -> bool:
        rows = self.all(collection)
        return bool(rows) and all(row.get(name) == value for row in rows for name, value in wanted.items())


RISKY = frozenset({
    "ace", "ani", "apk", "app", "appx", "arj", "bat", "cab", "cmd", "com", "deb", "dex", "dll", "docm", "elf", "exe",
    "hta", "img", "iso", "jar", "jnlp", "kext", "lha", "lib", "library", "lnk", "lzh", "macho", "msc", "msi", "msix",
    "msp", "mst", "pif", "ppa", "ppam", "reg", "rev", "scf", "scr", "sct", "sys", "uif", "vb", "vbe", "vbs", "vxd",
    "wsc", "wsf", "wsh", "xll", "xz", "z",
})  # fmt: skip
"""File extensions that Prowler expects in the filter of attachments."""
DLP_TRIGGERS: Mapping[str, str] = {
    "drive.file.v1.share": "blockAccess",
    "chat.message.v1.send": "blockContent",
    "chat.attachment.v1.upload": "blockContent",
    "gmail.email.v1.send": "auditOnly",
    "calendar.event.v1.save": "blockEvent",
}
"""Triggers that a rule must cover, and the action for each. SCuBA wants mail recorded and not stopped."""
_ORGANISATION, _TRANSPORT = "exchange.organizationConfig", "exchange.transportConfig"
_MALWARE, _OUTBOUND = "exchange.malwareFilterPolicies", "exchange.outboundSpamPolicies"
_RULES, _SHARING = "exchange.transportRules", "sharepoint.settings"
_CONSENT, _REQUESTS = "entra.authorizationPolicy", "entra.adminConsentRequestPolicy"
_FORGED, _OUTLOOK = "exchange.antiPhishPolicies", "exchange.owaMailboxPolicies"
_CALENDARS, _CONNECTIONS = "exchange.sharingPolicies", "exchange.connectionFilters"
_REPORTS = "exchange.reportSubmissionPolicies"
_DKIM = "exchange.dkimSigningConfigs"
_HOURS_IDLE = 3


def _filters_extensions(scan: Scan, extensions: frozenset[str]) -> bool:
    return all(row["EnableFileFilter"] and extensions <= set(row["FileTypes"]) for row in scan.all(_MALWARE))


def _grants_by_members(scan: Scan) -> list[str]:
    granted = scan.only(_CONSENT)["defaultUserRolePermissions"]["permissionGrantPoliciesAssigned"]
    return [grant for grant in granted if grant.startswith("ManagePermissionGrantsForSelf.")]


def _members_may(scan: Scan, what: str) -> bool:
    return scan.only(_CONSENT)["defaultUserRolePermissions"][what] is not False


def _with_everybody(scan: Scan, what: str) -> bool:
    return any("*" in entry and what in entry for row in scan.all(_CALENDARS) for entry in row["Domains"])


def _idle_hours(scan: Scan) -> float:
    """Return after how many idle hours every web app signs a person out; 24 if no policy sets it."""
    policies = [
        json.loads(row["definition"][0])["ActivityBasedTimeoutPolicy"]
        for row in scan.all("entra.activityBasedTimeoutPolicies")
    ]
    applications = [app for policy in policies for app in policy["ApplicationPolicies"]]
    spans = [app["WebSessionIdleTimeout"] for app in applications if app["ApplicationId"] == "default"]
    hours, minutes, _ = (int(part) for part in (spans or ["24:00:00"])[0].split(":"))
    return hours + minutes / 60


def _reports_to_school(scan: Scan) -> bool:
    """Return whether reports of mail go to a mailbox of the school, and reports of Teams messages go only there."""
    expected: dict[str, object] = {
        "ReportChatMessageEnabled": False, "ReportChatMessageToCustomizedAddressEnabled": True,
        "EnableReportToMicrosoft": True,
        **{f"Report{sort}ToCustomizedAddress": True for sort in ("Junk", "NotJunk", "Phish")},
    }  # fmt: skip
    return scan.every(_REPORTS, **expected) and all(row["ReportPhishAddresses"] for row in scan.all(_REPORTS))


def _external_notice(scan: Scan) -> bool:
    return any(
        row["State"] == "Enabled" and row["Mode"] == "Enforce" and row["PrependSubject"] for row in scan.all(_RULES)
    )


MET: Mapping[str, Callable[[Scan], object]] = {
    "M365 1.3.2": lambda scan: _idle_hours(scan) <= _HOURS_IDLE,
    "M365 1.3.3": lambda scan: scan.every(_CALENDARS, Enabled=False),
    "M365 1.3.6": lambda scan: scan.only(_ORGANISATION).get("CustomerLockboxEnabled"),
    "M365 1.3.9": lambda scan: scan.every(_OUTLOOK, BookingsMailboxCreationEnabled=False),
    "M365 2.1.12, MS.SECURITYSUITE.8.1v1": lambda scan: scan.every(_CONNECTIONS, IPAllowList=[]),
    "M365 2.1.13, MS.SECURITYSUITE.8.2v1": lambda scan: scan.every(_CONNECTIONS, EnableSafeList=False),
    "M365 2.1.2, MS.SECURITYSUITE.1.1v1": lambda scan: _filters_extensions(scan, frozenset({"exe", "cmd", "vbe"})),
    "M365 2.1.3": lambda scan: scan.every(_MALWARE, EnableInternalSenderAdminNotifications=True),
    "M365 2.1.4, MS.SECURITYSUITE.1.3v1": lambda scan: (
        scan.every("exchange.safeAttachmentPolicies", Enable=True, Action="Block")
        and scan.every("exchange.safeAttachmentRules", State="Enabled", RecipientDomainIs=[scan.tenant.domain])
    ),
    "M365 2.1.5": lambda scan: scan.every(
        "exchange.filesProtection", EnableATPForSPOTeamsODB=True, EnableSafeDocs=True, AllowSafeDocsOpen=False
    ),
    "M365 2.1.6": lambda scan: scan.every(_OUTBOUND, NotifyOutboundSpam=True, BccSuspiciousOutboundMail=True),
    "M365 2.1.7": lambda scan: scan.every(
        _FORGED,
        EnableSpoofIntelligence=True,
        EnableFirstContactSafetyTips=True,
        EnableUnauthenticatedSender=True,
        EnableViaTag=True,
        HonorDmarcPolicy=True,
        AuthenticationFailAction="Quarantine",
        DmarcQuarantineAction="Quarantine",
        DmarcRejectAction="Quarantine",
    ),
    "M365 2.1.9, MS.EXO.3.1v1": lambda scan: scan.only("exchange.dkimSigningConfigs", scan.tenant.domain).get(
        "Enabled"
    ),
    "M365 2.1.11": lambda scan: _filters_extensions(scan, RISKY),
    "M365 2.1.15": lambda scan: scan.every(
        _OUTBOUND,
        RecipientLimitExternalPerHour=400,
        RecipientLimitPerDay=800,
        ActionWhenThresholdReached="BlockUserForToday",
    ),
    "M365 3.1.1, MS.SECURITYSUITE.5.1v1": lambda scan: scan.only("exchange.adminAuditLogConfig").get(
        "UnifiedAuditLogIngestionEnabled"
    ),
    "M365 4.1": lambda scan: scan.every("intune.deviceManagement", secureByDefault=True),
    "M365 5.1.2.2, MS.AAD.5.1v1": lambda scan: (
        scan.only(_CONSENT)["defaultUserRolePermissions"]["allowedToCreateApps"] is False
    ),
    "M365 5.1.2.3": lambda scan: not _members_may(scan, "allowedToCreateTenants"),
    "M365 5.1.3.1": lambda scan: not _members_may(scan, "allowedToCreateSecurityGroups"),
    "M365 5.1.4.6": lambda scan: not _members_may(scan, "allowedToReadBitlockerKeysForOwnedDevice"),
    "M365 5.1.5.1, MS.AAD.5.2v1": lambda scan: not _grants_by_members(scan),
    "M365 5.1.5.2, MS.AAD.5.3v1": lambda scan: (
        scan.only(_REQUESTS).get("isEnabled") and scan.only(_REQUESTS).get("reviewers")
    ),
    "M365 5.1.6.3, MS.AAD.8.2v1": lambda scan: (
        scan.only(_CONSENT)["allowInvitesFrom"] in {"none", "adminsAndGuestInviters"}
    ),
    "M365 6.1.1, MS.EXO.13.1v1": lambda scan: scan.only(_ORGANISATION).get("AuditDisabled") is False,
    "M365 6.1.3": lambda scan: not scan.all("exchange.auditBypasses"),
    "M365 6.2.1": lambda scan: scan.every(_OUTBOUND, AutoForwardingMode="Off"),
    "M365 6.2.3": lambda scan: scan.only("exchange.externalInOutlook").get("Enabled"),
    "M365 6.3.2": lambda scan: scan.every(
        _OUTLOOK, PersonalAccountsEnabled=False, PersonalAccountCalendarsEnabled=False
    ),
    "M365 6.5.2": lambda scan: scan.only(_ORGANISATION).get("MailTipsExternalRecipientsTipsEnabled"),
    "M365 6.5.3": lambda scan: scan.every(_OUTLOOK, AdditionalStorageProvidersAvailable=False),
    "M365 6.5.4, MS.EXO.5.1v1": lambda scan: scan.only(_TRANSPORT).get("SmtpClientAuthenticationDisabled"),
    "M365 6.5.5": lambda scan: scan.only(_ORGANISATION).get("RejectDirectSend"),
    "M365 7.2.3": lambda scan: scan.only(_SHARING).get("sharingCapability") == "externalUserSharingOnly",
    "M365 7.2.5": lambda scan: scan.only(_SHARING).get("isResharingByExternalUsersEnabled") is False,
    "M365 7.2.6, MS.SHAREPOINT.1.3v1": lambda scan: (
        scan.only(_SHARING).get("sharingDomainRestrictionMode") == "allowList"
    ),
    "M365 8.6.1": _reports_to_school,
    "MS.EXO.1.1v2": lambda scan: scan.every("exchange.remoteDomains", AutoForwardEnabled=False),
    "MS.EXO.6.1v1": lambda scan: not _with_everybody(scan, "Contacts"),
    "MS.EXO.6.2v1": lambda scan: not _with_everybody(scan, "Calendar"),
    "MS.EXO.7.1v1": _external_notice,
    "MS.SECURITYSUITE.1.2v1": lambda scan: scan.every(_MALWARE, ZapEnabled=True),
    "DfE-CYB:3": lambda scan: (  # mail is scanned and filtered, and mail from outside and forged senders are marked
        _filters_extensions(scan, RISKY)
        and scan.every(_MALWARE, ZapEnabled=True)
        and scan.every(_FORGED, EnableSpoofIntelligence=True, HonorDmarcPolicy=True)
        and scan.only("exchange.externalInOutlook").get("Enabled")
    ),
    "DfE-CYB:4": lambda scan: not _grants_by_members(scan),  # of accounts and access: no app gets in without approval
    "DfE-CYB:7": lambda scan: scan.every(_REPORTS, EnableReportToMicrosoft=True),
    "GWS 4.2.3.1": lambda scan: scan.dlp("drive.file.v1.share"),
    "GWS.COMMONCONTROLS.18.1v1": lambda scan: all(scan.dlp(trigger) for trigger in DLP_TRIGGERS),
    "GWS.COMMONCONTROLS.18.2v1": lambda scan: all(scan.dlp(trigger, does) for trigger, does in DLP_TRIGGERS.items()),
}
"""Ids, with the condition that holds after the playbooks of tests/samples/benchmarks were applied."""

NEW_TENANT = frozenset(
    {
        "M365 2.1.2, MS.SECURITYSUITE.1.1v1",
        "M365 2.1.11",
        "M365 2.1.12, MS.SECURITYSUITE.8.1v1",
        "M365 2.1.13, MS.SECURITYSUITE.8.2v1",
        "M365 3.1.1, MS.SECURITYSUITE.5.1v1",
        "M365 6.1.1, MS.EXO.13.1v1",
        "M365 6.1.3",
        "MS.EXO.6.1v1",
        "MS.SECURITYSUITE.1.2v1",
    }
)
"""Ids that a new tenant meets before any playbook is applied."""

SAMPLE = frozenset(
    {
        "DfE-CYB:3",
        "DfE-CYB:4",
        "DfE-CYB:7",
        "M365 1.3.2",
        "M365 2.1.15",
        "M365 2.1.3",
        "M365 2.1.4, MS.SECURITYSUITE.1.3v1",
        "M365 2.1.9, MS.EXO.3.1v1",
        "M365 4.1",
        "M365 5.1.2.2, MS.AAD.5.1v1",
        "M365 5.1.5.1, MS.AAD.5.2v1",
        "M365 5.1.5.2, MS.AAD.5.3v1",
        "M365 6.2.1",
        "M365 6.2.3",
        "M365 6.5.2",
        "M365 6.5.3",
        "M365 7.2.3",
        "M365 7.2.5",
        "M365 7.2.6, MS.SHAREPOINT.1.3v1",
        "MS.EXO.1.1v2",
        "MS.EXO.7.1v1",
    }
)
"""Ids that the sample playbooks also meet. They ask for a school's decisions, not for a benchmark."""

DNS = (
    "M365 2.1.8", "M365 2.1.10", "MS.EXO.2.2v3", "MS.EXO.4.1v1", "GWS 3.1.3.2.1", "GWS 3.1.3.2.2", "GWS 3.1.3.2.3",
    "GWS.GMAIL.2.1v1", "GWS.GMAIL.3.1v1", "GWS.GMAIL.4.1v1",
)  # fmt: skip
"""Ids about the school's DNS. `check` reads the records, and the person who runs the zone publishes them."""

CONSOLE: Mapping[str, str] = {
    "gmail.email_attachment_safety": (
        "GWS 3.1.3.4.1.1, GWS 3.1.3.4.1.2, GWS 3.1.3.4.1.3, GWS.GMAIL.5.1v1, GWS.GMAIL.5.2v1, GWS.GMAIL.5.3v1, "
        "GWS.GMAIL.5.5v1"
    ),
    "gmail.enhanced_pre_delivery_message_scanning": "GWS 3.1.3.6.1, GWS.GMAIL.15.1v1",
    "gmail.links_and_external_images": "GWS.GMAIL.6.3v1",
    "gmail.auto_forwarding": "GWS 3.1.3.5.2, GWS.GMAIL.11.1v1",
    "groups_for_business.groups_sharing": "GWS 3.1.6.1, GWS.GROUPS.1.3v1",
    "gmail.external_recipient_warning": "GWS 3.1.3.5.4, GWS.GMAIL.13.1v1",
    "gmail.mail_delegation": "GWS 3.1.3.1.1, GWS.GMAIL.1.1v1",
    "gmail.per_user_outbound_gateway": "GWS 3.1.3.5.3, GWS.GMAIL.12.1v1",
    "drive_and_docs.external_sharing": (
        "GWS 3.1.2.1.1.1, GWS 3.1.2.1.1.2, GWS 3.1.2.1.1.3, GWS 3.1.2.1.1.6, GWS.DRIVEDOCS.1.1v1, GWS.DRIVEDOCS.1.3v1, "
        "GWS.DRIVEDOCS.1.5v1"
    ),
    "drive_and_docs.shared_drive_creation": "GWS 3.1.2.1.2.3, GWS.DRIVEDOCS.2.1v1",
    "api_controls.unconfigured_third_party_apps": "GWS 4.2.1.2, GWS.COMMONCONTROLS.10.4v1",
    "workspace_marketplace.apps_access_options": "GWS 3.1.9.1.1, GWS.COMMONCONTROLS.11.1v1",
}
"""Settings that the Policy API can only read, with their ids. Playbooks name them, and drift reports them."""

PEOPLE: Mapping[str, str] = {
    "M365 1.2.2": "a person blocks the accounts of shared mailboxes, and identity.no_shared_accounts finds them",
    "M365 1.3.7": "storage of others in Microsoft 365 on the web is a service principal that no control writes",
    "M365 2.4.2": "a person switches a preset on once in the portal, and nothing is written to it",
    "M365 2.4.4": "zero-hour auto purge of Teams is not read or written yet",
    "M365 3.2.1, M365 3.2.2, MS.SECURITYSUITE.3.1v1, MS.SECURITYSUITE.3.2v1, MS.SECURITYSUITE.3.3v1, "
    "MS.SECURITYSUITE.3.4v1": "a person enables the blocking Purview policies after 30 days in which they only count",
    "M365 3.3.1": "no API of Graph makes sensitivity labels",
    "M365 6.1.2": "scanners read a list of actions from each mailbox, which Exchange does not use while 6.1.1 is met",
    "M365 7.2.4, M365 7.2.7, M365 7.2.9, MS.SHAREPOINT.1.2v1, MS.SHAREPOINT.2.1v1, MS.SHAREPOINT.3.1v1": (
        "OneDrive's own level, link defaults and expiry have no API without the right to read every file"
    ),
    "MS.SHAREPOINT.1.1v1": "it forbids new guests, but a school shares files with guests who sign in",
    "M365 8.4.1, MS.TEAMS.5.2v2": "no application permission covers Teams' app policies",
    "MS.EXO.4.2v1, GWS.GMAIL.4.2v1": "the zone's owner publishes the DMARC policy `reject` after reading the reports",
    "MS.SECURITYSUITE.2.2v1": "looking for who pretends to be the school itself needs Defender for Office 365",
    "MS.AAD.1.1v1": "Conditional Access is read, and a person changes it",
    "MS.SECURITYSUITE.2.4v1": "three of its six tips need Defender for Office 365",
    "MS.SECURITYSUITE.4.1v1, MS.SECURITYSUITE.4.2v1": "no API changes who gets Microsoft's own alerts",
    "DfE-FM:4": "the filter and the monitoring are not in a tenant, so web.monitoring_alerts counts their tests",
    "MS.SECURITYSUITE.5.2v1": "keeping the audit log longer than 180 days needs A5",
    "GWS 3.1.3.3.1": "no control covers it, but a playbook can name `settings/gmail.email_quarantines @ /`",
    "GWS 3.1.3.7.2": "secure transport has no setting in the Policy API",
    "GWS.GMAIL.16.1v1": "Security Sandbox has no setting in the Policy API",
    "GWS 4.2.1.1, GWS.COMMONCONTROLS.10.1v1, GWS.COMMONCONTROLS.10.2v1": "access to Google's services is not read yet",
    "GWS.CLASSROOM.2.1v1": "Classroom's access for apps is not read yet",
    "GWS 5.1.1.1, GWS 5.1.1.2": "a person reads the reports",
    "GWS.COMMONCONTROLS.14.1v1, GWS.COMMONCONTROLS.14.2v1": "a copy of the logs would be an archive of monitoring",
    "GWS 6.4, GWS 6.6, GWS.COMMONCONTROLS.13.1v1": "alerts.security reads Google's own rules, and no API changes them",
    "GWS.DRIVEDOCS.5.2v1": "monitoring for ransomware has no setting in the Policy API",
}
"""Ids that a person sets in the console, or that toolkit does not read yet, with the reason."""


def ids() -> Sequence[str]:
    """Return every id of the tables, with repetitions."""
    named = [*MET, *DNS, *CONSOLE.values(), *PEOPLE]
    return [identifier for names in named for identifier in names.split(", ")]
