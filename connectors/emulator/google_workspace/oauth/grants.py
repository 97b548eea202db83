"""Issues tokens to a service account, which acts for itself or for a person, and in exchange for a refresh token or a
code.
"""

import hmac
from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache
from time import time
from urllib.parse import parse_qsl, unquote_plus

import jwt

from connectors.emulator.google_workspace import accounts, people, tokens
from connectors.emulator.google_workspace.accounts import (
    DELEGATION,
    TOKEN_URI,
    find_client,
    find_service_account,
    find_sign_in_client,
)
from connectors.emulator.google_workspace.oauth import errors
from connectors.emulator.google_workspace.oauth.consent import redeem_code
from connectors.emulator.google_workspace.values import texts
from connectors.emulator.service import Call
from connectors.emulator.store import Body, Json, Store

_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LONGEST, _SKEW = 3600, 300  # seconds
_AUDIENCES = (
    TOKEN_URI,
    "https://accounts.google.com/o/oauth2/token",
    "https://www.googleapis.com/oauth2/v4/token",
    "https://www.googleapis.com/oauth2/v3/token",
)


def read_form(call: Call) -> dict[str, str]:
    """Return the form of a token request. A client may identify itself in a header instead (RFC 6749, 2.3.1)."""
    form = dict(parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True))
    return {**_read_basic_credentials(call.headers.get("authorization", "")), **form}


def _read_basic_credentials(authorization: str) -> dict[str, str]:
    scheme, _, written = authorization.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        name, _, secret = b64decode(written).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": unquote_plus(name), "client_secret": unquote_plus(secret)}


def tenant_of(call: Call, store: Store) -> str:
    """Return the tenant of the application that requests a token, or "".

    The application's identity is not verified yet.
    """
    form = read_form(call) if call.method == "POST" else dict(call.query)
    if "assertion" in form:
        owner = find_service_account(store, str(_read_unverified(form["assertion"]).get("iss", "")))
    else:
        client_id = form.get("client_id", "")
        owner = find_client(store, client_id) or find_sign_in_client(store, client_id)
    return owner[0] if owner else ""


def grant_token(call: Call, store: Store) -> Body:
    """Return the response to a token request. Raise SignInError if it is refused."""
    form = read_form(call)
    match form.get("grant_type", ""):
        case grant_type if grant_type == _JWT_BEARER:
            return _grant_to_service_account(call, form, store)
        case "refresh_token":
            return _grant_to_client(form, store)
        case "authorization_code":
            return redeem_code(form, store)
        case other:
            raise errors.refusal("unsupported_grant", other)


def _grant_to_service_account(call: Call, form: Mapping[str, str], store: Store) -> Body:
    assertion = form.get("assertion", "")
    tenant_and_account = find_service_account(store, str(_read_unverified(assertion).get("iss", "")))
    if tenant_and_account is None:
        raise errors.refusal("account_not_found")
    tenant_id, account = tenant_and_account
    claims = _verified_claims(assertion, store, str(account["name"]), f"{call.base}{call.path}")
    if account.get("disabled"):
        raise errors.refusal("account_disabled")
    scopes = str(claims.get("scope", "")).split()
    if not scopes:
        raise errors.refusal("no_scope")
    client_id, subject = str(account["client_id"]), str(claims.get("sub") or "")
    person = None
    if subject and subject != account["client_email"]:
        delegated = store.get(tenant_id, DELEGATION, client_id) or {}
        if not set(scopes) <= set(texts(delegated.get("scopes"))):
            raise errors.refusal("not_delegated")
        person = _find_subject(store, tenant_id, subject)
    user_id = str(person["id"]) if person else ""
    token = tokens.issue_token(store, tenant_id=tenant_id, client_id=client_id, subject=user_id, scopes=scopes)
    return {"access_token": token, "expires_in": tokens.LIFETIME, "token_type": "Bearer"}


@lru_cache(maxsize=64)
def _read_unverified(assertion: str) -> Mapping[str, Json]:
    try:
        claims: Mapping[str, Json] = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return {}
    return claims


def _verified_claims(assertion: str, store: Store, key_name: str, own_address: str) -> Mapping[str, Json]:
    key = accounts.private_key(store, key_name).public_key()
    try:
        claims: Mapping[str, Json] = jwt.decode(
            assertion, key, algorithms=["RS256"], audience=[*_AUDIENCES, own_address], leeway=_SKEW
        )
    except jwt.InvalidSignatureError as forged:
        raise errors.refusal("bad_signature") from forged
    except jwt.InvalidAudienceError as other:
        raise errors.refusal("bad_assertion", "Failed audience check.") from other
    except jwt.InvalidTokenError as bad:
        raise _expired_assertion_error() from bad
    begins, ends = claims.get("iat"), claims.get("exp")
    if not isinstance(begins, int) or not isinstance(ends, int) or ends - begins > _LONGEST or ends < time() - _SKEW:
        raise _expired_assertion_error()
    return claims


def _expired_assertion_error() -> errors.OAuthError:
    return errors.refusal(
        "bad_assertion",
        "Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values "
        "in the JWT claim.",
    )


def _find_subject(store: Store, tenant_id: str, name: str) -> Body:
    person = people.find_user(store, tenant_id, name)
    if person is None:
        raise (
            errors.refusal("user_deleted")
            if people.find_deleted(store, tenant_id, name)
            else errors.refusal("no_such_user")
        )
    if person.get("suspended") or person.get("archived"):
        raise errors.refusal("user_restricted")
    return person


def _grant_to_client(form: Mapping[str, str], store: Store) -> Body:
    tenant_and_client = find_client(store, form.get("client_id", ""))
    if tenant_and_client is None:
        raise errors.refusal("client_not_found")
    tenant_id, client = tenant_and_client
    if not hmac.compare_digest(form.get("client_secret", "").encode(), str(client["client_secret"]).encode()):
        raise errors.refusal("wrong_client_secret")
    person = people.find_user(store, tenant_id, str(client["user_id"]))
    given, expected = form.get("refresh_token", "").encode(), str(client["refresh_token"]).encode()
    if not hmac.compare_digest(given, expected) or person is None or person.get("suspended"):
        raise errors.refusal("revoked")
    client_id, agreed = str(client["client_id"]), texts(client["scopes"])
    scopes = form.get("scope", "").split() or agreed
    if not set(scopes) <= set(agreed):
        raise errors.refusal("no_scope")
    domain = str(person["primaryEmail"]).partition("@")[2]
    token = tokens.issue_token(
        store, tenant_id=tenant_id, client_id=client_id, subject=str(person["id"]), scopes=scopes
    )
    return {
        "access_token": token,
        "expires_in": tokens.LIFETIME,
        "scope": " ".join(scopes),
        "token_type": "Bearer",
        "id_token": tokens.id_token(store, client_id=client_id, person=person, domain=domain),
    }
