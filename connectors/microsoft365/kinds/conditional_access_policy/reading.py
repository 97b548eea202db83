"""Reads every property of a Conditional Access policy.

https://learn.microsoft.com/graph/api/resources/conditionalaccessconditionset
"""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.sdk import Properties, flag, is_unset, leaves, mapping, text, texts
from toolkit.values import Body, Json, digest_of

_BRANCHES = ("conditions", "grantControls", "sessionControls")
_WORDS = frozenset({"all", "none", "guestsorexternalusers", "office365", "microsoftadminportals"})
_DIGITS = 12
_OFTEN = "primaryAndSecondaryAuthentication"  # how people sign in again by default
_WAYS = ("allowedCombinations", "combinationConfigurations")
_WHO = (("Users", "user"), ("Groups", "group"), ("Roles", "role"))
_PEOPLE = {way: (*(way + name for name, _ in _WHO), f"{way}GuestsOrExternalUsers") for way in ("include", "exclude")}
_SHOWN = Properties(
    whole=frozenset(
        [f"conditions.users.{name}" for names in _PEOPLE.values() for name in names]
        + [f"conditions.applications.{name}" for name in ("includeApplications", "excludeApplications")]
        + ["conditions.applications.includeUserActions", "conditions.clientAppTypes"]
        + ["conditions.userRiskLevels", "conditions.signInRiskLevels", "conditions.authenticationFlows.transferMethods"]
        + [f"conditions.platforms.{way}Platforms" for way in _PEOPLE]
        + [f"conditions.locations.{way}Locations" for way in _PEOPLE]
        + ["grantControls.builtInControls"]
        + [f"grantControls.authenticationStrength.{name}" for name in ("id", "displayName", "requirementsSatisfied")]
        + [f"grantControls.authenticationStrength.{name}" for name in _WAYS]
        + [f"sessionControls.signInFrequency.{name}" for name in ("isEnabled", "value", "type")]
        + [f"sessionControls.persistentBrowser.{name}" for name in ("isEnabled", "mode")]
    )
)
"""Properties with a setting of their own."""

PROPERTIES = Properties(
    compared=frozenset({"state"}),
    whole=frozenset(_BRANCHES),
    ignored={
        "id": "Microsoft's own id.",
        "displayName": "The name of the object.",
        "createdDateTime": "The time at which the object was created.",
        "modifiedDateTime": "The time of the last change. The settings are compared instead.",
        "templateId": "The template from which the policy was created. The settings are compared instead.",
    }
    | {
        f"grantControls.authenticationStrength.{name}": "A description of the strength. Its methods are compared."
        for name in ("createdDateTime", "modifiedDateTime", "description", "policyType")
    },
)


def read_policy(body: Body) -> Body:
    conditions, grants, session = (mapping(body.get(name)) for name in _BRANCHES)
    users, apps = table_at(conditions, "users"), table_at(conditions, "applications")
    platforms, locations = table_at(conditions, "platforms"), table_at(conditions, "locations")
    flows = text(table_at(conditions, "authenticationFlows").get("transferMethods"))
    return {
        "state": body.get("state"),
        "included": list(_list_people(users, "include")),
        "included_fingerprint": _make_fingerprint(users, _PEOPLE["include"]),
        "excluded": list(_list_people(users, "exclude")),
        "excluded_fingerprint": _make_fingerprint(users, _PEOPLE["exclude"]),
        "apps": list(_count_entries(apps.get("includeApplications"), "app")),
        "excluded_apps": list(_count_entries(apps.get("excludeApplications"), "app")),
        "apps_fingerprint": _make_fingerprint(apps, ("includeApplications", "excludeApplications")),
        "client_apps": conditions.get("clientAppTypes"),
        "user_risk": conditions.get("userRiskLevels"),
        "sign_in_risk": conditions.get("signInRiskLevels"),
        "platforms": platforms.get("includePlatforms"),
        "excluded_platforms": platforms.get("excludePlatforms"),
        "locations": locations.get("includeLocations"),
        "excluded_locations": locations.get("excludeLocations"),
        "sign_in_flows": [flow.strip() for flow in flows.split(",") if flow.strip()],
        "user_actions": apps.get("includeUserActions"),
        "grant_controls": list(_read_grants(grants)),
        "authentication_strength": _describe_strength(table_at(grants, "authenticationStrength")),
        "sign_in_frequency": _describe_frequency(table_at(session, "signInFrequency")),
        "persistent_browser": _describe_persistence(table_at(session, "persistentBrowser")),
        "other_conditions": list(_list_other_conditions(body)),
    }


