"""Finds phones and tablets that wait for approval, and school devices that are not approved in the register."""

from collections import Counter
from collections.abc import Iterable, Mapping

from connectors.google_workspace.checks.device.compliance import uses_in_audience
from connectors.google_workspace.checks.device.inventory import school_devices
from connectors.google_workspace.devices import Device
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.device import APPROVED, EnrolmentApproval, approvals_finding
from toolkit.sdk import CheckOccasion, Finding, Measurement, ReasonCode, Status, check_subject, same_words

SUBJECT = "devices that wait for approval"
_WAITING = ReasonCode(
    "devices_wait",
    admin="{devices} for approval: approve or block each device in the admin console, under Devices > Mobile & "
    "endpoints > Devices",
    governor="{devices} for approval",
)
_NONE = same_words("no_device_waits", "no device waits for approval")

needs = leave(
    "cloudidentity.devices.list",
    "cloudidentity.devices.deviceUsers.list",
    "directory.chromeosdevices.list",
    "directory.users.list",
)


def check(settings: EnrolmentApproval, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Count devices that wait for approval, by model, and school devices without approval in the register.

    Only the console shows which device is waiting.
    """
    yield check_subject(SUBJECT, lambda: _count_waiting(context, via))
    if register := settings.register_file:
        yield check_subject(APPROVED, lambda: approvals_finding(register, school_devices(via), context.now.date()))


class WaitingDevices(Measurement):
    """The number of devices that wait for approval, in total and by model."""

    waiting: int
    models: Mapping[str, int]


def _count_waiting(context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    waiting = [device for device in via.device_lists.other_devices() if _is_waiting(device, context, via)]
    models = dict(sorted(Counter(device.model for device in waiting).items()))
    measurement = WaitingDevices(waiting=len(waiting), models=models)
    if not waiting:
        return Finding(SUBJECT, Status.PASS, _NONE(), measurement=measurement)
    devices = "1 device waits" if len(waiting) == 1 else f"{len(waiting)} devices wait"
    return Finding(SUBJECT, Status.FAIL, _WAITING(devices=devices), measurement=measurement)


def _is_waiting(device: Device, context: CheckOccasion, via: GoogleWorkspace) -> bool:
    return any(use.get("managementState") == "PENDING_APPROVAL" for use in uses_in_audience(device, context, via))
