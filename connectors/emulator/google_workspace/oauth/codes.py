"""Exchanging the code that a person's consent gave for a token that says who they are."""

import hmac
from collections.abc import Mapping
from time import time

from connectors.emulator.google_workspace import people, tokens
from connectors.emulator.google_workspace.accounts import find_sign_in_client
from connectors.emulator.google_workspace.oauth import errors
from connectors.emulator.google_workspace.oauth.consent import CODES, challenge
from connectors.emulator.google_workspace.values import text, texts
from connectors.emulator.store import Store
from connectors.emulator.wire import Body


def exchange(form: Mapping[str, str], store: Store) -> Body:
    """Grant a token for a code, once; raises SignInError. There is no refresh token: who they are is told once."""
    found = find_sign_in_client(store, form.get("client_id", ""))
    if found is None:
        raise errors.client_not_found()
    tenant_id, client = found
    if not hmac.compare_digest(form.get("client_secret", "").encode(), text(client["client_secret"]).encode()):
        raise errors.wrong_client_secret()
    kept = store.get(tenant_id, CODES, form.get("code", ""))
    if kept is None or kept["client_id"] != client["client_id"]:
        raise errors.OAuthError("invalid_grant", "Malformed auth code.")
    # Good for one try, so that nobody can guess at its verifier.
    store.delete(tenant_id, CODES, form["code"])
    _check(form, kept)
    person = store.get(tenant_id, people.USERS, text(kept["user_id"]))
    if person is None or person.get("suspended"):
        raise errors.revoked()
    client_id, scopes = text(client["client_id"]), texts(kept["scopes"])
    token = tokens.issue(store, tenant_id=tenant_id, client_id=client_id, subject=text(person["id"]), scopes=scopes)
    domain, nonce = text(person["primaryEmail"]).partition("@")[2], text(kept["nonce"])
    told = {"id_token": tokens.id_token(store, client_id=client_id, person=person, domain=domain, nonce=nonce)}
    return {
        "access_token": token,
        "expires_in": tokens.LIFETIME,
        "scope": " ".join(scopes),
        "token_type": "Bearer",
        **(told if "openid" in scopes else {}),
    }


def _check(form: Mapping[str, str], kept: Body) -> None:
    expires = kept["expires"]
    if not isinstance(expires, int) or expires < time():
        raise errors.OAuthError("invalid_grant", "Malformed auth code.")
    if form.get("redirect_uri") != kept["redirect_uri"]:
        raise errors.OAuthError("redirect_uri_mismatch", "Bad Request")
    if not (wanted := text(kept["challenge"])):
        return
    if "code_verifier" not in form:
        raise errors.OAuthError("invalid_grant", "Missing code verifier.")
    if not hmac.compare_digest(challenge(form["code_verifier"], text(kept["method"])).encode(), wanted.encode()):
        raise errors.OAuthError("invalid_grant", "Invalid code verifier.")
