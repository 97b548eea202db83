"""Compliance policies for people's own Android phones with a work profile."""

from typing import Annotated, ClassVar, Literal, TypeAlias

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
    DaysOfAYear,
    Length,
    Minutes,
    PatchLevel,
    Remembered,
    Switch,
    Version,
    WorkProfilePasswordType,
    choice,
)
from toolkit.sdk import Properties, Spec, declare, switch

_Complexity: TypeAlias = Annotated[Literal["none", "low", "medium", "high"], choice("none")]


class WorkProfilePasswordRules(PasswordAsked):
    """What the phone's password must be."""

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
        choice("deviceDefault"),
    ] = declare(
        "Says what a password is made of; deviceDefault asks for nothing in particular.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    password_minimum_length: Length = declare("Says how many characters a password has at least.", 8)

    password_expiration_days: DaysOfAYear = declare("Says after how many days a password must be changed.", 365)
    password_previous_password_block_count: Remembered = declare(
        "Says how many earlier passwords may not come back.", 5
    )


class WorkProfileSecurity(ThreatDefence):
    """What must not, or must, be on the phone."""

    security_block_jailbroken_devices: Switch = switch("Turns down a rooted phone.")
    storage_require_encryption: Switch = switch("Asks that the phone is encrypted.")
    security_prevent_install_apps_from_unknown_sources: Switch = switch("Asks that apps come from known sources alone.")
    security_disable_usb_debugging: Switch = switch("Asks that debugging over USB is off.")
    security_require_verify_apps: Switch = switch("Asks that Google scans apps.")
    security_require_google_play_services: Switch = switch("Asks that Google Play services are on.")
    security_require_up_to_date_security_providers: Switch = switch(
        "Asks that the parts by which apps encrypt are up to date."
    )
    security_require_company_portal_app_integrity: Switch = switch("Asks that the Company Portal app is unchanged.")


class WorkProfileVersions(Spec):
    """How new the system is."""

    os_minimum_version: Version = declare("Says which version of Android a device has at least.", "13")
    os_maximum_version: Version = declare("Says which version of Android a device has at most.", "16")
    min_android_security_patch_level: PatchLevel = declare(
        "Says from when the latest security update is at least.", "2026-11-01"
    )


class WorkProfilePassword(Spec):
    """What the password of the work profile itself must be; only Graph's beta has these settings."""

    work_profile_require_password: Switch = switch("Requires a separate password for the work profile.")
    work_profile_password_required_type: WorkProfilePasswordType = declare(
        "What the work profile's password must contain; deviceDefault means anything.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    work_profile_required_password_complexity: _Complexity = declare(
        "How hard the work profile's password must be to guess, on Android 12 and later; none means any.",
        "medium",
        default="none",
    )
    work_profile_password_minimum_length: Length = declare(
        "The fewest characters that the work profile's password may have.", 8
    )
    work_profile_inactive_before_screen_lock_in_minutes: Minutes = declare(
        "The number of minutes without use after which the work profile must lock.", 5
    )
    work_profile_password_expiration_in_days: DaysOfAYear = declare(
        "The number of days after which the work profile's password must be changed.", 365
    )
    work_profile_previous_password_block_count: Remembered = declare(
        "How many of the work profile's earlier passwords may not be used again.", 5
    )


class WorkProfileInBeta(WorkProfilePassword, PlayIntegrityBasis, DefenderForEndpoint):
    """What only Graph's beta has."""

    required_password_complexity: _Complexity = declare(
        "How hard the phone's password must be to guess, on Android 12 and later; none means any.",
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
    """What a phone with a work profile must be to count as compliant."""

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
