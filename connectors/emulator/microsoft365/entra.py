"""Microsoft's sign-in: OpenID discovery, signing keys, the token endpoint and the credentials of applications."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qsl

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate

from connectors.emulator.data_files import from_template
from connectors.emulator.microsoft365 import applications, authorization_codes
from connectors.emulator.microsoft365 import sign_in_errors as errors
from connectors.emulator.microsoft365.applications import RESOURCES, find_application, is_public
from connectors.emulator.service import Answer, Call, Operation, Service
from connectors.emulator.store import Body, Store
from connectors.emulator.tenants import find_tenant


def check_credential(application: Body, form: Mapping[str, str], tenant_names: frozenset[str]) -> None:
    """Check the credential in a token request. Raise the same refusal as Entra if it is not valid."""
    if "client_assertion" in form:
        _check_assertion(application, form["client_assertion"], tenant_names)
    elif "client_secret" in form:
        _check_secret(application, form["client_secret"])
    else:
        raise errors.refusal("no_credential")


def _check_secret(application: Body, secret: str) -> None:
    client_id = str(application["client_id"])
    if not hmac.compare_digest(secret.encode(), str(application["client_secret"]).encode()):
        raise errors.refusal("wrong_secret", client_id)
    expires = application.get("secret_expires")
    # Credentials live by the clock on the wall, whatever the tenant's own time is.
    if expires and datetime.fromisoformat(str(expires)) <= datetime.now(UTC):
        raise errors.refusal("expired_secret", client_id)


def _check_assertion(application: Body, assertion: str, tenant_names: frozenset[str]) -> None:
    client_id = str(application["client_id"])
    used = _thumbprint(assertion)
    certificate = _read_certificate(application)
    if certificate is None or used not in _thumbprints(certificate):
        raise errors.refusal("wrong_assertion", client_id, used, "The key was not found.")
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        claims = jwt.decode(assertion, key, algorithms=["RS256", "PS256"], options={"verify_aud": False})
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as late:
        raise errors.refusal("assertion_not_current") from late
    except jwt.InvalidTokenError as bad:
        reason = "The provided signature value did not match the expected signature value."
        raise errors.refusal("wrong_assertion", client_id, used, reason) from bad
    if not tenant_names & set(str(claims.get("aud")).lower().split("/")):
        raise errors.refusal("assertion_for_another", client_id)


def _read_certificate(application: Body) -> Certificate | None:
    pem = application.get("certificate")
    return load_pem_x509_certificate(str(pem).encode()) if pem else None


def _thumbprint(assertion: str) -> str:
    try:
        header = jwt.get_unverified_header(assertion)
    except jwt.InvalidTokenError:
        return ""
    used = str(header.get("x5t#S256") or header.get("x5t") or header.get("kid") or "")
    return used.rstrip("=")  # RFC 7515 leaves the padding off, MSAL for Python does not


def _thumbprints(certificate: Certificate) -> list[str]:
    prints = [certificate.fingerprint(SHA256()), certificate.fingerprint(SHA1())]  # noqa: S303 (x5t is SHA-1 by RFC 7515)
    return [urlsafe_b64encode(digest).rstrip(b"=").decode() for digest in prints]


_DISCOVERY = Operation("GET /{tenant}/v2.0/.well-known/openid-configuration", write=False)
_DISCOVERY_V1 = Operation(
    "GET /{tenant}/.well-known/openid-configuration", write=False, notes="names the token endpoints of version 2.0"
)
_KEYS = Operation("GET /{tenant}/discovery/v2.0/keys", write=False)
_INSTANCE = Operation("GET /common/discovery/instance", write=False)
_TOKEN = Operation(
    "POST /{tenant}/oauth2/v2.0/token",
    write=False,
    notes="client_credentials with a secret or a certificate's assertion, and codes and refresh tokens of people. "
    "Claims are accepted and ignored",
)
_AUTHORIZE = Operation(
    "GET /{tenant}/oauth2/v2.0/authorize",
    write=False,
    notes="a code for an address of this computer, with PKCE and a nonce. The person is named by login_hint or "
    "chosen, without a password. Cancel refuses",
)


_ANY = "organizations"  # the tenant of the person, which the address names here in place of a page that asks


class _EntraRoute(NamedTuple):
    operation: Operation
    tenant: str


class Entra(Service):
    """The sign-in service at login.microsoftonline.com."""

    name = "entra"
    hosts = ("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net")
    roots = ("",)  # its paths begin with the tenant
    audiences = ()
    emulated_operations = (_DISCOVERY, _DISCOVERY_V1, _KEYS, _INSTANCE, _TOKEN, _AUTHORIZE)

    def operations(self, call: Call) -> Sequence[Operation]:
        route = _read_route(call)
        return [route.operation] if route else []

    def answer(self, call: Call, store: Store) -> Answer:
        route = _read_route(call)
        assert route
        try:
            return _answer_route(call, store, route)
        except errors.EntraError as refused:
            return errors.answer(refused)


def _read_route(call: Call) -> _EntraRoute | None:
    first, _, rest = call.path.strip("/").partition("/")
    for operation in Entra.emulated_operations:
        method, _, template = operation.name.partition(" ")
        if method == call.method and template.strip("/").partition("/")[2] == rest:
            return _EntraRoute(operation, first)
    return None


def _answer_route(call: Call, store: Store, route: _EntraRoute) -> Answer:
    if route.operation is _INSTANCE:
        return Answer(body=from_template(__file__, "instance", base=call.base, tenant=route.tenant))
    if route.operation is _KEYS:
        return Answer(body=applications.public_keys(store))
    form = dict(parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True))
    tenant = find_tenant(store, route.tenant)
    if route.tenant == _ANY:
        tenant = authorization_codes.tenant_of_person(store, {**dict(call.query), **form})
    if tenant is None:
        raise errors.refusal("tenant_not_found", route.tenant)
    if route.operation is _TOKEN:
        return _answer_token_request(store, tenant, form)
    if route.operation is _AUTHORIZE:
        return authorization_codes.authorize(store, tenant, dict(call.query))
    return Answer(body=_discovery_document(call, tenant, route.operation))


def _answer_token_request(store: Store, tenant: Body, form: Mapping[str, str]) -> Answer:
    if form.get("grant_type") == authorization_codes.GRANT:
        return authorization_codes.redeem(store, tenant, form)
    if form.get("grant_type") == authorization_codes.REFRESH:
        return authorization_codes.refresh(store, tenant, form)
    for needed in ("grant_type", "client_id", "scope"):
        if not form.get(needed):
            raise errors.refusal("parameter_missing", needed)
    if form["grant_type"] != "client_credentials":
        raise errors.refusal("unsupported_grant", form["grant_type"])
    tenant_id, name = str(tenant["tenant_id"]), str(tenant["name"])
    audience = _read_audience(form["scope"], name)
    application = find_application(store, tenant_id, form["client_id"])
    if application is None:
        raise errors.refusal("application_not_found", form["client_id"], name)
    if is_public(application):
        raise errors.refusal("public_client")
    check_credential(application, form, frozenset({tenant_id, str(tenant["domain"]), str(tenant["initial_domain"])}))
    token = applications.issue_token(store, tenant_id=tenant_id, application=application, audience=audience)
    times = {"expires_in": applications.LIFETIME, "ext_expires_in": applications.LIFETIME}
    return Answer(body={"token_type": "Bearer", **times, "access_token": token}, headers={"Cache-Control": "no-store"})


def _read_audience(scope: str, directory: str) -> str:
    resource_scopes = [name for name in scope.split() if name not in ("openid", "profile", "offline_access")]
    if len(resource_scopes) != 1 or not resource_scopes[0].endswith("/.default"):
        raise errors.refusal("wrong_scope", scope)
    resource = resource_scopes[0].removesuffix("/.default").rstrip("/")
    by_id = {application_id: audience for audience, (application_id, _) in RESOURCES.items()}
    audience = by_id.get(resource, resource)
    if audience not in RESOURCES:
        raise errors.refusal("resource_not_found", resource, directory)
    return audience


def _discovery_document(call: Call, tenant: Body, operation: Operation) -> Body:
    tenant_id = str(tenant["tenant_id"])
    root = f"{call.base}/{tenant_id}"
    issuer = applications.issuer_of(tenant_id) if operation is _DISCOVERY_V1 else f"{root}/v2.0"
    return from_template(__file__, "discovery", root=root, issuer=issuer)


SERVICE = Entra()
