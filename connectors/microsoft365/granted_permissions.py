"""Reads the permissions that an app has, from its access tokens, and the expiry date of its credential."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.microsoft365.defender import DEFENDER as DEFENDER_SERVICE
from connectors.microsoft365.exchange.service import EXCHANGE as EXCHANGE_SERVICE
from connectors.microsoft365.graph.service import GRAPH as GRAPH_SERVICE
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.identity import Ambient, Application, Certificate, Secret
from connectors.microsoft365.permissions import COMPLIANCE, DEFENDER, EXCHANGE, GRAPH
from connectors.microsoft365.sign_in import SignIn
from toolkit.errors import RequestFailed
from toolkit.sdk import Credential, Grants, Permission, Sort, segment
from toolkit.values import Body, Json

_SCOPES: Mapping[str, str] = {
    GRAPH: GRAPH_SERVICE.scope,
    EXCHANGE: EXCHANGE_SERVICE.scope,
    DEFENDER: DEFENDER_SERVICE.scope,
}
SEES_CREDENTIALS = "Application.Read.All"
# learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference, by template id
_ROLES: Mapping[str, str] = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    "29232cdf-9323-42fd-ade2-1d097af3e4de": "Exchange Administrator",
    "17315797-102d-40b4-93e0-432062caca18": "Compliance Administrator",
    "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "3a2c62db-5318-420d-8d74-23affee5d9d5": "Intune Administrator",
    "fe930be7-5e62-47db-91af-98c3a49a38b1": "User Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
}
# In the tokens of people and apps without any role.
_NO_ROLE = frozenset({"b79fbf4d-3ef9-4689-8143-76b194e85509", "0997a1d0-0d1d-4acb-b408-d5ca73121e90"})
# The data that a permission opens, for permissions that no playbook needs. Sources: the permissions reference of
# Graph, and learn.microsoft.com/exchange/client-developer/exchange-web-services (app-only access).
_OPENS: Mapping[str, str] = {
    **dict.fromkeys(("Mail.Read", "Mail.ReadWrite", "full_access_as_app"), "all mail"),
    **dict.fromkeys(("IMAP.AccessAsApp", "POP.AccessAsApp"), "the mailboxes that Exchange lets the app open"),
    **dict.fromkeys(("Mail.ReadBasic", "Mail.ReadBasic.All"), "sender, recipients and subject of all mail"),
    **dict.fromkeys(("Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All"), "all files"),
    **dict.fromkeys(("Sites.Manage.All", "Sites.FullControl.All"), "all files"),
    **dict.fromkeys(("Chat.Read.All", "Chat.ReadWrite.All"), "all chats"),
    **dict.fromkeys(("RoleManagement.ReadWrite.Directory", "AppRoleAssignment.ReadWrite.All"), "every permission"),
    "Global Administrator": "everything in the tenant",
}
_SAFER = (
    "sign in with a certificate (TOOLKIT_MICROSOFT365_AUTH=certificate), or without any secret as this computer or as "
    "a federated workload (ambient)"
)
_REMARK = "tokens do not show role groups of Exchange and of Security & Compliance, nor RBAC for Applications"


def read_granted(sign_in: SignIn, needed: Sequence[Permission]) -> Grants:
    """Return the permissions in the access token for Graph, and in the token for every other service that is needed."""
    ignored = {SEES_CREDENTIALS} - {claim.name for claim in needed}  # only for this check, so it is not in excess
    services = dict.fromkeys([GRAPH, *(claim.of for claim in needed if claim.of in _SCOPES)])
    has: dict[tuple[Sort, str], frozenset[str]] = {}
    roles: set[str] = set()
    for service in services:
        claims = _read_claims(sign_in.token(_SCOPES[service]).token)
        has[Sort.APPLICATION, service] = frozenset(_to_texts(claims.get("roles"))) - ignored
        roles |= {
            _ROLES.get(claim, f"the role {claim}") for claim in _to_texts(claims.get("wids")) if claim not in _NO_ROLE
        }
    granted = roles.union(*has.values())
    opens = {name: opened for name, opened in _OPENS.items() if name in granted}
    has |= {(Sort.ROLE, service): frozenset(roles) for service in (EXCHANGE, COMPLIANCE)}
    return Grants(has, _REMARK, opens)


def read_credentials(application: Application, sign_in: SignIn, graph: Graph) -> Iterator[Credential]:
    """Yield the app's secret or certificate with its expiry date."""
    match application:
        case Certificate(path=path):
            yield Credential(f"certificate in {path}", _read_certificate_expiry(application))
        case Secret(client_id=client_id, secret=secret):
            yield _read_secret_credential(client_id, secret, sign_in, graph)
        case Ambient():
            yield Credential("sign-in of this machine", None, "the credential of this machine is renewed automatically")


def _read_certificate_expiry(certificate: Certificate) -> datetime:
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(certificate.path.read_bytes()).not_valid_after_utc


def _read_secret_credential(client_id: str, secret: str, sign_in: SignIn, graph: Graph) -> Credential:
    name = "client secret"
    if SEES_CREDENTIALS not in _to_texts(_read_claims(sign_in.token(GRAPH_SERVICE.scope).token).get("roles")):
        note = (
            f"the app cannot see when its secret expires without the permission {SEES_CREDENTIALS}. Note the date "
            "yourself"
        )
        return Credential(name, None, note, _SAFER)
    try:
        application = graph.get(f"/applications(appId='{segment(client_id)}')", select="passwordCredentials")
    except RequestFailed as error:
        return Credential(name, None, f"the expiry date cannot be read: {error}", _SAFER)
    rows = application.get("passwordCredentials")
    credentials = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    ends = _find_latest_expiry([row for row in credentials if secret.startswith(str(row.get("hint") or secret[:1]))])
    return Credential(name, ends, "" if ends else "the app's registration does not show the expiry date", _SAFER)


def _find_latest_expiry(rows: Iterable[Body]) -> datetime | None:
    """Return the latest expiry date of several secrets.

    Several secrets may begin with the same characters, so toolkit cannot tell which secret it uses.
    """
    ends = [datetime.fromisoformat(str(row["endDateTime"])) for row in rows if row.get("endDateTime")]
    return max((end if end.tzinfo else end.replace(tzinfo=UTC) for end in ends), default=None)


def _read_claims(token: str) -> Body:
    """Return the claims in an access token. toolkit does not verify its signature, because the services do."""
    payload = token.split(".")[1] if token.count(".") > 1 else ""
    try:
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, Mapping) else {}


def _to_texts(value: Json) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list) else []
