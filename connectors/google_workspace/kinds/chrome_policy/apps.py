"""Policies about apps and extensions: of a single one, and of all of them."""

from connectors.google_workspace.kinds.chrome_policy.rows import Schema, flag, word

_APPS = "Apps & extensions > Users & browsers"
_ALL = f"{_APPS} > Additional settings"

APPS = (
    Schema(
        "users.apps.InstallType", "An app or extension", f"{_APPS}, then the app",
        (
            word("app_install_type", "Says what becomes of the app: BLOCKED, ALLOWED, FORCED, "
                 "FORCED_AND_PIN_TO_TOOLBAR, NORMAL, NORMAL_AND_PIN_TO_TOOLBAR or REMOVE. A web app cannot be BLOCKED.",
                 "BLOCKED"),
        ),
        of_app=True,
    ),
    Schema(
        "users.appsconfig.AllowedInstallSources", "Apps and extensions that nobody named",
        f"{_ALL} > Allow/block mode",
        (
            word("play_store_install_sources", "Says what becomes of Android apps that nobody named: ALLOW_ALL_APPS or "
                 "BLOCK_ALL_APPS.", "BLOCK_ALL_APPS"),
            word("chrome_web_store_install_sources", "Says the same of what the Chrome Web Store has; "
                 "BLOCK_ALL_APPS_USER_EXTENSION_REQUESTS_ALLOWED lets people ask.", "BLOCK_ALL_APPS"),
        ),
        together=("play_store_install_sources", "chrome_web_store_install_sources"),
    ),
    Schema(
        "users.appsconfig.AndroidAppsEnabled", "Android apps on Chromebooks",
        f"{_ALL} > Android applications on Chrome devices",
        (flag("arc_enabled", "Chromebooks run Android apps", False),),
    ),
    Schema(
        "users.appsconfig.BlockExternalExtensions", "External extensions", f"{_ALL} > External extensions",
        (flag("block_external_extensions", "extensions that other programs install are blocked", True),),
    ),
)  # fmt: skip
