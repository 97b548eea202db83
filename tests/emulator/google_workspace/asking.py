"""Google's APIs for tests: Google's own client library, unmodified, over HTTPS."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, cast

import httplib2
import pytest
from google.auth.crypt import RSASigner
from google.oauth2 import service_account
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from tests.emulated import HANG, Tenant

SCOPE = "https://www.googleapis.com/auth/"
APIS = {
    "admin": "directory_v1", "alertcenter": "v1beta1", "calendar": "v3", "chromepolicy": "v1", "cloudidentity": "v1",
    "gmail": "v1", "groupssettings": "v1", "licensing": "v1", "reports": "reports_v1", "vault": "v1",
}  # fmt: skip
_DOCUMENTS = {"reports": "admin"}  # APIs whose discovery document has another name
READING: Mapping[str, Sequence[str]] = {
    "admin": ["admin.directory.user.security", "admin.directory.resource.calendar.readonly"],
    "alertcenter": ["apps.alerts"],
    "calendar": ["calendar.acls.readonly", "calendar.readonly"],
    "cloudidentity": ["cloud-identity.inboundsso.readonly"],
    "gmail": ["gmail.readonly", "gmail.settings.basic"],
    "licensing": ["apps.licensing"],
    "reports": ["admin.reports.usage.readonly"],
}
"""The permissions with which another program reads."""
SCOPES: Mapping[str, Sequence[str]] = {
    "admin": ["admin.directory.user", "admin.directory.group", "admin.directory.orgunit", "admin.directory.customer",
              "admin.directory.domain", "admin.directory.rolemanagement", "admin.directory.user.security",
              "admin.directory.device.chromeos", "admin.directory.device.mobile"],
    "calendar": ["calendar.freebusy", "calendar.events.readonly"],
    "chromepolicy": ["chrome.management.policy"],
    "reports": ["admin.reports.usage.readonly"],
    "gmail": ["gmail.settings.basic", "gmail.settings.sharing"],
    "cloudidentity": ["cloud-identity.devices", "cloud-identity.policies"],
    "groupssettings": ["apps.groups.settings"],
    "vault": ["ediscovery"],
}  # fmt: skip


@lru_cache
def _signer(pem: str) -> RSASigner:
    """Read a key once, because all tenants share the key and google-auth takes 40 ms to check it."""
    return RSASigner.from_string(pem)


@dataclass(frozen=True)
class Google:
    """The Google side of a tenant."""

    tenant: Tenant
    connections: list[Any] = field(default_factory=list, repr=False)

    def close(self) -> None:
        """Close every connection, because httplib2 does not."""
        for http in self.connections:
            http.close()

    @property
    def description(self) -> Mapping[str, Any]:
        return cast("Mapping[str, Any]", self.tenant.description["google_workspace"])

    @property
    def administrator(self) -> str:
        return str(self.description["administrator"])

    def root(self, host: str) -> str:
        """Return the emulator's URL for a vendor's host."""
        return f"{self.tenant.emulator.url}/{host}/"

    def http(self) -> Any:
        self.connections.append(httplib2.Http(ca_certs=self.tenant.emulator.ca_file, timeout=HANG, proxy_info=None))
        return self.connections[-1]

    def credentials(
        self, *scopes: str, subject: str | None = None, application: str = "writer", **changes: object
    ) -> service_account.Credentials:
        """Return credentials that act for `subject`: by default the administrator, with "" the service account."""
        key = {**self.description["service_accounts"][application], **changes}
        made = service_account.Credentials(
            signer=_signer(str(key["private_key"])),
            service_account_email=key["client_email"],
            token_uri=self.root("oauth2.googleapis.com") + "token",
            scopes=[SCOPE + scope for scope in scopes],
        )
        subject = self.administrator if subject is None else subject
        return made.with_subject(subject) if subject else made

    def authorized_http(self, api: str, subject: str | None = None, application: str = "writer") -> Any:
        """Return a transport that signs in with the scopes of an API."""
        credentials = self.credentials(*SCOPES[api], subject=subject, application=application)
        return AuthorizedHttp(credentials, http=self.http(), refresh_status_codes=())

    def document(self, api: str) -> dict[str, Any]:
        """Read a discovery document from the library, with the emulator's URLs."""
        place = files("googleapiclient").joinpath(
            "discovery_cache", "documents", f"{_DOCUMENTS.get(api, api)}.{APIS[api]}.json"
        )
        document = json.loads(place.read_text())
        document.pop("mtlsRootUrl", None)
        host = document["rootUrl"].removeprefix("https://").rstrip("/")
        return {**document, "rootUrl": self.root(host), "baseUrl": self.root(host) + document["servicePath"]}

    def service(self, api: str, subject: str | None = None, application: str = "writer") -> Any:
        return build_from_document(self.document(api), http=self.authorized_http(api, subject, application))

    def reading_service(self, api: str, subject: str | None = None) -> Any:
        """Build a service that signs in with an identity as `toolkit emulator serve --grant` creates it."""
        described = self.tenant.control("PUT", "/grants/audit", {"scopes": ",".join(READING[api])})
        key = described["google_workspace"]["service_accounts"]["audit"]
        http = AuthorizedHttp(self.credentials(*READING[api], subject=subject, **key), http=self.http())
        return build_from_document(self.document(api), http=http)

    def reader(self, api: str, *scopes: str) -> Any:
        """Build a service that signs in as the application `reader`, with the given scopes."""
        credentials = self.credentials(*scopes, application="reader")
        http = AuthorizedHttp(credentials, http=self.http(), refresh_status_codes=())
        return build_from_document(self.document(api), http=http)

    def plain(self, api: str) -> Any:
        """Build a service that does not sign in."""
        return build_from_document(self.document(api), http=self.http())

    @property
    def directory(self) -> Any:
        return self.service("admin")

    @property
    def policies(self) -> Any:
        return self.service("cloudidentity").policies()

    @property
    def groups_settings(self) -> Any:
        return self.service("groupssettings").groups()

    def settings(self, address: str) -> Any:
        """Return the settings API for a person's mailbox, as that person."""
        return self.service("gmail", address).users().settings()

    def person(self, **wanted: object) -> dict[str, Any]:
        """Return the first stored person with these properties."""
        everyone = self.tenant.objects("google.users").values()
        return next(person for person in everyone if wanted.items() <= person.items())

    def teacher(self) -> str:
        """Return the address of a member of staff who has a mailbox."""
        return str(self.person(orgUnitPath="/Staff")["primaryEmail"])

    def unit(self, path: str) -> str:
        """Return a unit's id in the Policy API's form."""
        units = self.tenant.objects("google.orgunits")
        return next(f"orgUnits/{key}" for key, unit in units.items() if unit["orgUnitPath"] == path)


