"""Compliance policies for Windows: passwords, encryption, health and version of a computer."""

from typing import Annotated, Literal

from pydantic import Field

from connectors.microsoft365.intune import SETTLES
from connectors.microsoft365.intune.assigned import doubts
from connectors.microsoft365.intune.compliance import (
    PERMISSIONS,
    CompliancePolicies,
    CompliancePolicy,
    does_same_job,
)
from connectors.microsoft365.intune.fields import (
    CharacterSets,
    Days,
    Length,
    Minutes,
    Remembered,
    Switch,
    Version,
    choice,
)
from connectors.microsoft365.intune.marked import check_name, is_ours
from connectors.microsoft365.trail import INTUNE
from toolkit.tenant.kind import Kind
from toolkit.tenant.spec import Spec


class Passwords(Spec):
    """What a password must be."""

    password_required: Switch = Field(
        default=False,
        description="Asks for a password on the device; the other settings of passwords count only with it.",
        examples=[True],
    )
    password_block_simple: Switch = Field(
        default=False, description="Turns down passwords such as 1234 or 1111.", examples=[True]
    )
    password_required_type: Annotated[Literal["deviceDefault", "alphanumeric", "numeric"], choice("deviceDefault")] = (
        Field(
            default="deviceDefault",
            description="Says what a password is made of; deviceDefault asks for nothing in particular.",
            examples=["alphanumeric"],
        )
    )
    password_minimum_length: Length = Field(
        default=None, description="Says how many characters a password has at least.", examples=[8]
    )
    password_minimum_character_set_count: CharacterSets = Field(
        default=None,
        description="Says how many sorts of characters a password has at least: small, capital, digit, sign.",
        examples=[3],
    )
    password_minutes_of_inactivity_before_lock: Minutes = Field(
        default=None,
        description="Says after how many minutes without use the device must ask for its password.",
        examples=[5],
    )
    password_expiration_days: Days = Field(
        default=None, description="Says after how many days a password must be changed.", examples=[365]
    )
    password_previous_password_block_count: Remembered = Field(
        default=None, description="Says how many earlier passwords may not come back.", examples=[5]
    )
    password_required_to_unlock_from_idle: Switch = Field(
        default=False, description="Asks for the password when the device was left alone.", examples=[True]
    )


class Health(Spec):
    """What the computer reports about itself."""

    storage_require_encryption: Switch = Field(
        default=False, description="Asks that the disk is encrypted.", examples=[True]
    )
    bit_locker_enabled: Switch = Field(
        default=False,
        description="Asks that the computer reported at its start that BitLocker was on.",
        examples=[True],
    )
    secure_boot_enabled: Switch = Field(
        default=False,
        description="Asks that the computer reported at its start that secure boot was on.",
        examples=[True],
    )
    code_integrity_enabled: Switch = Field(
        default=False,
        description="Asks that the computer reported at its start that drivers and system files are checked.",
        examples=[True],
    )
    early_launch_anti_malware_driver_enabled: Switch = Field(
        default=False,
        description="Asks that the computer reported at its start that protection against malware was loaded first.",
        examples=[True],
    )
    require_healthy_device_report: Switch = Field(
        default=False, description="Asks that the computer's report about its start is a healthy one.", examples=[True]
    )


class Versions(Spec):
    """How new the system is."""

    os_minimum_version: Version = Field(
        default=None, description="Says which version of Windows a device has at least.", examples=["10.0.19045"]
    )
    os_maximum_version: Version = Field(
        default=None, description="Says which version of Windows a device has at most.", examples=["10.0.26200"]
    )
    mobile_os_minimum_version: Version = Field(
        default=None, description="Says which version of Windows a phone has at least.", examples=["10.0.15254"]
    )
    mobile_os_maximum_version: Version = Field(
        default=None, description="Says which version of Windows a phone has at most.", examples=["10.0.15254"]
    )


class WindowsCompliancePolicy(CompliancePolicy, Versions, Health, Passwords):
    """What a Windows computer must be to count as compliant."""


KIND = Kind(
    name="windows_compliance_policy",
    title="Windows compliance policy",
    spec=WindowsCompliancePolicy,
    endpoint=CompliancePolicies("windows10CompliancePolicy"),
    reference="https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-windows10compliancepolicy",
    permissions=PERMISSIONS,
    settles=SETTLES,
    logged=INTUNE,
    sample="""\
- microsoft365.windows_compliance_policy: Staff laptops
  password_required: true
  password_required_type: alphanumeric
  password_minimum_length: 8
  password_minutes_of_inactivity_before_lock: 5
  storage_require_encryption: true
  block_after_hours: 24
  assigned_to: [all-staff@example-primary.example]
""",
    check_name=check_name,
    is_ours=is_ours,
    does_same_job=does_same_job,
    doubts=doubts,
)
