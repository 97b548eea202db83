"""Managed devices, and what Intune says of their compliance, by device and by policy."""

from collections.abc import Iterator, Mapping, Sequence

from connectors.emulator.microsoft365.graph import filters
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.intune.families import COMPLIANCE
from connectors.emulator.microsoft365.graph.intune.family import (
    CONFIGURATION_READS,
    DEVICES_READS,
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
