"""Controls for the school's records: legal holds, leavers, retention, audit logs and data loss prevention."""

from collections.abc import Collection, Iterator
from typing import Any

from connectors.microsoft365.controls.targets import covered_group
from connectors.microsoft365.kinds.exchange_setting import ExchangeSetting
from connectors.microsoft365.kinds.protection_alert import ProtectionAlert
from connectors.microsoft365.kinds.retention_policy.policy import RetentionPolicy
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.controls.data import (
    ASK_FIRST,
    DELAY,
    ENDING,
    FORWARDING,
    GROUPS,
    LICENCES,
    MAILBOXES,
    Ediscovery,
    Hold,
    LeaverHandover,
    Retention,
    part_of_undecided_period,
    period_days,
)
from toolkit.controls.data_loss import Dlp
from toolkit.controls.legal_holds import export_part, hold_posts_part
from toolkit.controls.logs_and_alerts import (
    LEFT_OUT,
    LOG_BEGINS,
    OWN_ALERTS,
    RECIPIENTS,
    WATCHED,
    AuditLog,
    SecurityAlerts,
)
from toolkit.sdk import UNSAID, CloudControl, ControlContext, Part, Resource, checked, manual

_RECORDS = "School confidential records"


def dlp_parts(control: Dlp, context: ControlContext) -> Iterator[Part]:
    """Yield the mail rules that record messages with confidential numbers. The messages are still delivered."""
    text = _make_rule(control, context, subject_or_body_matches_patterns=[control.expression])
    attached = _make_rule(control, context, attachment_matches_patterns=[control.expression])
    yield Part(
        name="confidential records in mail",
        covers="messages that leave the school and contain such a number. Exchange records and delivers them",
        limits=(
            "a message that also goes to a partner of the school is not checked",
            "encrypted messages, and numbers in pictures, are not checked",
        ),
        resources=(
            Resource("transport_rule", f"{_RECORDS}: text", text),
            Resource("transport_rule", f"{_RECORDS}: attachments", attached),
        ),
        pilots=True,
    )
    yield manual(
        "warnings and files",
        "a warning before such a number is sent or shared, in mail, OneDrive, SharePoint and Teams",
        "toolkit does not write Purview policies. In Purview > Data loss prevention > Policies > Create policy, "
        "take the template U.K. Personally Identifiable Information, leave out the partners' domains, and run it in "
        "simulation mode with policy tips. Block nothing",
        "this needs licences that include data loss prevention",
    )
    yield manual(
        "30 days of counting",
        "how many messages matched the rules, and whether these matches were correct",
        "toolkit does not read the report. In the Exchange admin centre, Reports > Mail flow > Exchange transport rule "
        "report, count 30 days for each rule",
    )


def _make_rule(control: Dlp, context: ControlContext, **conditions: Any) -> TransportRule:
    return TransportRule(
        **conditions,
        from_scope="InOrganization",
        from_member_of=covered_group(context),
        sent_to_scope="NotInOrganization",
        except_if_recipient_domain_is=control.partners,
        set_audit_severity="Low",
    )


def audit_log_parts(_settings: AuditLog, _: ControlContext) -> Iterator[Part]:
    """Yield the settings that keep the audit log and mailbox auditing on, and the checks of both."""
    ingested = ExchangeSetting.model_validate({"unified_audit_log": True})
    audited = ExchangeSetting.model_validate({"audit_disabled": False})
    yield Part(
        name="audit log",
        covers="actions of people and administrators in Microsoft 365",
        limits=(
            "logging takes up to 60 minutes to begin",
            "Microsoft keeps entries for 180 days, and toolkit does not copy them",
        ),
        resources=(Resource("exchange_setting", "audit_log", ingested),),
    )
    yield Part(
        name="mailbox auditing",
        covers="actions of owners, delegates and administrators in mailboxes",
        resources=(Resource("exchange_setting", "mailbox_auditing", audited),),
    )
    yield checked(LOG_BEGINS, "the date of the audit log's first entry", "`toolkit check` reads this date")
    yield checked(
        LEFT_OUT,
        "accounts whose use of mailboxes is not logged",
        "`toolkit check` counts the accounts in one list",
        "toolkit does not end a bypass, because a backup or a migration may need it",
    )


def security_parts(control: SecurityAlerts, _: ControlContext) -> Iterator[Part]:
    """Yield the school's own alerts, and the check of Microsoft's own alerts."""
    yield Part(
        name="alerts of the school",
        covers=", ".join(control.watch).replace("_", " "),
        limits=("experimental: Microsoft documents this interface only for its PowerShell module",),
        resources=tuple(_make_alert(watched, control) for watched in control.watch),
    )
    yield checked(OWN_ALERTS, "whether Microsoft's own alerts are on", "`toolkit check` reads the alerts")
    yield checked(
        RECIPIENTS,
        "whether Microsoft's own alerts reach people other than administrators",
        "`toolkit check` reads the recipients",
        "no API can change the recipients of these alerts",
        needed=False,
    )


def _make_alert(operation: str, control: SecurityAlerts) -> Resource:
    spec = ProtectionAlert(operation=WATCHED[operation], severity="Medium", notify=control.notify, enabled=True)
    return Resource("protection_alert", f"School alert: {operation.replace('_', ' ')}", spec)


