"""Device restrictions for Android work profiles: passwords, unknown sources, what passes between work and private."""

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
    choice,
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
    """What the password of the device and that of its work profile must be."""

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
        "Says what the password of the device is made of; deviceDefault asks for nothing in particular.",
        "alphanumericWithSymbols",
        default="deviceDefault",
    )
    password_minimum_length: LengthAtLeast = declare(
        "Says how many characters the password of the device has at least.", 8
    )
    password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Says after how many minutes without use the screen locks.", 5
    )
    password_expiration_days: DaysOfAYearAtMost = declare(
        "Says after how many days the password of the device must be changed.", 365
    )
    password_previous_password_block_count: RememberedAtLeast = declare(
        "Says how many old passwords of the device cannot be used again.", 5
    )
    work_profile_require_password: Switch = switch("Asks for a password of its own for the work profile.")
    work_profile_password_required_type: WorkProfilePasswordType = declare(
        "Says what the password of the work profile is made of.", "alphanumericWithSymbols", default="deviceDefault"
    )
    work_profile_password_minimum_length: LengthAtLeast = declare(
        "Says how many characters the password of the work profile has at least.", 8
    )
    work_profile_password_minutes_of_inactivity_before_screen_timeout: MinutesAtMost = declare(
        "Says after how many minutes without use the work profile locks.", 5
    )


class AndroidWorkProfileConfiguration(Policy, WorkProfilePasswordSettings):
    """What phones with a work profile let people do."""

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
            "work_profile_block_screen_capture": Effect("people can no longer take pictures of work apps", switches_on),
            "work_profile_block_notifications_while_device_locked": Effect(
                "notifications of work apps no longer show on the locked screen", switches_on
            ),
        },
    )

    properties: ClassVar[Properties] = POLICY.extended(
        defaults={"workProfileAccountUse": "allowAllExceptGoogleAccounts"}
    )

    security_require_verify_apps: Switch = switch("Has Google look through apps for harmful ones.")
    work_profile_allow_app_installs_from_unknown_sources: Switch = switch(
        "Lets people install apps past managed Google Play in the work profile; unset, they cannot."
    )
    work_profile_block_personal_app_installs_from_unknown_sources: Switch = switch(
        "Keeps people from installing apps past Google Play on the private side too."
    )
    work_profile_data_sharing_type: Annotated[
        Literal["deviceDefault", "preventAny", "allowPersonalToWork", "noRestrictions"], choice("deviceDefault")
    ] = declare(
        "Says what may pass between work and private: nothing, from private to work alone, or everything.",
        "allowPersonalToWork",
        default="deviceDefault",
    )
    work_profile_default_app_permission_policy: AppPermissionPolicy = declare(
        "Says what becomes of what apps ask to be allowed: people are asked, it is granted, or denied.",
        "prompt",
        default="deviceDefault",
    )
    work_profile_block_adding_accounts: Switch = switch("Keeps people from adding accounts to the work profile.")
    work_profile_block_cross_profile_copy_paste: Switch = switch("Keeps people from copying out of the work profile.")
    work_profile_block_screen_capture: Switch = switch(
        "Keeps people from taking pictures of the work profile's screen."
    )
    work_profile_block_notifications_while_device_locked: Switch = switch(
        "Hides what the work profile announces while the screen is locked."
    )


# Unknown sources are a matter of beta alone.
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
