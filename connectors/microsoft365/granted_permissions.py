"""What an app may do, by its tokens and its registration, and the steps by which it is given what it needs."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.microsoft365.defender import DEFENDER as DEFENDER_SERVICE
from connectors.microsoft365.exchange.service import EXCHANGE as EXCHANGE_SERVICE
from connectors.microsoft365.graph.service import GRAPH as GRAPH_SERVICE
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.identity import Ambient, Application, Certificate, Secret
from connectors.microsoft365.legal_holds.cases import PERMISSION, READ_PERMISSION, REGISTRATION
from connectors.microsoft365.permissions import COMPLIANCE, DEFENDER, EXCHANGE, GRAPH
from connectors.microsoft365.sign_in import SignIn
from toolkit.errors import ServiceError
from toolkit.sdk.connector import Identity
from toolkit.sdk.paths import segment
from toolkit.sdk.permission import Credential, Grants, Permission, SetupStep, Sort
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
# What stands in tokens of those who have no role at all, people and apps.
_NO_ROLE = frozenset({"b79fbf4d-3ef9-4689-8143-76b194e85509", "0997a1d0-0d1d-4acb-b408-d5ca73121e90"})
_REMARK = "role groups of Exchange and of Security & Compliance, and RBAC for Applications, are in no token"


def read_granted(sign_in: SignIn, needed: Sequence[Permission]) -> Grants:
    """Read the claims in a token for Graph and in one for each service that is needed."""
    spared = {SEES_CREDENTIALS} - {one.name for one in needed}  # it is for the examination itself, and no excess
    services = dict.fromkeys([GRAPH, *(one.of for one in needed if one.of in _SCOPES)])
    has: dict[tuple[Sort, str], frozenset[str]] = {}
    roles: set[str] = set()
    for service in services:
        claims = _claims(sign_in.token(_SCOPES[service]).token)
        has[Sort.APPLICATION, service] = frozenset(_texts(claims.get("roles"))) - spared
        roles |= {_ROLES.get(one, f"the role {one}") for one in _texts(claims.get("wids")) if one not in _NO_ROLE}
    return Grants({**has, **{(Sort.ROLE, service): frozenset(roles) for service in (EXCHANGE, COMPLIANCE)}}, _REMARK)


def read_credentials(application: Application, sign_in: SignIn, graph: Graph) -> Iterator[Credential]:
    """Say when what the app signs in with ends."""
    match application:
        case Certificate(path=path):
            yield Credential(f"certificate in {path}", _ends(application))
        case Secret(client_id=client_id, secret=secret):
            yield _secret(client_id, secret, sign_in, graph)
        case Ambient():
            yield Credential("sign-in of this machine", None, "what it signs in with is renewed elsewhere")


def _ends(certificate: Certificate) -> datetime:
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(certificate.path.read_bytes()).not_valid_after_utc


def _secret(client_id: str, secret: str, sign_in: SignIn, graph: Graph) -> Credential:
    name = "client secret"
    if SEES_CREDENTIALS not in _texts(_claims(sign_in.token(GRAPH_SERVICE.scope).token).get("roles")):
        told = f"when it ends is not visible without {SEES_CREDENTIALS}: note the date by hand"
        return Credential(name, None, told)
    try:
        answer = graph.get(f"/applications(appId='{segment(client_id)}')", select="passwordCredentials")
    except ServiceError as error:
        return Credential(name, None, f"when it ends cannot be read: {error}")
    rows = answer.get("passwordCredentials")
    listed = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    ends = _last([row for row in listed if secret.startswith(str(row.get("hint") or secret[:1]))])
    return Credential(name, ends, "" if ends else "the app's registration does not show it")


def _last(rows: Iterable[Body]) -> datetime | None:
    """Give the latest end: of several secrets that begin alike no one can tell which is used."""
    ends = [datetime.fromisoformat(str(row["endDateTime"])) for row in rows if row.get("endDateTime")]
    return max((one if one.tzinfo else one.replace(tzinfo=UTC) for one in ends), default=None)


def _claims(token: str) -> Body:
    """Read what a token says; the services verify it, this only looks."""
    payload = token.split(".")[1] if token.count(".") > 1 else ""
    try:
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, Mapping) else {}


def _texts(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


_CONNECT = {EXCHANGE: "Connect-ExchangeOnline", COMPLIANCE: "Connect-IPPSSession"}
_SHELLS = {EXCHANGE: "Exchange Online PowerShell", COMPLIANCE: "Security & Compliance PowerShell"}
_REGISTERED = "New-ServicePrincipal -AppId <client id> -ObjectId <object id of the enterprise application>"

_SCOPE = (
    'New-ManagementScope -Name "toolkit mailboxes" -RecipientRestrictionFilter '
    "\"MemberOfGroup -eq '<distinguished name of the group>'\""
)


def steps(needed: Sequence[Permission], identity: Identity) -> Iterator[SetupStep]:
    """Say what to do, in the order in which it is done."""
    yield SetupStep(
        f"In Entra > App registrations, make an app of its own for the {identity} identity, with a certificate."
    )
    yield from _consent([one for one in needed if one.sort is Sort.APPLICATION])
    if roles := [one for one in needed if one.sort is Sort.ROLE]:
        yield from _roles(roles, identity)
    if any(one.name in (PERMISSION, READ_PERMISSION) for one in needed):
        yield SetupStep(REGISTRATION)
    if scoped := [one for one in needed if one.narrowed]:
        yield _narrowed(scoped)


def _consent(needed: Sequence[Permission]) -> Iterator[SetupStep]:
    for service in dict.fromkeys(one.of for one in needed):
        names = tuple(one.name for one in needed if one.of == service)
        yield SetupStep(f"Under API permissions > Add a permission > {service} > Application permissions, add:", names)
    if needed:
        yield SetupStep("There, choose Grant admin consent; then remove whatever else is in the list (User.Read too).")


def _roles(roles: Sequence[Permission], identity: Identity) -> Iterator[SetupStep]:
    parts = list(dict.fromkeys(part for one in roles for part in one.instead))
    group = f"toolkit {identity}"
    for service in dict.fromkeys(part.service for part in parts):
        listed = ",".join(f'"{part.role}"' for part in parts if part.service == service)
        yield SetupStep(
            f"Make a role group of its own in {_SHELLS[service]}:",
            (
                _CONNECT[service],
                _REGISTERED,
                f'New-RoleGroup -Name "{group}" -Roles {listed}',
                f'Add-RoleGroupMember "{group}" -Member <object id of the enterprise application>',
            ),
        )
    names = " and ".join(one.name for one in roles if not one.in_groups_alone)
    still = " and ".join(one.name for one in roles if one.in_groups_alone)
    if names:
        yield SetupStep(
            f"Or, which gives more than is needed: in Entra > Roles and administrators, assign {names} to the app."
            + (f" {still} takes the role group all the same." if still else "")
        )


def _narrowed(scoped: Sequence[Permission]) -> SetupStep:
    names = " and ".join(one.name for one in scoped)
    return SetupStep(
        f"{names}, consented to in Entra, would reach every mailbox. To keep it to some, do not consent there; give "
        f"it in {_SHELLS[EXCHANGE]} to a scope that names them (RBAC for Applications):",
        (
            _CONNECT[EXCHANGE],
            _REGISTERED,
            _SCOPE,
            *(
                f'New-ManagementRoleAssignment -App <client id> -Role "{one.narrowed}" '
                '-CustomResourceScope "toolkit mailboxes"'
                for one in scoped
            ),
        ),
    )
