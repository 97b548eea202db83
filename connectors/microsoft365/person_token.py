"""Access tokens of a person who signs in through apps that Microsoft publishes. The school does not need its own app.

The app for Graph requests the permissions below. An administrator must consent the first time, and the token also
contains every permission that the school consented to earlier. In Exchange, the person's role decides. Follows
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow,
https://learn.microsoft.com/entra/identity-platform/refresh-tokens,
https://learn.microsoft.com/powershell/microsoftgraph/authentication-commands and
https://learn.microsoft.com/powershell/exchange/connect-to-exchange-online-powershell
"""

from collections.abc import Mapping
from secrets import token_urlsafe
from threading import Lock
from time import time
from typing import TYPE_CHECKING, NoReturn

from connectors.microsoft365.authority import send_to_authority
from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.refusals import AadRefusal
from toolkit.errors import BadAnswer, Refused, ServiceError, SignInRefused
from toolkit.records import dataclass
from toolkit.sdk import AttendedSignIn, segment, sign_in_in_background

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

_GRAPH, _EXCHANGE = "https://graph.microsoft.com", "https://outlook.office365.com"
_COMPLIANCE = "https://ps.compliance.protection.outlook.com"
_WAITS = 300  # seconds for the person
_EARLY = 120  # a token is replaced this many seconds before it expires

SCOPES = (
    "Application.Read.All",
    "AuditLog.Read.All",
    "DeviceManagementApps.Read.All",
    "DeviceManagementConfiguration.Read.All",
    "DeviceManagementManagedDevices.Read.All",
    "Domain.Read.All",
    "GroupMember.Read.All",
    "Organization.Read.All",
    "Policy.Read.All",
    "Policy.Read.DeviceConfiguration",
    "RoleManagement.Read.Directory",
    "SharePointTenantSettings.Read.All",
    "User.Read.All",
)
"""Delegated permissions of Graph that only read. Each has an application permission of the same name."""


@dataclass(frozen=True, slots=True)
class PublishedClient:
    """An app that Microsoft publishes for every tenant, and the services that accept its tokens."""

    client_id: str
    name: str
    scopes: tuple[str, ...]
    resources: tuple[str, ...]  # the person signs in for the first


CLIENTS = (
    PublishedClient(
        "14d82eec-204b-4c2f-b7e8-296a70dab67e",
        "Microsoft Graph Command Line Tools",
        tuple(f"{_GRAPH}/{scope}" for scope in SCOPES),
        (_GRAPH,),
    ),
    PublishedClient(
        "fb78d390-0c51-40cd-8e17-fdbfab77341b",
        "Microsoft Exchange REST API Based Powershell",
        (f"{_EXCHANGE}/.default",),
        (_EXCHANGE, _COMPLIANCE),
    ),
)
_AGAIN = "start again"
_CONSENT = (
    "a Global Administrator must agree once to the permissions. Have one sign in here, or use your own app (`toolkit "
    "permissions`)"
)
_ADVICE: Mapping[str, str] = {
    "AADSTS50105": "ask an administrator to assign you to this app in Entra ID > Enterprise apps",
    "AADSTS53003": "a Conditional Access policy blocks this client: use your own app (`toolkit permissions`)",
    "AADSTS65001": _CONSENT,
    "AADSTS65004": f"{_AGAIN}, and accept the permissions",
    "AADSTS70008": _AGAIN,
    "AADSTS90094": _CONSENT,
    "AADSTS700016": "an administrator removed or disabled this client in the tenant: use your own app",
}


@dataclass(slots=True)
class _ClientTokens:
    """The tokens that a person got through one app. They are kept only in memory."""

    refresh_token: str = ""
    tokens: "dict[str, AccessToken] | None" = None
    refused: ServiceError | None = None


