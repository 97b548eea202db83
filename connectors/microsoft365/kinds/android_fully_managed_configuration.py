"""Device restrictions for Android devices that belong to the school: storage, apps, passwords, accounts."""

from typing import Annotated, Literal

from pydantic import Field

from connectors.microsoft365.audit_log import INTUNE
from connectors.microsoft365.intune import SETTLES
from connectors.microsoft365.intune.assignments import doubts, reaches
from connectors.microsoft365.intune.configuration import IN_BETA, PERMISSIONS, Configurations, conflicts_of
from connectors.microsoft365.intune.fields import Switch, choice
from connectors.microsoft365.intune.ownership_marker import check_name, is_ours
from connectors.microsoft365.intune.policy import Policy
from connectors.microsoft365.intune.strictness import (
    CharactersAtLeast,
    DaysOfAYearAtMost,
    LengthAtLeast,
    MinutesAtMost,
    RememberedAtLeast,
)
from toolkit.sdk.kind import Kind, NameRules
from toolkit.sdk.spec import Spec


class AndroidApps(Spec):
    """Where apps may come from, and what they may do."""

    apps_allow_install_from_unknown_sources: Switch = Field(
        default=False,
        description="Lets people install apps past managed Google Play; unset, they cannot.",
        examples=[True],
    )
    play_store_mode: Annotated[Literal["notConfigured", "allowList", "blockList"], choice("notConfigured")] = Field(
        default="notConfigured",
        description="Says which apps managed Google Play shows: those assigned, or all but those that are to be "
        "uninstalled.",
        examples=["allowList"],
    )
    apps_auto_update_policy: Annotated[
        Literal["notConfigured", "userChoice", "never", "wiFiOnly", "always"], choice("notConfigured")
    ] = Field(default="notConfigured", description="Says when apps are brought up to date.", examples=["wiFiOnly"])
    apps_default_permission_policy: Annotated[
        Literal["deviceDefault", "prompt", "autoGrant", "autoDeny"], choice("deviceDefault")
    ] = Field(
        default="deviceDefault",
        description="Says what becomes of what apps ask to be allowed: people are asked, it is granted, or denied.",
        examples=["prompt"],
    )
    security_require_verify_apps: Switch = Field(
        default=False, description="Has Google look through apps for harmful ones.", examples=[True]
    )
    security_developer_settings_enabled: Switch = Field(
        default=False, description="Lets people reach the settings for developers.", examples=[True]
    )
    personal_profile_apps_allow_install_from_unknown_sources: Switch = Field(
        default=False,
        description="On devices with a private side: lets people install apps past Google Play there.",
        examples=[True],
    )


class FullyManagedPasswordSettings(Spec):
    """What a password must be, and after how long the screen locks."""

    password_required_type: Annotated[
        Literal[
            "deviceDefault",
            "required",
            "numeric",
            "numericComplex",
            "alphabetic",
            "alphanumeric",
            "alphanumericWithSymbols",
            "lowSecurityBiometric",
            "customPassword",
        ],
        choice("deviceDefault"),
    ] = Field(
        default="deviceDefault",
        description="Says what a password is made of; deviceDefault asks for nothing in particular.",
        examples=["alphanumericWithSymbols"],
    )
    password_minimum_length: LengthAtLeast = Field(
        default=None, description="Says how many characters a password has at least.", examples=[8]
    )
    password_minimum_letter_characters: CharactersAtLeast = Field(
        default=None, description="Says how many letters a password has at least.", examples=[1]
    )
    password_minimum_numeric_characters: CharactersAtLeast = Field(
        default=None, description="Says how many digits a password has at least.", examples=[1]
    )
    password_minimum_symbol_characters: CharactersAtLeast = Field(
        default=None, description="Says how many symbols a password has at least.", examples=[1]
    )
    password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = Field(
        default=None, description="Says after how many minutes without use the screen locks.", examples=[5]
    )
    password_expiration_days: DaysOfAYearAtMost = Field(
        default=None, description="Says after how many days a password must be changed.", examples=[365]
    )
    password_previous_password_count_to_block: RememberedAtLeast = Field(
        default=None, description="Says how many old passwords cannot be used again.", examples=[5]
    )


class AndroidFullyManagedConfiguration(Policy, FullyManagedPasswordSettings, AndroidApps):
    """What the school's own Android devices let people do."""

    storage_block_external_media: Switch = Field(
        default=False, description="Keeps sticks and cards from being connected.", examples=[True]
    )
    storage_block_usb_file_transfer: Switch = Field(
        default=False, description="Keeps files from being copied over a cable.", examples=[True]
    )
    storage_allow_usb: Switch = Field(
        default=False, description="Lets people use the device as a USB disk.", examples=[True]
    )
    accounts_block_modification: Switch = Field(
        default=False, description="Keeps people from adding and removing accounts.", examples=[True]
    )
    google_accounts_blocked: Switch = Field(
        default=False, description="Keeps people from adding private Google accounts.", examples=[True]
    )
    users_block_add: Switch = Field(
        default=False, description="Keeps people from adding further users.", examples=[True]
    )
    factory_reset_blocked: Switch = Field(
        default=False, description="Keeps people from putting the device back to how it was made.", examples=[True]
    )


_CONFIGURATIONS = Configurations("androidDeviceOwnerGeneralDeviceConfiguration", IN_BETA)

KIND = Kind(
    name="android_fully_managed_configuration",
    title="Android configuration of the school's own devices",
    plural="configurations",
    spec=AndroidFullyManagedConfiguration,
    endpoint=_CONFIGURATIONS,
    reference="https://learn.microsoft.com/graph/api/resources/"
    "intune-deviceconfig-androiddeviceownergeneraldeviceconfiguration?view=graph-rest-beta",
    permissions=PERMISSIONS,
    settles=SETTLES,
    logged=INTUNE,
    sample="""\
- microsoft365.android_fully_managed_configuration: School tablets
  storage_block_external_media: true
  storage_block_usb_file_transfer: true
  apps_allow_install_from_unknown_sources: false
  assigned_to: [all-staff@example-primary.example]
""",
    reaches=reaches,
    is_ours=is_ours,
    doubts=doubts,
    conflicts=conflicts_of(AndroidFullyManagedConfiguration, _CONFIGURATIONS),
    names=NameRules(check=check_name),
)
