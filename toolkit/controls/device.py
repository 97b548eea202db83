"""Controls about devices: security, approval, removable storage and the sources of software."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings
from toolkit.controls.device_register import RegisterFile, own_serial, read_register
from toolkit.controls.inventory import NO_SERIAL, ManagedDevice, devices_status, newest, which_devices
from toolkit.sdk import CountedDevices, Finding, Part, ReasonCode, Things, checked, declare

Platform = Literal["windows", "ios", "macos", "android_work_profile", "android_fully_managed"]
Version = Annotated[str, Field(pattern=r"^\d+(\.\d+){0,3}$")]


class Compliance(ControlSettings):
    """The requirements for a compliant device."""

    platforms: list[Platform] = Field(
        default=["windows", "ios", "macos", "android_work_profile"],
        min_length=1,
        description="The platforms that have to comply.",
        examples=[["windows", "ios"]],
    )
    password_length: Annotated[int, Field(ge=4, le=14)] = declare(
        "The least number of characters of a password or passcode.", default=8
    )
    complex: bool = declare("Whether letters, numbers and other characters have to be among them.", default=True)
    lock_minutes: Annotated[int, Field(ge=1, le=60)] = declare(
        "After how many minutes without use a device locks itself.", default=5
    )
    encryption: bool = declare("Whether storage must be encrypted.", default=True)
    minimum_os: dict[Platform, Version] = declare(
        "The oldest version of the operating system, by platform.", {"windows": "10.0.19045", "ios": "17.0"}, default={}
    )
    grace_hours: Annotated[int, Field(ge=0, le=720)] = declare(
        "For how many hours a device that does not comply still counts as compliant.", default=24
    )
    without_policy_fails: bool = declare(
        "Whether a device that no policy reaches counts as not compliant.", default=True
    )


class EnrolmentApproval(ControlSettings):
    """Devices that wait for approval, or lack one in the register. They are only counted, and none is blocked."""

    register_file: RegisterFile | None = declare(
        "The school's register of devices, a CSV file with a column `approved`: the date on which a role approved the "
        "device; without it, approvals are not compared.",
        "text/devices.csv",
    )


APPROVED = "approvals of the school's devices"
_APPROVED = ReasonCode(
    "devices_approved",
    admin="{fine} of {all} devices of the school have a date of approval in the register",
    governor="{fine} of {all} devices that the school manages have an approval on file",
    lacking="{short} of {all} devices that the school manages {short:has|have} no approval on file",
)


class DeviceApprovals(CountedDevices):
    """Counts of devices without an approval in the register."""

    without: int
    not_compared: int


def approved(register: str, devices: Iterable[ManagedDevice], today: date) -> Finding:
    """Return the finding about a cloud's devices that the register has with a past date of approval."""
    rows = [device for device in devices if device.in_use]
    since = {asset.serial: asset.approved for asset in read_register(register) if asset.approved}
    by_serial = newest(rows)
    amiss = [device for serial, device in by_serial.items() if since.get(serial, date.max) > today]
    bare = sum(1 for row in rows if not own_serial(row.serial, row.model))
    counts = {"fine": len(by_serial) - len(amiss), "short": len(amiss), "all": len(by_serial) + bare}
    reason = _APPROVED(**{name: Things(count) for name, count in counts.items()}).then(
        NO_SERIAL(count=Things(bare)) if bare else None, which_devices(device.label for device in amiss)
    )
    measurement = DeviceApprovals(devices=counts["all"], without=len(amiss), not_compared=bare)
    return Finding(APPROVED, devices_status(len(amiss), bare), reason, measurement=measurement)


def approved_part() -> Part:
    """Return the part that compares devices with their approvals, on both clouds."""
    return checked(
        APPROVED,
        "devices of the school that this cloud manages, against the column `approved` of the register",
        "`toolkit check` compares; nothing is blocked",
        "devices that people own themselves are left out",
    )


class RemovableStorage(ControlSettings):
    """Whether users may read or write removable storage."""

    act: Literal["block", "read_only"] = declare(
        "block: they are not shown at all; read_only: they can be read, not written, where a cloud "
        "knows that (Chromebooks).",
        default="block",
    )


class SoftwareRestriction(ControlSettings):
    """The sources from which users may install software."""


CONTROLS = (
    Control(
        name="device.compliance",
        title="Encryption, passwords and locking on devices",
        clauses=("SEC-07", "SEC-15", "SEC-16", "EML-20"),
        settings=Compliance,
    ),
    Control(
        name="device.enrolment_approval",
        title="Approval of new devices",
        clauses=("SYS-14", "SYS-15"),
        settings=EnrolmentApproval,
    ),
    Control(
        name="device.removable_storage",
        title="Limits on USB sticks and memory cards",
        clauses=("SEC-16", "SYS-15"),
        settings=RemovableStorage,
    ),
    Control(
        name="device.software_restriction",
        title="Software from approved sources only",
        clauses=("SYS-02", "SYS-03", "MIS-09"),
        settings=SoftwareRestriction,
    ),
)
