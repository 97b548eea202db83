"""The school's register of devices against its Chromebooks, and the phones, tablets and computers that it owns."""

from collections.abc import Iterable, Iterator

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.permissions import needs as leave
from toolkit.controls.inventory import HOLDERS, OUTSIDE, REGISTERED, Inventory, ManagedDevice, compared
from toolkit.sdk.check import CheckOccasion, Finding, looked_at_together
from toolkit.sdk.devices_seen import parse_seen
from toolkit.sdk.permission import Permission
from toolkit.sdk.shapes import text

_IN_USE = frozenset({"ACTIVE", "DISABLED"})  # a disabled one is lost or stolen, and still the school's


def needs(_settings: object) -> tuple[Permission, ...]:
    """Name what the service account and its administrator need for it."""
    return leave(
        "directory.chromeosdevices.list",
        "cloudidentity.devices.list",
        "cloudidentity.devices.deviceUsers.list",
        "directory.users.list",
    )


def check(wanted: Inventory, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Compare with the lists of devices that are read once for every check."""
    yield from looked_at_together(
        (REGISTERED, OUTSIDE, HOLDERS), lambda: compared(wanted, "google_workspace", _devices(via), context)
    )


def _devices(via: GoogleWorkspace) -> Iterator[ManagedDevice]:
    for row in via.device_lists.chromeos():
        serial, model = text(row.get("serialNumber")), text(row.get("model"))
        yield ManagedDevice(serial, model, parse_seen(row.get("lastSync")), row.get("status") in _IN_USE)
    for device in via.device_lists.others():
        if device.owned:
            seen = parse_seen(device.body.get("lastSyncTime"))
            yield ManagedDevice(text(device.body.get("serialNumber")), device.model, seen)
