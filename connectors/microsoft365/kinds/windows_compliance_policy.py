"""Compliance policies for Windows: passwords, encryption, protection, health and version of a computer."""

from typing import Annotated, ClassVar, TypeAlias

from pydantic import Field

from connectors.microsoft365.intune.compliance import (
    OTHER_COMPLIANCE_POLICIES,
    CompliancePolicy,
    PasswordMadeOf,
    ThreatDefence,
    compliance_kind,
)
from connectors.microsoft365.intune.fields import VERSION, Length, Switch, Version, named_entries
from toolkit.sdk import Properties, Spec, Within, declare, switch

_Ranges: TypeAlias = Annotated[
    list[Annotated[str, Field(pattern=rf"^{VERSION} to {VERSION}( \(.+\))?$")]] | None,
    Within("ranges as 10.0.22631.1 to 10.0.22631.9999, each with a name in brackets if it has one"),
    named_entries("operatingSystemVersionRange", ("lowestVersion", "highestVersion"), "description"),
]
_Distributions: TypeAlias = Annotated[
    list[Annotated[str, Field(pattern=rf"^({VERSION}|any) to ({VERSION}|any) \(.+\)$")]] | None,
    Within("versions with the distribution in brackets, as 22.04 to 24.04 (Ubuntu); any is no limit"),
    named_entries("wslDistributionConfiguration", ("minimumOSVersion", "maximumOSVersion"), "distribution"),
]


class WindowsPasswordLength(PasswordMadeOf):
    """How long a password is, and when it is asked for again."""

    password_minimum_length: Length = declare("Says how many characters a password has at least.", 8)

    password_required_to_unlock_from_idle: Switch = switch("Asks for the password when the device was left alone.")


class Health(Spec):
    """What the computer reports about itself."""

    storage_require_encryption: Switch = switch("Asks that the disk is encrypted.")
    bit_locker_enabled: Switch = switch("Asks that the computer reported at its start that BitLocker was on.")
    secure_boot_enabled: Switch = switch("Asks that the computer reported at its start that secure boot was on.")
    code_integrity_enabled: Switch = switch(
        "Asks that the computer reported at its start that drivers and system files are checked."
    )
    early_launch_anti_malware_driver_enabled: Switch = switch(
        "Asks that the computer reported at its start that protection against malware was loaded first."
    )
    require_healthy_device_report: Switch = switch("Asks that the computer's report about its start is a healthy one.")


class WindowsProtection(ThreatDefence):
    """What must protect the computer; only Graph's beta has these settings."""

    antivirus_required: Switch = switch("Requires antivirus software that is switched on, of any make.")
    anti_spyware_required: Switch = switch("Requires protection against spyware that is switched on, of any make.")
    defender_enabled: Switch = switch("Requires Microsoft Defender Antivirus.")
    rtp_enabled: Switch = switch("Requires Microsoft Defender Antivirus to scan files as they are opened.")
    signature_out_of_date: Switch = switch("Requires the latest signatures of Microsoft Defender Antivirus.")
    defender_version: Version = declare(
        "The oldest version of Microsoft Defender Antivirus that a device may have.", "4.18.24090.11"
    )
    active_firewall_required: Switch = switch("Requires a firewall that is switched on.")
    tpm_required: Switch = switch("Requires a TPM, the chip that keeps a computer's keys.")
    memory_integrity_enabled: Switch = switch("Requires memory integrity, as the computer reports it at its start.")
    virtualization_based_security_enabled: Switch = switch(
        "Requires virtualisation-based security, as the computer reports it at its start."
    )
    kernel_dma_protection_enabled: Switch = switch(
        "Requires that plugged-in devices cannot reach the memory, as reported at its start."
    )
    firmware_protection_enabled: Switch = switch(
        "Requires protected firmware, as the computer reports it at its start."
    )
    configuration_manager_compliance_required: Switch = switch(
        "Requires Configuration Manager to report that the computer complies."
    )
    valid_operating_system_build_ranges: _Ranges = declare(
        "The whole list of builds of Windows that a device may have.",
        ["10.0.22631.2428 to 10.0.22631.9999 (Windows 11 23H2)"],
    )
    wsl_distributions: _Distributions = declare(
        "The whole list of systems that Windows Subsystem for Linux may run.", ["22.04 to 24.04 (Ubuntu)"]
    )


class WindowsVersions(Spec):
    """How new the system is."""

    os_minimum_version: Version = declare("Says which version of Windows a device has at least.", "10.0.19045")
    os_maximum_version: Version = declare("Says which version of Windows a device has at most.", "10.0.26200")
    mobile_os_minimum_version: Version = declare("Says which version of Windows a phone has at least.", "10.0.15254")
    mobile_os_maximum_version: Version = declare("Says which version of Windows a phone has at most.", "10.0.15254")


class WindowsCompliancePolicy(CompliancePolicy, WindowsProtection, WindowsVersions, Health, WindowsPasswordLength):
    """What a Windows computer must be to count as compliant."""

    properties: ClassVar[Properties] = CompliancePolicy.properties.extended(
        compared=[
            *(
                f"validOperatingSystemBuildRanges[].{part}"
                for part in ("description", "lowestVersion", "highestVersion")
            ),
            *(f"wslDistributions[].{part}" for part in ("distribution", "minimumOSVersion", "maximumOSVersion")),
        ],
        ignored=dict.fromkeys(
            ("validOperatingSystemBuildRanges[].@odata.type", "wslDistributions[].@odata.type"), "is the same for each"
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
