"""Compliance policies for the school's own Android devices; Microsoft has them in beta alone."""

from connectors.microsoft365.intune.compliance import (
    CompliancePolicy,
    DefenderForEndpoint,
    PasswordAsked,
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


class FullyManagedPasswordRules(PasswordAsked):
    """What the device's password must be."""

    password_required_type: OwnedPasswordType = declare(
        "Says what a password is made of; deviceDefault asks for nothing in particular.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    password_minimum_length: Length = declare("Says how many characters a password has at least.", 8)

    password_expiration_days: DaysOfAYear = declare("Says after how many days a password must be changed.", 365)
    password_previous_password_count_to_block: Remembered = declare(
        "Says how many earlier passwords may not come back.", 5
    )
    password_minimum_letter_characters: Characters = declare("Says how many letters a password has at least.", 1)
    password_minimum_lower_case_characters: Characters = declare(
        "Says how many small letters a password has at least.", 1
    )
    password_minimum_upper_case_characters: Characters = declare("Says how many capitals a password has at least.", 1)
    password_minimum_numeric_characters: Characters = declare("Says how many digits a password has at least.", 1)
    password_minimum_symbol_characters: Characters = declare("Says how many symbols a password has at least.", 1)
    password_minimum_non_letter_characters: Characters = declare(
        "Says how many digits and symbols a password has at least.", 1
    )


class FullyManagedSecurity(DefenderForEndpoint, ThreatDefence):
    """What must not, or must, be on the device."""

    security_block_jailbroken_devices: Switch = switch("Turns down a rooted device.")
    storage_require_encryption: Switch = switch("Asks that the device is encrypted.")
    security_require_intune_app_integrity: Switch = switch("Asks that the Intune app is Microsoft's own.")


class FullyManagedVersions(Spec):
    """How new the system is."""

    os_minimum_version: Version = declare("Says which version of Android a device has at least.", "13")
    os_maximum_version: Version = declare("Says which version of Android a device has at most.", "16")
    min_android_security_patch_level: PatchLevel = declare(
        "Says from when the latest security update is at least.", "2026-11-01"
    )
    require_no_pending_system_updates: Switch = switch("Turns down a device that has an update waiting.")


class AndroidFullyManagedCompliancePolicy(
    CompliancePolicy,
    FullyManagedVersions,
    PlayIntegrityBasis,
    PlayIntegrity,
    FullyManagedSecurity,
    FullyManagedPasswordRules,
):
    """What an Android device of the school must be to count as compliant."""


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
