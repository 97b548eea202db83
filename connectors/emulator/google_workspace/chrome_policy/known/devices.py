"""Schemas of ChromeOS devices, and of their managed guest and kiosk sessions; none of them can be set for a group."""

from connectors.emulator.google_workspace.chrome_policy.known.users import STORAGE_DEFAULT, STORAGE_FIELDS, URL_FIELDS
from connectors.emulator.google_workspace.chrome_policy.schema import PolicySchema, choice, flag, words

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
