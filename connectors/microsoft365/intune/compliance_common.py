"""What the compliance policies of several platforms judge alike, and how their kinds are made."""

from typing import Annotated, Literal

from pydantic import Field

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES
from connectors.microsoft365.intune.assignments import doubts, reaches
from connectors.microsoft365.intune.client import Via
from connectors.microsoft365.intune.compliance import (
    BETA,
    COLLECTION,
    PERMISSIONS,
    CompliancePolicies,
    CompliancePolicy,
    does_same_job,
)
from connectors.microsoft365.intune.fields import (
    Build,
    CharacterSets,
    Days,
    Minutes,
    Remembered,
    SecurityLevel,
    Switch,
    camel,
    choice,
)
from connectors.microsoft365.intune.ownership_marker import check_name, is_ours
from toolkit.sdk.kind import Jobs, Kind, NameRules
from toolkit.sdk.spec import Spec


class PasswordAsked(Spec):
    """Whether a password is asked for, and when."""

    password_required: Switch = Field(
        default=False,
        description="Asks for a password on the device; the other settings of passwords count only with it.",
        examples=[True],
    )
    password_minutes_of_inactivity_before_lock: Minutes = Field(
        default=None,
        description="Says after how many minutes without use the device must ask for its password.",
        examples=[5],
    )


class PasswordMadeOf(PasswordAsked):
    """What the password of a computer is made of; how long it is, each platform bounds in its own way."""

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
    password_minimum_character_set_count: CharacterSets = Field(
        default=None,
        description="Says how many sorts of characters a password has at least: small, capital, digit, sign.",
        examples=[3],
    )
    password_expiration_days: Days = Field(
        default=None, description="Says after how many days a password must be changed.", examples=[365]
    )
    password_previous_password_block_count: Remembered = Field(
        default=None, description="Says how many earlier passwords may not come back.", examples=[5]
    )


class ThreatDefence(Spec):
    """What a mobile threat defence app must report about the device."""

    device_threat_protection_enabled: Switch = Field(
        default=False, description="Asks that a mobile threat defence app is set up on the device.", examples=[True]
    )
    device_threat_protection_required_security_level: SecurityLevel = Field(
        default="unavailable",
        description="Says how much risk such an app may report at most; secured is none, unavailable does not ask.",
        examples=["medium"],
    )


class DefenderForEndpoint(Spec):
    """What Microsoft Defender for Endpoint must report about the device; only Graph's beta has it."""

    advanced_threat_protection_required_security_level: SecurityLevel = Field(
        default="unavailable",
        description="The highest risk that Microsoft Defender for Endpoint may report; unavailable means any risk.",
        examples=["medium"],
    )


class AppleBuilds(Spec):
    """Which builds of the system a device may have; only Graph's beta has it."""

    os_minimum_build_version: Build = Field(
        default=None, description="The oldest build of the system that a device may have.", examples=["22F82"]
    )
    os_maximum_build_version: Build = Field(
        default=None, description="The newest build of the system that a device may have.", examples=["24F74"]
    )


class PlayIntegrity(Spec):
    """What Google Play must report about an Android device."""

    security_require_safety_net_attestation_basic_integrity: Switch = Field(
        default=False, description="Asks that Google Play finds the system whole.", examples=[True]
    )
    security_require_safety_net_attestation_certified_device: Switch = Field(
        default=False, description="Asks that Google Play finds the device certified.", examples=[True]
    )


class PlayIntegrityBasis(Spec):
    """What the report of Google Play is based on; only Graph's beta has it."""

    security_required_android_safety_net_evaluation_type: Annotated[
        Literal["basic", "hardwareBacked"], choice("basic")
    ] = Field(
        default="basic",
        description="Whether Google Play's report must be based on the device's hardware.",
        examples=["hardwareBacked"],
    )


def compliance_kind(
    platform: str, *, title: str, spec: type[CompliancePolicy], sample: str, odata_type: str, in_beta: type[Spec]
) -> Kind[Via]:
    """Make the kind of a platform's compliance policies; `in_beta` has the settings that only Graph's beta knows.

    Where these are all of them, v1.0 does not know the type either.
    """
    beta_names = frozenset(camel(name) for name in in_beta.table())
    job = f"judge_{platform}"
    page = f"https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-{odata_type.lower()}"
    return Kind(
        name=f"{platform}_compliance_policy",
        title=title,
        plural="compliance policies",
        spec=spec,
        endpoint=CompliancePolicies(odata_type, BETA if in_beta is spec else COLLECTION, beta_names),
        reference=f"{page}?view=graph-rest-beta",
        permissions=PERMISSIONS,
        settles=SETTLES,
        logged=INTUNE,
        sample=sample,
        reaches=reaches,
        locks_out=True,
        is_ours=is_ours,
        jobs=Jobs(names=frozenset({job}), of=lambda _: [job], same=does_same_job),
        doubts=doubts,
        names=NameRules(check=check_name),
    )
