"""Device restrictions for the school's own Android devices: storage, apps, passwords and accounts."""

from typing import Annotated, Literal

from connectors.microsoft365.intune.configuration import IN_BETA, Configurations, configuration_kind
from connectors.microsoft365.intune.effects import ACCOUNTS, APPS, STORAGE, password_effects
from connectors.microsoft365.intune.fields import (
    AppPermissionPolicy,
    CharactersAtLeast,
    DaysOfAYearAtMost,
    LengthAtLeast,
    MinutesAtMost,
    OwnedPasswordType,
    RememberedAtLeast,
    Switch,
    choice_setting,
)
from connectors.microsoft365.intune.policy import Policy
from toolkit.sdk import (
    Effect,
    Harmless,
    Spec,
    becomes,
    declare,
    declare_effects,
    switch,
    switches_off,
    switches_on,
)


class AndroidApps(Spec):
    """The settings for apps: where they come from, and their permissions."""

    effects = declare_effects(
        {
            **dict.fromkeys(
                (
                    "apps_allow_install_from_unknown_sources",
                    "personal_profile_apps_allow_install_from_unknown_sources",
                ),
                Effect(APPS, switches_off),
            ),
            "security_require_verify_apps": Effect("apps that Google calls harmful no longer open", switches_on),
            "play_store_mode": Effect(APPS, becomes("allowList", "blockList")),
            "apps_default_permission_policy": Effect("apps are denied all permissions", becomes("autoDeny")),
            "security_developer_settings_enabled": Effect("developer settings no longer open", switches_off),
        },
        {Harmless.BACKGROUND: ("apps_auto_update_policy",)},
    )

    apps_allow_install_from_unknown_sources: Switch = switch(
        "Lets people install apps from outside managed Google Play. If unset, they cannot."
    )
    play_store_mode: Annotated[Literal["notConfigured", "allowList", "blockList"], choice_setting("notConfigured")] = (
        declare(
            "Apps in managed Google Play: only assigned apps (allowList), or all apps except apps assigned "
            "for removal (blockList).",
            "allowList",
            default="notConfigured",
        )
    )
    apps_auto_update_policy: Annotated[
        Literal["notConfigured", "userChoice", "never", "wiFiOnly", "always"], choice_setting("notConfigured")
    ] = declare("When apps are updated.", "wiFiOnly", default="notConfigured")
    apps_default_permission_policy: AppPermissionPolicy = declare(
        "Action if an app requests a permission: people are asked, or it is granted or denied automatically.",
        "prompt",
        default="deviceDefault",
    )
    security_require_verify_apps: Switch = switch("Makes Google scan the device for harmful apps.")
    security_developer_settings_enabled: Switch = switch("Allows the developer settings.")
    personal_profile_apps_allow_install_from_unknown_sources: Switch = switch(
        "Lets people install apps from outside Google Play in the personal profile."
    )


class FullyManagedPasswordSettings(Spec):
    """The settings for passwords, and for the time until the screen locks."""

    effects = password_effects(
        [
            "password_required_type",
            "password_minimum_length",
            "password_minimum_letter_characters",
            "password_minimum_numeric_characters",
            "password_minimum_symbol_characters",
            "password_minutes_of_inactivity_before_screen_timeout",
            "password_expiration_days",
            "password_previous_password_count_to_block",
        ]
    )

    password_required_type: OwnedPasswordType = declare(
        "Required type of password. deviceDefault accepts any type.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    password_minimum_length: LengthAtLeast = declare("Minimum number of characters in a password.", 8)
    password_minimum_letter_characters: CharactersAtLeast = declare("Minimum number of letters in a password.", 1)
    password_minimum_numeric_characters: CharactersAtLeast = declare("Minimum number of digits in a password.", 1)
    password_minimum_symbol_characters: CharactersAtLeast = declare("Minimum number of symbols in a password.", 1)
    password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Number of minutes without use after which the screen locks.", 5
    )
    password_expiration_days: DaysOfAYearAtMost = declare("Number of days after which a password must be changed.", 365)
    password_previous_password_count_to_block: RememberedAtLeast = declare(
        "Number of previous passwords that cannot be used again.", 5
    )


class AndroidFullyManagedConfiguration(Policy, FullyManagedPasswordSettings, AndroidApps):
    """Device restrictions for the school's own Android devices."""

    effects = declare_effects(
        {
            **dict.fromkeys(
                ("storage_block_external_media", "storage_block_usb_file_transfer"), Effect(STORAGE, switches_on)
            ),
            "storage_allow_usb": Effect(STORAGE, switches_off),
            **dict.fromkeys(("accounts_block_modification", "google_accounts_blocked"), Effect(ACCOUNTS, switches_on)),
            "users_block_add": Effect("people can no longer add users to a device", switches_on),
            "factory_reset_blocked": Effect("people can no longer reset a device", switches_on),
        }
    )

    storage_block_external_media: Switch = switch("Blocks memory sticks and cards.")
    storage_block_usb_file_transfer: Switch = switch("Blocks copying of files over USB.")
    storage_allow_usb: Switch = switch("Lets people use the device as a USB disk.")
    accounts_block_modification: Switch = switch("Stops people adding and removing accounts.")
    google_accounts_blocked: Switch = switch("Stops people adding private Google accounts.")
    users_block_add: Switch = switch("Stops people adding users.")
    factory_reset_blocked: Switch = switch("Stops people resetting the device to factory settings.")


KIND = configuration_kind(
    "android_fully_managed_configuration",
    title="Android configuration of the school's own devices",
    spec=AndroidFullyManagedConfiguration,
    endpoint=Configurations(IN_BETA, "androidDeviceOwnerGeneralDeviceConfiguration"),
    sample="""\
- microsoft365.android_fully_managed_configuration: School tablets
  storage_block_external_media: true
  storage_block_usb_file_transfer: true
  apps_allow_install_from_unknown_sources: false
  assigned_to: [all-staff@example-primary.example]
""",
)
