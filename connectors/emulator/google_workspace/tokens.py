"""Access tokens and id tokens of the emulated Google. No other service accepts them."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from functools import lru_cache
from time import time
from typing import Any

import jwt

from connectors.emulator.google_workspace import accounts
from connectors.emulator.google_workspace.accounts import APPLICATIONS
from connectors.emulator.google_workspace.people import USERS
from connectors.emulator.service import Principal
from connectors.emulator.store import Body, Store

LIFETIME = 3599  # seconds
AUDIENCE = "https://www.googleapis.com"
SIGNING = "id tokens"  # the key that id tokens are signed with
KEY_ID = "emulator-id-tokens"
_PREFIX = "ya29."
_ADDRESS_SCOPES = ("email", "https://www.googleapis.com/auth/userinfo.email")
_ISSUER = "https://accounts.google.com"


def issue_token(store: Store, *, tenant_id: str, client_id: str, subject: str, scopes: Collection[str]) -> str:
    """Return an access token for an application. Without a subject, the application acts for itself."""
    claims = {
        "tid": tenant_id,
        "cid": client_id,
        "sub": subject,
        "scopes": sorted(scopes),
        "exp": int(time()) + LIFETIME,
    }
    return _sign_claims(json.dumps(claims).encode(), accounts.token_secret(store))


def _sign_claims(claims: bytes, secret: str) -> str:
    signature = hmac.new(secret.encode(), claims, "sha256").hexdigest()
    return f"{_PREFIX}{urlsafe_b64encode(claims).decode().rstrip('=')}.{signature}"


def principal_of_token(token: str, store: Store) -> Principal | None:
    """Return the owner of a token. None if the token is expired or forged, or its application was deleted."""
    if not token.startswith(_PREFIX):
        return None
    claims = _verified_claims(token, accounts.token_secret(store))
    if claims is None or claims["exp"] <= time():
        return None
    tenant_id, client_id = str(claims["tid"]), str(claims["cid"])
    account = next(
        (application for collection in APPLICATIONS if (application := store.get(tenant_id, collection, client_id))),
        None,
    )
    if account is None or account.get("disabled"):
        return None
    # Unlike Microsoft's, these scopes belong to the token. A removed scope takes effect with the next token.
    return Principal(tenant_id, client_id, AUDIENCE, roles=frozenset(claims["scopes"]), subject=str(claims["sub"]))


@lru_cache(maxsize=1024)
def _verified_claims(token: str, secret: str) -> Mapping[str, Any] | None:
    """Return the claims of an access token. None if another secret signed it. The results are cached for batches."""
    try:
        text = urlsafe_b64decode(token.removeprefix(_PREFIX).partition(".")[0] + "==")
    except ValueError:
        return None
    if not hmac.compare_digest(_sign_claims(text, secret).encode(), token.encode()):
        return None
    claims: Mapping[str, Any] = json.loads(text)
    return claims


def id_token(store: Store, *, client_id: str, person: Body, domain: str, nonce: str = "") -> str:
    """Return an id token: a signed statement of who a person is, for the client that the person signed in with."""
    now = int(time())
    claims = {
        "iss": _ISSUER,
        "azp": client_id,
        "aud": client_id,
        "sub": person["id"],
        "hd": domain,
        "email": person["primaryEmail"],
        "email_verified": True,
        "iat": now,
        "exp": now + LIFETIME,
        **({"nonce": nonce} if nonce else {}),
    }
    return jwt.encode(claims, accounts.private_key(store, SIGNING), algorithm="RS256", headers={"kid": KEY_ID})


def describe_access_token(token: str, store: Store) -> Body | None:
    """Return the facts that the token endpoint reports about an access token. None if the token is not valid.

    The properties have the names that version 3 of the endpoint uses.
    """
    owner = principal_of_token(token, store)
    if owner is None:
        return None
    expires = int(str(_verified_claims(token, accounts.token_secret(store))["exp"]))  # type: ignore[index] # principal verified it
    person = store.get(owner.tenant_id, USERS, owner.subject) if owner.subject else None
    shows_address = person and any(scope in owner.roles for scope in _ADDRESS_SCOPES)
    return {
        "azp": owner.application_id,
        "aud": owner.application_id,
        **({"sub": owner.subject} if owner.subject else {}),
        "scope": " ".join(sorted(owner.roles)),
        "exp": str(expires),
        "expires_in": str(expires - int(time())),
        **({"email": person["primaryEmail"], "email_verified": "true"} if person and shows_address else {}),
        "access_type": "offline" if person else "online",
    }


def describe_id_token(token: str, store: Store) -> Body | None:
    """Return the claims of an id token as strings, with the header of its signature. None if the token is not valid."""
    key = accounts.private_key(store, SIGNING).public_key()
    try:
        claims = jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False})
    except jwt.InvalidTokenError:
        return None
    shown = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in claims.items()}
    return {**shown, "alg": "RS256", "kid": KEY_ID, "typ": "JWT"}


def public_certificates(store: Store) -> Body:
    """Return the certificate with which clients verify id tokens, by the id of its key."""
    return {KEY_ID: accounts.certificate_pem(store, SIGNING)}


def public_keys(store: Store) -> Body:
    """Return the key of the certificate as a JSON Web Key Set."""
    key = jwt.algorithms.RSAAlgorithm.to_jwk(accounts.private_key(store, SIGNING).public_key(), as_dict=True)
    return {"keys": [{**key, "use": "sig", "alg": "RS256", "kid": KEY_ID}]}
