"""The settings catalogue, compliance policies with their scheduled actions, device configurations, and apps."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import uuid4

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import BETA_ALONE, Action, ActionRequest
from connectors.emulator.microsoft365.graph.bodies import check_body, fill_omitted
from connectors.emulator.microsoft365.graph.intune.family import (
    APPS_READS,
    APPS_WRITES,
    STATUSES,
    ZERO,
    Family,
    bad_request_error,
    forbidden,
    no_route,
)
from connectors.emulator.microsoft365.graph.intune.policies import (
    assignment_actions,
    family_read_actions,
    family_write_actions,
    filter_by_type,
    list_answer,
    now,
)
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.microsoft365.graph.query import one_page, read_query
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json


class _Apps(Family):
    """The apps in Intune. In v1.0, an app of an unknown type has only the properties that all apps have."""

    __slots__ = ()

    def shows(self, body: Body, version: str) -> bool:
        del body, version
        return True


APPS = _Apps(
    path="/deviceAppManagement/mobileApps",
    collection="intune.mobileApps",
    type_name="mobileApp",
    assignment="mobileAppAssignment",
    navigation=frozenset({"assignments", "categories", "relationships"}),
    assigned_by="mobileAppAssignments",
    reads=APPS_READS,
    writes=APPS_WRITES,
)
_OPTIONS = frozenset({"$expand", "$select", "$top", "$skiptoken", "$count", "$format", "$orderby", "$filter"})
_NO_STORE_COPIES = "(microsoft.graph.managedApp/appAvailability) eq null or "  # as portal and IntuneCD ask


def app_actions() -> Sequence[Action]:
    _, single = family_read_actions(APPS)
    notes = "$select, $expand, $top. $filter only by isof"
    every = Action("GET", APPS.path, APPS.reads, _list_apps, notes=notes, forbid=forbidden)
    return (every, single, *assignment_actions(APPS))


def _list_apps(request: ActionRequest) -> Answer:
    return list_answer(request, APPS, _filter_apps(request), _OPTIONS)


def _filter_apps(request: ActionRequest) -> list[Body]:
    text = next((value for name, value in request.call.query if name.lstrip("?") == "$filter"), "")
    # The emulator keeps only original apps and not the store's copies of them.
    return APPS.visible_bodies(request) if text.startswith(_NO_STORE_COPIES) else filter_by_type(request, APPS)


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


def catalogue_actions() -> tuple[Action, ...]:
    """Return the actions that only the settings catalogue has."""
    return (
        Action(
            "GET", CATALOGUE.path + "/{id}/settings", CATALOGUE.reads, _list_settings, BETA_ALONE, "$top", forbidden
        ),
        Action(
            "PUT", CATALOGUE.path + "/{id}", CATALOGUE.writes, _replace_policy, BETA_ALONE,
            "replaces the settings, but not platform, technology and template", forbidden,
        ),
    )  # fmt: skip


def new_policy_parts(request: ActionRequest, body: Body) -> Mapping[str, Json]:
    """Return the settings of a new policy of the catalogue, their number, and its template."""
    kept = check_body(body, CATALOGUE.type_name, request.version)
    if not kept.get("name"):
        raise bad_request_error("The policy needs a name")
    made = numbered_settings(kept.get("settings"))
    return {
        "settings": made,
        "settingCount": len(made),
        "isAssigned": False,
        "templateReference": kept.get("templateReference") or _NO_TEMPLATE,
    }


def numbered_settings(entries: Json) -> list[Body]:
    """Return the settings in a request body as they are stored: numbered in order, and complete at every level."""
    written = entries if isinstance(entries, Sequence) and not isinstance(entries, str) else []
    if not written:
        raise bad_request_error("The policy needs at least one setting")
    return [
        {"id": str(number), "settingInstance": _complete_settings(setting.get("settingInstance"))}
        for number, setting in enumerate(written)
        if isinstance(setting, Mapping)
    ]


def _complete_settings(held: Json) -> Json:
    """Return settings with the template references that Intune shows on every instance and value."""
    if isinstance(held, Mapping):
        kind = str(held.get("@odata.type", "")).removeprefix("#microsoft.graph.")
        inside = {key: _complete_settings(value) for key, value in held.items()}
        return fill_omitted(inside, model(kind, BETA) or {}) if kind else inside
    if isinstance(held, Sequence) and not isinstance(held, str):
        return [_complete_settings(entry) for entry in held]
    return held


def _list_settings(request: ActionRequest) -> Answer:
    body = CATALOGUE.find(request)
    held = body["settings"]
    assert isinstance(held, list)
    page = one_page(request.call, read_query(request.call), held, largest=_LARGEST_PAGE)
    return Answer(body={**request.context(f"{CATALOGUE.context}('{body['id']}')/settings"), **page})


def _replace_policy(request: ActionRequest) -> Answer:
    held = CATALOGUE.find(request)
    kept = check_body(request.body(), CATALOGUE.type_name, request.version)
    if not kept.get("name"):
        raise bad_request_error("The policy needs a name")
    made = numbered_settings(kept.get("settings"))
    changed: dict[str, Json] = {
        **held,
        "name": kept["name"],
        "description": kept.get("description") or "",
        "roleScopeTagIds": kept.get("roleScopeTagIds") or ["0"],
        "settings": made,
        "settingCount": len(made),
        "lastModifiedDateTime": now(request),
    }
    CATALOGUE.store_object(request, changed)
    return Answer(status=204)


RULES = "scheduledActionsForRule"
_CONFIGURATIONS = "scheduledActionConfigurations"
_PARAMETER = "deviceComplianceScheduledActionForRules"


def scheduled_rule_actions(family: Family) -> tuple[Action, Action]:
    """Return the operations that show and replace the scheduled actions of compliance policies."""

    def refuse(request: ActionRequest) -> Answer:
        raise no_route(request.call)

    return (
        Action(
            "GET", family.path + "/{id}/scheduledActionsForRule", family.reads, refuse,
            notes="answers 400: only $expand shows them", forbid=forbidden,
        ),
        Action(
            "POST", family.path + "/{id}/scheduleActionsForRules", family.writes,
            lambda request: _replace_rules(request, family), notes="replaces all scheduled actions", forbid=forbidden,
        ),
    )  # fmt: skip


def stored_rules(entries: Json, version: str) -> list[Body]:
    """Return the scheduled rules in a request body as they are stored.

    Raise GraphError unless exactly one action blocks.
    """
    written = entries if isinstance(entries, list) else []
    made = [_stored_rule(check_body(rule, "deviceComplianceScheduledActionForRule", version)) for rule in written]
    if [action["actionType"] for rule in made for action in _rule_actions(rule)].count("block") != 1:
        raise bad_request_error("Compliance policy must have one and only one block scheduled action")
    return made


def _stored_rule(rule: Body) -> Body:
    # The service keeps no name: reading gives null, whatever was sent.
    return {
        "id": str(uuid4()),
        "ruleName": None,
        _CONFIGURATIONS: [_stored_action(action) for action in _rule_actions(rule)],
    }


def _stored_action(action: Body) -> Body:
    return {
        "id": str(uuid4()),
        "gracePeriodHours": action.get("gracePeriodHours") or 0,
        "actionType": action.get("actionType") or "noAction",
        "notificationTemplateId": action.get("notificationTemplateId") or ZERO,
        "notificationMessageCCList": action.get("notificationMessageCCList") or [],
    }


def _rule_actions(rule: Body) -> Iterator[Body]:
    held = rule.get(_CONFIGURATIONS)
    yield from (action for action in (held if isinstance(held, list) else []) if isinstance(action, Mapping))


def _replace_rules(request: ActionRequest, family: Family) -> Answer:
    body, given = family.find(request), request.body()
    if odd := sorted(set(given) - {_PARAMETER}):
        raise errors.invalid_model(
            f"The parameter '{odd[0]}' in the request payload is not a valid parameter for the operation "
            "'scheduleActionsForRules'."
        )
    family.store_object(request, {**body, RULES: stored_rules(given.get(_PARAMETER), request.version)})
    return Answer()  # 200 and no body, though the documentation says 204: IntuneCD takes nothing else


_NAVIGATION = STATUSES | {"assignments", "userStatusOverview", "userStatuses"}
COMPLIANCE = Family(
    path="/deviceManagement/deviceCompliancePolicies",
    collection="intune.compliancePolicies",
    type_name="deviceCompliancePolicy",
    assignment="deviceCompliancePolicyAssignment",
    navigation=_NAVIGATION | {RULES},
)
CONFIGURATION = Family(
    path="/deviceManagement/deviceConfigurations",
    collection="intune.deviceConfigurations",
    type_name="deviceConfiguration",
    assignment="deviceConfigurationAssignment",
    navigation=_NAVIGATION | {"groupAssignments"},
)


def actions() -> Sequence[Action]:
    return (
        *family_read_actions(COMPLIANCE),
        *family_write_actions(COMPLIANCE, _rules_of_new_policy),
        *scheduled_rule_actions(COMPLIANCE),
        *assignment_actions(COMPLIANCE),
        *family_read_actions(CONFIGURATION),
        *family_write_actions(CONFIGURATION, _no_extra_properties),
        *assignment_actions(CONFIGURATION),
        *family_read_actions(CATALOGUE),
        *family_write_actions(CATALOGUE, new_policy_parts),
        *catalogue_actions(),
        *assignment_actions(CATALOGUE),
    )


def _rules_of_new_policy(request: ActionRequest, body: Body) -> Mapping[str, Json]:
    return {RULES: stored_rules(body.get(RULES), request.version)}


def _no_extra_properties(request: ActionRequest, body: Body) -> Mapping[str, Json]:
    del request, body
    return {}
