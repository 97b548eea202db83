"""Device restrictions for Windows: removable storage, software sources, passwords and the screen."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from connectors.microsoft365.intune.configuration import (
    CONFIGURATIONS,
    OTHER_CONFIGURATIONS,
    Configurations,
    configuration_kind,
)
from connectors.microsoft365.intune.effects import ACCOUNTS, APPS, STORAGE, password_effects
from connectors.microsoft365.intune.fields import (
    DaysAtMost,
    LengthAtLeast,
    MinutesAtMost,
    PasswordType,
    RememberedAtLeast,
    SortsOfCharacters,
    Switch,
    choice_setting,
)
from connectors.microsoft365.intune.policy import POLICY, Policy
from connectors.microsoft365.permissions import INTUNE_COMPUTERS
from toolkit.sdk import (
    Effect,
    Harmless,
    Properties,
    Spec,
    becomes,
    declare,
    declare_effects,
    switch,
    switches_on,
)

_State: TypeAlias = Annotated[Literal["notConfigured", "blocked", "allowed"], choice_setting("notConfigured")]


class Software(Spec):
    """The settings for where software may come from."""

    effects = declare_effects(
        {
            "apps_allow_trusted_apps_sideloading": Effect(APPS, becomes("blocked")),
            "developer_unlock_setting": Effect("developer mode no longer works", becomes("blocked")),
            **dict.fromkeys(
                (
                    "smart_screen_enable_app_install_control",
                    "apps_block_windows_store_originated_apps",
                    "windows_store_enable_private_store_only",
                    "windows_store_blocked",
                ),
                Effect(APPS, switches_on),
            ),
            **dict.fromkeys(
                ("smart_screen_block_prompt_override", "smart_screen_block_prompt_override_for_files"),
                Effect("people can no longer ignore a warning about a site or a file", switches_on),
            ),
            "settings_block_add_provisioning_package": Effect("people can no longer add setup packages", switches_on),
        }
    )

    apps_allow_trusted_apps_sideloading: _State = declare(
        "Whether apps that are signed with a trusted certificate may be installed from outside the Store.",
        "blocked",
        default="notConfigured",
    )
    developer_unlock_setting: _State = declare(
        "Whether people may turn on developer mode, in which any app can be installed.",
        "blocked",
        default="notConfigured",
    )
    smart_screen_enable_app_install_control: Switch = switch("Lets people install apps only from the Store.")
    smart_screen_block_prompt_override: Switch = switch("Stops people ignoring a warning about a site.")
    smart_screen_block_prompt_override_for_files: Switch = switch("Stops people ignoring a warning about a file.")
    apps_block_windows_store_originated_apps: Switch = switch("Blocks all apps from the Store.")
    windows_store_enable_private_store_only: Switch = switch("Shows people only the school's private store.")
    windows_store_blocked: Switch = switch("Blocks the Store.")
    settings_block_add_provisioning_package: Switch = switch(
        "Stops people adding provisioning packages, which set up the device."
    )


class WindowsPasswordSettings(Spec):
    """The settings for passwords, and for the time until the screen locks."""

    effects = password_effects(
        [
            "password_required",
            "password_block_simple",
            "password_required_type",
            "password_minimum_length",
            "password_minimum_character_set_count",
            "password_minutes_of_inactivity_before_screen_timeout",
            "password_require_when_resume_from_idle_state",
            "password_expiration_days",
            "password_previous_password_block_count",
        ]
    )

    password_required: Switch = switch(
        "Requires a password on the device. The other password settings apply only with it."
    )
    password_block_simple: Switch = switch("Rejects passwords such as 1234 or 1111.")
    password_required_type: PasswordType = declare(
        "Required type of password. deviceDefault accepts any type.",
        "alphanumeric",
        default="deviceDefault",
    )
    password_minimum_length: LengthAtLeast = declare("Minimum number of characters in a password.", 8)
    password_minimum_character_set_count: SortsOfCharacters = declare(
        "Number of types of characters that a password must have: upper case, lower case, digits, symbols.",
        3,
    )
    password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Number of minutes without use after which the screen locks.", 5
    )
    password_require_when_resume_from_idle_state: Switch = switch("Requires the password when the device wakes up.")
    password_expiration_days: DaysAtMost = declare("Number of days after which a password must be changed.", 365)
    password_previous_password_block_count: RememberedAtLeast = declare(
        "Number of previous passwords that cannot be used again.", 5
    )


class WindowsConfiguration(Policy, WindowsPasswordSettings, Software):
    """Device restrictions for Windows computers."""

    effects = declare_effects(
        {
            "storage_block_removable_storage": Effect(STORAGE, switches_on),
            **dict.fromkeys(
                ("microsoft_account_blocked", "accounts_block_adding_non_microsoft_account_email"),
                Effect(ACCOUNTS, switches_on),
            ),
            "device_management_block_manual_unenroll": Effect(
                "people can no longer remove a device from the school's management", switches_on
            ),
            "internet_sharing_blocked": Effect("devices no longer share their connection", switches_on),
            "logon_block_fast_user_switching": Effect(
                "a second person can no longer sign in while the first is still signed in", switches_on
            ),
            **dict.fromkeys(
                (
                    "defender_require_real_time_monitoring",
                    "defender_require_behavior_monitoring",
                    "defender_require_cloud_protection",
                    "defender_scan_downloads",
                ),
                Effect("programs and files that Defender calls harmful no longer open", switches_on),
            ),
            "game_dvr_blocked": Effect("games can no longer be recorded", switches_on),
        },
        {Harmless.BACKGROUND: ("defender_scan_removable_drives_during_full_scan",)},
    )

    properties: ClassVar[Properties] = POLICY.extended(
        defaults={
            "cellularData": "blocked",
            "defenderSubmitSamplesConsentType": "sendSafeSamplesAutomatically",
        }
    )

    storage_block_removable_storage: Switch = switch(
        "Blocks memory sticks, cards and external disks completely, both reading and writing."
    )
    microsoft_account_blocked: Switch = switch("Stops people adding a private Microsoft account to the device.")
    accounts_block_adding_non_microsoft_account_email: Switch = switch(
        "Stops people adding mail accounts of other services."
    )
    device_management_block_manual_unenroll: Switch = switch(
        "Stops people removing the device from the school's management."
    )
    internet_sharing_blocked: Switch = switch("Stops the device sharing its internet connection.")
    logon_block_fast_user_switching: Switch = switch(
        "Stops a second person signing in while the first is still signed in."
    )
    game_dvr_blocked: Switch = switch("Blocks the recording and broadcasting of games.")
    defender_scan_removable_drives_during_full_scan: Switch = switch(
        "Makes a full scan by Defender include memory sticks and external disks."
    )
    defender_require_real_time_monitoring: Switch = switch("Makes Defender scan every file that is opened or saved.")
    defender_require_behavior_monitoring: Switch = switch("Makes Defender monitor the behaviour of programs.")
    defender_require_cloud_protection: Switch = switch("Lets Defender check unknown files with Microsoft.")
    defender_scan_downloads: Switch = switch("Makes Defender scan downloads.")


KIND = configuration_kind(
    "windows_configuration",
    title="Windows configuration",
    spec=WindowsConfiguration,
    endpoint=Configurations(CONFIGURATIONS, "windows10GeneralConfiguration"),
    permissions=INTUNE_COMPUTERS,
    other_objects=OTHER_CONFIGURATIONS,
    sample="""\
- microsoft365.windows_configuration: Staff laptops
  storage_block_removable_storage: true
  apps_allow_trusted_apps_sideloading: blocked
  developer_unlock_setting: blocked
  smart_screen_enable_app_install_control: true
  assigned_to: [all-staff@example-primary.example]
""",
)
