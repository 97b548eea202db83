"""Sign-in in a browser: the page on which a person chooses an account, and the code that a program then redeems.

It follows learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow. Passwords are not needed. A person is
named by `login_hint`, or chosen on the page. A refusal is shown on the page and not sent to the client. Anyone in the
tenant may sign in through a client that Microsoft publishes. For such a client, the page lists the people with a
directory role.

A test may read and change these collections at the control plane:

- `entra.authorizationCodes`, by code: the person, the client and the expiry of a code that is not redeemed yet.
- `entra.refreshTokens`, by token: the person and the client of a refresh token.
- `applications`, under the key sign_in: `assigned` has the ids of the people who may sign in.
"""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from secrets import token_urlsafe
from urllib.parse import urlencode, urlsplit

from connectors.emulator.microsoft365 import applications
from connectors.emulator.microsoft365 import sign_in_errors as errors
from connectors.emulator.microsoft365.applications import (
    GRAPH,
    RESOURCES,
    find_application,
    is_public,
    published_resources,
    texts,
)
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Store
from connectors.emulator.tenants import all_tenants, find_tenant

GRANT, REFRESH = "authorization_code", "refresh_token"
CODES, REFRESH_TOKENS = "entra.authorizationCodes", "entra.refreshTokens"
_LIVES = 600  # seconds
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_ABOUT_SELF = ("openid", "profile", "email", "offline_access")
_ISSUER = "https://login.microsoftonline.com/{}/v2.0"  # wherever the emulator listens, so that a kept token stays valid


def authorize(store: Store, tenant: Body, query: Mapping[str, str]) -> Answer:
    """Return a redirect with a code or a refusal, or the page on which the person chooses an account."""
    tenant_id = str(tenant["tenant_id"])
    try:
        application = _check_request(store, tenant, query)
        if "cancel" in query:
            return _redirect_to_client(query, errors.refusal("code_declined"))
        if not (login := query.get("login_hint", "")):
            return _show_choice(store, tenant_id, query, application)
        person = _find_person(store, tenant, application, login)
    except errors.EntraError as refused:
        return _html_page(f"<p>{escape(f'AADSTS{refused.code}: {refused.text}')}</p>", 400)
    code = f"0.A{token_urlsafe(48)}"
    kept: Body = {
        "clientId": application["client_id"],
        "person": person["id"],
        "redirectUri": query["redirect_uri"],
        "scopes": query["scope"],
        "audience": _read_audience(query["scope"], str(tenant["name"])),
        "nonce": query.get("nonce", ""),
        "challenge": query.get("code_challenge", ""),
        "expires": time.time() + _LIVES,
    }
    store.put(tenant_id, CODES, code, kept)
    return _redirect_to_client(query, code=code)


def redeem(store: Store, tenant: Body, form: Mapping[str, str]) -> Answer:
    """Return the tokens of a person for a code, which can be used once."""
    tenant_id, application = str(tenant["tenant_id"]), _find_application(store, tenant, form)
    if not is_public(application):
        raise errors.refusal("confidential_client")
    kept = store.get(tenant_id, CODES, form.get("code", ""))
    if kept is None or kept["clientId"] != application["client_id"]:
        raise errors.refusal("code_unknown")
    store.delete(tenant_id, CODES, form["code"])  # works once, so that its verifier cannot be guessed
    # Codes and tokens expire by the real clock and not by the tenant's time.
    if float(str(kept["expires"])) <= time.time():
        raise errors.refusal("code_expired")
    if form.get("redirect_uri") != kept["redirectUri"]:
        raise errors.refusal("redirect_changed")
    _check_verifier(form, str(kept["challenge"]))
    return _issue_tokens(store, tenant_id, application, {**kept, "clientInfo": bool(form.get("client_info"))})


