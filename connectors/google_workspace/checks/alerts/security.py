"""Checks whether Google's predefined alert rules are on and send e-mail to someone.

Follows https://support.google.com/a/answer/3230421 and the alerts that rule GWS.COMMONCONTROLS.13.1v1 of ScubaGoggles
lists
"""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.policies import value_of
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.logs_and_alerts import OWN_ALERTS, count_alerts
from toolkit.sdk import CheckOccasion, Finding, check_subject, listed, mapping, plain_name, text
from toolkit.values import Json

REQUIRED = (
    "Account suspension warning",
    "Calendar settings changed",
    "Device compromised",
    "Domain data export initiated",
    "Drive settings changed",
    "Email settings changed",
    "Gmail potential employee spoofing",
    "Google Operations",
    "Government-backed attacks",
    "Leaked password",
    "Malware message detected post-delivery",
    "Mobile settings changed",
    "Phishing in inboxes due to bad whitelist",
    "Phishing message detected post-delivery",
    "Rate limited recipient",
    "Spike in user-reported spam",
    "SSO profile added",
    "SSO profile updated",
    "Super admin password reset",
    "Suspicious device activity",
    "Suspicious login",
    "Suspicious message reported",
    "Suspicious programmatic login",
    "User granted Admin privilege",
    "User suspended (Google identity alert)",
    "User suspended due to suspicious activity",
    "User suspended for spamming",
    "User suspended for spamming through relay",
    "User's Admin privilege revoked",
    "User-reported phishing",
)
OFF_AT_FIRST = frozenset({
    "Calendar settings changed",
    "Drive settings changed",
    "Email settings changed",
    "Mobile settings changed",
    "Rate limited recipient",
    "User granted Admin privilege",
    "User's Admin privilege revoked",
})  # fmt: skip
"""Rules that are off until an administrator turns them on. Google may leave out a rule that was never changed."""

needs = leave("cloudidentity.policies.list")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Check Google's alert rules.

    In the list, an administrator's version comes after Google's rule with the same name.
    """
    yield check_subject(OWN_ALERTS, lambda: _count_rules(via))


def _count_rules(via: GoogleWorkspace) -> Finding:
    policies = sorted(
        via.policies.list_by_type("rule[.]system_defined_alerts"), key=lambda policy: policy.get("type") == "ADMIN"
    )
    values = {plain_name(value_of(policy).get("displayName")): value_of(policy) for policy in policies}
    rules = {name: values[plain_name(name)] for name in REQUIRED if plain_name(name) in values}
    action = {name: mapping(mapping(rule.get("action")).get("alertCenterAction")) for name, rule in rules.items()}
    off = [name for name, rule in rules.items() if text(rule.get("state")) != "ACTIVE"]
    absent = [name for name in REQUIRED if name not in rules]
    silent = [
        name
        for name in rules
        if name not in off and not any(map(_is_recipient, listed(action[name].get("recipients"))))
    ]
    off += OFF_AT_FIRST.intersection(absent)
    return count_alerts(
        OWN_ALERTS, REQUIRED, off=sorted(off), missing=[name for name in absent if name not in off], silent=silent
    )


def _is_recipient(recipient: Json) -> bool:
    return bool(text(mapping(recipient).get("email")) or mapping(recipient).get("allSuperAdmins"))
