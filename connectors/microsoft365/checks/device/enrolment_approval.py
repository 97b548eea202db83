"""Reports the school's devices in Intune that have no approval in the school's register."""

from collections.abc import Iterable

from connectors.microsoft365.checks.device.inventory import school_devices
from connectors.microsoft365.permissions import MANAGED_DEVICES
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.device import APPROVED, EnrolmentApproval, approvals_finding
from toolkit.sdk import CheckOccasion, Finding, check_subject

needs = (MANAGED_DEVICES,)


def check(control: EnrolmentApproval, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Compare the register with the devices in Intune. toolkit reads the devices once for all checks."""
    if register := control.register_file:
        yield check_subject(APPROVED, lambda: approvals_finding(register, school_devices(via), context.now.date()))
