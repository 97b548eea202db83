"""Checks which steps Google would allow for each device in the register after a loss."""

from collections.abc import Iterable, Iterator

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.permissions import needs as leave
from toolkit.controls.device_register import normalise_serial
from toolkit.controls.lost_devices import REACH, LostWipe, ReachableDevice, lockable_devices_finding
from toolkit.sdk import CheckOccasion, Finding, check_subject, text

_MANAGED = frozenset({"ACTIVE", "DISABLED"})

needs = leave("directory.chromeosdevices.list", "cloudidentity.devices.list", "cloudidentity.devices.deviceUsers.list")


def check(settings: LostWipe, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Compare the register with the devices in Google. toolkit reads the devices once for all checks."""
    today = context.now.date()
    yield check_subject(
        REACH, lambda: lockable_devices_finding(settings, "google_workspace", _list_reachable_devices(via), today)
    )


def _list_reachable_devices(via: GoogleWorkspace) -> Iterator[ReachableDevice]:
    for device in via.device_lists.other_devices():
        encrypted = device.body.get("encryptionState") == "ENCRYPTED"
        yield ReachableDevice(
            normalise_serial(text(device.body.get("serialNumber"))), lockable=False, encrypted=encrypted
        )
    for row in via.device_lists.chromeos():
        if row.get("status") in _MANAGED:
            yield ReachableDevice(normalise_serial(text(row.get("serialNumber"))), lockable=True, encrypted=True)
