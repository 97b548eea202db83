"""Controls for the school's records: holds, searches, leavers, retention, logs and data loss prevention."""

import re
from collections.abc import Iterator
from typing import Literal

from connectors.google_workspace.controls.targets import group_limit, unit_of
from connectors.google_workspace.kinds.detector import Detector
from connectors.google_workspace.kinds.dlp_rule.rule import DlpRule
from toolkit.controls.data import (
    ACCOUNTS,
    ASK_FIRST,
    ENDING,
    GROUPS,
    LICENCES,
    UNLIMITED,
    Ediscovery,
    Hold,
    LeaverHandover,
    Retention,
    part_of_undecided_period,
    period_days,
)
from toolkit.controls.data_loss import Dlp
from toolkit.controls.legal_holds import export_part, hold_posts_part
from toolkit.controls.logs_and_alerts import OWN_ALERTS, SIGN_INS, AuditLog, SecurityAlerts
from toolkit.sdk import CloudControl, ControlContext, Part, Resource, checked, manual

_RECORDS, _PARTNERS = "School confidential records", "School partners"
_EDITION = "data protection rules need an edition that has them"


def dlp_parts(settings: Dlp, context: ControlContext) -> Iterator[Part]:
    """Yield rules that warn about confidential mail and files, or only record them. Mail to a partner is exempt."""
    condition = f"all_content.matches_regex_detector('{_RECORDS}')"
    unit = unit_of(context)
    action: Literal["warn", "audit"] = "warn" if settings.act == "warn" else "audit"
    domains = "|".join(map(re.escape, settings.partners))
    mail = DlpRule(
        unit=unit,
        triggers=["gmail.email.v1.send"],
        condition=f"{condition} && !all_headers.matches_regex_detector('{_PARTNERS}')",
        gmail_action=action,
        gmail_external=True,
    )
    files = DlpRule(unit=unit, triggers=["drive.file.v1.share"], condition=condition, drive_action=action)
    records = Resource("detector", _RECORDS, Detector(expression=settings.expression))
    partners = Resource("detector", _PARTNERS, Detector(expression=rf"(?im)^(to|cc|bcc):.*@({domains})([^a-z0-9.-]|$)"))
    yield Part(
        name="confidential records in mail",
        covers="messages that leave the school and contain such a number",
        limits=("a message that also goes to a partner of the school is not checked", _EDITION, *group_limit(context)),
        resources=(records, partners, Resource("dlp_rule", f"{_RECORDS}: mail", mail)),
    )
    yield Part(
        name="confidential records in files",
        covers="files in Drive that are shared outside the school and contain such a number",
        limits=(
            "partners are not exempt, so sharing a file with a partner also causes a warning",
            _EDITION,
            *group_limit(context),
        ),
        resources=(Resource("dlp_rule", f"{_RECORDS}: files", files),),
    )
    yield manual(
        "30 days of counting",
        "how many messages and files match the rules, and whether these matches are correct",
        "toolkit does not read the rule log. In the admin console, under Reporting > Audit and investigation > Rule "
        "log events, count 30 days of matches for each rule",
    )


def audit_log_parts(_settings: AuditLog, _: ControlContext) -> Iterator[Part]:
    """Yield the check of the newest sign-in. Google's logs are always on, and no one can turn them off."""
    yield checked(
        SIGN_INS,
        "whether Google's logs record events",
        "`toolkit check` reads the newest entry of the sign-in log, without names",
        "Google keeps most logs for 6 months. toolkit does not copy them",
    )


def security_parts(settings: SecurityAlerts, _: ControlContext) -> Iterator[Part]:
    """Yield the check of Google's alert rules. Only the admin console can change the rules and their recipients."""
    yield checked(
        OWN_ALERTS,
        "whether Google's predefined alert rules are on and send e-mail to someone",
        "set in the admin console: Rules > the rule > Edit > Active, with notifications to "
        f"{', '.join(settings.notify)}",
    )


_COUNTS = "`toolkit check` counts"
_PRIVILEGES = (
    "in the admin console: Account > Admin roles (Super Admin, and each role with a privilege of Google Vault), and in "
    "Vault the people with whom its matters are shared"
)


