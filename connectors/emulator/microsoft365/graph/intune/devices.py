"""Managed devices with their compliance, and the collections of Intune that are only read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from connectors.emulator.microsoft365.graph import errors
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
from connectors.emulator.microsoft365.graph.query import KNOWN_OPTIONS
from connectors.emulator.microsoft365.graph.reading import listed, single
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

COLLECTION = "intune.managedDevices"
STATES = "deviceCompliancePolicyStates"  # stored inside the device; the id of each is its policy's
_PATH, _TYPE = "/deviceManagement/managedDevices", "managedDevice"
_CONTEXT, _HIDDEN = _PATH.strip("/"), frozenset({STATES})
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
    bodies = asking.store.all(asking.tenant_id, COLLECTION)
    return listed(asking, _CONTEXT, bodies, type_name=_TYPE, largest=_LARGEST_PAGE, hidden=_HIDDEN)


def _one(asking: ActionRequest) -> Answer:
    return single(asking, _CONTEXT, _device(asking), type_name=_TYPE, hidden=_HIDDEN)


def _states(asking: ActionRequest) -> Answer:
    device = _device(asking)
    return listed(asking, f"{_CONTEXT}('{device['id']}')/{STATES}", list(states(device)), largest=_LARGEST_PAGE)


def _statuses(asking: ActionRequest) -> Answer:
    policy = COMPLIANCE.find(asking)
    devices = asking.store.all(asking.tenant_id, COLLECTION)
    found = [_status(device, state) for device in devices for state in states(device) if state["id"] == policy["id"]]
    return listed(asking, f"{COMPLIANCE.context}('{policy['id']}')/deviceStatuses", found, largest=_LARGEST_PAGE)


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


FILTERS, TAGS = "intune.assignmentFilters", "intune.roleScopeTags"
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
    bodies = asking.store.all(asking.tenant_id, collection)
    if bodies and any(name.lstrip("?").lower() == "$expand" for name, _ in asking.call.query):
        raise errors.not_emulated(f"$expand over {path}")
    return listed(asking, path, bodies, options=KNOWN_OPTIONS | {"$expand"}, largest=_LARGEST_PAGE)


def _one_read_only(collection: str, path: str, asking: ActionRequest) -> Answer:
    body = asking.store.get(asking.tenant_id, collection, asking.key)
    if body is None:
        raise not_found()
    return single(asking, path, body)
