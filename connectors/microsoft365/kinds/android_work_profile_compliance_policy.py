"""Compliance policies for people's own Android phones with a work profile."""

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
    DaysOfAYear,
    Length,
    Minutes,
    PatchLevel,
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
    """What the phone's password must be."""

    password_required: Switch = Field(
        default=False,
        description="Asks for a password on the device; the other settings of passwords count only with it.",
        examples=[True],
    )
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
    ] = Field(
        default="deviceDefault",
        description="Says what a password is made of; deviceDefault asks for nothing in particular.",
        examples=["alphanumericWithSymbols"],
    )
    password_minimum_length: Length = Field(
        default=None, description="Says how many characters a password has at least.", examples=[8]
    )
    password_minutes_of_inactivity_before_lock: Minutes = Field(
        default=None,
        description="Says after how many minutes without use the device must ask for its password.",
        examples=[5],
    )
    password_expiration_days: DaysOfAYear = Field(
        default=None, description="Says after how many days a password must be changed.", examples=[365]
    )
    password_previous_password_block_count: Remembered = Field(
        default=None, description="Says how many earlier passwords may not come back.", examples=[5]
    )


class Security(Spec):
    """What must not, or must, be on the phone."""

    security_block_jailbroken_devices: Switch = Field(
        default=False, description="Turns down a rooted phone.", examples=[True]
    )
    storage_require_encryption: Switch = Field(
        default=False, description="Asks that the phone is encrypted.", examples=[True]
    )
    security_prevent_install_apps_from_unknown_sources: Switch = Field(
        default=False, description="Asks that apps come from known sources alone.", examples=[True]
    )
    security_disable_usb_debugging: Switch = Field(
        default=False, description="Asks that debugging over USB is off.", examples=[True]
    )
    security_require_verify_apps: Switch = Field(
        default=False, description="Asks that Google scans apps.", examples=[True]
    )
    security_require_google_play_services: Switch = Field(
        default=False, description="Asks that Google Play services are on.", examples=[True]
    )
    security_require_up_to_date_security_providers: Switch = Field(
        default=False, description="Asks that the parts by which apps encrypt are up to date.", examples=[True]
    )
    security_require_company_portal_app_integrity: Switch = Field(
        default=False, description="Asks that the Company Portal app is unchanged.", examples=[True]
    )
    device_threat_protection_enabled: Switch = Field(
        default=False, description="Asks that a mobile threat defence app is set up on the device.", examples=[True]
    )
    device_threat_protection_required_security_level: Annotated[
        Literal["unavailable", "secured", "low", "medium", "high", "notSet"], choice("unavailable")
    ] = Field(
        default="unavailable",
        description="Says how much risk such an app may report at most; secured is none, unavailable does not ask.",
        examples=["medium"],
    )


class Integrity(Spec):
    """What Google Play says of the phone."""

    security_require_safety_net_attestation_basic_integrity: Switch = Field(
        default=False, description="Asks that Google Play finds the system whole.", examples=[True]
    )
    security_require_safety_net_attestation_certified_device: Switch = Field(
        default=False, description="Asks that Google Play finds the device certified.", examples=[True]
    )


class Versions(Spec):
    """How new the system is."""

    os_minimum_version: Version = Field(
        default=None, description="Says which version of Android a device has at least.", examples=["13"]
    )
    os_maximum_version: Version = Field(
        default=None, description="Says which version of Android a device has at most.", examples=["16"]
    )
    min_android_security_patch_level: PatchLevel = Field(
        default=None, description="Says from when the latest security update is at least.", examples=["2026-11-01"]
    )


class AndroidWorkProfileCompliancePolicy(CompliancePolicy, Versions, Integrity, Security, Passwords):
    """What a phone with a work profile must be to count as compliant."""


KIND = Kind(
    name="android_work_profile_compliance_policy",
    title="Android work profile compliance policy",
    spec=AndroidWorkProfileCompliancePolicy,
    endpoint=CompliancePolicies("androidWorkProfileCompliancePolicy"),
    reference="https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-androidworkprofilecompliancepolicy",
    permissions=PERMISSIONS,
    settles=SETTLES,
    logged=INTUNE,
    sample="""\
- microsoft365.android_work_profile_compliance_policy: Phones of staff
  password_required: true
  password_required_type: alphanumericWithSymbols
  password_minimum_length: 8
  security_block_jailbroken_devices: true
  assigned_to: [office@example-primary.example]
""",
    check_name=check_name,
    is_ours=is_ours,
    does_same_job=does_same_job,
    doubts=doubts,
)
