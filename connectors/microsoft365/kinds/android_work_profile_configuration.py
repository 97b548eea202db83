"""Device restrictions for Android work profiles: passwords, unknown sources, what passes between work and private."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES
from connectors.microsoft365.intune.assignments import doubts, reaches
from connectors.microsoft365.intune.configuration import IN_BETA, PERMISSIONS, Configurations, conflicts_of
from connectors.microsoft365.intune.fields import Switch, choice
from connectors.microsoft365.intune.ownership_marker import check_name, is_ours
from connectors.microsoft365.intune.policy import Policy
from connectors.microsoft365.intune.properties import POLICY
from connectors.microsoft365.intune.strictness import (
    DaysOfAYearAtMost,
    LengthAtLeast,
    MinutesAtMost,
    RememberedAtLeast,
)
from toolkit.sdk.kind import Kind, NameRules
from toolkit.sdk.properties import Properties
from toolkit.sdk.spec import Spec

_PasswordType: TypeAlias = Annotated[
    Literal[
        "deviceDefault",
        "lowSecurityBiometric",
        "required",
        "atLeastNumeric",
        "numericComplex",
        "atLeastAlphabetic",
        "atLeastAlphanumeric",
        "alphanumericWithSymbols",
    ],
    choice("deviceDefault"),
]


class WorkProfilePasswordSettings(Spec):
    """What the password of the device and that of its work profile must be."""

    password_required_type: _PasswordType = Field(
        default="deviceDefault",
        description="Says what the password of the device is made of; deviceDefault asks for nothing in particular.",
        examples=["alphanumericWithSymbols"],
    )
    password_minimum_length: LengthAtLeast = Field(
        default=None, description="Says how many characters the password of the device has at least.", examples=[8]
    )
    password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = Field(
        default=None, description="Says after how many minutes without use the screen locks.", examples=[5]
    )
    password_expiration_days: DaysOfAYearAtMost = Field(
        default=None,
        description="Says after how many days the password of the device must be changed.",
        examples=[365],
    )
    password_previous_password_block_count: RememberedAtLeast = Field(
        default=None, description="Says how many old passwords of the device cannot be used again.", examples=[5]
    )
    work_profile_require_password: Switch = Field(
        default=False, description="Asks for a password of its own for the work profile.", examples=[True]
    )
    work_profile_password_required_type: _PasswordType = Field(
        default="deviceDefault",
        description="Says what the password of the work profile is made of.",
        examples=["alphanumericWithSymbols"],
    )
    work_profile_password_minimum_length: LengthAtLeast = Field(
        default=None,
        description="Says how many characters the password of the work profile has at least.",
        examples=[8],
    )
    work_profile_password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = Field(
        default=None, description="Says after how many minutes without use the work profile locks.", examples=[5]
    )


class AndroidWorkProfileConfiguration(Policy, WorkProfilePasswordSettings):
    """What phones with a work profile let people do."""

    properties: ClassVar[Properties] = POLICY.extended(
        defaults={"workProfileAccountUse": "allowAllExceptGoogleAccounts"}
    )

    security_require_verify_apps: Switch = Field(
        default=False, description="Has Google look through apps for harmful ones.", examples=[True]
    )
    work_profile_allow_app_installs_from_unknown_sources: Switch = Field(
        default=False,
        description="Lets people install apps past managed Google Play in the work profile; unset, they cannot.",
        examples=[True],
    )
    work_profile_block_personal_app_installs_from_unknown_sources: Switch = Field(
        default=False,
        description="Keeps people from installing apps past Google Play on the private side too.",
        examples=[True],
    )
    work_profile_data_sharing_type: Annotated[
        Literal["deviceDefault", "preventAny", "allowPersonalToWork", "noRestrictions"], choice("deviceDefault")
    ] = Field(
        default="deviceDefault",
        description="Says what may pass between work and private: nothing, from private to work alone, or everything.",
        examples=["allowPersonalToWork"],
    )
    work_profile_default_app_permission_policy: Annotated[
        Literal["deviceDefault", "prompt", "autoGrant", "autoDeny"], choice("deviceDefault")
    ] = Field(
        default="deviceDefault",
        description="Says what becomes of what apps ask to be allowed: people are asked, it is granted, or denied.",
        examples=["prompt"],
    )
    work_profile_block_adding_accounts: Switch = Field(
        default=False, description="Keeps people from adding accounts to the work profile.", examples=[True]
    )
    work_profile_block_cross_profile_copy_paste: Switch = Field(
        default=False, description="Keeps people from copying out of the work profile.", examples=[True]
    )
    work_profile_block_screen_capture: Switch = Field(
        default=False, description="Keeps people from taking pictures of the work profile's screen.", examples=[True]
    )
    work_profile_block_notifications_while_device_locked: Switch = Field(
        default=False, description="Hides what the work profile announces while the screen is locked.", examples=[True]
    )


# Unknown sources are a matter of beta alone.
_CONFIGURATIONS = Configurations("androidWorkProfileGeneralDeviceConfiguration", IN_BETA)

KIND = Kind(
    name="android_work_profile_configuration",
    title="Android work profile configuration",
    plural="configurations",
    spec=AndroidWorkProfileConfiguration,
    endpoint=_CONFIGURATIONS,
    reference="https://learn.microsoft.com/graph/api/resources/"
    "intune-deviceconfig-androidworkprofilegeneraldeviceconfiguration?view=graph-rest-beta",
    permissions=PERMISSIONS,
    settles=SETTLES,
    logged=INTUNE,
    sample="""\
- microsoft365.android_work_profile_configuration: Staff phones
  work_profile_block_personal_app_installs_from_unknown_sources: true
  security_require_verify_apps: true
  work_profile_data_sharing_type: allowPersonalToWork
  assigned_to: [all-staff@example-primary.example]
""",
    reaches=reaches,
    is_ours=is_ours,
    doubts=doubts,
    conflicts=conflicts_of(AndroidWorkProfileConfiguration, _CONFIGURATIONS),
    names=NameRules(check=check_name),
)
