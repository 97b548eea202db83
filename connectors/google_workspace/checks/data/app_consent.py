"""Which access apps get that the school did not configure, as the admin console sets it; no API changes it.

Follows https://cloud.google.com/identity/docs/concepts/supported-policy-api-settings
"""

from collections.abc import Iterable

from connectors.google_workspace.kinds.policy_setting.reducing import effective
from connectors.google_workspace.kinds.policy_setting.table import raw_type
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk.check import CheckOccasion, Finding, Status, looked_at
from toolkit.sdk.reason import ReasonCode, same_words
from toolkit.sdk.shapes import text

UNCONFIGURED, MARKETPLACE = "apps that are not configured", "apps of the Marketplace"
_ROOT = "/"
_SHOWS = ReasonCode(
    "apps_access_level",
    admin="for {where} the admin console shows {level}",
    governor="for {where} it is set to {level}",
)
_UNDER_18 = same_words("apps_access_level_under_18", "; for people under 18 {level}")
_DEFAULT = "Google's default"
# What an app gets without anyone's decision: nothing, or who signs in and no data.
_CLOSED = {UNCONFIGURED: ("ALLOW_SIGN_IN_ONLY", "BLOCK"), MARKETPLACE: ("ALLOW_LISTED_APPS", "ALLOW_NONE")}
_SETTINGS = {
    UNCONFIGURED: "api_controls.unconfigured_third_party_apps",
    MARKETPLACE: "workspace_marketplace.apps_access_options",
}

needs = leave("cloudidentity.policies.list", "directory.orgunits.list")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Read both settings as the unit has them."""
    yield looked_at(UNCONFIGURED, lambda: _access(UNCONFIGURED, context, via))
    yield looked_at(MARKETPLACE, lambda: _access(MARKETPLACE, context, via))


def _access(subject: str, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    """Compare a level with those that give no data away; where nothing is chosen, Google's default is named."""
    group = context.scope.audience.group
    path = group.name if group and group.name.startswith(_ROOT) else _ROOT
    setting = raw_type(_SETTINGS[subject])
    found = effective(setting, via.policies.of(setting.name.replace(".", "[.]")), via.units.down_to(path))
    level, under_18 = (text(found.value.get(name)) for name in ("accessLevel", "accessLevelUnder18"))
    where = "the whole organisation" if path == _ROOT else f"the unit {path}"
    unset = under_18 in {"", "ACCESS_LEVEL_UNSPECIFIED"}
    reason = _SHOWS(where=where, level=level or _DEFAULT).then(
        _UNDER_18(level=_DEFAULT if unset else under_18) if subject == UNCONFIGURED else None
    )
    status = Status.UNKNOWN if not level else Status.PASS if level.startswith(_CLOSED[subject]) else Status.FAIL
    return Finding(subject, status, reason, {"unit": path, "level": level or None, "under_18": under_18 or None})