def hold_parts(settings: Hold, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of access to Vault. A person checks licences and privileges, which no API shows."""
    yield checked(
        "Vault",
        "whether toolkit's administrator can read matters in Vault",
        "`toolkit check` reads one matter",
        "to place a hold, toolkit also needs the scope for writing, which a check does not use",
    )
    yield checked(
        "privileges in Vault",
        "whether toolkit's administrator may manage matters and holds",
        "`toolkit check` can confirm this only for a super administrator",
    )
    yield manual(
        "Vault licences",
        "a Vault licence for each account that may need a hold",
        "toolkit does not read licences. In the admin console, under Billing > Subscriptions, check that everyone's "
        "edition includes Vault, or that each person has a separate licence",
    )
    yield hold_posts_part(settings, _PRIVILEGES)


def ediscovery_parts(settings: Ediscovery, _: ControlContext) -> Iterator[Part]:
    """Yield the check that matters in Vault can be read. A search or an export needs two people."""
    yield checked(
        "Vault",
        "whether toolkit's administrator can read matters in Vault",
        "`toolkit check` reads one matter",
        "the check searches nothing and shows no names of matters",
    )
    yield export_part(
        settings,
        "mail with `toolkit hold search` and `toolkit hold export`, other data in vault.google.com, Matters > the "
        "matter > Search, then Export. Vault shows under Exports when the files expire",
    )


def leaver_handover_parts(_settings: LeaverHandover, _: ControlContext) -> Iterator[Part]:
    """Yield the checks of suspended accounts. A person checks licences, mail and files, which toolkit cannot read."""
    yield checked(ACCOUNTS, "accounts that are suspended and neither archived nor deleted", _COUNTS)
    yield checked(GROUPS, "groups that leavers are still in", _COUNTS)
    yield checked(ENDING, "deleted accounts that Google will soon remove permanently", _COUNTS)
    yield manual(
        LICENCES,
        "licences that leavers still have",
        "toolkit does not read licences. In the admin console, under Billing > Licence settings, check which suspended "
        f"accounts have a licence. {ASK_FIRST}",
    )
    yield manual(
        "mail of leavers",
        "mail that others still need, and the destination of mail to the leaver",
        "No one can open a suspended account in Gmail, and it neither receives nor forwards mail. "
        "Delegate it or move its mail before you suspend it. Then check for routes to another address under Apps > "
        f"Google Workspace > Gmail > Routing. {ASK_FIRST}",
    )
    yield manual(
        "files of leavers",
        "files in My Drive without a new owner",
        "toolkit does not read who files were transferred to. In the admin console, see Apps > Google Workspace > "
        f"Drive and Docs > Transfer ownership. {ASK_FIRST}",
    )


def retention_parts(settings: Retention, _: ControlContext) -> Iterator[Part]:
    """Yield manual steps for Vault's retention rules, which no API reads or sets.

    They warn of rules that delete data.
    """
    yield _make_retention_part("mail", settings.mail, "Gmail", "mail in every mailbox")
    yield _make_retention_part("files", settings.files, "Drive", "files in My Drive and in shared drives")
    yield _make_retention_part("chat", settings.chat, "Chat", "messages in Google Chat with history turned on")


def _make_retention_part(name: str, period: str, service: str, covers: str) -> Part:
    days = period_days(period)
    if days is None:
        return part_of_undecided_period(name, covers)
    length = "indefinitely" if days == UNLIMITED else f"for {days} days"
    return manual(
        name,
        covers,
        f"no API reads or sets retention rules. In Google Vault, under Retention > Custom rules > {service}, the whole "
        f"organisation, keep {length}. A rule with an end can delete, and may immediately delete "
        "everything that is older. Choose to delete only items that people have already deleted, and ask "
        "another person to check the rule before you save it",
        "this needs Vault, and a Vault licence for each account",
    )


CONTROLS = (
    CloudControl("data.ediscovery", ediscovery_parts),
    CloudControl("data.hold", hold_parts),
    CloudControl("data.leaver_handover", leaver_handover_parts),
    CloudControl("data.retention", retention_parts),
    CloudControl("data.audit_log", audit_log_parts),
    CloudControl("alerts.security", security_parts),
    CloudControl("data.dlp", dlp_parts),
)
