"""Compliance policies of all platforms: the settings that platforms share, the endpoint, and new kinds."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from connectors.microsoft365.intune import assignments, scheduled
from connectors.microsoft365.intune.client import Via
from connectors.microsoft365.intune.effects import compliance_effects
from connectors.microsoft365.intune.fields import (
    Build,
    CharacterSets,
    Days,
    Minutes,
    PasswordType,
    Remembered,
    SecurityLevel,
    Switch,
    choice_setting,
)
from connectors.microsoft365.intune.policies import IntunePolicies, intune_policy_kind, policies_of_other_types
from connectors.microsoft365.intune.policy import POLICY, Policy, extra_settings, properties
from toolkit.records import dataclass
from toolkit.sdk import (
    Jobs,
    Kind,
    OtherObjects,
    Properties,
    Remote,
    Spec,
    UnknownProperty,
    declare,
    switch,
    to_camel_case,
)
from toolkit.values import Body, Settings, Value

COLLECTION = "/deviceManagement/deviceCompliancePolicies"
BETA = f"/beta{COLLECTION}"
EXPAND = f"assignments,{scheduled.RULES}($expand=scheduledActionConfigurations)"
# Intune's values for settings that were never set.
_UNSET: frozenset[Value] = frozenset(
    {None, False, "deviceDefault", "unavailable", "notSet", "basic", "notConfigured", "none"}
)


class CompliancePolicy(scheduled.Scheduled, Policy):
    """The settings that compliance policies of all platforms share."""

    extra_setting_names: ClassVar[frozenset[str]] = Policy.extra_setting_names | frozenset(scheduled.Scheduled.table())
    properties: ClassVar[Properties] = POLICY.extended(compared=scheduled.COMPARED, ignored=scheduled.IGNORED)

    @classmethod
    def shown_settings(cls, row: Body) -> Body:
        """Return the settings of a policy, including its actions for a device that does not comply."""
        return {**super().shown_settings(row), **scheduled.shown_actions(scheduled.actions_of(row) or [])}

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """Return the properties that toolkit does not compare, and the actions that no setting covers."""
        return [*super().unknown(body), *scheduled.unread_actions(scheduled.actions_of(body) or [])]


@dataclass(frozen=True, slots=True)
class CompliancePolicies(IntunePolicies):
    """The compliance policies of a platform. A new policy gets a block action.

    Properties that only Graph's beta version has are sent to beta.
    """

    beta_names: frozenset[str] = frozenset()
    expand: ClassVar[str] = EXPAND
    settings_sent_together: ClassVar[frozenset[str]] = frozenset(scheduled.SETTINGS)

    def describe_missing_parts(self, row: Body) -> str:
        is_complete = scheduled.actions_of(row) is not None
        return "" if is_complete else "Intune did not return its actions for devices that do not comply"

    def new_body(self, name: str, body: Body) -> Body:  # noqa: ARG002 - IntunePolicies'
        return {**properties(body), scheduled.RULES: scheduled.rules([], extra_settings(body))}

    def change(self, via: Via, now: Remote, new_name: Body, body: Body) -> None:
        """Send the changed properties of a policy. If an action changes, send all its actions."""
        settings = extra_settings(body)
        self.patch(via, now, {**new_name, **properties(body)})
        if not self.settings_sent_together.isdisjoint(settings):
            rules = scheduled.rules(scheduled.actions_of(now.body) or [], settings)
            via.intune.act(self.collection, now.id, scheduled.REPLACE, {scheduled.PARAMETER: rules})

    def write_path(self, wire: Body) -> str:
        return BETA if self.beta_names & wire.keys() else self.collection


def does_same_job(observed: Settings, desired: Settings) -> bool:
    """Return whether an unmanaged policy has the desired policy's groups, and sets at least the same settings.

    Devices must comply with all policies, so no other policy matters for the comparison.
    """
    if not desired.get("assigned_to") or any(observed.get(name) != desired.get(name) for name in assignments.SETTINGS):
        return False
    judged = [
        name
        for name, value in desired.items()
        if name not in CompliancePolicy.extra_setting_names and value not in _UNSET
    ]
    return bool(judged) and all(observed.get(name) not in _UNSET for name in judged)


class PasswordRequirement(Spec):
    """The settings for when a device requires a password."""

    password_required: Switch = switch(
        "Requires a password on the device. The other password settings apply only with it."
    )
    password_minutes_of_inactivity_before_lock: Minutes = declare(
        "Minutes without use after which the device must ask for the password.", 5
    )


class PasswordComposition(PasswordRequirement):
    """The settings for a computer's password, except its length, which has different limits on each platform."""

    password_block_simple: Switch = switch("Refuses passwords such as 1234 or 1111.")
    password_required_type: PasswordType = declare(
        "The characters that a password needs. deviceDefault has no requirement.",
        "alphanumeric",
        default="deviceDefault",
    )
    password_minimum_character_set_count: CharacterSets = declare(
        "The minimum number of character types in a password: lower case, upper case, digits, symbols.", 3
    )
    password_expiration_days: Days = declare("Days after which a password must be changed.", 365)
    password_previous_password_block_count: Remembered = declare(
        "The number of earlier passwords that may not be used again.", 5
    )


