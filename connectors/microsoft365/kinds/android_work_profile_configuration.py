"""Device restrictions for Android work profiles: passwords, unknown sources, and sharing of data with private apps."""

from typing import Annotated, ClassVar, Literal

from connectors.microsoft365.intune.configuration import IN_BETA, Configurations, configuration_kind
from connectors.microsoft365.intune.effects import ACCOUNTS, APPS, password_effects
from connectors.microsoft365.intune.fields import (
    AppPermissionPolicy,
    DaysOfAYearAtMost,
    LengthAtLeast,
    MinutesAtMost,
    RememberedAtLeast,
    Switch,
    WorkProfilePasswordType,
    choice_setting,
)
from connectors.microsoft365.intune.policy import POLICY, Policy
from toolkit.sdk import (
    Effect,
    Properties,
    Spec,
    becomes,
    declare,
    declare_effects,
    switch,
    switches_off,
    switches_on,
)


class WorkProfilePasswordSettings(Spec):
    """The settings for the passwords of the device and of its work profile."""

    effects = password_effects(
        [
            "password_required_type",
            "password_minimum_length",
            "password_minutes_of_inactivity_before_screen_timeout",
            "password_expiration_days",
            "password_previous_password_block_count",
            "work_profile_require_password",
            "work_profile_password_required_type",
            "work_profile_password_minimum_length",
            "work_profile_password_minutes_of_inactivity_before_screen_timeout",
        ]
    )

    password_required_type: WorkProfilePasswordType = declare(
        "Required type of the device's password. deviceDefault accepts any type.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    password_minimum_length: LengthAtLeast = declare("Minimum number of characters in the password of the device.", 8)
    password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Number of minutes without use after which the screen locks.", 5
    )
    password_expiration_days: DaysOfAYearAtMost = declare(
        "Number of days after which the password of the device must be changed.", 365
    )
    password_previous_password_block_count: RememberedAtLeast = declare(
        "Number of previous passwords of the device that cannot be used again.", 5
    )
    work_profile_require_password: Switch = switch("Requires a separate password for the work profile.")
    work_profile_password_required_type: WorkProfilePasswordType = declare(
        "Required type of the work profile's password.", "alphanumericWithSymbols", default="deviceDefault"
    )
    work_profile_password_minimum_length: LengthAtLeast = declare(
        "Minimum number of characters in the password of the work profile.", 8
    )
    work_profile_password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Number of minutes without use after which the work profile locks.", 5
    )


class AndroidWorkProfileConfiguration(Policy, WorkProfilePasswordSettings):
    """Device restrictions for phones with a work profile."""

    effects = declare_effects(
        {
            "work_profile_allow_app_installs_from_unknown_sources": Effect(APPS, switches_off),
            "work_profile_block_personal_app_installs_from_unknown_sources": Effect(APPS, switches_on),
            "work_profile_data_sharing_type": Effect(
                "files no longer pass between work and private apps", becomes("preventAny", "allowPersonalToWork")
            ),
            "security_require_verify_apps": Effect("apps that Google calls harmful no longer open", switches_on),
            "work_profile_default_app_permission_policy": Effect(
                "apps are denied all permissions", becomes("autoDeny")
            ),
            "work_profile_block_adding_accounts": Effect(ACCOUNTS, switches_on),
            "work_profile_block_cross_profile_copy_paste": Effect(
                "people can no longer copy out of work apps", switches_on
            ),
            "work_profile_block_screen_capture": Effect(
                "people can no longer take screenshots of work apps", switches_on
            ),
            "work_profile_block_notifications_while_device_locked": Effect(
                "notifications of work apps no longer show on the locked screen", switches_on
            ),
        },
    )

    properties: ClassVar[Properties] = POLICY.extended(
        defaults={"workProfileAccountUse": "allowAllExceptGoogleAccounts"}
    )

    security_require_verify_apps: Switch = switch("Makes Google scan the device for harmful apps.")
    work_profile_allow_app_installs_from_unknown_sources: Switch = switch(
        "Lets people install apps from outside managed Google Play in the work profile. If unset, they cannot."
    )
    work_profile_block_personal_app_installs_from_unknown_sources: Switch = switch(
        "Stops people installing apps from outside Google Play in the personal profile."
    )
    work_profile_data_sharing_type: Annotated[
        Literal["deviceDefault", "preventAny", "allowPersonalToWork", "noRestrictions"], choice_setting("deviceDefault")
    ] = declare(
        "Data that work and private apps may share: nothing, only from private to work, or everything.",
        "allowPersonalToWork",
        default="deviceDefault",
    )
    work_profile_default_app_permission_policy: AppPermissionPolicy = declare(
        "Action if an app requests a permission: people are asked, or it is granted or denied automatically.",
        "prompt",
        default="deviceDefault",
    )
    work_profile_block_adding_accounts: Switch = switch("Stops people adding accounts to the work profile.")
    work_profile_block_cross_profile_copy_paste: Switch = switch(
        "Stops people copying from the work profile to private apps."
    )
    work_profile_block_screen_capture: Switch = switch("Blocks screenshots in the work profile.")
    work_profile_block_notifications_while_device_locked: Switch = switch(
        "Hides notifications of the work profile while the screen is locked."
    )


# Only Graph's beta version has the settings for unknown sources.
KIND = configuration_kind(
    "android_work_profile_configuration",
    title="Android work profile configuration",
    spec=AndroidWorkProfileConfiguration,
    endpoint=Configurations(IN_BETA, "androidWorkProfileGeneralDeviceConfiguration"),
    sample="""\
- microsoft365.android_work_profile_configuration: Staff phones
  work_profile_block_personal_app_installs_from_unknown_sources: true
  security_require_verify_apps: true
  work_profile_data_sharing_type: allowPersonalToWork
  assigned_to: [all-staff@example-primary.example]
""",
)
