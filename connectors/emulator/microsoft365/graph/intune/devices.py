"""Managed devices with their compliance, and the collections of Intune that are only read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from connectors.emulator.microsoft365.graph import errors, filters
from connectors.emulator.microsoft365.graph.actions import BETA_ALONE, Action, ActionRequest
from connectors.emulator.microsoft365.graph.intune.families import COMPLIANCE
from connectors.emulator.microsoft365.graph.intune.family import (
    ANY_READS,
    APPS_READS,
    CONFIGURATION_READS,
    DEVICES_READS,
    ROLES_READS,
    forbidden,
    not_found,
)
from connectors.emulator.microsoft365.graph.models import properties
from connectors.emulator.microsoft365.graph.query import Query, check_property, cut, read_query
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

COLLECTION = "intune.managedDevices"
STATES = "deviceCompliancePolicyStates"  # stored inside the device; the id of each is its policy's
_PATH, _TYPE = "/deviceManagement/managedDevices", "managed_device"
_LARGEST_PAGE = 1000


def actions() -> Sequence[Action]:
    """List what can be asked of devices."""
    statuses = COMPLIANCE.path + "/{id}/deviceStatuses"
    notes = "$select, $filter, $top"
    return (
        Action("GET", _PATH, DEVICES_READS, _list, notes=notes, forbid=forbidden),
        Action("GET", _PATH + "/{id}", DEVICES_READS, _one, notes="$select", forbid=forbidden),
        Action("GET", f"{_PATH}/{{id}}/{STATES}", CONFIGURATION_READS, _states, forbid=forbidden),
        Action("GET", statuses, COMPLIANCE.reads, _statuses, notes="one for each device", forbid=forbidden),
    )


def _list(asking: ActionRequest) -> Answer:
    query = read_query(asking.call)
    bodies = asking.store.all(asking.tenant_id, COLLECTION)
    if text := query.options.get("$filter"):
        test = filters.parse(text, type_name="managedDevice", known=properties(_TYPE), advanced=True)
        bodies = [body for body in bodies if test(body)]
    page = cut(asking.call, query, bodies, largest=_LARGEST_PAGE)
    rows = page["value"]
    assert isinstance(rows, list)
    page["value"] = [_shown(body, query) for body in rows]
    return Answer(body={**asking.context("deviceManagement/managedDevices"), **page})


def _one(asking: ActionRequest) -> Answer:
    shown = _shown(_device(asking), read_query(asking.call))
    return Answer(body={**asking.context("deviceManagement/managedDevices", single=True), **shown})


def _states(asking: ActionRequest) -> Answer:
    device = _device(asking)
    page = cut(asking.call, read_query(asking.call), list(states(device)), largest=_LARGEST_PAGE)
    return Answer(body={**asking.context(f"deviceManagement/managedDevices('{device['id']}')/{STATES}"), **page})


def _statuses(asking: ActionRequest) -> Answer:
    policy = COMPLIANCE.find(asking)
    devices = asking.store.all(asking.tenant_id, COLLECTION)
    found = [_status(device, state) for device in devices for state in states(device) if state["id"] == policy["id"]]
    page = cut(asking.call, read_query(asking.call), found, largest=_LARGEST_PAGE)
    return Answer(body={**asking.context(f"{COMPLIANCE.context}('{policy['id']}')/deviceStatuses"), **page})


def states(device: Body) -> Iterator[Body]:
    """List what the policies say of a device."""
    held = device.get(STATES)
    yield from (state for state in (held if isinstance(held, list) else []) if isinstance(state, Mapping))


def _status(device: Body, state: Body) -> Body:
    return {
        "id": f"{device['id']}_{state['id']}",
        "deviceDisplayName": device["deviceName"],
        "userName": device["userDisplayName"],
        "userPrincipalName": device["userPrincipalName"],
        "deviceModel": device["model"],
        "complianceGracePeriodExpirationDateTime": device["complianceGracePeriodExpirationDateTime"],
        "status": state["state"],
        "lastReportedDateTime": device["lastSyncDateTime"],
    }


def _device(asking: ActionRequest) -> Body:
    device = asking.store.get(asking.tenant_id, COLLECTION, asking.key)
    if device is None:
        raise not_found()
    return device


def _shown(body: Body, query: Query) -> dict[str, Json]:
    for name in query.selected:
        check_property(name, _TYPE)
    chosen = query.selected
    if not chosen or chosen == ["*"]:
        return {name: value for name, value in body.items() if name != STATES}
    return {name: body.get(name) for name in ("id", *chosen) if name != STATES}


FILTERS, TAGS = "intune.assignmentFilters", "intune.roleScopeTags"
_LARGEST_PAGE_READ_ONLY = 1000
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


def read_only_actions() -> Sequence[Action]:
    """List the collections."""
    return (
        *_pair("deviceManagement/assignmentFilters", FILTERS),
        *_pair("deviceManagement/roleScopeTags", TAGS, CONFIGURATION_READS | ROLES_READS),
        *(_empty(path, ANY_READS) for path in _OF_DEVICES),
        *(_empty(path, CONFIGURATION_READS) for path in _OF_POLICIES),
        *(_empty(path, CONFIGURATION_READS | APPS_READS) for path in _OF_APPS),
    )


def _empty(path: str, permissions: frozenset[str]) -> Action:
    return _action(f"/{path}", partial(_list_read_only, f"intune.other.{path.rpartition('/')[2]}", path), permissions)


def _pair(path: str, collection: str, permissions: frozenset[str] = CONFIGURATION_READS) -> tuple[Action, Action]:
    return (
        _action(f"/{path}", partial(_list_read_only, collection, path), permissions),
        _action(f"/{path}/{{id}}", partial(_one_read_only, collection, path), permissions),
    )


def _action(path: str, perform: Callable[[ActionRequest], Answer], permissions: frozenset[str]) -> Action:
    return Action("GET", path, permissions, perform, BETA_ALONE, "read only", forbidden)


def _list_read_only(collection: str, path: str, asking: ActionRequest) -> Answer:
    query = read_query(asking.call, _OPTIONS)
    bodies = asking.store.all(asking.tenant_id, collection)
    if bodies and (text := query.options.get("$filter")):
        known = frozenset(name for body in bodies for name in body)
        test = filters.parse(text, type_name=path.rpartition("/")[2], known=known, advanced=True)
        bodies = [body for body in bodies if test(body)]
    if bodies and "$expand" in query.options:
        raise errors.not_emulated(f"$expand over {path}")
    page = cut(asking.call, query, bodies, largest=_LARGEST_PAGE_READ_ONLY)
    rows = page["value"]
    assert isinstance(rows, list)
    page["value"] = [_shown_read_only(body, query) for body in rows]
    return Answer(body={**asking.context(path), **page})


def _one_read_only(collection: str, path: str, asking: ActionRequest) -> Answer:
    body = asking.store.get(asking.tenant_id, collection, asking.key)
    if body is None:
        raise not_found()
    return Answer(body={**asking.context(path, single=True), **_shown_read_only(body, read_query(asking.call))})


def _shown_read_only(body: Body, query: Query) -> Body:
    chosen = query.selected  # Intune shows the id whatever was chosen, and IntuneCD counts on it
    return {name: value for name, value in body.items() if not chosen or name in chosen or name == "id"}
