"""Every setting of the Policy API that has words, and what is known of some that have none."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.google_workspace.kind_tables import read_table
from connectors.google_workspace.kinds.policy_setting.rows import (
    PolicyField,
    PolicyFieldType,
    Reducer,
    SettingType,
    read_setting,
)

NOT_LICENSED = "NOT_LICENSED"
"""What `service_state` is where Google shows nothing of a service: the school has no licence for it."""

_SERVICES = (
    "ad_manager", "ads", "adsense", "ai_studio", "alerts", "analytics", "applied_digital_skills", "appsheet",
    "arts_and_culture", "beyondcorp_enterprise", "blogger", "bookmarks", "books", "calendar", "campaign_manager",
    "chat", "chrome_canvas", "chrome_remote_desktop", "chrome_sync", "chrome_web_store", "classroom", "cloud",
    "cloud_search", "colab", "cs_first", "data_studio", "developers", "domains", "drive_and_docs", "early_access_apps",
    "earth", "enterprise_service_restrictions", "experimental_apps", "feedburner", "fi", "gemini_app", "gmail",
    "google_bookmarks", "groups", "groups_for_business", "jamboard", "keep", "location_history", "managed_play",
    "maps", "material_gallery", "meet", "merchant_center", "messages", "migrate", "my_business", "my_maps", "news",
    "notebooklm", "partner_dash", "pay", "pay_for_business", "photos", "pinpoint", "play", "play_books",
    "play_books_partner_center", "play_console", "public_data", "question_hub", "read_along", "scholar_profiles",
    "search_ads_360", "search_and_assistant", "search_console", "sites", "socratic", "takeout", "tasks",
    "third_party_app_backups", "translate", "trips", "vault", "voice", "work_insights", "workspace_studio", "youtube",
)  # fmt: skip
_STATE = PolicyField(
    "service_state",
    PolicyFieldType.WORD,
    "Says whether the service is on; NOT_LICENSED where the school does not have it.",
    "DISABLED",
    words=("ENABLED", "DISABLED", NOT_LICENSED),
)
_PLACE = "Apps > Google Workspace, or Apps > Additional Google services > Service status"

_SETTINGS = tuple(read_setting(*row) for row in read_table(__package__, "console_settings.toml").items())
TYPES: Mapping[str, SettingType] = MappingProxyType(
    {
        **{setting.name: setting for setting in _SETTINGS if setting.fields},
        **{
            f"{name}.service_status": SettingType(
                f"{name}.service_status", "Services", _PLACE, (_STATE,), absent=NOT_LICENSED
            )
            for name in _SERVICES
        },
    }
)
_SPELT = {name: setting for setting in (*TYPES.values(), *_SETTINGS) for name in setting.names}
_OBJECTS = ("rule.", "detector.")


def known_name(setting: str) -> str:
    """Return the name that a setting has here, whichever of Google's two spellings of it is given."""
    return _SPELT[setting].name if setting in _SPELT else setting


def raw_type(setting: str) -> SettingType:
    """Return a setting of any type, known or not, with Google's names for its fields."""
    if setting in _SPELT:
        return _SPELT[setting].raw
    return SettingType(setting, setting, "", (), Reducer.EACH if setting.startswith(_OBJECTS) else Reducer.MAX)
