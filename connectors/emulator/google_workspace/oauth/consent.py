"""The page on which a person lets an installed application identify them.

It follows developers.google.com/identity/protocols/oauth2/native-app. Passwords are not needed. A person is named by
`login_hint`, or chosen on the page. Consent is given at once. For a program that asks to read a whole tenant the page
lists super administrators.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from html import escape
from secrets import token_urlsafe
from time import time
from urllib.parse import urlencode, urlsplit

from connectors.emulator.google_workspace import people, tokens
from connectors.emulator.google_workspace.accounts import READER, find_sign_in_client
from connectors.emulator.google_workspace.oauth import errors
from connectors.emulator.google_workspace.oauth.errors import OAuthError
from connectors.emulator.google_workspace.values import text, texts
from connectors.emulator.service import Answer, Call
from connectors.emulator.store import Body, Store

CODES = "google.authorizationCodes"  # by code, until it is exchanged
_LIFETIME = 600  # seconds
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LONG = "https://www.googleapis.com/auth/userinfo."
_SCOPES: Mapping[str, str] = {
    "openid": "openid",
    # The short names are granted under their long ones.
    **{written: _LONG + name for name in ("email", "profile") for written in (name, _LONG + name)},
}
_READING = frozenset(READER)
_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def answer_consent(call: Call, store: Store) -> Answer:
    """Return a redirect with a code or a refusal, or the page on which the person chooses an account."""
    query = dict(call.query)
    try:
        tenant_id, client = _check_request(query, store)
    except OAuthError as refused:
        return _html_page(f"<h1>Error {refused.status}: {refused.error}</h1><p>{escape(refused.description)}</p>", 400)
    admitted = _allowed_people(query, store, tenant_id, client)
    if not (hint := query.get("login_hint", "")):
        return _show_choice(query, admitted)
    person = people.find_user(store, tenant_id, hint)
    if person is None or person not in admitted or person.get("suspended") or person.get("archived"):
        return _redirect_to_client(query, error="access_denied")
    return _redirect_to_client(
        query, code=_issue_code(query, store, tenant_id, str(person["id"])), scope=" ".join(_granted_scopes(query))
    )


def code_challenge(verifier: str, method: str) -> str:
    """Return the challenge for a verifier.

    developers.google.com calls the methods S256 and plain.
    """
    if method == "plain":
        return verifier
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _check_request(query: Mapping[str, str], store: Store) -> tuple[str, Body]:
    """Return the tenant and the client of a request.

    Raise OAuthError if the request is wrong. The error is shown to the person and not sent to the client.
    """
    tenant_and_client = find_sign_in_client(store, query.get("client_id", ""))
    if tenant_and_client is None:
        raise OAuthError("invalid_client", "The OAuth client was not found.", 401)
    address = urlsplit(query.get("redirect_uri", ""))
    if address.scheme != "http" or address.hostname not in _LOOPBACK:
        raise OAuthError("redirect_uri_mismatch", "An installed application must use an address of this machine.")
    if query.get("response_type") != "code":
        raise OAuthError("unsupported_response_type", f"Invalid response_type: {query.get('response_type', '')}")
    scopes = query.get("scope", "").split()
    if not scopes or not set(scopes) <= {*_SCOPES, *_READING}:
        allowed_scopes = "the emulator accepts only openid, email, profile and the scopes that read a tenant"
        raise OAuthError("invalid_scope", f"Some requested scopes were invalid: {allowed_scopes}.")
    given, method = query.get("code_challenge"), query.get("code_challenge_method", "plain")
    if given is not None and (method not in ("S256", "plain") or not _CHALLENGE.fullmatch(given)):
        raise OAuthError("invalid_request", "Invalid code_challenge or code_challenge_method.")
    return tenant_and_client


def _granted_scopes(query: Mapping[str, str]) -> list[str]:
    return sorted({_SCOPES.get(scope, scope) for scope in query["scope"].split()})


def _allowed_people(query: Mapping[str, str], store: Store, tenant_id: str, client: Body) -> list[Body]:
    """Return the people who may use the client. If it can read a whole tenant, these are the super administrators."""
    if _READING.isdisjoint(query["scope"].split()):
        return [person for key in texts(client["people"]) if (person := store.get(tenant_id, people.USERS, key))]
    everyone = store.all(tenant_id, people.USERS)
    return [user for user in everyone if user.get("isAdmin") and not (user.get("suspended") or user.get("archived"))]


def _issue_code(query: Mapping[str, str], store: Store, tenant_id: str, user_id: str) -> str:
    code = "4/0A" + token_urlsafe(48)
    entry: Body = {
        "client_id": query["client_id"],
        "user_id": user_id,
        "redirect_uri": query["redirect_uri"],
        "scopes": _granted_scopes(query),
        "nonce": query.get("nonce", ""),
        "challenge": query.get("code_challenge", ""),
        "method": query.get("code_challenge_method", "plain"),
        "expires": int(time()) + _LIFETIME,
    }
    store.put(tenant_id, CODES, code, entry)
    return code


def _redirect_to_client(query: Mapping[str, str], **parameters: str) -> Answer:
    parameters |= {"state": query["state"]} if "state" in query else {}
    address = query["redirect_uri"]
    return Answer(status=302, headers={"Location": f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"})


def _show_choice(query: Mapping[str, str], people: Sequence[Body]) -> Answer:
    """Return the page on which a person chooses an account."""
    kept = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(query[name])}">' for name in query)
    addresses = [escape(str(person["primaryEmail"])) for person in people]
    buttons = "".join(f'<p><button name="login_hint" value="{address}">{address}</button></p>' for address in addresses)
    return _html_page(f"<h1>Choose an account</h1><form method=get>{kept}{buttons}</form>", 200)


def _html_page(content: str, status: int) -> Answer:
    text = f"<!doctype html><html lang=en><title>Sign in: emulated Google</title><body>{content}</body></html>"
    return Answer(status=status, body=text.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def redeem_code(form: Mapping[str, str], store: Store) -> Body:
    """Return the token for a code, which can be used once. A refresh token is not issued.

    Raise OAuthError if the code is refused.
    """
    tenant_and_client = find_sign_in_client(store, form.get("client_id", ""))
    if tenant_and_client is None:
        raise errors.refusal("client_not_found")
    tenant_id, client = tenant_and_client
    if not hmac.compare_digest(form.get("client_secret", "").encode(), text(client["client_secret"]).encode()):
        raise errors.refusal("wrong_client_secret")
    kept = store.get(tenant_id, CODES, form.get("code", ""))
    if kept is None or kept["client_id"] != client["client_id"]:
        raise errors.OAuthError("invalid_grant", "Malformed auth code.")
    # A code works once, so that its verifier cannot be guessed.
    store.delete(tenant_id, CODES, form["code"])
    _check_code(form, kept)
    person = store.get(tenant_id, people.USERS, text(kept["user_id"]))
    if person is None or person.get("suspended"):
        raise errors.refusal("revoked")
    client_id, scopes = text(client["client_id"]), texts(kept["scopes"])
    token = tokens.issue_token(
        store, tenant_id=tenant_id, client_id=client_id, subject=text(person["id"]), scopes=scopes
    )
    domain, nonce = text(person["primaryEmail"]).partition("@")[2], text(kept["nonce"])
    identity = {"id_token": tokens.id_token(store, client_id=client_id, person=person, domain=domain, nonce=nonce)}
    return {
        "access_token": token,
        "expires_in": tokens.LIFETIME,
        "scope": " ".join(scopes),
        "token_type": "Bearer",
        **(identity if "openid" in scopes else {}),
    }


def _check_code(form: Mapping[str, str], stored_code: Body) -> None:
    expires = stored_code["expires"]
    if not isinstance(expires, int) or expires < time():
        raise errors.OAuthError("invalid_grant", "Malformed auth code.")
    if form.get("redirect_uri") != stored_code["redirect_uri"]:
        raise errors.OAuthError("redirect_uri_mismatch", "Bad Request")
    if not (expected := text(stored_code["challenge"])):
        return
    if "code_verifier" not in form:
        raise errors.OAuthError("invalid_grant", "Missing code verifier.")
    if not hmac.compare_digest(
        code_challenge(form["code_verifier"], text(stored_code["method"])).encode(), expected.encode()
    ):
        raise errors.OAuthError("invalid_grant", "Invalid code verifier.")
