"""Collections that are only read: filters and scope tags, and those that backup programs ask for."""

from collections.abc import Callable, Sequence
from functools import partial

from connectors.emulator.microsoft365.graph import errors, filters
from connectors.emulator.microsoft365.graph.actions import BETA_ALONE, Action, ActionRequest
from connectors.emulator.microsoft365.graph.intune.family import (
    ANY_READS,
    APPS_READS,
    CONFIGURATION_READS,
    ROLES_READS,
    forbidden,
    not_found,
)
from connectors.emulator.microsoft365.graph.query import Query, cut, read_query
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

FILTERS, TAGS = "intune.assignmentFilters", "intune.roleScopeTags"
_LARGEST_PAGE = 1000
_OPTIONS = frozenset({"$select", "$top", "$skiptoken", "$format", "$filter", "$expand"})
# What IntuneCD reads; a new tenant has none of it.
_OF_DEVICES = (
    "deviceManagement/complianceManagementPartners",
    "deviceManagement/depOnboardingSettings",
    "deviceManagement/deviceCategories",
    "deviceManagement/deviceComplianceScripts",
    "deviceManagement/deviceCustomAttributeShellScripts",
    "deviceManagement/deviceEnrollmentConfigurations",
    "deviceManagement/deviceHealthScripts",
    "deviceManagement/deviceManagementPartners",
    "deviceManagement/deviceManagementScripts",
    "deviceManagement/deviceShellScripts",
    "deviceManagement/groupPolicyConfigurations",
    "deviceManagement/intents",
    "deviceManagement/notificationMessageTemplates",
    "deviceManagement/remoteAssistancePartners",
    "deviceManagement/reusablePolicySettings",
    "deviceManagement/roleDefinitions",
    "deviceManagement/templates",
    "deviceManagement/windowsAutopilotDeploymentProfiles",
    "deviceManagement/windowsAutopilotDeviceIdentities",
    "deviceManagement/windowsDriverUpdateProfiles",
    "deviceManagement/windowsFeatureUpdateProfiles",
    "deviceManagement/windowsQualityUpdateProfiles",
)
_OF_POLICIES = ("deviceManagement/compliancePolicies",)
_OF_APPS = (
    "deviceAppManagement/managedAppPolicies",
    "deviceAppManagement/mobileAppConfigurations",
    "deviceAppManagement/vppTokens",
)


def actions() -> Sequence[Action]:
    """List the collections."""
    return (
        *_pair("deviceManagement/assignmentFilters", FILTERS),
        *_pair("deviceManagement/roleScopeTags", TAGS, CONFIGURATION_READS | ROLES_READS),
        *(_empty(path, ANY_READS) for path in _OF_DEVICES),
        *(_empty(path, CONFIGURATION_READS) for path in _OF_POLICIES),
        *(_empty(path, CONFIGURATION_READS | APPS_READS) for path in _OF_APPS),
    )


def _empty(path: str, permissions: frozenset[str]) -> Action:
    return _action(f"/{path}", partial(_list, f"intune.other.{path.rpartition('/')[2]}", path), permissions)


def _pair(path: str, collection: str, permissions: frozenset[str] = CONFIGURATION_READS) -> tuple[Action, Action]:
    return (
        _action(f"/{path}", partial(_list, collection, path), permissions),
        _action(f"/{path}/{{id}}", partial(_one, collection, path), permissions),
    )


def _action(path: str, perform: Callable[[ActionRequest], Answer], permissions: frozenset[str]) -> Action:
    return Action("GET", path, permissions, perform, BETA_ALONE, "read only", forbidden)


def _list(collection: str, path: str, asking: ActionRequest) -> Answer:
    query = read_query(asking.call, _OPTIONS)
    bodies = asking.store.all(asking.tenant_id, collection)
    if bodies and (text := query.options.get("$filter")):
        known = frozenset(name for body in bodies for name in body)
        test = filters.parse(text, type_name=path.rpartition("/")[2], known=known, advanced=True)
        bodies = [body for body in bodies if test(body)]
    if bodies and "$expand" in query.options:
        raise errors.not_emulated(f"$expand over {path}")
    page = cut(asking.call, query, bodies, largest=_LARGEST_PAGE)
    rows = page["value"]
    assert isinstance(rows, list)
    page["value"] = [_shown(body, query) for body in rows]
    return Answer(body={**asking.context(path), **page})


def _one(collection: str, path: str, asking: ActionRequest) -> Answer:
    body = asking.store.get(asking.tenant_id, collection, asking.key)
    if body is None:
        raise not_found()
    return Answer(body={**asking.context(path, single=True), **_shown(body, read_query(asking.call))})


def _shown(body: Body, query: Query) -> Body:
    chosen = query.selected  # Intune shows the id whatever was chosen, and IntuneCD counts on it
    return {name: value for name, value in body.items() if not chosen or name in chosen or name == "id"}
