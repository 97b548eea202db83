"""Controls about what Microsoft 365 records and whom it warns."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.microsoft365.kinds.exchange_setting import ExchangeSetting
from connectors.microsoft365.kinds.protection_alert import ProtectionAlert
from toolkit.controls.logs_and_alerts import (
    LEFT_OUT,
    LOG_BEGINS,
    OWN_ALERTS,
    RECIPIENTS,
    WATCHED,
    AuditLog,
    SecurityAlerts,
)
from toolkit.sdk.part import CloudControl, ControlContext, Level, Part, Resource, checked


def audit_log(_settings: AuditLog, _: ControlContext) -> Iterator[Part]:
    """Keep both switches on; a check reads since when there are entries, and whom mailbox auditing leaves out."""
    ingested = ExchangeSetting.model_validate({"unified_audit_log": True})
    audited = ExchangeSetting.model_validate({"audit_disabled": False})
    yield Part(
        name="audit log",
        level=Level.ENFORCED,
        covers="what people and administrators do in Microsoft 365",
        limits=("it takes up to 60 minutes to begin", "Microsoft keeps entries for 180 days, and toolkit copies none"),
        resources=(Resource("exchange_setting", "audit_log", ingested),),
    )
    yield Part(
        name="mailbox auditing",
        level=Level.ENFORCED,
        covers="what owners, delegates and administrators do in mailboxes",
        resources=(Resource("exchange_setting", "mailbox_auditing", audited),),
    )
    yield checked(LOG_BEGINS, "since when the audit log has entries", "`toolkit check` reads it")
    yield checked(
        LEFT_OUT,
        "accounts whose use of mailboxes is not logged",
        "`toolkit check` counts them in one list",
        "toolkit does not end a bypass: a backup or a migration may need it",
    )


def security(wanted: SecurityAlerts, _: ControlContext) -> Iterator[Part]:
    """Make alerts of the school's own, and look at those that Microsoft defines."""
    yield Part(
        name="alerts of the school",
        level=Level.ENFORCED,
        covers=", ".join(wanted.watch).replace("_", " "),
        limits=("experimental: Microsoft documents this way in for its PowerShell module alone",),
        resources=tuple(_alert(watched, wanted) for watched in wanted.watch),
    )
    yield checked(OWN_ALERTS, "whether the alerts that Microsoft defines are on", "`toolkit check` reads them")
    recipients = checked(RECIPIENTS, "whether anyone but administrators gets them", "`toolkit check` reads them")
    yield replace(recipients, needed=False, limits=("no API changes these recipients",))


def _alert(watched: str, wanted: SecurityAlerts) -> Resource:
    spec = ProtectionAlert(operation=WATCHED[watched], severity="Medium", notify=wanted.notify, enabled=True)
    return Resource("protection_alert", f"School alert: {watched.replace('_', ' ')}", spec)


CONTROLS = (CloudControl("data.audit_log", audit_log), CloudControl("alerts.security", security))
