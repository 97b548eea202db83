"""Every setting of the Policy API that a playbook can ask about."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.google_workspace.kinds.policy_setting.chat import CHAT
from connectors.google_workspace.kinds.policy_setting.drive_and_docs import DRIVE_AND_DOCS
from connectors.google_workspace.kinds.policy_setting.gmail import GMAIL
from connectors.google_workspace.kinds.policy_setting.gmail_safety import GMAIL_SAFETY
from connectors.google_workspace.kinds.policy_setting.rows import SettingType, word
from connectors.google_workspace.kinds.policy_setting.security import SECURITY

NOT_LICENSED = "NOT_LICENSED"
"""What `service_state` is where Google shows nothing of a service: the school has no licence for it."""

_NAMES = (
    "ad_manager", "ads", "adsense", "alerts", "analytics", "applied_digital_skills", "appsheet", "arts_and_culture",
    "beyondcorp_enterprise", "blogger", "bookmarks", "books", "calendar", "campaign_manager", "chat", "chrome_canvas",
    "chrome_remote_desktop", "chrome_sync", "chrome_web_store", "classroom", "cloud", "cloud_search", "colab",
    "cs_first", "data_studio", "developers", "domains", "drive_and_docs", "earth", "enterprise_service_restrictions",
    "experimental_apps", "feedburner", "fi", "gmail", "google_bookmarks", "groups", "groups_for_business", "jamboard",
    "keep", "location_history", "managed_play", "maps", "material_gallery", "meet", "merchant_center", "messages",
    "migrate", "my_business", "my_maps", "news", "partner_dash", "pay", "pay_for_business", "photos", "pinpoint",
    "play", "play_books", "play_books_partner_center", "play_console", "public_data", "question_hub",
    "scholar_profiles", "search_ads_360", "search_and_assistant", "search_console", "sites", "socratic", "takeout",
    "tasks", "third_party_app_backups", "translate", "trips", "vault", "voice", "work_insights", "workspace_studio",
    "youtube",
)  # fmt: skip
_STATE = word("service_state", "Says whether the service is on; NOT_LICENSED where the school does not have it.",
              "DISABLED", "ENABLED", "DISABLED", NOT_LICENSED)  # fmt: skip

SERVICES = tuple(
    SettingType(
        f"{name}.service_status",
        "Services",
        "Apps > Google Workspace, or Apps > Additional Google services > Service status",
        (_STATE,),
        absent=NOT_LICENSED,
    )
    for name in _NAMES
)


TYPES: Mapping[str, SettingType] = MappingProxyType(
    {one.name: one for one in (*SECURITY, *GMAIL, *GMAIL_SAFETY, *DRIVE_AND_DOCS, *CHAT, *SERVICES)}
)
