"""Compliance policies for Windows: passwords, encryption, health and version of a computer."""

from pydantic import Field

from connectors.microsoft365.intune.compliance import CompliancePolicy
from connectors.microsoft365.intune.compliance_common import PasswordMadeOf, compliance_kind
from connectors.microsoft365.intune.fields import Length, Switch, Version
from toolkit.sdk.spec import Spec


class WindowsPasswordLength(PasswordMadeOf):
    """How long a password is, and when it is asked for again."""

    password_minimum_length: Length = Field(
        default=None, description="Says how many characters a password has at least.", examples=[8]
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


class WindowsVersions(Spec):
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


class WindowsCompliancePolicy(CompliancePolicy, WindowsVersions, Health, WindowsPasswordLength):
    """What a Windows computer must be to count as compliant."""


KIND = compliance_kind(
    "windows",
    title="Windows compliance policy",
    spec=WindowsCompliancePolicy,
    odata_type="windows10CompliancePolicy",
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
)
