"""Compliance policies for Macs: passwords, encryption, firewall, app sources and version."""

from typing import Annotated, Literal

from connectors.microsoft365.intune.compliance import (
    AppleBuilds,
    CompliancePolicy,
    DefenderForEndpoint,
    PasswordComposition,
    ThreatDefence,
    compliance_kind,
)
from connectors.microsoft365.intune.fields import AppleLength, Switch, Version, choice_setting
from toolkit.sdk import Spec, declare, switch


class MacosPasswordLength(PasswordComposition):
    """The setting for the length of a password."""

    password_minimum_length: AppleLength = declare("Minimum number of characters in a password.", 8)


class MacosSecurity(ThreatDefence):
    """The security features that must be on."""

    storage_require_encryption: Switch = switch("Requires the disk to be encrypted.")
    system_integrity_protection_enabled: Switch = switch("Requires system integrity protection.")
    firewall_enabled: Switch = switch("Requires the firewall to be on.")
    firewall_block_all_incoming: Switch = switch("Requires the firewall to block all incoming connections.")
    firewall_enable_stealth_mode: Switch = switch("Requires stealth mode, in which the Mac does not respond to probes.")


class MacosVersions(Spec):
    """Permitted versions of the operating system."""

    os_minimum_version: Version = declare("Oldest version of macOS that a device may have.", "14.0")
    os_maximum_version: Version = declare("Newest version of macOS that a device may have.", "15.9")


class MacosInBeta(AppleBuilds, DefenderForEndpoint):
    """Settings that only Graph's beta version has."""

    gatekeeper_allowed_app_source: Annotated[
        Literal["notConfigured", "macAppStore", "macAppStoreAndIdentifiedDevelopers", "anywhere"],
        choice_setting("notConfigured"),
    ] = declare(
        "App sources that Gatekeeper may allow. notConfigured does not check them.",
        "macAppStoreAndIdentifiedDevelopers",
        default="notConfigured",
    )


class MacosCompliancePolicy(CompliancePolicy, MacosInBeta, MacosVersions, MacosSecurity, MacosPasswordLength):
    """The requirements that a Mac must meet to be compliant."""


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