_COUNTS = "`toolkit check` counts"
_PRIVILEGES = (
    "in Entra ID > Roles & admins (Global, Exchange and Compliance Administrator) and in Purview > Settings > Roles "
    "and scopes > Role groups (eDiscovery Manager)"
)
_LIMITS = (
    "experimental: Microsoft documents this interface only for its PowerShell module, so each change is read back",
    "a policy takes up to seven days to apply everywhere, and cannot restore permanently deleted items",
)


def hold_parts(control: Hold, _: ControlContext) -> Iterator[Part]:
    """Yield the check of mailboxes that can be held. A person confirms who may place legal holds."""
    yield checked(
        "mailboxes that can be held",
        "whether the licence of each mailbox allows litigation hold",
        "`toolkit check` counts the mailboxes and names none",
        "litigation hold keeps only mail. A case holds files in OneDrive, which may take 24 hours",
    )
    yield checked(
        "eDiscovery",
        "whether the app that runs checks may use eDiscovery",
        "`toolkit check` reads a case",
        "each app is registered separately, so this does not cover the app that places holds",
    )
    yield hold_posts_part(control, _PRIVILEGES)
    yield _make_delay_part()


def _make_delay_part() -> Part:
    """Return the check of how long Exchange keeps a mailbox after its licence is removed.

    No clause of the policy requires it.
    """
    covers = "whether a mailbox is kept for some time after its licence is removed"
    return checked(DELAY, covers, "`toolkit check` reads DelayedDelicensingEnabled", needed=False)


def ediscovery_parts(control: Ediscovery, _: ControlContext) -> Iterator[Part]:
    """Yield the check that eDiscovery cases can be read. A search or an export needs two people."""
    yield checked(
        "eDiscovery",
        "whether the app that runs checks may use eDiscovery",
        "`toolkit check` reads a case",
        "toolkit searches nothing and shows no names of cases",
    )
    yield export_part(
        control,
        "mailboxes with `toolkit hold search` and `toolkit hold export`, everything else in the Microsoft Purview "
        "portal, eDiscovery > Cases > the case > Searches > Create a search > Run query, then Export. The download is "
        "under the case's Exports. Without A5, Purview charges for an app's searches and exports",
    )


def leaver_handover_parts(_settings: LeaverHandover, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of disabled accounts. A person confirms that files were handed over, because no API shows it."""
    shared = "shared mailboxes are left out, except for their licences"
    yield checked(LICENCES, "licences that were not removed", _COUNTS)
    access = "other people with access to a mailbox are not checked"
    yield checked(MAILBOXES, "mailboxes that were not converted to shared mailboxes", _COUNTS, access)
    yield checked(GROUPS, "groups with disabled accounts", _COUNTS, shared)
    rules = "rules in the mailbox are not checked"
    yield checked(FORWARDING, "mailboxes that still forward mail", _COUNTS, shared, rules)
    yield checked(ENDING, "deleted accounts that will soon be permanently deleted", _COUNTS)
    yield _make_delay_part()
    yield manual(
        "files of leavers",
        "files in OneDrive, and content in SharePoint and Teams that only the leaver owned",
        "no API shows whether files were handed over. In the Microsoft 365 admin centre, Users > Active users > the "
        "account > OneDrive > Get access to files, move the files that the school needs. OneDrive is deleted 30 days "
        f"after the account, unless set otherwise, so {ASK_FIRST}",
    )


def retention_parts(control: Retention, _: ControlContext) -> Iterator[Part]:
    """Yield three retention policies, because Teams needs a policy of its own.

    The policies keep content and delete nothing.
    """
    yield _make_retention_part(control, "mail", ("mail",), "mail in every mailbox", "public folders are left out")
    yield _make_retention_part(
        control,
        "files",
        ("files", "sites", "groups"),
        "files in OneDrive, SharePoint and Microsoft 365 groups",
        "files on the school's own servers and computers are not covered",
    )
    yield _make_retention_part(
        control,
        "chat",
        ("teams_chats", "teams_channels"),
        "chats and channel messages in Teams",
        "private channels of Teams need another type of policy, which toolkit does not write",
    )


def _make_retention_part(control: Retention, name: str, places: Collection[str], covers: str, limit: str) -> Part:
    days = period_days(getattr(control, name))
    if days is None:
        return part_of_undecided_period(name, covers)
    policy = RetentionPolicy(
        enabled=True,
        mail="all" if "mail" in places else UNSAID,
        files="all" if "files" in places else UNSAID,
        sites="all" if "sites" in places else UNSAID,
        groups="all" if "groups" in places else UNSAID,
        teams_chats="all" if "teams_chats" in places else UNSAID,
        teams_channels="all" if "teams_channels" in places else UNSAID,
        keep_days=days,
        action="keep",
        comment=control.schedule_ref,
    )
    return Part(
        name=name,
        covers=covers,
        limits=(limit, *_LIMITS),
        resources=(Resource("retention_policy", f"School retention: {name}", policy),),
    )


CONTROLS = (
    CloudControl("data.ediscovery", ediscovery_parts),
    CloudControl("data.hold", hold_parts),
    CloudControl("data.leaver_handover", leaver_handover_parts),
    CloudControl("data.retention", retention_parts),
    CloudControl("data.audit_log", audit_log_parts),
    CloudControl("alerts.security", security_parts),
    CloudControl("data.dlp", dlp_parts, pilots=True),
)
