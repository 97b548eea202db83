"""Phones, tablets and ChromeOS devices, which both the Cloud Identity API and the Directory API list."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.values import text
from connectors.emulator.wire import Body

_CLAUSE = re.compile(r"""\s*(\w+)\s*:\s*("[^"]*"|'[^']*'|\S+)\s*""")


class Registered(NamedTuple):
    """A device with one person on it; a device without any sign-in has none."""

    device: Body
    user: Body


_Test: TypeAlias = Callable[[Registered], bool]


def _of_device(name: str) -> Callable[[Registered], Sequence[str]]:
    return lambda one: [text(one.device.get(name))]


def _states(one: Registered) -> list[str]:
    return [text(one.user.get("managementState")), text(one.device.get("managementState"))]


_FIELDS: Mapping[str, Callable[[Registered], Sequence[str]]] = {
    "status": _states,
    "type": _of_device("deviceType"),
    "model": _of_device("model"),
    "os": _of_device("osVersion"),
    "serial": _of_device("serialNumber"),
    "email": lambda one: [text(one.user.get("userEmail"))],
}


def read_search(written: str) -> _Test:
    """Read a search; all of it has to hold. Raises ApiError for words that are not emulated."""
    tests: list[_Test] = []
    end = 0
    while end < len(written):
        clause = _CLAUSE.match(written, end)
        if clause is None:
            raise errors.invalid_argument(f"Invalid filter: {written}")
        if clause[1] not in _FIELDS:
            raise errors.not_emulated(f"a search by {clause[1]}")
        tests.append(_test(_FIELDS[clause[1]], clause[2].strip("\"'").lower()))
        end = clause.end()
    return lambda one: all(test(one) for test in tests)


def _test(read: Callable[[Registered], Sequence[str]], wanted: str) -> _Test:
    return lambda one: any(wanted in value.lower() for value in read(one))


DEVICES = "google.devices"  # by id, without the devices/ before it
DEVICE_USERS = "google.deviceUsers"  # by device's id / the id of the person's use of it
CHROMEOS_DEVICES = "google.chromeosDevices"  # by id
_IN_USE = frozenset({"APPROVED", "BLOCKED", "PENDING_APPROVAL"})
# What an action makes of a person's use of a device, and from which states.
_ACTIONS: Mapping[str, tuple[str, frozenset[str]]] = {
    "approve": ("APPROVED", _IN_USE),
    "block": ("BLOCKED", _IN_USE),
    "wipe": ("WIPING", _IN_USE),
    "cancelWipe": ("APPROVED", frozenset({"WIPING"})),
}
_OF_DEVICE: Mapping[str, str] = {"PENDING_APPROVAL": "PENDING", "UNENROLLED": "UNPROVISIONED"}


def registered(asked: MethodCall) -> list[Registered]:
    """List every use of a device by a person."""
    devices = {text(one["name"]): one for one in asked.collection(DEVICES).all()}
    users = asked.collection(DEVICE_USERS).all()
    return [Registered(devices.get(device_of(one), {}), one) for one in users]


def device_of(user: Body) -> str:
    """Name the device of devices/D/deviceUsers/U."""
    return text(user["name"]).partition("/deviceUsers/")[0]


def act(asked: MethodCall, user: Body, action: str) -> Body:
    """Change the state of a person's use of a device, and of the device with it; raises ApiError."""
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
