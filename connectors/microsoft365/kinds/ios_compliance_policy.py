"""Compliance policies for iPhones and iPads: passcodes, jailbreaks and versions."""

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
    """The settings for the passcode. A device with a passcode is encrypted."""

    passcode_required: Switch = switch(
        "Requires a passcode on the device. The other passcode settings apply only with it."
    )
    passcode_block_simple: Switch = switch("Rejects passcodes such as 1234 or 1111.")
    passcode_required_type: PasswordType = declare(
        "Required type of passcode. deviceDefault accepts any type.",
        "alphanumeric",
        default="deviceDefault",
    )
    passcode_minimum_length: AppleLength = declare("Minimum number of characters in a passcode.", 8)
    passcode_minimum_character_set_count: CharacterSets = declare(
        "Minimum number of types of characters in a passcode: lower case, upper case, digits, symbols.", 3
    )
    passcode_minutes_of_inactivity_before_lock: Minutes = declare(
        "Number of minutes without use after which the device must require its passcode.", 5
    )
    passcode_expiration_days: Days = declare("Number of days after which a passcode must be changed.", 365)
    passcode_previous_passcode_block_count: Remembered = declare(
        "Number of previous passcodes that cannot be used again.", 5
    )


class IosSecurity(ThreatDefence):
    """Security requirements for the device."""

    security_block_jailbroken_devices: Switch = switch("Jailbroken devices are not compliant.")
    managed_email_profile_required: Switch = switch("Requires a mail profile from Intune.")


class IosVersions(Spec):
    """Permitted versions of the operating system."""

    os_minimum_version: Version = declare("Oldest version of iOS or iPadOS that a device may have.", "17.0")
    os_maximum_version: Version = declare("Newest version of iOS or iPadOS that a device may have.", "18.9")


class IosInBeta(AppleBuilds, DefenderForEndpoint):
    """Settings that only Graph's beta version has."""

    passcode_minutes_of_inactivity_before_screen_timeout: Minutes = declare(
        "Number of minutes without use after which the screen must be off.", 5
    )
    restricted_apps: Annotated[
        list[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+( \(.+\))?$")]] | None,
        Within("bundle ids, each with the app's name in brackets if it has one"),
        named_entries("appListItem", ("appId",), "name"),
    ] = declare("Complete list of apps that must not be on the device.", ["net.whatsapp.WhatsApp (WhatsApp Messenger)"])


class IosCompliancePolicy(CompliancePolicy, IosInBeta, IosVersions, IosSecurity, IosPasscodeRules):
    """The requirements that an iPhone or iPad must meet to be compliant."""

    properties: ClassVar[Properties] = CompliancePolicy.properties.extended(
        compared=["restrictedApps[].appId", "restrictedApps[].name"],
        ignored={
            "restrictedApps[].@odata.type": "The value is the same for every entry.",
            "restrictedApps[].publisher": "A description of the app. Its id is compared instead.",
            "restrictedApps[].appStoreUrl": "A description of the app. Its id is compared instead.",
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
