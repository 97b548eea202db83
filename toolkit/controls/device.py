"""Controls for devices: security, approval, removable storage and the sources of software."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, ControlSettings, Stricter
from toolkit.controls.device_register import RegisterFile, normalise_serial, read_register
from toolkit.controls.inventory import NO_SERIAL, ManagedDevice, device_names_reason, devices_status, newest_records
from toolkit.sdk import CountedDevices, Finding, Part, ReasonCode, Things, checked, declare

Platform = Literal["windows", "ios", "macos", "android_work_profile", "android_fully_managed"]
Version = Annotated[str, Field(pattern=r"^\d+(\.\d+){0,3}$")]


class Compliance(ControlSettings):
    """The requirements that a device must meet to be compliant."""

    platforms: Annotated[list[Platform], Stricter.MORE] = Field(
        default=["windows", "ios", "macos", "android_work_profile"],
        min_length=1,
        description="The platforms that must comply.",
        examples=[["windows", "ios"]],
    )
    password_length: Annotated[int, Field(ge=4, le=14), Stricter.HIGHER] = declare(
        "The minimum length of a password or passcode.", default=8
    )
    complex: Annotated[bool, Stricter.ON] = declare(
        "Whether a password must have letters, numbers and other characters.", default=True
    )
    lock_minutes: Annotated[int, Field(ge=1, le=60), Stricter.LOWER] = declare(
        "Minutes without use after which a device locks.", default=5
    )
    encryption: Annotated[bool, Stricter.ON] = declare("Whether storage must be encrypted.", default=True)
    minimum_os: dict[Platform, Version] = declare(
        "The oldest permitted version of the operating system, by platform.",
        {"windows": "10.0.19045", "ios": "17.0"},
        default={},
    )
    grace_hours: Annotated[int, Field(ge=0, le=720), Stricter.LOWER] = declare(
        "Hours for which a device that stops complying still counts as compliant.", default=24
    )
    without_policy_fails: Annotated[bool, Stricter.ON] = declare(
        "Whether a device without an assigned policy counts as not compliant.", default=True
    )


class EnrolmentApproval(ControlSettings):
    """The control that counts devices without an approval in the register. Devices are never blocked."""

    register_file: RegisterFile | None = declare(
        "The school's register of devices, a CSV file. Its column `approved` has the date of each device's approval. "
        "Without a register, approvals are not compared.",
        "text/devices.csv",
    )


APPROVED = "approvals of the school's devices"
_APPROVED = ReasonCode(
    "devices_approved",
    admin="{fine} of {all} school devices have a date of approval in the register",
    governor="{fine} of {all} devices that the school manages have an approval on file",
    lacking="{short} of {all} devices that the school manages {short:has|have} no approval on file",
)


class DeviceApprovals(CountedDevices):
    """Counts of school devices, and of devices without an approval in the register."""

    without: int
    not_compared: int


def approvals_finding(register: str, devices: Iterable[ManagedDevice], today: date) -> Finding:
    """Return the finding that counts a cloud's devices with and without an approval in the register."""
    rows = [device for device in devices if device.in_use]
    since = {asset.serial: asset.approved for asset in read_register(register) if asset.approved}
    by_serial = newest_records(rows)
    amiss = [device for serial, device in by_serial.items() if since.get(serial, date.max) > today]
    bare = sum(1 for row in rows if not normalise_serial(row.serial, row.model))
    counts = {"fine": len(by_serial) - len(amiss), "short": len(amiss), "all": len(by_serial) + bare}
    reason = _APPROVED(**{name: Things(count) for name, count in counts.items()}).then(
        NO_SERIAL(count=Things(bare)) if bare else None, device_names_reason(device.label for device in amiss)
    )
    measurement = DeviceApprovals(devices=counts["all"], without=len(amiss), not_compared=bare)
    return Finding(APPROVED, devices_status(len(amiss), bare), reason, measurement=measurement)


def approvals_part() -> Part:
    """Return the part of a control that compares devices with the approvals in the register, on every cloud."""
    return checked(
        APPROVED,
        "school devices that this cloud manages, compared with the column `approved` of the register",
        "`toolkit check` only compares, and blocks nothing",
        "personally owned devices are left out",
    )


class RemovableStorage(ControlSettings):
    """Whether people may read from or write to removable storage."""

    act: Literal["block", "read_only"] = declare(
        "block: removable storage cannot be used. read_only: people can read from removable storage but not write "
        "to it (only on Chromebooks).",
        default="block",
    )


class SoftwareRestriction(ControlSettings):
    """The sources from which people may install software."""


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
