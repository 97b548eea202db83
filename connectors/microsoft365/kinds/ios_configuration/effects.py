"""The effects on people of the settings for iPads and iPhones."""

from connectors.microsoft365.intune.effects import APPS, password_effects
from toolkit.sdk import Effect, adds_entries, becomes, declare_effects, removes_entries, switches_on

APP_EFFECTS = declare_effects(
    {
        "apps_visibility_list_type": Effect(APPS, becomes("show_only_listed", "hide_listed")),
        "apps_visibility_list": (
            Effect(APPS, adds_entries, only_if={"apps_visibility_list_type": ("hide_listed",)}),
            Effect(APPS, removes_entries, only_if={"apps_visibility_list_type": ("show_only_listed",)}),
        ),
        **dict.fromkeys(
            (
                "enterprise_app_block_trust",
                "enterprise_app_block_trust_modification",
                "app_store_blocked",
                "app_store_block_ui_app_installation",
                "app_store_block_automatic_downloads",
                "messages_blocked",
                "face_time_blocked",
                "game_center_blocked",
            ),
            Effect(APPS, switches_on),
        ),
        "app_store_block_in_app_purchases": Effect("people can no longer buy anything inside apps", switches_on),
        "app_store_require_password": Effect("each purchase in the store requires the password", switches_on),
    }
)


PASSCODE_EFFECTS = password_effects(
    [
        "passcode_required",
        "passcode_block_simple",
        "passcode_required_type",
        "passcode_minimum_length",
        "passcode_minimum_character_set_count",
        "passcode_minutes_of_inactivity_before_lock",
        "passcode_minutes_of_inactivity_before_screen_timeout",
        "passcode_expiration_days",
        "passcode_previous_passcode_block_count",
    ]
)


DEVICE_EFFECTS = declare_effects(
    {
        "documents_block_managed_documents_in_unmanaged_apps": Effect(
            "the school's documents no longer open in private apps", switches_on
        ),
        "icloud_block_backup": Effect("devices are no longer backed up to iCloud", switches_on),
        "itunes_block_explicit_content": Effect("explicit music and films no longer play", switches_on),
    }
)