class ThreatDefence(Spec):
    """Requirements on the risk that a mobile threat defence app reports for the device."""

    device_threat_protection_enabled: Switch = switch("Requires a mobile threat defence app on the device.")
    device_threat_protection_required_security_level: SecurityLevel = declare(
        (
            "The highest risk that a mobile threat defence app may report. secured means that there is no risk, "
            "unavailable means any risk."
        ),
        "medium",
        default="unavailable",
    )


class DefenderForEndpoint(Spec):
    """Requirements on the risk that Microsoft Defender for Endpoint reports. They exist only in Graph's beta."""

    advanced_threat_protection_required_security_level: SecurityLevel = declare(
        "The highest risk that Microsoft Defender for Endpoint may report. unavailable means any risk.",
        "medium",
        default="unavailable",
    )


class AppleBuilds(Spec):
    """Builds of the operating system that a device may have. These settings exist only in Graph's beta."""

    os_minimum_build_version: Build = declare("The oldest build of the system that a device may have.", "22F82")
    os_maximum_build_version: Build = declare("The newest build of the system that a device may have.", "24F74")


class PlayIntegrity(Spec):
    """Requirements on Google Play's integrity report about an Android device."""

    security_require_safety_net_attestation_basic_integrity: Switch = switch(
        "Requires Google Play to confirm that the system is unmodified."
    )
    security_require_safety_net_attestation_certified_device: Switch = switch(
        "Requires Google Play to confirm that the device is certified."
    )


class PlayIntegrityBasis(Spec):
    """The setting for the basis of Google Play's integrity report. It exists only in Graph's beta version."""

    security_required_android_safety_net_evaluation_type: Annotated[
        Literal["basic", "hardwareBacked"], choice_setting("basic")
    ] = declare(
        "Whether Google Play's report must be based on the device's hardware.", "hardwareBacked", default="basic"
    )


OTHER_COMPLIANCE_POLICIES: OtherObjects[Via] = OtherObjects(
    "compliance policies of types that toolkit does not cover",
    lambda via: policies_of_other_types(via, COLLECTION, EXPAND, lambda _: ()),
)


def compliance_kind(
    platform: str,
    *,
    title: str,
    spec: type[CompliancePolicy],
    sample: str,
    odata_type: str,
    in_beta: type[Spec],
    other_objects: OtherObjects[Via] | None = None,
) -> Kind[Via]:
    """Return the kind of a platform's compliance policies.

    `in_beta` is the spec of the settings that only Graph's beta version has. If it has all settings of the kind, v1.0
    does not have the type of policy either.
    """
    spec.effects = compliance_effects(name for name in spec.table() if name not in spec.extra_setting_names)
    beta_names = frozenset(to_camel_case(name) for name in in_beta.table())
    job = f"judge_{platform}"
    page = f"https://learn.microsoft.com/graph/api/resources/intune-deviceconfig-{odata_type.lower()}"
    return intune_policy_kind(
        CompliancePolicies(BETA if in_beta is spec else COLLECTION, odata_type, beta_names),
        name=f"{platform}_compliance_policy",
        title=title,
        plural="compliance policies",
        spec=spec,
        reference=f"{page}?view=graph-rest-beta",
        sample=sample,
        locks_out=True,
        jobs=Jobs(names=frozenset({job}), of=lambda _: [job], same=does_same_job),
        other_objects=other_objects,
    )
