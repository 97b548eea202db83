"""Device restrictions for Android devices that belong to the school: storage, apps, passwords, accounts."""

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
    choice,
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
    """Where apps may come from, and what they may do."""

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
        "Lets people install apps past managed Google Play; unset, they cannot."
    )
    play_store_mode: Annotated[Literal["notConfigured", "allowList", "blockList"], choice("notConfigured")] = declare(
        "Says which apps managed Google Play shows: those assigned, or all but those that are to be uninstalled.",
        "allowList",
        default="notConfigured",
    )
    apps_auto_update_policy: Annotated[
        Literal["notConfigured", "userChoice", "never", "wiFiOnly", "always"], choice("notConfigured")
    ] = declare("Says when apps are brought up to date.", "wiFiOnly", default="notConfigured")
    apps_default_permission_policy: AppPermissionPolicy = declare(
        "Says what becomes of what apps ask to be allowed: people are asked, it is granted, or denied.",
        "prompt",
        default="deviceDefault",
    )
    security_require_verify_apps: Switch = switch("Has Google look through apps for harmful ones.")
    security_developer_settings_enabled: Switch = switch("Lets people reach the settings for developers.")
    personal_profile_apps_allow_install_from_unknown_sources: Switch = switch(
        "On devices with a private side: lets people install apps past Google Play there."
    )


class FullyManagedPasswordSettings(Spec):
    """What a password must be, and after how long the screen locks."""

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
        "Says what a password is made of; deviceDefault asks for nothing in particular.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    password_minimum_length: LengthAtLeast = declare("Says how many characters a password has at least.", 8)
    password_minimum_letter_characters: CharactersAtLeast = declare("Says how many letters a password has at least.", 1)
    password_minimum_numeric_characters: CharactersAtLeast = declare("Says how many digits a password has at least.", 1)
    password_minimum_symbol_characters: CharactersAtLeast = declare("Says how many symbols a password has at least.", 1)
    password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Says after how many minutes without use the screen locks.", 5
    )
    password_expiration_days: DaysOfAYearAtMost = declare("Says after how many days a password must be changed.", 365)
    password_previous_password_count_to_block: RememberedAtLeast = declare(
        "Says how many old passwords cannot be used again.", 5
    )


class AndroidFullyManagedConfiguration(Policy, FullyManagedPasswordSettings, AndroidApps):
    """What the school's own Android devices let people do."""

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

    storage_block_external_media: Switch = switch("Keeps sticks and cards from being connected.")
    storage_block_usb_file_transfer: Switch = switch("Keeps files from being copied over a cable.")
    storage_allow_usb: Switch = switch("Lets people use the device as a USB disk.")
    accounts_block_modification: Switch = switch("Keeps people from adding and removing accounts.")
    google_accounts_blocked: Switch = switch("Keeps people from adding private Google accounts.")
    users_block_add: Switch = switch("Keeps people from adding further users.")
    factory_reset_blocked: Switch = switch("Keeps people from putting the device back to how it was made.")


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