@dataclass(frozen=True)
class Refusal:
    """The content of an HttpError."""

    status: int
    message: str
    reason: str
    canonical: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]


def refused(request: Any) -> Refusal:
    """Send a request that must be refused, and return the refusal."""
    with pytest.raises(HttpError) as caught:
        request.execute()
    return refusal(caught.value)


def refusal(error: HttpError) -> Refusal:
    body = json.loads(error.content)["error"]
    reasons = body.get("errors") or [{}]
    return Refusal(
        error.resp.status, body["message"], reasons[0].get("reason", ""), body.get("status", ""), body, error.resp
    )


def rule(name: str = "Cards", **changes: object) -> dict[str, Any]:
    """Return the value of a valid DLP rule."""
    return {
        "displayName": name,
        "description": "made by a test",
        "state": "ACTIVE",
        "triggers": ["google.workspace.gmail.email.v1.send"],
        "condition": {"contentCondition": "all_content.contains('4929')"},
        "action": {
            "alertCenterAction": {},
            "gmailAction": {"blockContent": {"actionParams": {"applyExternalMessages": True}}},
        },
        "ruleTypeMetadata": {"dlpRuleMetadata": {"alertSeverity": "LOW"}},
        **changes,
    }


def policy(google: Google, value: Mapping[str, Any], kind: str = "rule.dlp", unit: str = "/Staff") -> dict[str, Any]:
    """Return the body of policies.create."""
    return {
        "customer": f"customers/{google.description['customer_id']}",
        "policyQuery": {"orgUnit": google.unit(unit)},
        "setting": {"type": f"settings/{kind}", "value": value},
    }
