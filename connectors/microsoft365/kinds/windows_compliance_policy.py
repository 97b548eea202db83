"""Compliance policies for Windows computers: passwords, encryption, protection, health and versions."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from connectors.microsoft365.intune.compliance import (
    OTHER_COMPLIANCE_POLICIES,
    CompliancePolicy,
    PasswordComposition,
    ThreatDefence,
    compliance_kind,
)
from connectors.microsoft365.intune.fields import VERSION, Length, Switch, Version, named_entries
from toolkit.sdk import Properties, Spec, Within, declare, switch

_Ranges: TypeAlias = Annotated[
    list[Annotated[str, Field(pattern=rf"^{VERSION} to {VERSION}( \(.+\))?$")]] | None,
    Within("ranges such as 10.0.22631.1 to 10.0.22631.9999, each with a name in brackets if it has one"),
    named_entries("operatingSystemVersionRange", ("lowestVersion", "highestVersion"), "description"),
]
_Distributions: TypeAlias = Annotated[
    list[Annotated[str, Field(pattern=rf"^({VERSION}|any) to ({VERSION}|any) \(.+\)$")]] | None,
    Within("versions with the distribution in brackets, such as 22.04 to 24.04 (Ubuntu). any sets no limit"),
    named_entries("wslDistributionConfiguration", ("minimumOSVersion", "maximumOSVersion"), "distribution"),
]


class WindowsPasswordLength(PasswordComposition):
    """The settings for the length of a password, and for whether it is required again after idle time."""

    password_minimum_length: Length = declare("Minimum number of characters in a password.", 8)

    password_required_to_unlock_from_idle: Switch = switch("Requires the password when the device returns from idle.")


class Health(Spec):
    """The settings for encryption, and for the health that a computer reports when it starts."""

    storage_require_encryption: Switch = switch("Requires the disk to be encrypted.")
    bit_locker_enabled: Switch = switch("Requires the computer to report at startup that BitLocker was on.")
    secure_boot_enabled: Switch = switch("Requires the computer to report at startup that secure boot was on.")
    code_integrity_enabled: Switch = switch(
        "Requires the computer to report at startup that drivers and system files are checked."
    )
    early_launch_anti_malware_driver_enabled: Switch = switch(
        "Requires the computer to report at startup that malware protection was loaded first."
    )
    require_healthy_device_report: Switch = switch("Requires a healthy startup report from the computer.")


class WindowsProtection(ThreatDefence):
    """The settings for the protection that a computer must have. Only Graph's beta version has them."""

    antivirus_required: Switch = switch("Requires active antivirus software from any maker.")
    anti_spyware_required: Switch = switch("Requires active spyware protection from any maker.")
    defender_enabled: Switch = switch("Requires Microsoft Defender Antivirus.")
    rtp_enabled: Switch = switch("Requires Microsoft Defender Antivirus to scan files as they are opened.")
    signature_out_of_date: Switch = switch("Requires the latest signatures of Microsoft Defender Antivirus.")
    defender_version: Version = declare(
        "Oldest version of Microsoft Defender Antivirus that a device may have.", "4.18.24090.11"
    )
    active_firewall_required: Switch = switch("Requires an active firewall.")
    tpm_required: Switch = switch("Requires a TPM, the chip that stores a computer's keys.")
    memory_integrity_enabled: Switch = switch("Requires memory integrity, as the computer reports at startup.")
    virtualization_based_security_enabled: Switch = switch(
        "Requires virtualisation-based security, as the computer reports at startup."
    )
    kernel_dma_protection_enabled: Switch = switch(
        "Requires protection of the memory from connected devices, as the computer reports at startup."
    )
    firmware_protection_enabled: Switch = switch("Requires protected firmware, as the computer reports at startup.")
    configuration_manager_compliance_required: Switch = switch(
        "Requires Configuration Manager to report that the computer complies."
    )
    valid_operating_system_build_ranges: _Ranges = declare(
        "Complete list of Windows builds that a device may have.",
        ["10.0.22631.2428 to 10.0.22631.9999 (Windows 11 23H2)"],
    )
    wsl_distributions: _Distributions = declare(
        "Complete list of distributions that Windows Subsystem for Linux may run.", ["22.04 to 24.04 (Ubuntu)"]
    )


class WindowsVersions(Spec):
    """Permitted versions of the operating system."""

    os_minimum_version: Version = declare("Oldest version of Windows that a device may have.", "10.0.19045")
    os_maximum_version: Version = declare("Newest version of Windows that a device may have.", "10.0.26200")
    mobile_os_minimum_version: Version = declare("Oldest version of Windows that a phone may have.", "10.0.15254")
    mobile_os_maximum_version: Version = declare("Newest version of Windows that a phone may have.", "10.0.15254")


class WindowsCompliancePolicy(CompliancePolicy, WindowsProtection, WindowsVersions, Health, WindowsPasswordLength):
    """The requirements that a Windows computer must meet to be compliant."""

    properties: ClassVar[Properties] = CompliancePolicy.properties.extended(
        compared=[
            *(
                f"validOperatingSystemBuildRanges[].{part}"
                for part in ("description", "lowestVersion", "highestVersion")
            ),
            *(f"wslDistributions[].{part}" for part in ("distribution", "minimumOSVersion", "maximumOSVersion")),
        ],
        ignored=dict.fromkeys(
            ("validOperatingSystemBuildRanges[].@odata.type", "wslDistributions[].@odata.type"),
            "The value is the same for every entry.",
        ),
    )


KIND = compliance_kind(
    "windows",
    title="Windows compliance policy",
    spec=WindowsCompliancePolicy,
    odata_type="windows10CompliancePolicy",
    in_beta=WindowsProtection,
    other_objects=OTHER_COMPLIANCE_POLICIES,
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
