"""The policy schemas that are emulated, by name: those that a school's policies need, of the 1,100 that Google has.

Names, fields and most values are those of GAM's published list of schemas and of schemas that others published raw
(contracts/google.md, section 4). A constant's beginning follows no rule; where none was seen, it is made like others.
"""

from collections.abc import Mapping

from connectors.emulator.google_workspace.chrome_policy.known.users import (
    STORAGE_DEFAULT,
    STORAGE_FIELDS,
    URL_FIELDS,
    USERS,
)
from connectors.emulator.google_workspace.chrome_policy.schema import (
    Field,
    PolicySchema,
    acknowledgement,
    choice,
    duration,
    flag,
    number,
    unset_or,
    urls,
    words,
    written,
)

INSTALL_TYPE = "chrome.users.apps.InstallType"
APP_ID = "app_id"
_INSTALL_TYPES = (
    "BLOCKED", "ALLOWED", "FORCED", "FORCED_AND_PIN_TO_TOOLBAR", "NORMAL", "NORMAL_AND_PIN_TO_TOOLBAR", "REMOVE",
)  # fmt: skip
_SETTINGS = "Apps and extensions"
_HOSTS = 100

_OF_ONE = (
    PolicySchema(
        INSTALL_TYPE, "Specifies the manner in which the app is to be installed.", _SETTINGS,
        (choice("appInstallType", "AppInstallType", _INSTALL_TYPES, "Web apps can't be blocked."),), keys=(APP_ID,),
    ),
    PolicySchema(
        "chrome.users.apps.ManagedConfiguration", "Allows setting of the managed configuration.", _SETTINGS,
        (written("managedConfiguration", "JSON."),), keys=(APP_ID,),
    ),
    PolicySchema(
        "chrome.users.apps.PermissionsAndUrlAccess", "Allows setting of allowed and blocked hosts.", _SETTINGS,
        (words("blockedPermissions"), words("allowedPermissions"), words("blockedHosts"), words("allowedHosts")),
        keys=(APP_ID,),
    ),
    PolicySchema(
        "chrome.users.apps.CertificateManagement", "Certificate management related permissions.", _SETTINGS,
        (flag("allowAccessToKeys"), flag("allowEnterpriseChallenge")), keys=(APP_ID,),
    ),
    PolicySchema(
        "chrome.devices.managedguest.apps.InstallType", "How the app is installed in managed guest sessions.",
        _SETTINGS,
        (choice("appInstallType", "AppInstallType", ("NOT_INSTALLED", "FORCED", "FORCED_AND_PIN_TO_TOOLBAR")),),
        groups=False, keys=(APP_ID,),
    ),
)  # fmt: skip

_OF_ALL = (
    PolicySchema(
        "chrome.users.appsconfig.AllowedInstallSources",
        "Allows setting of the allowed install sources for apps. Note these must be set together.", _SETTINGS,
        (
            choice(
                "playStoreInstallSources", "PlayStoreInstallSourcesEnum", ("ALLOW_ALL_APPS", "BLOCK_ALL_APPS"),
                prefix="PLAY_STORE_INSTALL_SOURCES_ENUM_",
            ),
            choice(
                "chromeWebStoreInstallSources", "ChromeWebStoreInstallSourcesEnum",
                ("ALLOW_ALL_APPS", "BLOCK_ALL_APPS", "BLOCK_ALL_APPS_USER_EXTENSION_REQUESTS_ALLOWED"),
                prefix="CHROME_WEB_STORE_INSTALL_SOURCES_ENUM_",
            ),
        ),
        together=("playStoreInstallSources", "chromeWebStoreInstallSources"),
        default={
            "playStoreInstallSources": "PLAY_STORE_INSTALL_SOURCES_ENUM_BLOCK_ALL_APPS",
            "chromeWebStoreInstallSources": "CHROME_WEB_STORE_INSTALL_SOURCES_ENUM_ALLOW_ALL_APPS",
        },
    ),
    PolicySchema(
        "chrome.users.appsconfig.AndroidAppsEnabled", "Android applications on Chrome devices.", _SETTINGS,
        (
            flag("arcEnabled", "Android applications on Chrome devices.", notice="true"),
            acknowledgement("ackNoticeForArcEnabledSetToTrue"),
        ),
        default={"arcEnabled": False},
    ),
    PolicySchema(
        "chrome.users.appsconfig.BlockExtensionsByPermission", "Permissions and URLs.", _SETTINGS,
        (words("extensionBlockedPermissions"), urls("runtimeBlockedHosts", most=_HOSTS),
         urls("runtimeAllowedHosts", most=_HOSTS)),
    ),
    PolicySchema(
        "chrome.users.appsconfig.BlockExternalExtensions", "External extensions.", _SETTINGS,
        (flag("blockExternalExtensions"),), default={"blockExternalExtensions": False},
    ),
    PolicySchema(
        "chrome.users.appsconfig.ExtensionInstallTypeBlocklist", "Extension install types blocklist.", _SETTINGS,
        (words("extensionInstallTypeBlocklist"),),
    ),
    PolicySchema(
        "chrome.users.appsconfig.AllowedAppTypes", "Allowed types of apps and extensions.", _SETTINGS,
        (words("extensionAllowedTypes"),),
    ),
)  # fmt: skip