def refresh(store: Store, tenant: Body, form: Mapping[str, str]) -> Answer:
    """Return a new token for a person who has signed in through this client, for any of the client's resources."""
    tenant_id, application = str(tenant["tenant_id"]), _find_application(store, tenant, form)
    kept = store.get(tenant_id, REFRESH_TOKENS, form.get("refresh_token", ""))
    if kept is None or kept["clientId"] != application["client_id"]:
        raise errors.refusal("code_unknown")
    audience = _read_audience(form.get("scope", ""), str(tenant["name"]))
    _check_resource_allowed(application, audience)
    return _issue_tokens(store, tenant_id, application, {**kept, "scopes": form.get("scope", ""), "audience": audience})


def tenant_of_person(store: Store, query: Mapping[str, str]) -> Body | None:
    """Return the tenant of a person who signs in, found from the request, the code or the refresh token.

    None if unknown.
    """
    if login := query.get("login_hint", ""):
        return find_tenant(store, login.partition("@")[2])
    kept = ((CODES, query.get("code", "")), (REFRESH_TOKENS, query.get("refresh_token", "")))
    for tenant_id in all_tenants(store):
        if any(key and store.get(tenant_id, collection, key) for collection, key in kept):
            return find_tenant(store, tenant_id)
    return None


def _check_resource_allowed(application: Body, audience: str) -> None:
    """Raise EntraError if a client published by Microsoft requests a resource that Microsoft has not allowed it."""
    if (resources := published_resources(application)) and audience not in resources:
        raise errors.refusal("not_preauthorised", str(application["client_id"]), RESOURCES[audience][0])


def _issue_tokens(store: Store, tenant_id: str, application: Body, stored_code: Body) -> Answer:
    person = store.get(tenant_id, "users", str(stored_code["person"]))
    if person is None or not person["accountEnabled"]:
        raise errors.refusal("account_disabled")
    issued = applications.issue_person_tokens(
        store, tenant_id=tenant_id, application=application, audience=str(stored_code["audience"]), person=person,
        scopes=str(stored_code["scopes"]), issuer=_ISSUER.format(tenant_id), nonce=str(stored_code.get("nonce") or ""),
    )  # fmt: skip
    if "openid" not in str(stored_code["scopes"]).split():
        issued = {"access_token": issued["access_token"]}
    times = {"expires_in": applications.LIFETIME, "ext_expires_in": applications.LIFETIME}
    extras = {"client_info": _client_info(tenant_id, str(person["id"]))} if stored_code.get("clientInfo") else {}
    if "offline_access" in str(stored_code["scopes"]).split():
        extras["refresh_token"] = _make_refresh_token(store, tenant_id, stored_code)
    body: Body = {"token_type": "Bearer", "scope": stored_code["scopes"], **times, **issued, **extras}
    return Answer(body=body, headers={"Cache-Control": "no-store"})


def _make_refresh_token(store: Store, tenant_id: str, stored_code: Body) -> str:
    token = f"1.A{token_urlsafe(48)}"
    store.put(tenant_id, REFRESH_TOKENS, token, {"clientId": stored_code["clientId"], "person": stored_code["person"]})
    return token


def _check_request(store: Store, tenant: Body, query: Mapping[str, str]) -> Body:
    """Return the application that requests sign-in, if it may.

    Raise EntraError otherwise. The error is shown to the person and not sent to the client.
    """
    application = _find_application(store, tenant, query)
    address = urlsplit(query.get("redirect_uri", ""))
    if address.scheme != "http" or address.hostname not in _LOOPBACK:
        raise errors.refusal("redirect_unknown", query.get("redirect_uri", ""), str(application["client_id"]))
    for needed in ("response_type", "scope"):
        if not query.get(needed):
            raise errors.refusal("parameter_missing", needed)
    if query["response_type"] != "code":
        raise errors.refusal("response_type_unknown", query["response_type"])
    if "code_challenge" in query and query.get("code_challenge_method") != "S256":
        raise errors.refusal("challenge_method_unknown")
    _check_resource_allowed(application, _read_audience(query["scope"], str(tenant["name"])))
    return application


