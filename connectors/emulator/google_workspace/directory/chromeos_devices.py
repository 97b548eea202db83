"""ChromeOS devices: listed, labelled, and disabled or enabled many at once."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, check_left_out, read_page
from connectors.emulator.google_workspace.devices import CHROMEOS_DEVICES
from connectors.emulator.google_workspace.directory.serialise import check_customer, paged, read_query, shown
from connectors.emulator.google_workspace.values import text, texts
from connectors.emulator.store import Body, Json

_MOST_LISTED, _MOST_IN_BATCH = 300, 50
_BASIC = ("kind", "etag", "deviceId", "serialNumber", "status", "lastSync", "annotatedUser", "annotatedLocation",
          "annotatedAssetId", "notes", "orgUnitPath", "orgUnitId")  # fmt: skip
_SEARCHED = {"id": lambda one: text(one.get("serialNumber"))}
# What an action makes of a device, and from which states.
_ACTIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    "disable": ("DISABLED", frozenset({"ACTIVE"})),
    "reenable": ("ACTIVE", frozenset({"DISABLED"})),
    "deprovision": ("DEPROVISIONED", frozenset({"ACTIVE", "DISABLED"})),
}
_CHANGES = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_"
_NOT_FOUND, _FAILED_PRECONDITION = 5, 9  # google.rpc.Code


def _list(asked: MethodCall) -> Body:
    check_customer(asked, "customerId")
    check_left_out(asked, "orgUnitPath", "orderBy")
    rows = asked.collection(CHROMEOS_DEVICES).all()
    if query := asked.text("query"):
        test = read_query(query, _SEARCHED)
        rows = [one for one in rows if test(one)]
    page = read_page(asked.parameters, min(asked.number("maxResults", 100), _MOST_LISTED))
    return paged("chromeosdevices", "chromeosdevices", [_shown(asked, one) for one in rows], page)


def _shown(asked: MethodCall, device: Body) -> Body:
    body = shown("chromeosdevice", device)
    if asked.text("projection").upper() != "BASIC":
        return body
    return {name: value for name, value in body.items() if name in _BASIC}


def _known(asked: MethodCall, name: str) -> Body:
    check_customer(asked, "customerId")
    device = asked.collection(CHROMEOS_DEVICES).get(asked.text(name))
    if device is None:
        raise errors.not_found(f"Resource Not Found: {name}")
    return device


def _change(asked: MethodCall, device: Body, action: str) -> None:
    changed = {**device, "status": _ACTIONS[action][0]}
    asked.collection(CHROMEOS_DEVICES).put(text(device["deviceId"]), changed)


def _change_several(asked: MethodCall) -> Body:
    """Change up to fifty devices; each has its own result, and one that fails leaves the others alone."""
    check_customer(asked, "customerId")
    ids, named = texts(asked.body.get("deviceIds")), text(asked.body.get("changeChromeOsDeviceStatusAction"))
    action = named.removeprefix(_CHANGES).lower()
    if action not in _ACTIONS or not 0 < len(ids) <= _MOST_IN_BATCH:
        raise errors.invalid_argument()
    reason = text(asked.body.get("deprovisionReason")).removeprefix("DEPROVISION_REASON_")
    if (reason not in ("", "UNSPECIFIED")) != (action == "deprovision"):
        raise errors.invalid_argument()
    results: list[Json] = [{"deviceId": one, **_result(asked, one, action)} for one in ids]
    return {"changeChromeOsDeviceStatusResults": results}


def _result(asked: MethodCall, key: str, action: str) -> Body:
    device = asked.collection(CHROMEOS_DEVICES).get(key)
    if device is None:
        return {"error": {"code": _NOT_FOUND, "message": "Requested entity was not found."}}
    if device.get("status") not in _ACTIONS[action][1]:
        return {"error": {"code": _FAILED_PRECONDITION, "message": "Illegal device state transition."}}
    _change(asked, device, action)
    return {"response": {}}


_WRITTEN = ("annotatedAssetId", "annotatedLocation", "annotatedUser", "notes")


def _patch(asked: MethodCall) -> Body:
    """Write what the record of a device says of it, and show the device."""
    device = _known(asked, "deviceId")
    changed = {**device, **{name: text(value) for name, value in asked.body.items() if name in _WRITTEN}}
    asked.collection(CHROMEOS_DEVICES).put(text(device["deviceId"]), changed)
    return _shown(asked, changed)


HANDLERS: Mapping[str, Handler] = {
    "directory.chromeosdevices.list": _list,
    "directory.chromeosdevices.patch": _patch,
    "admin.customer.devices.chromeos.batchChangeStatus": _change_several,
}
