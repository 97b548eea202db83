"""Policies about the web: which addresses open, in which windows, with which accounts."""

from connectors.google_workspace.kinds.chrome_policy.rows import (
    ChromeField,
    Schema,
    allowed,
    blocked,
    flag,
    listed,
    unset_or,
    word,
)

USERS, GUESTS, DEVICES = "Settings > Users & browsers", "Settings > Managed guest sessions", "Settings > Device"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*"
_URLS: tuple[ChromeField, ...] = (
    blocked(
        "url_blocklist",
        "Lists addresses that do not open: a host with everything below it, `.host` for that host alone, or a host "
        "and the beginning of a path. What is inherited stays blocked.",
        ["web.whatsapp.com", "example.com/games"],
    ),
    allowed("url_allowlist", "Lists addresses that open although a wider entry blocks them.", ["a.example"]),
    flag("chrome_internal_urls_blocked", "Chrome's own pages, such as chrome://settings, are blocked", True),
)

WEB = (
    Schema("users.UrlBlocking", "URL blocking", f"{USERS} > Content > URL blocking", _URLS),
    Schema("devices.managedguest.UrlBlocking", "URL blocking", f"{GUESTS} > Content > URL blocking", _URLS),
    Schema(
        "users.IncognitoMode", "Incognito mode", f"{USERS} > Security > Incognito mode",
        (
            word("incognito_mode_availability", "Says whether windows may be opened that keep no history: AVAILABLE, "
                 "UNAVAILABLE or FORCED.", "UNAVAILABLE"),
        ),
    ),
    Schema(
        "users.BrowserGuestModeEnabled", "Browser guest mode", f"{USERS} > Sign-in settings > Browser guest mode",
        (
            flag("browser_guest_mode_enabled", "the browser can be used as a guest, without any account", False),
            flag("browser_guest_mode_enforced", "the browser can be used as a guest alone", False),
        ),
    ),
    Schema(
        "devices.GuestMode", "Guest mode", f"{DEVICES} > Sign-in settings > Guest mode",
        (flag("guest_mode_enabled", "a Chromebook can be used as a guest, without any account", False),),
    ),
    Schema(
        "users.SecondaryGoogleAccountSignin", "Sign-in to secondary accounts",
        f"{USERS} > Sign-in settings > Sign-in to secondary accounts",
        (
            unset_or("secondary_google_account_signin_allowed",
                     "Says whether a second Google account may sign in beside the school's: false for none, true for "
                     "those of allowed_domains_for_apps alone, null for any.", False),
            listed("allowed_domains_for_apps", "Lists the domains whose accounts may sign in.", ["example.org"],
                   _DOMAIN),
        ),
    ),
    Schema(
        "devices.SignInRestriction", "Sign-in restriction", f"{DEVICES} > Sign-in settings > Sign-in restriction",
        (
            word("device_allow_new_users", "Says who may sign in to a Chromebook: ANY_USER, NO_USERS, or "
                 "RESTRICTED_LIST for those of user_allowlist.", "RESTRICTED_LIST"),
            listed("user_allowlist", "Lists who may sign in, by address or as all of a domain.",
                   ["*@example-primary.example"], rf"(?:\*|[^\s@*]+)@{_DOMAIN}"),
        ),
    ),
)  # fmt: skip
