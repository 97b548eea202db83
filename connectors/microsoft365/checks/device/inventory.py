"""Compares the school's register of devices with the devices in Intune."""

from collections.abc import Iterable

from connectors.microsoft365.permissions import MANAGED_DEVICES, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.inventory import HOLDERS, OUTSIDE, REGISTERED, Inventory, ManagedDevice, compare_inventory
from toolkit.sdk import CheckOccasion, Finding, check_subjects, parse_last_contact, text
from toolkit.values import Body

_COMPANY = "company"

needs = MANAGED_DEVICES, graph("User.Read.All")


def check(control: Inventory, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Compare the register with the devices in Intune. toolkit reads the devices once for all checks."""
    yield from check_subjects(
        (REGISTERED, OUTSIDE, HOLDERS), lambda: compare_inventory(control, "microsoft365", school_devices(via), context)
    )


def school_devices(via: Microsoft365) -> Iterable[ManagedDevice]:
    owned = (row for row in via.intune.devices.all() if row.get("managedDeviceOwnerType") == _COMPANY)
    return map(_to_managed_device, owned)


def _to_managed_device(row: Body) -> ManagedDevice:
    return ManagedDevice(
        text(row.get("serialNumber")), text(row.get("model")), parse_last_contact(row.get("lastSyncDateTime"))
    )