def table_at(body: Body, name: str) -> Body:
    """Return the table under a key of a response. Raise BadAnswer if the value is not a table."""
    return mapping(body.get(name))


def _list_people(users: Body, way: str) -> Iterator[str]:
    for name, noun in _WHO:
        yield from _count_entries(users.get(way + name), noun)
    if users.get(f"{way}GuestsOrExternalUsers"):
        yield "guestsorexternalusers"


def _count_entries(value: Json, noun: str) -> Iterator[str]:
    """Yield each entry that is one of Microsoft's words, and then the number of all other entries."""
    listed = [str(entry) for entry in value] if isinstance(value, list) else []
    words = [entry.lower() for entry in listed if entry.lower() in _WORDS]
    yield from words
    if number := len(listed) - len(words):
        yield f"{number} {noun}{'' if number == 1 else 's'}"


def _make_fingerprint(body: Body, names: Sequence[str]) -> str | None:
    """Return a short digest of the entries in lists, in any order. Return None if all entries are Microsoft's words."""
    held = [(name, _sort_lists(body[name])) for name in names if body.get(name)]
    lists = [[name, value] for name, value in held if not (isinstance(value, list) and _are_all_words(value))]
    return digest_of(lists)[:_DIGITS] if lists else None


def _are_all_words(entries: Sequence[Json]) -> bool:
    return all(isinstance(entry, str) and entry in _WORDS for entry in entries)


def _sort_lists(value: Json) -> Json:
    match value:
        case Mapping():
            return {name: _sort_lists(entry) for name, entry in value.items() if "@odata.context" not in name}
        case list() if all(isinstance(entry, str) for entry in value):
            return sorted(str(entry).lower() for entry in value)
        case _:
            return value


def _read_grants(grants: Body) -> Iterator[str]:
    requirements = _list_requirements(grants)
    yield from requirements
    if len(requirements) > 1 and grants.get("operator") == "AND":
        yield "all of them"


def _list_requirements(grants: Body) -> Sequence[str]:
    """Return a policy's requirements in Microsoft's words.

    Terms of use and custom controls are named without their ids.
    """
    requirements = texts(grants.get("builtInControls"))
    requirements += ["authentication strength"] if grants.get("authenticationStrength") else []
    requirements += ["terms of use"] if grants.get("termsOfUse") else []
    return requirements + (["custom control"] if grants.get("customAuthenticationFactors") else [])


def _describe_strength(strength: Body) -> str | None:
    if not strength:
        return None
    ways = _make_fingerprint(strength, ("id", *_WAYS))
    return f"{text(strength.get('displayName'))}: {text(strength.get('requirementsSatisfied'))}, {ways}"


def _describe_frequency(control: Body) -> str | None:
    frequency = "every time" if control.get("frequencyInterval") == "everyTime" else _describe_span(control)
    return _keep_if_enabled(control, frequency)


def _describe_span(control: Body) -> str | None:
    value, unit = control.get("value"), control.get("type")
    return None if value is None and unit is None else f"{value} {unit}"


def _describe_persistence(control: Body) -> str | None:
    return _keep_if_enabled(control, text(control.get("mode")) or None)


def _keep_if_enabled(control: Body, value: str | None) -> str | None:
    return (value or "on") if flag(control.get("isEnabled")) else None


def _list_other_conditions(body: Body) -> Iterator[str]:
    """Yield each value of a policy that no setting shows, as `path: value`."""
    for path, value in leaves({branch: body.get(branch) for branch in _BRANCHES}):
        shown = _SHOWN.is_path_listed(path) and not _is_off(path, body)
        if not shown and path not in PROPERTIES.ignored and not _is_default(path, value, body):
            yield f"{path}: {', '.join(map(str, value)) if isinstance(value, list) else value}"


def _is_off(path: str, body: Body) -> bool:
    """Return whether the value at a path belongs to a session control that is turned off."""
    branch, _, rest = path.partition(".")
    control = mapping(body.get(branch)).get(rest.partition(".")[0])
    return branch == "sessionControls" and not flag(mapping(control).get("isEnabled"))


def _is_default(path: str, value: Json, body: Body) -> bool:
    match path:
        case "grantControls.operator":
            return value == "OR" or len(_list_requirements(mapping(body.get("grantControls")))) > 1
        case "sessionControls.signInFrequency.authenticationType":
            return value in (None, _OFTEN)
        case "sessionControls.signInFrequency.frequencyInterval":
            return value in (None, "everyTime", "timeBased")
        case _:
            return is_unset(value)
