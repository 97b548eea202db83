"""Compliance policies for iPhones and iPads: passcodes, jailbreaks and versions; a passcode encrypts the device."""

from typing import Annotated, ClassVar

from pydantic import Field

from connectors.microsoft365.intune.compliance import (
    AppleBuilds,
    CompliancePolicy,
    DefenderForEndpoint,
    ThreatDefence,
    compliance_kind,
)
from connectors.microsoft365.intune.fields import (
    AppleLength,
    CharacterSets,
    Days,
    Minutes,
    PasswordType,
    Remembered,
    Switch,
    Version,
    named_entries,
)
from toolkit.sdk import Properties, Spec, Within, declare, switch


class IosPasscodeRules(Spec):
    """What a passcode must be; the device is encrypted once it has one."""

    passcode_required: Switch = switch(
        "Asks for a passcode on the device; the other settings of passcodes count only with it."
    )
    passcode_block_simple: Switch = switch("Turns down passcodes such as 1234 or 1111.")
    passcode_required_type: PasswordType = declare(
        "Says what a passcode is made of; deviceDefault asks for nothing in particular.",
        "alphanumeric",
        default="deviceDefault",
    )
    passcode_minimum_length: AppleLength = declare("Says how many characters a passcode has at least.", 8)
    passcode_minimum_character_set_count: CharacterSets = declare(
        "Says how many sorts of characters a passcode has at least: small, capital, digit, sign.", 3
    )
    passcode_minutes_of_inactivity_before_lock: Minutes = declare(
        "Says after how many minutes without use the device must ask for its passcode.", 5
    )
    passcode_expiration_days: Days = declare("Says after how many days a passcode must be changed.", 365)
    passcode_previous_passcode_block_count: Remembered = declare(
        "Says how many earlier passcodes may not come back.", 5
    )


class IosSecurity(ThreatDefence):
    """What must not, or must, be on the device."""

    security_block_jailbroken_devices: Switch = switch("Turns down a device whose protection was broken open.")
    managed_email_profile_required: Switch = switch("Asks that mail is set up by Intune.")


class IosVersions(Spec):
    """How new the system is."""

    os_minimum_version: Version = declare("Says which version of iOS or iPadOS a device has at least.", "17.0")
    os_maximum_version: Version = declare("Says which version of iOS or iPadOS a device has at most.", "18.9")


class IosInBeta(AppleBuilds, DefenderForEndpoint):
    """What only Graph's beta has."""

    passcode_minutes_of_inactivity_before_screen_timeout: Minutes = declare(
        "The number of minutes without use after which the screen must be off.", 5
    )
    restricted_apps: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+( \(.+\))?$")]] | None,
        Within("bundle ids, each with the app's name in brackets if it has one"),
        named_entries("appListItem", ("appId",), "name"),
    ] = declare(
        "The whole list of apps that must not be on the device.", ["net.whatsapp.WhatsApp (WhatsApp Messenger)"]
    )


class IosCompliancePolicy(CompliancePolicy, IosInBeta, IosVersions, IosSecurity, IosPasscodeRules):
    """What an iPhone or iPad must be to count as compliant."""

    properties: ClassVar[Properties] = CompliancePolicy.properties.extended(
        compared=["restrictedApps[].appId", "restrictedApps[].name"],
        ignored={
            "restrictedApps[].@odata.type": "is the same for each",
            "restrictedApps[].publisher": "describes the app, which its id names",
            "restrictedApps[].appStoreUrl": "describes the app, which its id names",
        },
    )


KIND = compliance_kind(
    "ios",
    title="iPhone and iPad compliance policy",
    spec=IosCompliancePolicy,
    odata_type="iosCompliancePolicy",
    in_beta=IosInBeta,
    sample="""\
- microsoft365.ios_compliance_policy: Staff iPads
  passcode_required: true
  passcode_minimum_length: 8
  passcode_minutes_of_inactivity_before_lock: 5
  security_block_jailbroken_devices: true
  assigned_to: [all-staff@example-primary.example]
""",
)