def _find_person(store: Store, tenant: Body, application: Body, login: str) -> Body:
    person = store.find(str(tenant["tenant_id"]), "users", "userPrincipalName", login)
    if person is None:
        raise errors.refusal("account_unknown", login, str(tenant["name"]))
    if not person["accountEnabled"]:
        raise errors.refusal("account_disabled")
    if not published_resources(application) and person["id"] not in texts(application.get("assigned")):
        raise errors.refusal("not_assigned", login, str(application["client_id"]))
    return person


def _check_verifier(form: Mapping[str, str], challenge: str) -> None:
    if not challenge:
        return
    if not (verifier := form.get("code_verifier", "")):
        raise errors.refusal("verifier_missing")
    answered = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    if not hmac.compare_digest(answered.encode(), challenge.encode()):
        raise errors.refusal("verifier_wrong")


def _find_application(store: Store, tenant: Body, form: Mapping[str, str]) -> Body:
    client_id = form.get("client_id", "")
    if not client_id:
        raise errors.refusal("parameter_missing", "client_id")
    application = find_application(store, str(tenant["tenant_id"]), client_id)
    if application is None:
        raise errors.refusal("application_not_found", client_id, str(tenant["name"]))
    return application


def _read_audience(scopes: str, directory: str) -> str:
    """Return the resource to which all of the scopes belong. A scope without a resource belongs to Graph."""
    resource_scopes = [scope for scope in scopes.split() if scope not in _ABOUT_SELF]
    resources = {scope.rpartition("/")[0].rstrip("/") if "://" in scope else GRAPH for scope in resource_scopes} or {
        GRAPH
    }
    if len(resources) > 1:
        raise errors.refusal("wrong_scope", scopes)
    (resource,) = resources
    if resource not in RESOURCES:
        raise errors.refusal("resource_not_found", resource, directory)
    return resource


def _redirect_to_client(
    query: Mapping[str, str], refused: errors.EntraError | None = None, *, code: str = ""
) -> Answer:
    parameters = {"code": code}
    if refused:
        parameters = {"error": refused.error, "error_description": f"AADSTS{refused.code}: {refused.text}"}
    parameters |= {"state": query["state"]} if "state" in query else {}
    return Answer(status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(parameters)}"})


def _show_choice(store: Store, tenant_id: str, query: Mapping[str, str], application: Body) -> Answer:
    """Return the page on which a person chooses an account."""
    kept = "".join(f'<input type="hidden" name="{escape(name)}" value="{escape(query[name])}">' for name in query)
    assigned = (
        _tenant_readers(store, tenant_id) if published_resources(application) else texts(application.get("assigned"))
    )
    people = [store.get(tenant_id, "users", key) for key in assigned]
    addresses = [escape(str(person["userPrincipalName"])) for person in people if person]
    buttons = "".join(f'<p><button name="login_hint" value="{address}">{address}</button></p>' for address in addresses)
    cancel = '<p><button name="cancel" value="1">Cancel</button></p>'
    return _html_page(f"<h1>Pick an account</h1><form method=get>{kept}{buttons}{cancel}</form>", 200)


def _tenant_readers(store: Store, tenant_id: str) -> list[str]:
    """Return the ids of the accounts that may read a whole tenant.

    People with a read-only role come first, and people come before accounts.
    """
    users = {str(user["id"]): user for user in store.all(tenant_id, "users")}
    roles = {key: applications.roles_of_person(store, tenant_id, key) for key in users}
    every = [key for key, held in roles.items() if held & {"Global Reader", "Global Administrator"}]
    return sorted(every, key=lambda key: ("Global Reader" not in roles[key], not users[key].get("jobTitle")))


def _html_page(content: str, status: int) -> Answer:
    text = f"<!doctype html><html lang=en><title>Sign in to the emulated tenant</title><body>{content}</body></html>"
    return Answer(status, text.encode(), {"Content-Type": "text/html; charset=utf-8"})


def _client_info(tenant_id: str, person_id: str) -> str:
    content = json.dumps({"uid": person_id, "utid": tenant_id}).encode()
    return urlsafe_b64encode(content).rstrip(b"=").decode()
