"""Services that can be on or off: Google Workspace's own, and Google's additional ones."""

from connectors.google_workspace.kinds.policy_setting.rows import SettingType, word

NOT_LICENSED = "NOT_LICENSED"
"""What `service_state` is where Google shows nothing of a service: the school has no licence for it."""

_NAMES = (
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
