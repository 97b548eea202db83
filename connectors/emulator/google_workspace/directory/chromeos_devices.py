"""ChromeOS devices, and phones and tablets as the Directory API shows them: list, get and actions."""

from collections.abc import Mapping
from uuid import uuid4

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, read_page
from connectors.emulator.google_workspace.devices import CHROMEOS_DEVICES, Registered, act, read_search, registered
from connectors.emulator.google_workspace.directory.orgunits import known_path
from connectors.emulator.google_workspace.directory.serialise import (
    check_customer,
    paged,
    read_query,
    shown,
)
from connectors.emulator.google_workspace.people import ORG_UNITS, find_user
from connectors.emulator.google_workspace.values import mapping, number, text, texts
from connectors.emulator.wire import Body, Json

_PHONES = ("ANDROID", "IOS")
_ACTIONS_MOBILE: Mapping[str, str] = {
    "approve": "approve", "block": "block", "admin_account_wipe": "wipe", "admin_remote_wipe": "wipe",
    "cancel_remote_wipe_then_activate": "cancelWipe",
}  # fmt: skip
_PASSWORDS = {"PASSWORD_SET": "On", "PASSWORD_NOT_SET": "Off"}
_COMPROMISED = {"COMPROMISED": "Compromise detected", "UNCOMPROMISED": "No compromise detected"}
_ENCRYPTED = {"ENCRYPTED": "Encrypted", "NOT_ENCRYPTED": "Not encrypted", "UNSUPPORTED_BY_DEVICE": "Unsupported"}
_STATES = {"PENDING_APPROVAL": "PENDING"}
_BASIC_MOBILE = ("kind", "etag", "resourceId", "deviceId", "name", "email", "model", "os", "type", "status")


def _phones(asked: MethodCall) -> list[Registered]:
    return [one for one in registered(asked) if one.device.get("deviceType") in _PHONES]


def _id(one: Registered) -> str:
    return text(one.user["name"]).rpartition("/")[2]


def _shown_mobile(asked: MethodCall, one: Registered) -> Body:
    device, user = one
    person = find_user(asked.store, asked.tenant_id, text(user.get("userEmail"))) or {}
    state = text(user.get("managementState"))
    body = shown("mobiledevice", {
        "resourceId": _id(one),
        "deviceId": text(device.get("deviceId")),
        "name": [text(mapping(person.get("name")).get("fullName"))],
        "email": [text(user.get("userEmail"))],
        "model": text(device.get("model")),
        "os": text(device.get("osVersion")),
        "type": text(device.get("deviceType")),
        "status": _STATES.get(state, state),
        "serialNumber": text(device.get("serialNumber")),
        "firstSync": text(user.get("firstSyncTime")),
        "lastSync": text(user.get("lastSyncTime")),
        "devicePasswordStatus": _PASSWORDS.get(text(user.get("passwordState")), ""),
        "encryptionStatus": _ENCRYPTED.get(text(device.get("encryptionState")), ""),
        "deviceCompromisedStatus": _COMPROMISED.get(text(device.get("compromisedState")), ""),
    })  # fmt: skip
    return {name: body[name] for name in _BASIC_MOBILE} if asked.text("projection").upper() == "BASIC" else body


def _list_mobile(asked: MethodCall) -> Body:
    check_customer(asked, "customerId")
    test = read_search(asked.text("query"))
    rows = [_shown_mobile(asked, one) for one in _phones(asked) if test(one)]
    if order := asked.text("orderBy"):
        rows.sort(key=lambda one: str(one.get(order)), reverse=asked.text("sortOrder").upper() == "DESCENDING")
    return paged("mobiledevices", "mobiledevices", rows, read_page(asked.parameters, asked.number("maxResults", 100)))


def _known_mobile(asked: MethodCall) -> Registered:
    check_customer(asked, "customerId")
    found = next((one for one in _phones(asked) if _id(one) == asked.text("resourceId")), None)
    if found is None:
        raise errors.not_found("Resource Not Found: resourceId")
    return found


def _act_mobile(asked: MethodCall) -> None:
    one, action = _known_mobile(asked), text(asked.body.get("action"))
    if action not in _ACTIONS_MOBILE:
        raise errors.invalid(f"Invalid Input: {action}")
    act(asked, one.user, _ACTIONS_MOBILE[action])


COMMANDS = "google.chromeosCommands"  # by device's id / command's id
_MOST_LISTED, _MOST_IN_BATCH = 300, 50
_BASIC = ("kind", "etag", "deviceId", "serialNumber", "status", "lastSync", "annotatedUser", "annotatedLocation",
          "annotatedAssetId", "notes", "orgUnitPath", "orgUnitId")  # fmt: skip
