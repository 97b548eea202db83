"""Controls for the clouds' audit logs and security alerts."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, TenantWideSettings
from toolkit.sdk import Finding, Measurement, Status, declare, same_words

LOG_BEGINS, LEFT_OUT = "entries of the audit log", "accounts that mailbox auditing leaves out"
SIGN_INS = "sign-ins in the log"
OWN_ALERTS, RECIPIENTS = "alerts that the cloud defines", "recipients of Microsoft's alerts"

WATCHED = {
    "inbox_rule": "New-InboxRule",
    "mailbox_access": "Add-MailboxPermission",
    "retention_removed": "Remove-RetentionCompliancePolicy",
    "audit_log_changed": "Set-AdminAuditLogConfig",
}
"""The operation in Microsoft's audit log for each event of the school's own alerts."""
_SHOWN = 3
_WARNED = same_words("alerts_on", "{on} of {required} alerts are on and have a recipient")
_OFF = same_words("alerts_off", "; off: {names}")
_SILENT = same_words("alerts_silent", "; without a recipient: {names}")
_MISSING = same_words("alerts_not_shown", "; not shown here: {names}")


class AlertCounts(Measurement):
    """Counts of required alerts: in total, turned off, without a recipient, and not shown by the cloud."""

    required: int
    off: int
    silent: int
    not_shown: int


def count_alerts(
    subject: str, required: Sequence[str], *, off: Sequence[str], missing: Sequence[str], silent: Sequence[str] = ()
) -> Finding:
    """Return the finding about required alerts, which fails if an alert is off or has no recipient.

    Alerts that the cloud does not show count as unknown.
    """
    measurement = AlertCounts(required=len(required), off=len(off), silent=len(silent), not_shown=len(missing))
    on = len(required) - len(off) - len(silent) - len(missing)
    kinds = ((_OFF, off), (_SILENT, silent), (_MISSING, missing))
    reason = _WARNED(on=str(on), required=str(len(required))).then(
        *(code(names=_first_names(names)) for code, names in kinds if names)
    )
    status = Status.FAIL if off or silent else Status.UNKNOWN if missing else Status.PASS
    return Finding(subject, status, reason, measurement=measurement)


def _first_names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


class AuditLog(TenantWideSettings):
    """Whether the clouds log the actions of people and administrators.

    `toolkit check` reads the start of the log, and counts excluded accounts. Logs are never copied, because a copy
    would be an archive of monitoring data, which needs an impact assessment.
    """

    left_out: list[str] = declare(
        "The Exchange names of accounts deliberately excluded from mailbox auditing.",
        ["Backup service"],
        default=[],
    )
    quiet_days: int = Field(
        default=14,
        ge=1,
        le=90,
        description="Days without a sign-in after which Google's log counts as unknown.",
    )


class SecurityAlerts(TenantWideSettings):
    """The recipients of alerts about attacks, forwarded mail, deleted records and changes to the audit log.

    On Microsoft 365 the school also gets its own alerts, without a threshold, because a threshold needs another
    licence. `toolkit check` names built-in alerts that are off or have no recipient.
    """

    notify: list[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]] = Field(
        min_length=1,
        description="Mailboxes that receive the alerts. Someone must read the alerts in the holidays too.",
        examples=[["office@example-primary.example"]],
    )
    watch: list[Literal["inbox_rule", "mailbox_access", "retention_removed", "audit_log_changed"]] = declare(
        "The events that raise the school's own alerts.", ["inbox_rule"], default=[*WATCHED]
    )


CONTROLS = (
    Control(
        name="data.audit_log",
        title="Audit logs of both clouds",
        clauses=("INT-08", "SEC-06", "SYS-21", "PER-09", "MIS-14"),
        settings=AuditLog,
        reaches_people=False,
        asks=("audit_bypasses",),
    ),
    Control(
        name="alerts.security",
        title="Alerts about security",
        clauses=("SYS-01", "SYS-18"),
        settings=SecurityAlerts,
        reaches_people=False,
        asks=("alert_readers",),
    ),
)
