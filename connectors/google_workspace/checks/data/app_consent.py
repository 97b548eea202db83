"""Checks the access of apps that the school did not configure. Only the admin console can change this access.

Follows https://cloud.google.com/identity/docs/concepts/supported-policy-api-settings
"""

from collections.abc import Iterable

from connectors.google_workspace.kinds.policy_setting import differing_places, effective
from connectors.google_workspace.kinds.policy_setting.table import raw_type
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import CheckOccasion, Fact, Finding, ReasonCode, Status, check_subject, same_words, text
from toolkit.values import Body

UNCONFIGURED, MARKETPLACE = "apps that are not configured", "apps of the Marketplace"
_ROOT = "/"
_SHOWS = ReasonCode(
    "apps_access_level",
    admin="the admin console shows {level} for {where}",
    governor="the access is set to {level} for {where}",
)
_UNDER_18 = same_words("apps_access_level_under_18", "; for people under 18 {level}")
_THERE = same_words("apps_access_level_elsewhere", "; for {where} {level}")
_DEFAULT = "Google's default"
# Access that an app gets without anyone's decision: none, or sign-in without data.
_CLOSED = {UNCONFIGURED: ("ALLOW_SIGN_IN_ONLY", "BLOCK"), MARKETPLACE: ("ALLOW_LISTED_APPS", "ALLOW_NONE")}
_SETTINGS = {
    UNCONFIGURED: "api_controls.unconfigured_third_party_apps",
    MARKETPLACE: "workspace_marketplace.apps_access_options",
}

needs = leave("cloudidentity.policies.list", "directory.orgunits.list")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Check the setting for unconfigured apps and the setting for Marketplace apps, for the unit of the audience."""
    yield check_subject(UNCONFIGURED, lambda: _check_access(UNCONFIGURED, context, via))
    yield check_subject(MARKETPLACE, lambda: _check_access(MARKETPLACE, context, via))


def _check_access(subject: str, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    """Return whether apps get data at the access level of the unit.

    If no level is set, the reason names Google's default.
    """
    group = context.scope.audience.group
    path = group.name if group and group.name.startswith(_ROOT) else _ROOT
    setting = raw_type(_SETTINGS[subject])
    policies = via.policies.list_by_type(setting.name.replace(".", "[.]"))
    level, under_18 = _read_access_levels(effective(setting, policies, via.units.path_to(path)).value)
    levels_elsewhere = {
        place: _read_access_levels(setting_there.value)
        for place, setting_there in differing_places(setting, policies, via.units, path)
    }
    open_there = {
        place: access_level
        for place, levels in levels_elsewhere.items()
        if (access_level := _find_level_with_data(subject, levels))
    }
    where = "the whole organisation" if path == _ROOT else f"the unit {path}"
    reason = _SHOWS(where=where, level=level or _DEFAULT).then(
        _UNDER_18(level=under_18 or _DEFAULT) if subject == UNCONFIGURED else None,
        *(_THERE(where=place, level=access_level) for place, access_level in open_there.items()),
    )
    wrong = open_there or _find_level_with_data(subject, (level, under_18))
    status = Status.FAIL if wrong else Status.PASS if level else Status.UNKNOWN
    facts: dict[str, Fact] = {"unit": path, "level": level or None, "under_18": under_18 or None, **open_there}
    return Finding(subject, status, reason, facts)


def _read_access_levels(value: Body) -> tuple[str, str]:
    """Return the access level, and the level for people under 18. A level that is not set is ""."""
    level, under_18 = text(value.get("accessLevel")), text(value.get("accessLevelUnder18"))
    return level, "" if under_18 == "ACCESS_LEVEL_UNSPECIFIED" else under_18


def _find_level_with_data(subject: str, levels: tuple[str, str]) -> str:
    """Return the first of two levels at which an app gets data without approval, or "" if there is none."""
    return next((level for level in levels if level and not level.startswith(_CLOSED[subject])), "")
