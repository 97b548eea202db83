"""Phones and tablets in the Directory API, an older view of what the Cloud Identity API tells: list, get and action."""

from collections.abc import Mapping

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, read_page
from connectors.emulator.google_workspace.devices import Registered, act, read_search, registered
from connectors.emulator.google_workspace.directory.serialise import check_customer, for_administrators, paged, shown
from connectors.emulator.google_workspace.people import find_user
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.wire import Body

_PHONES = ("ANDROID", "IOS")
_ACTIONS: Mapping[str, str] = {
    "approve": "approve", "block": "block", "admin_account_wipe": "wipe", "admin_remote_wipe": "wipe",
    "cancel_remote_wipe_then_activate": "cancelWipe",
}  # fmt: skip
_PASSWORDS = {"PASSWORD_SET": "On", "PASSWORD_NOT_SET": "Off"}
_COMPROMISED = {"COMPROMISED": "Compromise detected", "UNCOMPROMISED": "No compromise detected"}
_ENCRYPTED = {"ENCRYPTED": "Encrypted", "NOT_ENCRYPTED": "Not encrypted", "UNSUPPORTED_BY_DEVICE": "Unsupported"}
_STATES = {"PENDING_APPROVAL": "PENDING"}
_BASIC = ("kind", "etag", "resourceId", "deviceId", "name", "email", "model", "os", "type", "status")


def _phones(asked: MethodCall) -> list[Registered]:
    return [one for one in registered(asked) if one.device.get("deviceType") in _PHONES]


def _id(one: Registered) -> str:
    return text(one.user["name"]).rpartition("/")[2]


def _shown(asked: MethodCall, one: Registered) -> Body:
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
    return {name: body[name] for name in _BASIC} if asked.text("projection").upper() == "BASIC" else body


def _list(asked: MethodCall) -> Body:
    check_customer(asked, "customerId")
    test = read_search(asked.text("query"))
    rows = [_shown(asked, one) for one in _phones(asked) if test(one)]
    if order := asked.text("orderBy"):
        rows.sort(key=lambda one: str(one.get(order)), reverse=asked.text("sortOrder").upper() == "DESCENDING")
    return paged("mobiledevices", "mobiledevices", rows, read_page(asked.parameters, asked.number("maxResults", 100)))


def _known(asked: MethodCall) -> Registered:
    check_customer(asked, "customerId")
    found = next((one for one in _phones(asked) if _id(one) == asked.text("resourceId")), None)
    if found is None:
        raise errors.not_found("Resource Not Found: resourceId")
    return found


def _get(asked: MethodCall) -> Body:
    return _shown(asked, _known(asked))


def _act(asked: MethodCall) -> None:
    one, action = _known(asked), text(asked.body.get("action"))
    if action not in _ACTIONS:
        raise errors.invalid(f"Invalid Input: {action}")
    act(asked, one.user, _ACTIONS[action])


HANDLERS: Mapping[str, Handler] = {
    "directory.mobiledevices.list": for_administrators(_list),
    "directory.mobiledevices.get": for_administrators(_get),
    "directory.mobiledevices.action": for_administrators(_act),
}
