"""Schemas of people and managed browsers: addresses, accounts, and what the browser lets them do."""

from connectors.emulator.google_workspace.chrome_policy.schema import (
    PolicySchema,
    choice,
    flag,
    unset_or,
    urls,
    words,
    written,
)

_BLOCKED = "Blocked URLs. Maximum of 1000 URLs."
_ALLOWED = 'Blocked URL exceptions. Wildcards ("*") cannot be entered alone. Maximum of 1000 URLs.'
URL_FIELDS = (urls("urlBlocklist", _BLOCKED), urls("urlAllowlist", _ALLOWED, everything=False))
STORAGE_FIELDS = (
    choice(
        "externalStorageDevices", "ExternalStorageDevicesEnum", ("READ_WRITE", "READ_ONLY", "DISALLOW"),
        "External storage devices.", prefix="EXTERNAL_STORAGE_DEVICES_ENUM_",
    ),
    words("externalStorageAllowlist", "Exceptions, each as vendor and product: 0781:5583."),
)  # fmt: skip
STORAGE_DEFAULT = {"externalStorageDevices": "EXTERNAL_STORAGE_DEVICES_ENUM_READ_WRITE"}
_DOWNLOADS = "SAFE_BROWSING_DOWNLOAD_RESTRICTIONS_ENUM_"
_CONTENT, _SIGN_IN, _SECURITY, _EXPERIENCE = "Content", "Sign-in settings", "Security", "User experience"

_ADDRESSES = (
    PolicySchema(
        "chrome.users.UrlBlocking", "URL blocking.", _CONTENT,
        (*URL_FIELDS, flag("chromeInternalUrlsBlocked", "Block chrome:// addresses.")),
    ),
    PolicySchema(
        "chrome.users.SafeSearchRestrictedMode", "SafeSearch and Restricted Mode.", _CONTENT,
        (
            flag("forceGoogleSafeSearch", "Always use SafeSearch for Google Search queries."),
            choice(
                "forceYoutubeRestrictedMode", "ForceYoutubeRestrictedModeEnum", ("OFF", "MODERATE", "STRICT"),
                "Restricted Mode on YouTube.", prefix="FORCE_YOUTUBE_RESTRICTED_MODE_ENUM_",
            ),
        ),
        default={
            "forceGoogleSafeSearch": False, "forceYoutubeRestrictedMode": "FORCE_YOUTUBE_RESTRICTED_MODE_ENUM_OFF",
        },
    ),
    PolicySchema("chrome.users.ExternalStorage", "External storage devices.", "Hardware", STORAGE_FIELDS,
           default=STORAGE_DEFAULT),
)  # fmt: skip

_ACCOUNTS = (
    PolicySchema(
        "chrome.users.SecondaryGoogleAccountSignin", "Sign-in to secondary accounts.", _SIGN_IN,
        (
            unset_or("secondaryGoogleAccountSigninAllowed", "FALSE: none; TRUE: those of allowedDomainsForApps alone."),
            words("allowedDomainsForApps", "Google Workspace domains."),
        ),
        default={"secondaryGoogleAccountSigninAllowed": "UNSET"},
    ),
    PolicySchema(
        "chrome.users.BrowserSignin", "Browser sign-in settings.", _SIGN_IN,
        (choice("browserSignin", "BrowserSigninEnum", ("DISABLE", "ENABLE", "FORCE"), prefix="BROWSER_SIGNIN_ENUM_"),),
        default={"browserSignin": "BROWSER_SIGNIN_ENUM_ENABLE"},
    ),
    PolicySchema(
        "chrome.users.RestrictSigninToPattern", "Restrict sign-in to pattern.", _SIGN_IN,
        (written("restrictSigninToPattern", "A regular expression: .*@example.com."),),
    ),
    PolicySchema(
        "chrome.users.MultipleSignInAccess", "Multiple sign-in access.", _EXPERIENCE,
        (
            choice(
                "newChromeOsMultiProfileUserBehavior", "NewChromeOsMultiProfileUserBehaviorEnum",
                ("PRIMARY_ONLY", "UNRESTRICTED", "NOT_ALLOWED"),
                prefix="NEW_CHROME_OS_MULTI_PROFILE_USER_BEHAVIOR_ENUM_",
            ),
        ),
    ),
    PolicySchema(
        "chrome.users.IncognitoMode", "Incognito mode.", _SECURITY,
        (
            choice(
                "incognitoModeAvailability", "IncognitoModeAvailabilityEnum", ("AVAILABLE", "UNAVAILABLE", "FORCED"),
                prefix="INCOGNITO_MODE_AVAILABILITY_ENUM_",
            ),
        ),
        default={"incognitoModeAvailability": "INCOGNITO_MODE_AVAILABILITY_ENUM_AVAILABLE"},
    ),
    PolicySchema(
        "chrome.users.BrowserGuestModeEnabled", "Browser guest mode.", _SIGN_IN,
        (flag("browserGuestModeEnabled"), flag("browserGuestModeEnforced")), groups=False,
        default={"browserGuestModeEnabled": True, "browserGuestModeEnforced": False},
    ),
    PolicySchema(
        "chrome.users.BrowserAddPersonEnabled", "Add profiles.", _SIGN_IN,
        (flag("browserAddPersonEnabled"),), groups=False, default={"browserAddPersonEnabled": True},
    ),
)  # fmt: skip

