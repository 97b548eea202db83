"""The Chrome Policy API: schemas, and policies of organisational units and groups; networks and files are left out."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.chrome_policy import orgunits, policy_schemas
from connectors.emulator.google_workspace.chrome_policy.schema import APP_ID, INSTALL_TYPE
from connectors.emulator.google_workspace.chrome_policy.stored import POLICIES, UNITS, Target, policy
from connectors.emulator.google_workspace.values import org_unit_id
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.wire import Body, Json

_BATCH = "all of one namespace and all or nothing; the quota of 30 a minute is not counted"

SERVICE = GoogleApi(
    name="chrome policy",
    hosts=("chromepolicy.googleapis.com",),
    roots=("/v1/customers",),
    api=("chromepolicy", "v1"),
    project_host="chromepolicy.googleapis.com",
    handlers={**policy_schemas.HANDLERS, **orgunits.HANDLERS},
    wording=Wording(reasons=False, statuses=True),
    most_in_batch=1000,
    worded={
        "forbidden": "The caller does not have permission",
        "rateLimitExceeded": "Quota exceeded for quota metric 'Policy write requests' and limit 'Policy write "
        "requests per minute per customer' of service 'chromepolicy.googleapis.com'.",
    },
    notes={
        "chromepolicy.customers.policySchemas.list": "those that a school's policies need, of about 1,100; "
        "filter: a name with stars, or a part of a name or description",
        "chromepolicy.customers.policies.resolve": "a policy that nobody ever set is left out, unless its schema "
        "has a default",
        "chromepolicy.customers.policies.orgunits.batchModify": _BATCH,
        "chromepolicy.customers.policies.orgunits.batchInherit": _BATCH,
        "chromepolicy.customers.policies.groups.batchModify": _BATCH,
        "chromepolicy.customers.policies.groups.batchDelete": _BATCH,
    },
)


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
