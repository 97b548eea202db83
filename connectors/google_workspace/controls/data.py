"""Controls about the school's records.

Whether Vault holds, what leavers left open, what is kept, logged and kept from leaving.
"""

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
    days_of,
    undecided_part,
)
from toolkit.controls.data_loss import Dlp
from toolkit.controls.legal_holds import export_part, who_part
from toolkit.controls.logs_and_alerts import OWN_ALERTS, SIGN_INS, AuditLog, SecurityAlerts
from toolkit.sdk import CloudControl, ControlContext, Part, Resource, checked, manual

_RECORDS, _PARTNERS = "School confidential records", "School partners"
_EDITION = "data protection rules need an edition that has them"


def dlp(settings: Dlp, context: ControlContext) -> Iterator[Part]:
    """Warn or record, and never stop anything; a partner's address in the headers spares a message."""
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
        covers="messages to outside the school that hold such a number",
        limits=("a message that a partner gets too is not looked at", _EDITION, *group_limit(context)),
        resources=(records, partners, Resource("dlp_rule", f"{_RECORDS}: mail", mail)),
    )
    yield Part(
        name="confidential records in files",
        covers="files in Drive that are shared outside the school and hold such a number",
        limits=("partners are not left out: sharing with them warns too", _EDITION, *group_limit(context)),
        resources=(Resource("dlp_rule", f"{_RECORDS}: files", files),),
    )
    yield manual(
        "30 days of counting",
        "how often the rules found something, and whether it was right",
        "no run reads the rule log: in the admin console, Reporting > Audit and investigation > Rule log events, count "
        "30 days for each rule",
    )


def audit_log(_settings: AuditLog, _: ControlContext) -> Iterator[Part]:
    """Look for the newest sign-in: Google always keeps its logs, and no one can turn them off."""
    yield checked(
        SIGN_INS,
        "whether Google's logs take in what happens",
        "`toolkit check` asks for the newest entry of the log of sign-ins, and reads no name",
        "Google keeps most logs for 6 months, and toolkit copies none",
    )


def security(settings: SecurityAlerts, _: ControlContext) -> Iterator[Part]:
    """Look at the rules that Google defines: only the admin console changes them and their recipients."""
    yield checked(
        OWN_ALERTS,
        "whether the rules that Google defines are on and mail someone",
        f"the console holds them: Rules > the rule > Edit: Active, and notifications to {', '.join(settings.notify)}",
    )


_COUNTS = "`toolkit check` counts"
_PRIVILEGES = (
    "in the admin console: Account > Admin roles (Super Admin, and each role with a privilege of Google Vault), and in "
    "Vault with whom its matters are shared"
)


def hold(settings: Hold, _: ControlContext) -> Iterator[Part]:
    """Check whether Vault answers and to whom; a person checks what no API shows."""
    yield checked(
        "Vault",
        "whether Vault lets in the administrator whom toolkit acts as, with the scope that reads",
        "`toolkit check` asks for one matter",
        "placing a hold needs the scope that writes as well, which no run uses that only looks",
    )
    yield checked(
        "privileges in Vault",
        "whether that administrator may manage matters and holds",
        "`toolkit check` sees it of a super administrator alone",
    )
    yield manual(
        "Vault licences",
        "a licence for Vault for each account that may have to be held",
        "toolkit asks no API for licences: in the admin console, Billing > Subscriptions, look that everybody's "
        "edition includes Vault, or that each has a licence of their own",
    )
    yield who_part(settings, _PRIVILEGES)


def ediscovery(settings: Ediscovery, _: ControlContext) -> Iterator[Part]:
    """Check that matters can be read; two people search and export in Vault."""
    yield checked(
        "Vault",
        "whether Vault lets in the administrator whom toolkit acts as",
        "`toolkit check` asks for one matter",
        "nothing is searched, and no name of a matter is shown",
    )
    yield export_part(
        settings,
        "mail with `toolkit hold search` and `toolkit hold export`, all else in vault.google.com, Matters > the matter "
        "> Search, then Export; under Exports, Vault shows until when the files are kept",
    )


def leaver_handover(_settings: LeaverHandover, _: ControlContext) -> Iterator[Part]:
    """Check suspended accounts; a person checks what no API shows of them."""
    yield checked(ACCOUNTS, "accounts that are suspended and neither archived nor deleted", _COUNTS)
    yield checked(GROUPS, "groups that they are still in", _COUNTS)
    yield checked(ENDING, "deleted accounts that end for good soon", _COUNTS)
    yield manual(
        LICENCES,
        "licences that were not taken back",
        "toolkit asks no API for licences: in the admin console, Billing > Licence settings, look which suspended "
        f"accounts have one; {ASK_FIRST}",
    )
    yield manual(
        "mail of leavers",
        "mail that others still need, and where mail to the leaver goes",
        "Gmail lets no one look into a suspended account, which receives nothing, so that it forwards nothing either: "
        "before it is suspended, delegate it or move its mail; then look for routes to another address in Apps > "
        f"Google Workspace > Gmail > Routing; {ASK_FIRST}",
    )
    yield manual(
        "files of leavers",
        "files in My Drive without a new owner",
        "toolkit asks no API for whom files were handed over to: in the admin console, Apps > Google Workspace > Drive "
        f"and Docs > Transfer ownership; {ASK_FIRST}",
    )


def retention(settings: Retention, _: ControlContext) -> Iterator[Part]:
    """Leave the retention rules of Vault to a person, and warn of those that delete: no API shows or sets them."""
    yield _retention_part("mail", settings.mail, "Gmail", "mail in every mailbox")
    yield _retention_part("files", settings.files, "Drive", "files in My Drive and in shared drives")
    yield _retention_part("chat", settings.chat, "Chat", "messages in Google Chat, where history is on")


def _retention_part(name: str, period: str, service: str, covers: str) -> Part:
    days = days_of(period)
    if days is None:
        return undecided_part(name, covers)
    length = "indefinitely" if days == UNLIMITED else f"for {days} days"
    return manual(
        name,
        covers,
        f"no API shows or sets retention rules: in Google Vault > Retention > Custom rules: {service}, the whole "
        f"organisation, keep {length}. Careful: a rule with an end can delete, and may begin to at once with "
        "everything that is older; choose to delete nothing but what people have deleted themselves, and let "
        "another person look at it before it is saved",
        "it needs Vault, and a Vault licence for each account",
    )


CONTROLS = (
    CloudControl("data.ediscovery", ediscovery),
    CloudControl("data.hold", hold),
    CloudControl("data.leaver_handover", leaver_handover),
    CloudControl("data.retention", retention),
    CloudControl("data.audit_log", audit_log),
    CloudControl("alerts.security", security),
    CloudControl("data.dlp", dlp),
)
