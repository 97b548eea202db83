"""Whether the rules that Google defines are on and mail someone: a rule without recipients mails no one.

Follows https://support.google.com/a/answer/3230421 and the list of ScubaGoggles' GWS.COMMONCONTROLS.13.1v1
"""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.policies import value_of
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.logs_and_alerts import OWN_ALERTS, warned
from toolkit.sdk.check import CheckOccasion, Finding, looked_at
from toolkit.sdk.endpoint import listed, mapping, plain_name, text
from toolkit.values import Json

REQUIRED = (
    "Account suspension warning",
    "App settings changed",
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
    "New user added",
    "Phishing in inboxes due to bad whitelist",
    "Phishing message detected post-delivery",
    "Spike in user-reported spam",
    "SSO profile added",
    "SSO profile updated",
    "Super admin password reset",
    "Suspended user made active",
    "Suspicious device activity",
    "Suspicious login",
    "Suspicious message reported",
    "Suspicious programmatic login",
    "User deleted",
    "User granted Admin privilege",
    "User suspended due to suspicious activity",
    "User suspended for spamming",
    "User-reported phishing",
)

needs = leave("cloudidentity.policies.list")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Read all rules in one list; what an administrator changed comes after Google's own of the same name."""
    yield looked_at(OWN_ALERTS, lambda: _judged(via))


def _judged(via: GoogleWorkspace) -> Finding:
    policies = sorted(via.policies.of("rule[.]system_defined_alerts"), key=lambda policy: policy.get("type") == "ADMIN")
    values = {plain_name(value_of(policy).get("displayName")): value_of(policy) for policy in policies}
    rules = {name: values[plain_name(name)] for name in REQUIRED if plain_name(name) in values}
    action = {name: mapping(mapping(rule.get("action")).get("alertCenterAction")) for name, rule in rules.items()}
    off = [name for name, rule in rules.items() if text(rule.get("state")) != "ACTIVE"]
    silent = [
        name for name in rules if name not in off and not any(map(_someone, listed(action[name].get("recipients"))))
    ]
    return warned(
        OWN_ALERTS, REQUIRED, off=off, missing=[name for name in REQUIRED if name not in rules], silent=silent
    )


def _someone(recipient: Json) -> bool:
    return bool(text(mapping(recipient).get("email")) or mapping(recipient).get("allSuperAdmins"))
