"""The stored devices and the people on them, and what approving, blocking and wiping make of their states."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.devices.searching import Registered
from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body

DEVICES = "google.devices"  # by id, without the devices/ before it
DEVICE_USERS = "google.deviceUsers"  # by device's id / the id of the person's use of it
CHROMEOS_DEVICES = "google.chromeosDevices"  # by id
_IN_USE = frozenset({"APPROVED", "BLOCKED", "PENDING_APPROVAL"})
# What an action makes of a person's use of a device, and from which states.
_ACTIONS: Mapping[str, tuple[str, frozenset[str]]] = MappingProxyType(
    {
        "approve": ("APPROVED", _IN_USE),
        "block": ("BLOCKED", _IN_USE),
        "wipe": ("WIPING", _IN_USE),
        "cancelWipe": ("APPROVED", frozenset({"WIPING"})),
    }
)
_OF_DEVICE: Mapping[str, str] = MappingProxyType({"PENDING_APPROVAL": "PENDING", "UNENROLLED": "UNPROVISIONED"})


def registered(asked: MethodCall) -> list[Registered]:
    """List every use of a device by somebody."""
    devices = {text(one["name"]): one for one in asked.collection(DEVICES).all()}
    users = asked.collection(DEVICE_USERS).all()
    return [Registered(devices.get(device_of(one), {}), one) for one in users]


def device_of(user: Body) -> str:
    """Name the device of devices/D/deviceUsers/U."""
    return text(user["name"]).partition("/deviceUsers/")[0]


def act(asked: MethodCall, user: Body, action: str) -> Body:
    """Change the state of somebody's use of a device, and of the device with it; raises ApiError."""
    state, states = _ACTIONS[action]
    if user.get("managementState") not in states:
        raise errors.failed_precondition()
    changed = {**user, "managementState": state}
    asked.collection(DEVICE_USERS).put(_key(user), changed)
    device = asked.collection(DEVICES).get(device_of(user).removeprefix("devices/"))
    if device:
        _put(asked, device, state)
    return changed


def act_on_device(asked: MethodCall, device: Body, action: str) -> Body:
    """Change the state of a device as a whole; raises ApiError."""
    state, states = _ACTIONS[action]
    known = {_OF_DEVICE.get(one, one) for one in states}
    if device.get("managementState") not in known:
        raise errors.failed_precondition()
    return _put(asked, device, state)


def _put(asked: MethodCall, device: Body, state: str) -> Body:
    changed = {**device, "managementState": _OF_DEVICE.get(state, state)}
    asked.collection(DEVICES).put(text(device["name"]).removeprefix("devices/"), changed)
    return changed


def _key(user: Body) -> str:
    return text(user["name"]).removeprefix("devices/").replace("/deviceUsers/", "/")
