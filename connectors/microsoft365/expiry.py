"""Expiry dates of certificates, secrets, tokens, licences and Windows versions in Microsoft 365.

Follows https://learn.microsoft.com/graph/api/resources/intune-devices-applepushnotificationcertificate,
.../intune-enrollment-deponboardingsetting, .../intune-onboarding-vpptoken,
.../intune-androidforwork-androidmanagedstoreaccountenterprisesettings, .../application, .../serviceprincipal and
.../companysubscription
"""

from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime

from connectors.microsoft365.intune.devices import PATH as DEVICES
from connectors.microsoft365.permissions import MANAGED_DEVICES, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import NotFound
from toolkit.sdk import ExpiringItem, ExpirySource, Permission, mappings, text
from toolkit.values import Body, Json

Reader = Callable[[Microsoft365, datetime], Iterator[ExpiringItem]]
_NO_DATE = (1, 9999)  # the years of placeholder dates
_WORKS = ("boundAndValidated", "bound")
_SUSPENDED = ("Warning", "Suspended", "LockedOut")


def _parse_instant(value: Json) -> datetime | None:
    """Return an instant from a service's text, or None if the text is empty."""
    written = text(value)
    if not written:
        return None
    instant = datetime.fromisoformat(written)
    return None if instant.year in _NO_DATE else instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _make_reader(path: str, field: str, name: str) -> Reader:
    """Return a reader for a list whose rows have an expiry date."""

    def read(via: Microsoft365, _now: datetime) -> Iterator[ExpiringItem]:
        for row in via.graph.pages(path):
            ends = _parse_instant(row.get(field))
            yield ExpiringItem(what=text(row.get(name)) or text(row.get("id")), ends=ends, unknown=ends is None)

    return read


def _read_push_certificate(via: Microsoft365, _now: datetime) -> Iterator[ExpiringItem]:
    try:
        body = via.graph.get("/deviceManagement/applePushNotificationCertificate")
    except NotFound:
        return  # a school without iPads
    if ends := _parse_instant(body.get("expirationDateTime")):
        yield ExpiringItem(what=f"of {text(body.get('appleIdentifier'))}", ends=ends)


def _read_managed_play(via: Microsoft365, _now: datetime) -> Iterator[ExpiringItem]:
    """Yield the Managed Google Play binding.

    The binding never expires, but it is broken if the last app sync failed.
    """
    body = via.graph.get("/beta/deviceManagement/androidManagedStoreAccountEnterpriseSettings")
    state, sync_status = text(body.get("bindStatus")), text(body.get("lastAppSyncStatus"))
    if state and state != "notBound":
        synced_on = text(body.get("lastAppSyncDateTime"))[:10] or "no date"
        note = f"{state}, last sync {sync_status or 'unknown'} on {synced_on}"
        yield ExpiringItem(what="binding", note=note, wrong=state not in _WORKS or sync_status != "success")


def _read_credentials(via: Microsoft365, now: datetime) -> Iterator[ExpiringItem]:
    """Yield the secrets and certificates of apps. Expired credentials that were replaced are left out."""
    properties = "id,displayName,passwordCredentials,keyCredentials"
    for row in via.graph.pages("/applications", select=properties):
        yield from _to_app_credentials(row, ("passwordCredentials", "keyCredentials"), now)
    for row in via.graph.pages("/servicePrincipals", select="id,displayName,passwordCredentials"):
        yield from _to_app_credentials(row, ("passwordCredentials",), now)


def _to_app_credentials(row: Body, lists: tuple[str, ...], now: datetime) -> Iterator[ExpiringItem]:
    for name in lists:
        ends = [(credential, _parse_instant(credential.get("endDateTime"))) for credential in mappings(row.get(name))]
        last = max((end for _, end in ends if end), default=None)
        for credential, end in ends:
            if end and end <= now and last and last > now:
                continue
            label = "secret" if name == "passwordCredentials" else "certificate"
            credential_name = text(credential.get("displayName")) or text(credential.get("keyId"))[:8]
            title = f"{text(row.get('displayName'))}, {label} {credential_name}"
            yield ExpiringItem(what=title, ends=end, unknown=end is None)


def _read_saml_certificates(via: Microsoft365, _now: datetime) -> Iterator[ExpiringItem]:
    """Yield the signing certificate of each app with SAML single sign-on."""
    properties = "id,displayName,preferredSingleSignOnMode,preferredTokenSigningKeyThumbprint,keyCredentials"
    for row in via.graph.pages("/servicePrincipals", select=properties):
        if text(row.get("preferredSingleSignOnMode")).casefold() != "saml":
            continue
        thumbprint = text(row.get("preferredTokenSigningKeyThumbprint")).upper()
        keys = mappings(row.get("keyCredentials"))
        signing_keys = (key for key in keys if thumbprint and _format_thumbprint(key) == thumbprint)
        end = max((end for key in signing_keys if (end := _parse_instant(key.get("endDateTime")))), default=None)
        note = "" if end else "Entra does not show the signing certificate"
        yield ExpiringItem(what=text(row.get("displayName")), ends=end, note=note, unknown=end is None)


def _format_thumbprint(key: Body) -> str:
    return b64decode(text(key.get("customKeyIdentifier"))).hex().upper()


