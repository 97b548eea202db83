"""Compliance policies for Macs: passwords, encryption, firewall, sources of apps and version."""

from typing import Annotated, Literal

from connectors.microsoft365.intune.compliance import (
    AppleBuilds,
    CompliancePolicy,
    DefenderForEndpoint,
    PasswordMadeOf,
    ThreatDefence,
    compliance_kind,
)
from connectors.microsoft365.intune.fields import AppleLength, Switch, Version, choice
from toolkit.sdk import Spec, declare, switch


class MacosPasswordLength(PasswordMadeOf):
    """How long a password is."""

    password_minimum_length: AppleLength = declare("Says how many characters a password has at least.", 8)


class MacosSecurity(ThreatDefence):
    """What must be on."""

    storage_require_encryption: Switch = switch("Asks that the disk is encrypted.")
    system_integrity_protection_enabled: Switch = switch("Asks that the system's own files are protected.")
    firewall_enabled: Switch = switch("Asks that the firewall is on.")
    firewall_block_all_incoming: Switch = switch("Asks that the firewall lets nothing in.")
    firewall_enable_stealth_mode: Switch = switch("Asks that the Mac does not answer to probes.")


class MacosVersions(Spec):
    """How new the system is."""

    os_minimum_version: Version = declare("Says which version of macOS a device has at least.", "14.0")
    os_maximum_version: Version = declare("Says which version of macOS a device has at most.", "15.9")


class MacosInBeta(AppleBuilds, DefenderForEndpoint):
    """What only Graph's beta has."""

    gatekeeper_allowed_app_source: Annotated[
        Literal["notConfigured", "macAppStore", "macAppStoreAndIdentifiedDevelopers", "anywhere"],
        choice("notConfigured"),
    ] = declare(
        "Where apps may come from, as set in Gatekeeper; notConfigured checks nothing.",
        "macAppStoreAndIdentifiedDevelopers",
        default="notConfigured",
    )


class MacosCompliancePolicy(CompliancePolicy, MacosInBeta, MacosVersions, MacosSecurity, MacosPasswordLength):
    """What a Mac must be to count as compliant."""


KIND = compliance_kind(
    "macos",
    title="Mac compliance policy",
    spec=MacosCompliancePolicy,
    odata_type="macOSCompliancePolicy",
    in_beta=MacosInBeta,
    sample="""\
- microsoft365.macos_compliance_policy: Staff Macs
  password_required: true
  password_minimum_length: 8
  storage_require_encryption: true
  firewall_enabled: true
  assigned_to: [all-staff@example-primary.example]
""",
)
