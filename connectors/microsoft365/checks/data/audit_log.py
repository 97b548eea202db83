"""Checks how far back the audit log goes, and how many accounts mailbox auditing leaves out.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/get-adminauditlogconfig and
https://learn.microsoft.com/powershell/module/exchangepowershell/get-mailboxauditbypassassociation
"""

from collections.abc import Iterable
from datetime import MINYEAR, datetime

from connectors.microsoft365.builtin_objects import read_row
from connectors.microsoft365.permissions import global_reader
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.logs_and_alerts import LEFT_OUT, LOG_BEGINS, AuditLog
from toolkit.errors import BadAnswer
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    Measurement,
    Status,
    check_subject,
    flag,
    parse_instant,
    plain_name,
    same_words,
    text,
)

_OFF = same_words("audit_log_off", "the audit log is off")
_SINCE = same_words("audit_log_since", "the log has entries since {day}. Microsoft keeps the last 180 days")
_NOT_SHOWN = same_words("audit_log_age_not_shown", "Microsoft does not show the date of the log's first entry")
_BYPASSES = same_words(
    "audit_bypasses",
    "mailbox auditing leaves out {bypassing} of {listed} accounts, and the school allows this for {allowed}",
)

needs = global_reader("View-Only Configuration", "View-Only Recipients")


def check(control: AuditLog, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Report how far back the audit log goes, and how many accounts bypass mailbox auditing."""
    yield check_subject(LOG_BEGINS, lambda: _check_age(via, context.now))
    yield check_subject(LEFT_OUT, lambda: _count_bypasses(control, via))


def _check_age(via: Microsoft365, now: datetime) -> Finding:
    row = read_row(via, "AdminAuditLogConfig")
    if not flag(row.get("UnifiedAuditLogIngestionEnabled")):
        return Finding(LOG_BEGINS, Status.FAIL, _OFF())
    written = text(row.get("UnifiedAuditLogFirstOptInDate"))
    since = parse_instant(written) if written else None
    if since is None or since.year == MINYEAR or since > now:  # .NET writes the first year instead of no date
        return Finding(LOG_BEGINS, Status.UNKNOWN, _NOT_SHOWN())
    day = since.date().isoformat()
    return Finding(LOG_BEGINS, Status.PASS, _SINCE(day=day), {"since": day})


class AuditBypasses(Measurement):
    """The number of accounts that bypass mailbox auditing, of all accounts, and of bypasses that the school allows."""

    bypassing: int
    listed: int
    allowed: int


def _count_bypasses(control: AuditLog, via: Microsoft365) -> Finding:
    """Count the accounts that bypass mailbox auditing.

    toolkit counts them itself, because Exchange's filter could return every account.
    """
    rows = via.exchange.get("Get-MailboxAuditBypassAssociation", {"ResultSize": "Unlimited"})
    if not all(isinstance(row.get("AuditBypassEnabled"), bool) for row in rows):
        raise BadAnswer("Get-MailboxAuditBypassAssociation: the response has an account without AuditBypassEnabled")
    names = [plain_name(row.get("Name")) for row in rows if row["AuditBypassEnabled"]]
    allowed = sum(name in {*map(plain_name, control.left_out)} for name in names)
    status = Status.PASS if allowed == len(names) else Status.FAIL
    measurement = AuditBypasses(bypassing=len(names), listed=len(rows), allowed=allowed)
    reason = _BYPASSES(bypassing=str(len(names)), listed=str(len(rows)), allowed=str(allowed))
    return Finding(LEFT_OUT, status, reason, measurement=measurement)
