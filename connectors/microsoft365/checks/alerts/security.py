"""Checks that Microsoft's own alerts are on, and that people other than administrators receive them.

Follows https://learn.microsoft.com/defender-xdr/alert-policies and the alerts that rule MS.SECURITYSUITE.4.1v1 of
ScubaGear lists
"""

from collections.abc import Iterable, Mapping, Sequence

from connectors.microsoft365.permissions import COMPLIANCE, global_reader
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.logs_and_alerts import OWN_ALERTS, RECIPIENTS, count_alerts
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    ReasonCode,
    Status,
    check_subject,
    flag,
    plain_name,
    read_only_once,
    same_words,
    texts,
)
from toolkit.values import Body

REQUIRED = (
    "Suspicious email sending patterns detected",
    "Suspicious connector activity",
    "Suspicious Email Forwarding Activity",
    "Messages have been delayed",
    "Tenant restricted from sending unprovisioned email",
    "Tenant restricted from sending email",
    "User restricted from sending email",
    "Creation of forwarding/redirect rule",
    "Elevation of Exchange admin privilege",
    "eDiscovery search started or exported",
    "Unusual volume of external file sharing",
)
_ADMINISTRATORS = "tenantadmins"
_ONLY_ADMINISTRATORS = ReasonCode(
    "alerts_to_administrators",
    admin="{alone} of {shown} alerts go only to administrators' mailboxes, which no one may read. In the Defender "
    "portal, Policies & rules > Alert policy, add another recipient to each of these alerts",
    governor="{alone} of {shown} alerts go only to administrators' mailboxes, which no one may read",
)
_HAVE_RECIPIENTS = same_words("alerts_with_recipients", "{shown} alerts have a recipient who is not an administrator")

needs = global_reader("View-Only Manage Alerts", service=COMPLIANCE)


def check(settings: object, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    own_alerts = read_only_once(lambda: _read_own_alerts(via))
    yield check_subject(OWN_ALERTS, lambda: _check_enabled(own_alerts()))
    yield check_subject(RECIPIENTS, lambda: _check_recipients(own_alerts()))


def _read_own_alerts(via: Microsoft365) -> Mapping[str, Body]:
    rows = via.compliance.get("Get-ProtectionAlert")
    return {plain_name(row.get("Name")): row for row in rows if flag(row.get("IsSystemRule"))}


def _check_enabled(alerts: Mapping[str, Body]) -> Finding:
    alerts_by_name = {name: alerts[plain_name(name)] for name in REQUIRED if plain_name(name) in alerts}
    off = [name for name, row in alerts_by_name.items() if not _is_enabled(row)]
    silent = [name for name, row in alerts_by_name.items() if name not in off and not texts(row.get("NotifyUser"))]
    missing = [name for name in REQUIRED if name not in alerts_by_name]
    return count_alerts(OWN_ALERTS, REQUIRED, off=off, missing=missing, silent=silent)


def _is_enabled(row: Body) -> bool:
    return not flag(row.get("Disabled")) and flag(row.get("NotificationEnabled"), missing=True)


def _check_recipients(alerts: Mapping[str, Body]) -> Finding:
    required_alerts = [alerts[plain_name(name)] for name in REQUIRED if plain_name(name) in alerts]
    only_administrators = sum(not _has_other_recipient(texts(row.get("NotifyUser"))) for row in required_alerts)
    if only_administrators or not required_alerts:
        return Finding(
            RECIPIENTS,
            Status.FAIL,
            _ONLY_ADMINISTRATORS(alone=str(only_administrators), shown=str(len(required_alerts))),
        )
    return Finding(RECIPIENTS, Status.PASS, _HAVE_RECIPIENTS(shown=str(len(required_alerts))))


def _has_other_recipient(recipients: Sequence[str]) -> bool:
    return any(plain_name(recipient) != _ADMINISTRATORS for recipient in recipients)