def _read_licences(via: Microsoft365, _now: datetime) -> Iterator[ExpiringItem]:
    """Yield each subscription, with the date of its next change of state. Deleted subscriptions are left out."""
    for row in via.graph.pages("/directory/subscriptions"):
        state = text(row.get("status"))
        if state == "Deleted":
            continue
        ends, count = _parse_instant(row.get("nextLifecycleDateTime")), row.get("totalLicenses")
        yield ExpiringItem(
            what=text(row.get("skuPartNumber")) + (" (trial)" if row.get("isTrial") else ""),
            ends=ends,
            note="" if state == "Enabled" else f"the state of the subscription is {state or 'not shown'}",
            wrong=state in _SUSPENDED,
            unknown=not state,
            count=count if isinstance(count, int) else 1,
        )


# Keys are the first three numbers of osVersion. Values are the version, and its last day of support for Home and Pro
# and for Education and Enterprise. From learn.microsoft.com/lifecycle/products/windows-11-home-and-pro,
# .../windows-11-enterprise-and-education, .../windows-10-home-and-pro and .../windows-10-enterprise-and-education, read
# in November 2026. Paid extended updates and the long-term editions are not included.
_WINDOWS: Mapping[str, tuple[str, date, date]] = {
    "10.0.19044": ("Windows 10 21H2", date(2023, 6, 13), date(2024, 6, 11)),
    "10.0.19045": ("Windows 10 22H2", date(2025, 10, 14), date(2025, 10, 14)),
    "10.0.22000": ("Windows 11 21H2", date(2023, 10, 10), date(2024, 10, 8)),
    "10.0.22621": ("Windows 11 22H2", date(2024, 10, 8), date(2025, 10, 14)),
    "10.0.22631": ("Windows 11 23H2", date(2025, 11, 11), date(2026, 11, 10)),
    "10.0.26100": ("Windows 11 24H2", date(2026, 10, 13), date(2027, 10, 12)),
    "10.0.26200": ("Windows 11 25H2", date(2027, 10, 12), date(2028, 10, 10)),
}
_LONG, _SHORT = ("education", "enterprise"), ("pro", "home", "core")


def _read_windows_versions(via: Microsoft365, now: datetime) -> Iterator[ExpiringItem]:
    rows = via.graph.pages(f"/beta{DEVICES}", select="id,operatingSystem,osVersion,skuFamily")
    computers = (row for row in rows if text(row.get("operatingSystem")).casefold() == "windows")
    device_counts = Counter(
        (".".join(text(row.get("osVersion")).split(".")[:3]), text(row.get("skuFamily"))) for row in computers
    )
    for (build, edition), count in device_counts.items():
        if build not in _WINDOWS:
            note = "this version of toolkit does not know when Microsoft's support for it ends"
            yield ExpiringItem(what=f"{count} with {build or 'no version'}", note=note, unknown=True, count=count)
            continue
        version, short, long = _WINDOWS[build]
        edition_name, today = edition.casefold(), now.date()
        # Support of an unknown edition has ended if it has ended for all editions, and lasts if it lasts for all.
        is_unsure = not edition_name.startswith((*_LONG, *_SHORT)) and short < today <= long
        ends = long if edition_name.startswith(_LONG) or long < today else short
        yield ExpiringItem(
            what=f"{count} with {version} {edition or 'of an unknown edition'}",
            ends=None if is_unsure else ends,
            note="only some editions are still supported, and Intune does not show which edition this is"
            if is_unsure
            else "",
            unknown=is_unsure,
            count=count,
        )


def _make_source(row: str, wire: str, read: Reader, *needs: str | Permission) -> ExpirySource:
    permissions = tuple(graph(need) if isinstance(need, str) else need for need in needs)
    return ExpirySource(row=row, wire=f"GET {wire}", needs=permissions, read=read)


_SERVICE, _CONFIGURATION = "DeviceManagementServiceConfig.Read.All", "DeviceManagementConfiguration.Read.All"
_DEP, _VPP = "/beta/deviceManagement/depOnboardingSettings", "/deviceAppManagement/vppTokens"
_ANDROID = "/beta/deviceManagement/androidDeviceOwnerEnrollmentProfiles"
_APPS = "/applications, /servicePrincipals"

EXPIRIES = (
    _make_source("apple_push", "/deviceManagement/applePushNotificationCertificate", _read_push_certificate, _SERVICE),
    _make_source("apple_enrolment", _DEP, _make_reader(_DEP, "tokenExpirationDateTime", "tokenName"), _SERVICE),
    _make_source(
        "apple_apps", _VPP, _make_reader(_VPP, "expirationDateTime", "organizationName"),
        "DeviceManagementApps.Read.All",
    ),
    _make_source(
        "android_binding", "/beta/deviceManagement/androidManagedStoreAccountEnterpriseSettings", _read_managed_play,
        _CONFIGURATION,
    ),
    _make_source(
        "android_enrolment", _ANDROID, _make_reader(_ANDROID, "tokenExpirationDateTime", "displayName"), _CONFIGURATION
    ),
    _make_source("app_credentials", _APPS, _read_credentials, "Application.Read.All"),
    _make_source("saml_signing", "/servicePrincipals", _read_saml_certificates, "Application.Read.All"),
    _make_source("windows_support", f"/beta{DEVICES}", _read_windows_versions, MANAGED_DEVICES),
    _make_source("licences", "/directory/subscriptions", _read_licences, "Organization.Read.All"),
)  # fmt: skip
"""The source of each row of the expiry board."""
