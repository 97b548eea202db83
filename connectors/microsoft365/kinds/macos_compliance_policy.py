"""Compliance policies for Macs: passwords, encryption, firewall and version."""

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
    AppleLength,
    CharacterSets,
    Days,
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
    password_minimum_length: AppleLength = Field(
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


class Security(Spec):
    """What must be on."""

    storage_require_encryption: Switch = Field(
        default=False, description="Asks that the disk is encrypted.", examples=[True]
    )
    system_integrity_protection_enabled: Switch = Field(
        default=False, description="Asks that the system's own files are protected.", examples=[True]
    )
    firewall_enabled: Switch = Field(default=False, description="Asks that the firewall is on.", examples=[True])
    firewall_block_all_incoming: Switch = Field(
        default=False, description="Asks that the firewall lets nothing in.", examples=[True]
    )
    firewall_enable_stealth_mode: Switch = Field(
        default=False, description="Asks that the Mac does not answer to probes.", examples=[True]
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


class Versions(Spec):
    """How new the system is."""

    os_minimum_version: Version = Field(
        default=None, description="Says which version of macOS a device has at least.", examples=["14.0"]
    )
    os_maximum_version: Version = Field(
        default=None, description="Says which version of macOS a device has at most.", examples=["15.9"]
    )


class MacosCompliancePolicy(CompliancePolicy, Versions, Security, Passwords):
    """What a Mac must be to count as compliant."""


KIND = Kind(
    name="macos_compliance_policy",
    title="Mac compliance policy",
    spec=MacosCompliancePolicy,
    endpoint=CompliancePolicies("macOSCompliancePolicy"),
    reference="https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-macoscompliancepolicy",
    permissions=PERMISSIONS,
    settles=SETTLES,
    logged=INTUNE,
    sample="""\
- microsoft365.macos_compliance_policy: Staff Macs
  password_required: true
  password_minimum_length: 8
  storage_require_encryption: true
  firewall_enabled: true
  assigned_to: [all-staff@example-primary.example]
""",
    check_name=check_name,
    is_ours=is_ours,
    does_same_job=does_same_job,
    doubts=doubts,
)
