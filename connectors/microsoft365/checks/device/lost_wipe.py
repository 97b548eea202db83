"""Checks which devices in the register are encrypted, and which of them Intune could lock after a loss."""

from collections.abc import Iterable

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.permissions import MANAGED_DEVICES
from toolkit.controls.device_register import normalise_serial
from toolkit.controls.lost_devices import REACH, LostWipe, ReachableDevice, lockable_devices_finding
from toolkit.sdk import CheckOccasion, Finding, check_subject, text
from toolkit.values import Body

needs = (MANAGED_DEVICES,)


def check(control: LostWipe, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Compare the register with the devices in Intune. toolkit reads the devices once for all checks."""
    yield check_subject(
        REACH, lambda: lockable_devices_finding(control, "microsoft365", _read_devices(via), context.now.date())
    )


def _read_devices(via: Microsoft365) -> Iterable[ReachableDevice]:
    return map(_to_reachable_device, via.intune.devices.all())


def _to_reachable_device(row: Body) -> ReachableDevice:
    serial = normalise_serial(text(row.get("serialNumber")), text(row.get("model")))
    lockable = text(row.get("operatingSystem")).casefold() != "windows"
    return ReachableDevice(serial, lockable, encrypted=row.get("isEncrypted") is True)
