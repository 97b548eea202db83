"""ChromeOS devices: lists devices, stores notes about them, and disables or enables many at once."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import check_customer
from connectors.emulator.google_workspace.api.request import (
    Handler,
    MethodCall,
    read_page,
    refuse_unsupported_parameters,
)
from connectors.emulator.google_workspace.devices import CHROMEOS_DEVICES
from connectors.emulator.google_workspace.directory.orgunits import find_unit
from connectors.emulator.google_workspace.directory.serialise import page_response, read_query, to_resource
from connectors.emulator.google_workspace.values import text, texts
from connectors.emulator.store import Body, Json

_MOST_LISTED, _MOST_IN_BATCH = 300, 50
_BASIC = ("kind", "etag", "deviceId", "serialNumber", "status", "lastSync", "annotatedUser", "annotatedLocation",
          "annotatedAssetId", "notes", "orgUnitPath", "orgUnitId")  # fmt: skip
_SEARCHED = {"id": lambda device: text(device.get("serialNumber"))}
# The state after an action, and the states before it.
_ACTIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    "disable": ("DISABLED", frozenset({"ACTIVE"})),
    "reenable": ("ACTIVE", frozenset({"DISABLED"})),
    "deprovision": ("DEPROVISIONED", frozenset({"ACTIVE", "DISABLED"})),
}
_CHANGES = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_"
_NOT_FOUND, _FAILED_PRECONDITION = 5, 9  # google.rpc.Code


def _list_devices(call: MethodCall) -> Body:
    check_customer(call, "customerId")
    refuse_unsupported_parameters(call, "orderBy")
    rows = _devices_in_unit(call)
    if query := call.text("query"):
        test = read_query(query, _SEARCHED)
        rows = [device for device in rows if test(device)]
    page = read_page(call.parameters, min(call.number("maxResults", 100), _MOST_LISTED))
    return page_response("chromeosdevices", "chromeosdevices", [_show_device(call, device) for device in rows], page)


def _devices_in_unit(call: MethodCall) -> list[Body]:
    """Return the devices in the unit that the call names, or every device if it names none.

    With includeChildOrgunits, devices in the units below are included.
    """
    devices, name = call.collection(CHROMEOS_DEVICES).all(), call.text("orgUnitPath")
    if not name:
        if call.flag("includeChildOrgunits"):
            raise errors.invalid("Invalid Input: orgUnitPath is required with includeChildOrgunits")
        return devices
    path = text(find_unit(call, name)["orgUnitPath"])
    paths = [(device, text(device.get("orgUnitPath"))) for device in devices]
    if call.flag("includeChildOrgunits"):
        return [device for device, unit in paths if f"{unit}/".startswith(path.rstrip("/") + "/")]
    return [device for device, unit in paths if unit == path]


def _show_device(call: MethodCall, device: Body) -> Body:
    body = to_resource("chromeosdevice", device)
    if call.text("projection").upper() != "BASIC":
        return body
    return {name: value for name, value in body.items() if name in _BASIC}


def _find_device(call: MethodCall, name: str) -> Body:
    check_customer(call, "customerId")
    device = call.collection(CHROMEOS_DEVICES).get(call.text(name))
    if device is None:
        raise errors.not_found(f"Resource Not Found: {name}")
    return device


def _change_status(call: MethodCall, device: Body, action: str) -> None:
    changed = {**device, "status": _ACTIONS[action][0]}
    call.collection(CHROMEOS_DEVICES).put(text(device["deviceId"]), changed)


def _change_statuses(call: MethodCall) -> Body:
    """Change the status of up to fifty devices.

    Each device has its own result, and a failure does not affect the others.
    """
    check_customer(call, "customerId")
    ids, named = texts(call.body.get("deviceIds")), text(call.body.get("changeChromeOsDeviceStatusAction"))
    action = named.removeprefix(_CHANGES).lower()
    if action not in _ACTIONS or not 0 < len(ids) <= _MOST_IN_BATCH:
        raise errors.invalid_argument()
    reason = text(call.body.get("deprovisionReason")).removeprefix("DEPROVISION_REASON_")
    if (reason not in ("", "UNSPECIFIED")) != (action == "deprovision"):
        raise errors.invalid_argument()
    results: list[Json] = [{"deviceId": device_id, **_change_result(call, device_id, action)} for device_id in ids]
    return {"changeChromeOsDeviceStatusResults": results}


def _change_result(call: MethodCall, key: str, action: str) -> Body:
    device = call.collection(CHROMEOS_DEVICES).get(key)
    if device is None:
        return {"error": {"code": _NOT_FOUND, "message": "Requested entity was not found."}}
    if device.get("status") not in _ACTIONS[action][1]:
        return {"error": {"code": _FAILED_PRECONDITION, "message": "Illegal device state transition."}}
    _change_status(call, device, action)
    return {"response": {}}


_WRITTEN = ("annotatedAssetId", "annotatedLocation", "annotatedUser", "notes")


def _patch_device(call: MethodCall) -> Body:
    """Write the administrator's notes about a device, and return the device."""
    device = _find_device(call, "deviceId")
    changed = {**device, **{name: text(value) for name, value in call.body.items() if name in _WRITTEN}}
    call.collection(CHROMEOS_DEVICES).put(text(device["deviceId"]), changed)
    return _show_device(call, changed)


HANDLERS: Mapping[str, Handler] = {
    "directory.chromeosdevices.list": _list_devices,
    "directory.chromeosdevices.get": lambda call: _show_device(call, _find_device(call, "deviceId")),
    "directory.chromeosdevices.patch": _patch_device,
    "admin.customer.devices.chromeos.batchChangeStatus": _change_statuses,
}
