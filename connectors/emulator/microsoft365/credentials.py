"""Proving that an application is who it says: a client secret, or an assertion signed with its certificate."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate

from connectors.emulator.microsoft365 import sign_in_errors as errors
from connectors.emulator.wire import Body


def prove(application: Body, form: Mapping[str, str], tenant_names: frozenset[str]) -> None:
    """Check the credential in a token request, or raise the refusal that Entra has for it."""
    if "client_assertion" in form:
        _check_assertion(application, form["client_assertion"], tenant_names)
    elif "client_secret" in form:
        _check_secret(application, form["client_secret"])
    else:
        raise errors.no_credential()


def _check_secret(application: Body, secret: str) -> None:
    client_id = str(application["client_id"])
    if not hmac.compare_digest(secret.encode(), str(application["client_secret"]).encode()):
        raise errors.wrong_secret(client_id)
    expires = application.get("secret_expires")
    # Credentials live by the clock on the wall, whatever the tenant's own time is.
    if expires and datetime.fromisoformat(str(expires)) <= datetime.now(UTC):
        raise errors.expired_secret(client_id)


def _check_assertion(application: Body, assertion: str, tenant_names: frozenset[str]) -> None:
    client_id = str(application["client_id"])
    used = _thumbprint(assertion)
    certificate = _registered(application)
    if certificate is None or used not in _thumbprints(certificate):
        raise errors.wrong_assertion(client_id, used, "The key was not found.")
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        claims = jwt.decode(assertion, key, algorithms=["RS256", "PS256"], options={"verify_aud": False})
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as late:
        raise errors.assertion_not_current() from late
    except jwt.InvalidTokenError as bad:
        reason = "The provided signature value did not match the expected signature value."
        raise errors.wrong_assertion(client_id, used, reason) from bad
    if not tenant_names & set(str(claims.get("aud")).lower().split("/")):
        raise errors.assertion_for_another(client_id)


def _registered(application: Body) -> Certificate | None:
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
    return [urlsafe_b64encode(one).rstrip(b"=").decode() for one in prints]
