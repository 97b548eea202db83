"""Managed devices with their compliance, and Intune collections that can only be read."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from connectors.emulator import clock
from connectors.emulator.data_files import read_data
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import BETA_ALONE, Action, ActionRequest
from connectors.emulator.microsoft365.graph.intune.family import (
    CONFIGURATION_READS,
    DEVICES_READS,
    forbidden,
    not_found,
)
from connectors.emulator.microsoft365.graph.models import BETA
from connectors.emulator.microsoft365.graph.query import KNOWN_OPTIONS
from connectors.emulator.microsoft365.graph.reading import list_answer, single_answer
from connectors.emulator.service import Answer
from connectors.emulator.store import Body

COLLECTION = "intune.managedDevices"
_RESULTS = "deviceActionResults"
STATES = "deviceCompliancePolicyStates"  # stored inside the device, each with the id of its policy
EDITION = "skuFamily"  # shown only by beta
_PATH, _TYPE = "/deviceManagement/managedDevices", "managedDevice"
SUMMARIES = "intune.settingSummaries"
_SUMMARIES = "/deviceManagement/deviceCompliancePolicySettingStateSummaries"
_SUMMARY = "deviceCompliancePolicySettingStateSummary"
_CONTEXT = _PATH.strip("/")
_LARGEST_PAGE = 1000


def actions() -> Sequence[Action]:
    notes = "$select, $filter, $top"
    return (
        Action("GET", _PATH, DEVICES_READS, _list_devices, notes=notes, forbid=forbidden),
        Action("GET", _PATH + "/{id}", DEVICES_READS, _get_device, notes="$select", forbid=forbidden),
        *(
            Action("POST", f"{_PATH}/{{id}}/{name}", _PRIVILEGED, _accept_action, forbid=forbidden)
            for name in _APPLE_ALONE
        ),
        Action("GET", f"{_PATH}/{{id}}/{STATES}", CONFIGURATION_READS, _list_states, forbid=forbidden),
        Action("GET", _SUMMARIES, CONFIGURATION_READS, _list_summaries, forbid=forbidden),
    )


def _list_devices(request: ActionRequest) -> Answer:
    bodies = request.store.all(request.tenant_id, COLLECTION)
    typed = "" if request.version == BETA else _TYPE  # beta has more properties than the SDK's type
    return list_answer(
        request, _CONTEXT, bodies, type_name=typed, largest=_LARGEST_PAGE, hidden=_hidden_properties(request)
    )


def _list_summaries(request: ActionRequest) -> Answer:
    """Respond with the number of devices that comply with each setting of the compliance policies.

    Intune updates the numbers some hours late.
    """
    return list_answer(
        request, _SUMMARIES.strip("/"), request.store.all(request.tenant_id, SUMMARIES), type_name=_SUMMARY
    )


def _get_device(request: ActionRequest) -> Answer:
    return single_answer(request, _CONTEXT, _find_device(request), type_name=_TYPE, hidden=_hidden_properties(request))


def _hidden_properties(request: ActionRequest) -> frozenset[str]:
    return frozenset({STATES} if request.version == BETA else {STATES, EDITION})


def _list_states(request: ActionRequest) -> Answer:
    device = _find_device(request)
    return list_answer(
        request, f"{_CONTEXT}('{device['id']}')/{STATES}", list(policy_states(device)), largest=_LARGEST_PAGE
    )


def policy_states(device: Body) -> Iterator[Body]:
    """Yield the states of all policies on a device."""
    held = device.get(STATES)
    yield from (state for state in (held if isinstance(held, list) else []) if isinstance(state, Mapping))


def _find_device(request: ActionRequest) -> Body:
    device = request.store.get(request.tenant_id, COLLECTION, request.key)
    if device is None:
        raise not_found()
    return device


_PRIVILEGED = frozenset({"DeviceManagementManagedDevices.PrivilegedOperations.All"})
_APPLE_ALONE: Mapping[str, bool] = {"remoteLock": False, "enableLostMode": True, "disableLostMode": True}


def _accept_action(request: ActionRequest) -> Answer:
    """Accept an action for a device.

    The action stays pending until its state is set. Windows devices have no actions.
    """
    device, name = _find_device(request), request.call.path.rpartition("/")[2]
    supervised = device["operatingSystem"] == "iOS" and device["isSupervised"] is True
    if (_APPLE_ALONE[name] and not supervised) or device["operatingSystem"] == "Windows":
        raise errors.bad_request("The action is not supported on this device.")
    if name == "enableLostMode" and not any(request.body().get(field) for field in ("message", "phoneNumber")):
        raise errors.bad_request("A message or a phone number is required.")
    now = clock.text(clock.now(request.store, request.tenant_id))
    done = {"actionName": name, "actionState": "pending", "startDateTime": now, "lastUpdatedDateTime": now}
    held = device.get(_RESULTS)
    before = [result for result in (held if isinstance(held, list) else []) if _action_name(result) != name]
    request.store.put(request.tenant_id, COLLECTION, request.key, {**device, _RESULTS: [*before, done]})
    return Answer(status=204)


def _action_name(result: object) -> object:
    return result.get("actionName") if isinstance(result, Mapping) else None


FILTERS, TAGS = "intune.assignmentFilters", "intune.roleScopeTags"
# Collections that IntuneCD reads. Most are empty in a new tenant.
_KEPT: Mapping[str, str] = {"assignmentFilters": FILTERS, "roleScopeTags": TAGS}


def read_only_actions() -> Sequence[Action]:
    """Return the actions that list the read-only collections and get their objects."""
    rows = read_data(Path(__file__).parent / "read_only.json")
    return [action for row in rows for action in _read_only_pair(row["path"], frozenset(row["permissions"]))]


def _read_only_pair(path: str, permissions: frozenset[str]) -> Iterator[Action]:
    kind = path.rpartition("/")[2]
    collection = _KEPT.get(kind, f"intune.other.{kind}")
    lists = partial(_list_read_only, collection, path)
    yield Action("GET", f"/{path}", permissions, lists, BETA_ALONE, "read only", forbidden)
    if kind in _KEPT:
        shows = partial(_get_read_only, collection, path)
        yield Action("GET", f"/{path}/{{id}}", permissions, shows, BETA_ALONE, "read only", forbidden)


def _get_read_only(collection: str, path: str, request: ActionRequest) -> Answer:
    body = request.store.get(request.tenant_id, collection, request.key)
    if body is None:
        raise not_found()
    return single_answer(request, path, body)


def _list_read_only(collection: str, path: str, request: ActionRequest) -> Answer:
    bodies = request.store.all(request.tenant_id, collection)
    if bodies and any(name.lstrip("?").lower() == "$expand" for name, _ in request.call.query):
        raise errors.not_emulated(f"$expand over {path}")
    return list_answer(request, path, bodies, options=KNOWN_OPTIONS | {"$expand"}, largest=_LARGEST_PAGE)