class PersonCredential:
    """The tokens of a person, who signs in once through each app before the first token is used."""

    def __init__(self, attended: AttendedSignIn, tenant_id: str, cloud: Cloud) -> None:
        self._attended = attended
        self._tenant = segment(tenant_id)
        self._cloud = cloud
        self._sessions: dict[str, _ClientTokens] = {}
        self._one_at_a_time = Lock()

    def get_token(self, scope: str, **_options: object) -> "AccessToken":
        """Return an access token for a service.

        Raise SignInRefused if the person did not sign in for Graph. Raise Refused if there is no token for another
        service.
        """
        resource = scope.removesuffix("/.default")
        with self._one_at_a_time:
            client = next((client for client in CLIENTS if resource in client.resources), None)
            if client is None:
                raise Refused(f"Microsoft does not publish a client for a person to read {resource}")
            if not self._sessions:
                self._sign_in_everywhere()
            session = self._sessions[client.client_id]
            if session.refused:
                raise session.refused
            tokens = session.tokens or {}
            if resource not in tokens or tokens[resource].expires_on - _EARLY < time():
                self._refresh(client, session, resource)
            return (session.tokens or {})[resource]

    def close(self) -> None:
        """Forget the access tokens. The person need not sign in again for new tokens."""
        with self._one_at_a_time:
            for session in self._sessions.values():
                session.tokens = None

    def _sign_in_everywhere(self) -> None:
        """Let the person sign in through each app. Only a refused sign-in through the first app ends the run."""
        for client in CLIENTS:
            session = _ClientTokens()
            try:
                self._redeem_code(client, session, client.resources[0], self._request_code(client))
            except SignInRefused as refusal:
                if client is CLIENTS[0]:
                    self._sessions.clear()
                    raise
                session.refused = Refused(str(refusal))
            self._sessions[client.client_id] = session

    def _request_code(self, client: PublishedClient) -> Mapping[str, str]:
        from connectors.microsoft365.authorization_code import ask_for_code

        number = f"{CLIENTS.index(client) + 1} of {len(CLIENTS)}"

        def prompt(address: str) -> None:
            if self._cloud.emulated:
                sign_in_in_background(address, self._cloud.ca_file)
                return
            self._attended.show(
                f"Sign-in {number}, through {client.name}: open this address in a browser on this computer within "
                f"{_WAITS // 60} minutes: {address}"
            )

        authorize = f"{self._cloud.authority}/{self._tenant}/oauth2/v2.0/authorize"
        scopes = ("openid", "profile", "offline_access", *client.scopes)
        nonce = token_urlsafe(32)
        form = ask_for_code(authorize, client.client_id, prompt, timeout_seconds=_WAITS, nonce=nonce, scopes=scopes)
        if "error" in form:
            _raise_refused(client, form["error"], form["error_description"])
        return form

    def _refresh(self, client: PublishedClient, session: _ClientTokens, resource: str) -> None:
        scopes = client.scopes if resource == client.resources[0] else (f"{resource}/.default",)
        form = {
            "grant_type": "refresh_token",
            "client_id": client.client_id,
            "refresh_token": session.refresh_token,
            "scope": " ".join(("offline_access", *scopes)),
        }
        try:
            self._redeem_code(client, session, resource, form)
        except SignInRefused as refusal:
            raise Refused(str(refusal)) from refusal

    def _redeem_code(
        self, client: PublishedClient, session: _ClientTokens, resource: str, form: Mapping[str, str]
    ) -> None:
        from azure.core.credentials import AccessToken

        where = f"{self._cloud.authority}/{self._tenant}/oauth2/v2.0/token"
        reply = send_to_authority(self._cloud, "POST", where, form)
        body = reply.body if isinstance(reply.body, Mapping) else {}
        if not reply.fine:
            _raise_refused(client, str(body.get("error") or reply.status), str(body.get("error_description") or ""))
        match body:
            case {"access_token": str(token), "expires_in": int(seconds)}:
                session.tokens = {**(session.tokens or {}), resource: AccessToken(token, int(time()) + seconds)}
                session.refresh_token = str(body.get("refresh_token") or session.refresh_token)
            case _:
                raise BadAnswer(f"POST {where}: the response has no access token")


def stored_credential(attended: AttendedSignIn, tenant_id: str, cloud: Cloud) -> PersonCredential:
    """Return the credential of the person who signed in during this command, or a new credential."""
    credential = attended.tokens.get("microsoft365")
    if not isinstance(credential, PersonCredential):
        credential = PersonCredential(attended, tenant_id, cloud)
        attended.tokens["microsoft365"] = credential
    return credential


def _raise_refused(client: PublishedClient, error: str, description: str) -> NoReturn:
    refusal = AadRefusal.parse(description)
    reason = f"{refusal.number}: {refusal.text}" if refusal.number else f"{error}."
    advice = refusal.advice(_ADVICE) if refusal.number else _AGAIN
    raise SignInRefused(f"Microsoft refused the sign-in by {client.name}: {reason} What to do: {advice}")
