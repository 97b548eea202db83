"""Compliance policies for people's own Android phones with a work profile."""

from typing import Annotated, ClassVar, Literal, TypeAlias

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
    DaysOfAYear,
    Length,
    Minutes,
    PatchLevel,
    Remembered,
    Switch,
    Version,
    WorkProfilePasswordType,
    choice_setting,
)
from toolkit.sdk import Properties, Spec, declare, switch

_Complexity: TypeAlias = Annotated[Literal["none", "low", "medium", "high"], choice_setting("none")]


class WorkProfilePasswordRules(PasswordRequirement):
    """Requirements for the phone's password."""

    password_required_type: Annotated[
        Literal[
            "deviceDefault",
            "alphabetic",
            "alphanumeric",
            "alphanumericWithSymbols",
            "lowSecurityBiometric",
            "numeric",
            "numericComplex",
            "any",
        ],
        choice_setting("deviceDefault"),
    ] = declare(
        "Required type of password. deviceDefault accepts any type.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    password_minimum_length: Length = declare("Minimum number of characters in a password.", 8)

    password_expiration_days: DaysOfAYear = declare("Number of days after which a password must be changed.", 365)
    password_previous_password_block_count: Remembered = declare(
        "Number of previous passwords that cannot be used again.", 5
    )


class WorkProfileSecurity(ThreatDefence):
    """Security requirements for the phone."""

    security_block_jailbroken_devices: Switch = switch("Rooted phones are not compliant.")
    storage_require_encryption: Switch = switch("Requires the phone to be encrypted.")
    security_prevent_install_apps_from_unknown_sources: Switch = switch(
        "Requires that apps can be installed only from known sources."
    )
    security_disable_usb_debugging: Switch = switch("Requires debugging over USB to be off.")
    security_require_verify_apps: Switch = switch("Requires Google to scan apps.")
    security_require_google_play_services: Switch = switch("Requires Google Play services to be on.")
    security_require_up_to_date_security_providers: Switch = switch(
        "Requires up-to-date security providers, which apps use for encryption."
    )
    security_require_company_portal_app_integrity: Switch = switch("Requires the Company Portal app to be unchanged.")


class WorkProfileVersions(Spec):
    """Permitted versions of the operating system."""

    os_minimum_version: Version = declare("Oldest version of Android that a device may have.", "13")
    os_maximum_version: Version = declare("Newest version of Android that a device may have.", "16")
    min_android_security_patch_level: PatchLevel = declare(
        "Earliest date that the latest security update may have.", "2026-11-01"
    )


class WorkProfilePassword(Spec):
    """Requirements for the work profile's own password. Only Graph's beta version has these settings."""

    work_profile_require_password: Switch = switch("Requires a separate password for the work profile.")
    work_profile_password_required_type: WorkProfilePasswordType = declare(
        "Required type of the work profile's password. deviceDefault accepts any type.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    work_profile_required_password_complexity: _Complexity = declare(
        "Required complexity of the work profile's password on Android 12 and later. none accepts any password.",
        "medium",
        default="none",
    )
    work_profile_password_minimum_length: Length = declare(
        "Minimum number of characters in the work profile's password.", 8
    )
    work_profile_inactive_before_screen_lock_in_minutes: Minutes = declare(
        "Number of minutes without use after which the work profile must lock.", 5
    )
    work_profile_password_expiration_in_days: DaysOfAYear = declare(
        "Number of days after which the work profile's password must be changed.", 365
    )
    work_profile_previous_password_block_count: Remembered = declare(
        "Number of the work profile's previous passwords that cannot be used again.", 5
    )


class WorkProfileInBeta(WorkProfilePassword, PlayIntegrityBasis, DefenderForEndpoint):
    """Settings that only Graph's beta version has."""

    required_password_complexity: _Complexity = declare(
        "Required complexity of the phone's password on Android 12 and later. none accepts any password.",
        "medium",
        default="none",
    )


class AndroidWorkProfileCompliancePolicy(
    CompliancePolicy,
    WorkProfileInBeta,
    WorkProfileVersions,
    PlayIntegrity,
    WorkProfileSecurity,
    WorkProfilePasswordRules,
):
    """The requirements that a phone with a work profile must meet to be compliant."""

    properties: ClassVar[Properties] = CompliancePolicy.properties.extended(
        defaults={"securityRequiredAndroidSafetyNetEvaluationType": "basic"}
    )


KIND = compliance_kind(
    "android_work_profile",
    title="Android work profile compliance policy",
    spec=AndroidWorkProfileCompliancePolicy,
    odata_type="androidWorkProfileCompliancePolicy",
    in_beta=WorkProfileInBeta,
    sample="""\
- microsoft365.android_work_profile_compliance_policy: Phones of staff
  password_required: true
  password_required_type: alphanumericWithSymbols
  password_minimum_length: 8
  security_block_jailbroken_devices: true
  assigned_to: [office@example-primary.example]
""",
)
