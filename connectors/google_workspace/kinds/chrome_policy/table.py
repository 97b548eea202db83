"""Every Chrome policy that a playbook can ask for."""

from collections.abc import Mapping
from types import MappingProxyType

from connectors.google_workspace.kinds.chrome_policy.rows import (
    ChromeField,
    Schema,
    flag,
    listed,
    minutes,
    seconds,
    unset_or,
    word,
)
from connectors.google_workspace.kinds.chrome_policy.web import GUESTS, USERS, WEB

_STORAGE: tuple[ChromeField, ...] = (
    word("external_storage_devices", "Says what may be done with sticks and cards: READ_WRITE, READ_ONLY or DISALLOW.",
         "DISALLOW"),
    listed("external_storage_allowlist", "Lists devices that are spared, each by vendor and product.", ["0781:5583"],
           r"[0-9a-f]{4}:[0-9a-f]{4}"),
)  # fmt: skip
_ACTION = "SLEEP, LOGOUT, SHUTDOWN or DO_NOTHING"
_IDLE: tuple[ChromeField, ...] = (
    seconds("screen_lock_delay_ac", "Says after how long without use the screen is locked on mains; 0 s is never.",
            "5 min"),
    seconds("screen_lock_delay_battery", "Says the same on battery.", "5 min"),
    seconds("idle_delay_ac", "Says after how long without use idle_action_ac is taken; 0 s is never.", "15 min"),
    seconds("idle_delay_battery", "Says the same on battery.", "10 min"),
    word("idle_action_ac", f"Says what is done then on mains: {_ACTION}.", "LOGOUT"),
    word("idle_action_battery", f"Says what is done then on battery: {_ACTION}.", "SLEEP"),
    word("lid_close_action", f"Says what is done when the lid is closed: {_ACTION}.", "SLEEP"),
    unset_or("lock_on_sleep_or_lid_close",
             "Says whether sleeping or closing the lid locks the screen; null lets people choose.", True),
)  # fmt: skip
_LENGTH: tuple[ChromeField, ...] = (
    minutes("session_duration_limit", "Says after how long a session ends, in whole minutes.", "8 h", longest=1440),
)
_POWER, _HARDWARE, _SESSION = (
    "Power and shutdown > Idle settings",
    "Hardware > External storage devices",
    "Session settings",
)

SESSIONS = (
    Schema("users.ExternalStorage", "External storage", f"{USERS} > {_HARDWARE}", _STORAGE),
    Schema("devices.managedguest.ExternalStorage", "External storage", f"{GUESTS} > {_HARDWARE}", _STORAGE),
    Schema("users.IdleSettingsExtended", "Idle settings", f"{USERS} > {_POWER}", _IDLE),
    Schema("devices.managedguest.IdleSettingsExtended", "Idle settings", f"{GUESTS} > {_POWER}", _IDLE),
    Schema(
        "users.LockScreen", "Lock screen", f"{USERS} > Security > Lock screen",
        (flag("allow_screen_lock", "a screen can be locked: without it, what is idle is signed out instead", True),),
    ),
    Schema(
        "users.SessionLengthV2", "Length of a session", f"{USERS} > {_SESSION} > Maximum user session length", _LENGTH,
    ),
    Schema(
        "devices.managedguest.SessionLengthV2", "Length of a session",
        f"{GUESTS} > {_SESSION} > Maximum managed guest session length", _LENGTH,
    ),
)  # fmt: skip


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


SCHEMAS: Mapping[str, Schema] = MappingProxyType({one.name: one for one in (*WEB, *APPS, *SESSIONS)})
