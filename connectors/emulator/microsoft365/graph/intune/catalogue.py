"""The settings catalogue (beta): PATCH changes what a policy is called, PUT replaces it with its settings."""

from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.graph.actions import BETA_ALONE, Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import checked, complete
from connectors.emulator.microsoft365.graph.intune.family import Family, bad, forbidden
from connectors.emulator.microsoft365.graph.intune.policies import now
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.microsoft365.graph.query import cut, read_query
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

CATALOGUE = Family(
    path="/deviceManagement/configurationPolicies",
    collection="intune.configurationPolicies",
    type_name="deviceManagementConfigurationPolicy",
    assignment="deviceManagementConfigurationPolicyAssignment",
    navigation=frozenset({"assignments", "settings"}),
    versions=BETA_ALONE,
)
_LARGEST_PAGE = 1000
_NO_TEMPLATE: Body = {
    "templateId": "",
    "templateFamily": "none",
    "templateDisplayName": None,
    "templateDisplayVersion": None,
}


def catalogue() -> tuple[Action, ...]:
    """Make the actions that only the catalogue has."""
    return (
        Action(
            "GET", CATALOGUE.path + "/{id}/settings", CATALOGUE.reads, _settings, BETA_ALONE, "$top", forbidden
        ),
        Action(
            "PUT", CATALOGUE.path + "/{id}", CATALOGUE.writes, _replace, BETA_ALONE,
            "replaces the settings; platform, technology and template stay", forbidden,
        ),
    )  # fmt: skip


def make(asking: ActionRequest, given: Body) -> Mapping[str, Json]:
    """Make what a new policy holds beyond its own properties."""
    kept = checked(given, CATALOGUE.type_name, asking.version)
    if not kept.get("name"):
        raise bad("The policy needs a name")
    made = settings(kept.get("settings"))
    return {
        "settings": made,
        "settingCount": len(made),
        "isAssigned": False,
        "templateReference": kept.get("templateReference") or _NO_TEMPLATE,
    }


def settings(given: Json) -> list[Body]:
    """Make stored settings out of those in a body: numbered in their order, and whole inside."""
    written = given if isinstance(given, Sequence) and not isinstance(given, str) else []
    if not written:
        raise bad("The policy needs at least one setting")
    return [
        {"id": str(number), "settingInstance": _whole(one.get("settingInstance"))}
        for number, one in enumerate(written)
        if isinstance(one, Mapping)
    ]


def _whole(held: Json) -> Json:
    """Add the references to templates that Intune shows on every instance and value."""
    if isinstance(held, Mapping):
        kind = str(held.get("@odata.type", "")).removeprefix("#microsoft.graph.")
        inside = {key: _whole(value) for key, value in held.items()}
        return complete(inside, model(kind, BETA) or {}) if kind else inside
    if isinstance(held, Sequence) and not isinstance(held, str):
        return [_whole(one) for one in held]
    return held


def _settings(asking: ActionRequest) -> Answer:
    body = CATALOGUE.find(asking)
    held = body["settings"]
    assert isinstance(held, list)
    page = cut(asking.call, read_query(asking.call), held, largest=_LARGEST_PAGE)
    return Answer(body={**asking.context(f"{CATALOGUE.context}('{body['id']}')/settings"), **page})


def _replace(asking: ActionRequest) -> Answer:
    held = CATALOGUE.find(asking)
    kept = checked(asking.body(), CATALOGUE.type_name, asking.version)
    if not kept.get("name"):
        raise bad("The policy needs a name")
    made = settings(kept.get("settings"))
    changed: dict[str, Json] = {
        **held,
        "name": kept["name"],
        "description": kept.get("description") or "",
        "roleScopeTagIds": kept.get("roleScopeTagIds") or ["0"],
        "settings": made,
        "settingCount": len(made),
        "lastModifiedDateTime": now(asking),
    }
    CATALOGUE.keep(asking, changed)
    return Answer(status=204)
