"""Schemas of apps and extensions: of a single one, which its id names beside the target, and of all of them."""

from connectors.emulator.google_workspace.chrome_policy.schema import (
    PolicySchema,
    acknowledgement,
    choice,
    flag,
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