_SEARCHED = {
    "status": lambda one: [text(one.get("status")), *(["PROVISIONED"] if one.get("status") == "ACTIVE" else [])],
    "id": lambda one: [text(one.get("serialNumber"))],
    "user": lambda one: [text(one.get("annotatedUser"))],
    "location": lambda one: [text(one.get("annotatedLocation"))],
    "asset_id": lambda one: [text(one.get("annotatedAssetId"))],
    "note": lambda one: [text(one.get("notes"))],
}
# What an action makes of a device, and from which states.
_ACTIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    "disable": ("DISABLED", frozenset({"ACTIVE"})),
    "reenable": ("ACTIVE", frozenset({"DISABLED"})),
    "deprovision": ("DEPROVISIONED", frozenset({"ACTIVE", "DISABLED"})),
}
_REASONS = ("different_model_replacement", "retiring_device", "same_model_replacement", "upgrade_transfer")
_CHANGES = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_"
_NOT_FOUND, _FAILED_PRECONDITION = 5, 9  # google.rpc.Code


def _list(asked: MethodCall) -> Body:
    check_customer(asked, "customerId")
    rows = asked.collection(CHROMEOS_DEVICES).all()
    if query := asked.text("query"):
        test = read_query(query, _SEARCHED)
        rows = [one for one in rows if test(one)]
    if asked.text("orgUnitPath"):
        rows = [one for one in rows if _is_in(asked, text(one["orgUnitPath"]))]
    elif asked.flag("includeChildOrgunits"):
        raise errors.invalid("Invalid Input: includeChildOrgunits needs orgUnitPath")
    if order := asked.text("orderBy"):
        rows.sort(key=lambda one: text(one.get(order)), reverse=asked.text("sortOrder").upper() == "DESCENDING")
    page = read_page(asked.parameters, min(asked.number("maxResults", 100), _MOST_LISTED))
    return paged("chromeosdevices", "chromeosdevices", [_shown(asked, one) for one in rows], page)


def _is_in(asked: MethodCall, path: str) -> bool:
    named = asked.text("orgUnitPath")
    unit = asked.collection(ORG_UNITS).get(named.removeprefix("id:")) if named.startswith("id:") else None
    wanted = text(unit["orgUnitPath"]) if unit else known_path(asked, named)
    below = asked.flag("includeChildOrgunits") and path.startswith(wanted.rstrip("/") + "/")
    return path == wanted or below


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


def _act(asked: MethodCall) -> None:
    device, action = _known(asked, "resourceId"), text(asked.body.get("action"))
    if action not in _ACTIONS:
        raise errors.invalid(f"Invalid Input: {action}")
    if (text(asked.body.get("deprovisionReason")) in _REASONS) != (action == "deprovision"):
        raise errors.invalid("Invalid Input: deprovisionReason")
    if device.get("status") not in _ACTIONS[action][1]:
        raise errors.condition_not_met("Illegal device state transition.")
    _change(asked, device, action)


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


def _command(asked: MethodCall) -> Body:
    """Take a command for a device that is managed; it is never carried out."""
    device, kind = _known(asked, "deviceId"), text(asked.body.get("commandType"))
    if kind in ("", "COMMAND_TYPE_UNSPECIFIED"):
        raise errors.invalid_argument()
    if device.get("status") != "ACTIVE":
        raise errors.failed_precondition()
    key = number(str(uuid4()))[:18]
    asked.collection(COMMANDS).put(f"{device['deviceId']}/{key}", {"commandId": key, "type": kind, "state": "PENDING"})
    return {"commandId": key}


_WRITTEN = ("annotatedAssetId", "annotatedLocation", "annotatedUser", "notes")


def _patch(asked: MethodCall) -> Body:
    """Write what the record of a device says of it, and show the device."""
    device = _known(asked, "deviceId")
    changed = {**device, **{name: text(value) for name, value in asked.body.items() if name in _WRITTEN}}
    asked.collection(CHROMEOS_DEVICES).put(text(device["deviceId"]), changed)
    return _shown(asked, changed)


HANDLERS: Mapping[str, Handler] = {
    "directory.chromeosdevices.list": _list,
    "directory.chromeosdevices.action": _act,
    "directory.chromeosdevices.patch": _patch,
    "admin.customer.devices.chromeos.batchChangeStatus": _change_several,
    "admin.customer.devices.chromeos.issueCommand": _command,
    "directory.mobiledevices.list": _list_mobile,
    "directory.mobiledevices.get": lambda asked: _shown_mobile(asked, _known_mobile(asked)),
    "directory.mobiledevices.action": _act_mobile,
}
