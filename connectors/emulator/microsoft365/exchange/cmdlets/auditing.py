"""The settings of the audit log, and the accounts that mailbox auditing skips."""

from collections.abc import Mapping

from connectors.emulator.microsoft365.exchange.cmdlet import Outcome, Request, Run, change_single_object, limit_rows
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.retention_rules import MAILBOXES

_change = change_single_object("exchange.adminAuditLogConfig")


def _set_audit_log(request: Request) -> Outcome:
    """Change the settings of the audit log. The organisation must be customised first."""
    if request.all("exchange.organizationConfig")[0].get("IsDehydrated"):
        raise Refused(
            "The command you tried to run isn't currently allowed in your organization. To run this command, you first "
            "need to run the command: Enable-OrganizationCustomization."
        )
    return _change(request)


def _get_bypasses(request: Request) -> Outcome:
    """Return the accounts that mailbox auditing skips. If the identity is unknown, return all of them."""
    left_out = request.store.all_by_key(request.tenant_id, "exchange.auditBypasses")
    shown = [{name: box[name] for name in ("Name", "Guid")} for box in request.all(MAILBOXES)]
    rows = [{**row, "Identity": row["Name"], "AuditBypassEnabled": row["Guid"] in left_out} for row in shown]
    named = [row for row in rows if request.text("Identity").lower() in {str(row["Name"]).lower(), row["Guid"]}]
    return limit_rows(request, named or rows)


RUNS: Mapping[str, Run] = {
    "Set-AdminAuditLogConfig": _set_audit_log,
    "Get-MailboxAuditBypassAssociation": _get_bypasses,
}