APPS = (*_OF_ONE, *_OF_ALL)


_SIGN_IN, _ENROLMENT = "Sign-in settings", "Enrollment and access"

DEVICES = (
    PolicySchema(
        "chrome.devices.managedguest.UrlBlocking", "URL blocking.", "Content",
        (*URL_FIELDS, flag("chromeInternalUrlsBlocked", "Block chrome:// addresses.")), groups=False,
    ),
    PolicySchema("chrome.devices.kiosk.UrlBlocking", "URL blocking.", "Content", URL_FIELDS, groups=False),
    PolicySchema(
        "chrome.devices.managedguest.ExternalStorage", "External storage devices.", "Hardware", STORAGE_FIELDS,
        groups=False, default=STORAGE_DEFAULT,
    ),
    PolicySchema(
        "chrome.devices.GuestMode", "Guest mode.", _SIGN_IN, (flag("guestModeEnabled"),), groups=False,
        default={"guestModeEnabled": True},
    ),
    PolicySchema(
        "chrome.devices.SignInRestriction", "Sign-in restriction.", _SIGN_IN,
        (
            choice(
                "deviceAllowNewUsers", "AllowNewUsersEnum", ("RESTRICTED_LIST", "ANY_USER", "NO_USERS"),
                prefix="ALLOW_NEW_USERS_ENUM_",
            ),
            words("userAllowlist", "Allowed users; *@example.com for a domain."),
        ),
        groups=False, default={"deviceAllowNewUsers": "ALLOW_NEW_USERS_ENUM_ANY_USER"},
    ),
    PolicySchema(
        "chrome.devices.ForcedReenrollment", "Forced re-enrollment.", _ENROLMENT,
        (
            choice(
                "reenrollmentMode", "ReenrollmentModeEnum",
                ("AUTO_REENROLLMENT", "MANUAL_REENROLLMENT", "NO_REENROLLMENT"), prefix="REENROLLMENT_MODE_ENUM_",
            ),
        ),
        groups=False, default={"reenrollmentMode": "REENROLLMENT_MODE_ENUM_AUTO_REENROLLMENT"},
    ),
)  # fmt: skip


_ACTIONS = ("SLEEP", "LOGOUT", "SHUTDOWN", "DO_NOTHING")
_MINUTES_OF_A_DAY, _DAYS_OF_A_YEAR = 1440, 365


def _on(power: str) -> tuple[Field, ...]:
    """Write what happens on one kind of power: Ac or Battery."""
    return (
        duration(f"idleDelay{power}", "Idle delay in seconds."),
        duration(f"idleWarningDelay{power}", "Idle warning delay in seconds."),
        choice(f"idleAction{power}", f"IdleAction{power}Enum", _ACTIONS, prefix=f"IDLE_ACTION_{power.upper()}_ENUM_"),
        duration(f"screenDimDelay{power}", "Screen dim delay in seconds."),
        duration(f"screenOffDelay{power}", "Screen off delay in seconds."),
        duration(
            f"screenLockDelay{power}", "Screen lock delay in seconds. Enter zero to never lock the screen on idle."
        ),
    )


_IDLE = (
    choice("lidCloseAction", "LidCloseActionEnum", _ACTIONS, prefix="LID_CLOSE_ACTION_ENUM_"),
    *_on("Ac"),
    *_on("Battery"),
    unset_or("lockOnSleepOrLidClose", "Lock screen on sleep or lid close."),
)
_POWER, _SECURITY = "Power and shutdown", "Security"

SESSIONS = (
    PolicySchema("chrome.users.IdleSettingsExtended", "Idle settings.", _POWER, _IDLE),
    PolicySchema("chrome.devices.managedguest.IdleSettingsExtended", "Idle settings.", _POWER, _IDLE, groups=False),
    PolicySchema(
        "chrome.users.LockScreen", "Lock screen.", _SECURITY, (flag("allowScreenLock"),),
        default={"allowScreenLock": True},
    ),
    PolicySchema(
        "chrome.users.SessionLengthV2", "Maximum user session length.", "Session settings",
        (duration("sessionDurationLimit", "Duration in minutes.", least=1, most=_MINUTES_OF_A_DAY),),
    ),
    PolicySchema(
        "chrome.devices.managedguest.SessionLengthV2", "Maximum managed guest session length.", "Session settings",
        (duration("sessionDurationLimit", "Duration in minutes.", least=1, most=_MINUTES_OF_A_DAY),), groups=False,
    ),
    PolicySchema(
        "chrome.users.GaiaOfflineSigninTimeLimitDays", "Google online login frequency.", _SECURITY,
        (number("gaiaOfflineSigninTimeLimitDays", "Days.", most=_DAYS_OF_A_YEAR),),
    ),
    PolicySchema(
        "chrome.users.GaiaLockScreenOfflineSigninTimeLimitDays", "Google online unlock frequency.", _SECURITY,
        (number("gaiaLockScreenOfflineSigninTimeLimitDays", "Days.", most=_DAYS_OF_A_YEAR),),
    ),
)  # fmt: skip


SCHEMAS: Mapping[str, PolicySchema] = {
    one.name: one for one in sorted((*USERS, *SESSIONS, *APPS, *DEVICES), key=lambda one: one.name)
}
