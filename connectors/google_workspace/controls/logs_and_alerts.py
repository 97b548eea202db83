"""Controls about what Google Workspace records and whom it warns."""

from collections.abc import Iterator

from toolkit.controls.logs_and_alerts import OWN_ALERTS, SIGN_INS, AuditLog, SecurityAlerts
from toolkit.sdk.part import CloudControl, ControlContext, Part, checked


def audit_log(_settings: AuditLog, _: ControlContext) -> Iterator[Part]:
    """Look for the newest sign-in: Google always keeps its logs, and no one can turn them off."""
    yield checked(
        SIGN_INS,
        "whether Google's logs take in what happens",
        "`toolkit check` asks for the newest entry of the log of sign-ins, and reads no name",
        "Google keeps most logs for 6 months, and toolkit copies none",
    )


def security(wanted: SecurityAlerts, _: ControlContext) -> Iterator[Part]:
    """Look at the rules that Google defines: only the admin console changes them and their recipients."""
    yield checked(
        OWN_ALERTS,
        "whether the rules that Google defines are on and mail someone",
        f"the console holds them: Rules > the rule > Edit: Active, and notifications to {', '.join(wanted.notify)}",
    )


CONTROLS = (CloudControl("data.audit_log", audit_log), CloudControl("alerts.security", security))
