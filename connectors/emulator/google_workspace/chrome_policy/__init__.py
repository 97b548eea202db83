"""The Chrome Policy API: schemas, and policies of organisational units and groups; networks and files are left out."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.chrome_policy import orgunits, policy_schemas
from connectors.emulator.google_workspace.chrome_policy.schema import APP_ID, INSTALL_TYPE
from connectors.emulator.google_workspace.chrome_policy.stored import POLICIES, UNITS, Target, policy
from connectors.emulator.google_workspace.values import org_unit_id
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.wire import Body, Json

SERVICE = google_api("chrome policy", {**policy_schemas.HANDLERS, **orgunits.HANDLERS})


FILTER_EXTENSION = "chrome:hkobaiihndnbfhbkmjjfbdimfbdcppdh"  # the local authority's, on everybody's browser
_SUBJECTS = ("games", "proxy", "stream", "chat", "betting", "dating", "torrent", "webmail")
_PLACES = ("arcade", "club", "corner", "hub", "zone")
BLOCKED_HOSTS = tuple(f"{subject}-{place}.example" for subject in _SUBJECTS for place in _PLACES)
_INCOGNITO_OFF = {"incognitoModeAvailability": "INCOGNITO_MODE_AVAILABILITY_ENUM_UNAVAILABLE"}


class _SeededPolicy(NamedTuple):
    """One policy that was set on a unit."""

    unit: str
    schema: str
    value: Mapping[str, Json]
    app: str = ""


_POLICIES = (
    _SeededPolicy("/", "chrome.users.UrlBlocking", {"urlBlocklist": list(BLOCKED_HOSTS)}),
    _SeededPolicy("/", "chrome.users.SafeBrowsingProtectionLevel", {
        "safeBrowsingProtectionLevel": "SAFE_BROWSING_PROTECTION_LEVEL_ENUM_STANDARD_PROTECTION",
    }),
    _SeededPolicy("/", INSTALL_TYPE, {"appInstallType": "FORCED"}, FILTER_EXTENSION),
    _SeededPolicy("/Pupils", "chrome.users.IncognitoMode", _INCOGNITO_OFF),
    _SeededPolicy("/Pupils", "chrome.users.BrowserGuestModeEnabled", {"browserGuestModeEnabled": False}),
    _SeededPolicy("/Pupils", "chrome.users.SecondaryGoogleAccountSignin",
                  {"secondaryGoogleAccountSigninAllowed": "FALSE"}),
    _SeededPolicy("/Pupils", "chrome.users.DeveloperTools", {
        "developerToolsAvailability": "DEVELOPER_TOOLS_AVAILABILITY_ENUM_NEVER_ALLOW_DEVELOPER_TOOLS",
    }),
    _SeededPolicy("/Shared devices", "chrome.devices.GuestMode", {"guestModeEnabled": False}),
)  # fmt: skip


def seed(school: School) -> Seed:
    """Make the collection that the Chrome Policy API reads."""
    return {POLICIES: dict(_policies(school))}


def _policies(school: School) -> Iterator[tuple[str, Body]]:
    own = {"deviceAllowNewUsers": "ALLOW_NEW_USERS_ENUM_RESTRICTED_LIST", "userAllowlist": [f"*@{school.domain}"]}
    for one in (*_POLICIES, _SeededPolicy("/Shared devices", "chrome.devices.SignInRestriction", own)):
        keys = ((APP_ID, one.app),) if one.app else ()
        target = Target(UNITS + org_unit_id(school.tenant_id, one.unit), keys)
        yield target.stored(one.schema), policy(target, one.schema, one.value)