_BROWSER = (
    PolicySchema(
        "chrome.users.SafeBrowsingProtectionLevel", "Safe Browsing protection.", "Chrome Safe Browsing",
        (
            choice(
                "safeBrowsingProtectionLevel", "SafeBrowsingProtectionLevelEnum",
                ("NO_PROTECTION", "STANDARD_PROTECTION", "ENHANCED_PROTECTION", "USER_CHOICE"),
                prefix="SAFE_BROWSING_PROTECTION_LEVEL_ENUM_",
            ),
            flag("safeBrowsingProxiedRealTimeChecksAllowed"),
        ),
        default={"safeBrowsingProtectionLevel": "SAFE_BROWSING_PROTECTION_LEVEL_ENUM_USER_CHOICE"},
    ),
    PolicySchema(
        "chrome.users.DownloadRestrictions", "Download restrictions.", "Chrome Safe Browsing",
        (
            choice(
                "safeBrowsingDownloadRestrictions", "SafeBrowsingDownloadRestrictionsEnum",
                ("NO_SPECIAL_RESTRICTIONS", "BLOCK_ALL_MALICIOUS_DOWNLOAD", "BLOCK_DANGEROUS_DOWNLOAD",
                 "BLOCK_POTENTIALLY_DANGEROUS_DOWNLOAD", "BLOCK_ALL_DOWNLOAD"),
                prefix=_DOWNLOADS,
            ),
        ),
        default={"safeBrowsingDownloadRestrictions": f"{_DOWNLOADS}NO_SPECIAL_RESTRICTIONS"},
    ),
    PolicySchema(
        "chrome.users.DeveloperTools", "Developer tools.", _EXPERIENCE,
        (
            choice(
                "developerToolsAvailability", "DeveloperToolsAvailabilityEnum",
                ("ALWAYS_ALLOW_DEVELOPER_TOOLS", "ALLOW_DEVELOPER_TOOLS_EXCEPT_FORCE_INSTALLED",
                 "NEVER_ALLOW_DEVELOPER_TOOLS"),
                prefix="DEVELOPER_TOOLS_AVAILABILITY_ENUM_",
            ),
            urls("developerToolsAvailabilityAllowlist"),
        ),
    ),
    PolicySchema("chrome.users.PasswordManager", "Password manager.", _SECURITY, (unset_or("passwordManagerEnabled"),),
           default={"passwordManagerEnabled": "UNSET"}),
    PolicySchema("chrome.users.TaskManager", "Task manager.", "Apps and extensions",
           (flag("taskManagerEndProcessEnabled"),)),
    PolicySchema("chrome.users.VirtualMachinesAllowed", "Linux virtual machines.", "Virtual machines",
           (flag("virtualMachinesAllowed"),), default={"virtualMachinesAllowed": False}),
    PolicySchema("chrome.users.Screenshot", "Screenshot.", _SECURITY, (flag("disableScreenshots"),)),
    PolicySchema("chrome.users.ShowLogoutButton", "Show logout button in tray.", _EXPERIENCE,
           (flag("showLogoutButtonInTray"),)),
)  # fmt: skip

USERS = (*_ADDRESSES, *_ACCOUNTS, *_BROWSER)
