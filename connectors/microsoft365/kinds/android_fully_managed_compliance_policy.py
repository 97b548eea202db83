"""Compliance policies for the school's own Android devices. Only Graph's beta version has these policies."""

from connectors.microsoft365.intune.compliance import (
    CompliancePolicy,
    DefenderForEndpoint,
    PasswordRequirement,
    PlayIntegrity,
    PlayIntegrityBasis,
    ThreatDefence,
    compliance_kind,
)
from connectors.microsoft365.intune.fields import (
    Characters,
    DaysOfAYear,
    Length,
    OwnedPasswordType,
    PatchLevel,
    Remembered,
    Switch,
    Version,
)
from toolkit.sdk import Spec, declare, switch


class FullyManagedPasswordRules(PasswordRequirement):
    """Requirements for the device's password."""

    password_required_type: OwnedPasswordType = declare(
        "Required type of password. deviceDefault accepts any type.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    password_minimum_length: Length = declare("Minimum number of characters in a password.", 8)

    password_expiration_days: DaysOfAYear = declare("Number of days after which a password must be changed.", 365)
    password_previous_password_count_to_block: Remembered = declare(
        "Number of previous passwords that cannot be used again.", 5
    )
    password_minimum_letter_characters: Characters = declare("Minimum number of letters in a password.", 1)
    password_minimum_lower_case_characters: Characters = declare("Minimum number of small letters in a password.", 1)
    password_minimum_upper_case_characters: Characters = declare("Minimum number of capitals in a password.", 1)
    password_minimum_numeric_characters: Characters = declare("Minimum number of digits in a password.", 1)
    password_minimum_symbol_characters: Characters = declare("Minimum number of symbols in a password.", 1)
    password_minimum_non_letter_characters: Characters = declare(
        "Minimum number of digits and symbols in a password.", 1
    )


class FullyManagedSecurity(DefenderForEndpoint, ThreatDefence):
    """Security requirements for the device."""

    security_block_jailbroken_devices: Switch = switch("Rooted devices are not compliant.")
    storage_require_encryption: Switch = switch("Requires the device to be encrypted.")
    security_require_intune_app_integrity: Switch = switch("Requires the Intune app to be unmodified.")


class FullyManagedVersions(Spec):
    """Permitted versions of the operating system."""

    os_minimum_version: Version = declare("Oldest version of Android that a device may have.", "13")
    os_maximum_version: Version = declare("Newest version of Android that a device may have.", "16")
    min_android_security_patch_level: PatchLevel = declare(
        "Earliest date that the latest security update may have.", "2026-11-01"
    )
    require_no_pending_system_updates: Switch = switch("Devices with a pending update are not compliant.")


class AndroidFullyManagedCompliancePolicy(
    CompliancePolicy,
    FullyManagedVersions,
    PlayIntegrityBasis,
    PlayIntegrity,
    FullyManagedSecurity,
    FullyManagedPasswordRules,
):
    """The requirements that a fully managed Android device of the school must meet to be compliant."""


KIND = compliance_kind(
    "android_fully_managed",
    title="fully managed Android compliance policy",
    spec=AndroidFullyManagedCompliancePolicy,
    odata_type="androidDeviceOwnerCompliancePolicy",
    in_beta=AndroidFullyManagedCompliancePolicy,
    sample="""\
- microsoft365.android_fully_managed_compliance_policy: School phones
  password_required: true
  password_required_type: alphanumericWithSymbols
  password_minimum_length: 8
  storage_require_encryption: true
  assigned_to: [all devices]
""",
)
