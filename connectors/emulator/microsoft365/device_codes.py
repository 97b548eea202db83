"""Signing in with a code: a program shows it, and a person types it elsewhere and says who it is.

What a test may read and change at the control plane:

    entra.deviceCodes           by the code that a person types: who may redeem it, until when, and what became of it
    entra.deviceCodeSettings    settings: {"interval": 5}, the seconds between two questions
    applications / sign_in      `assigned`: ids of those who may sign in; anybody else is blocked
"""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from html import escape
from secrets import choice, token_urlsafe
from string import ascii_uppercase, digits

from connectors.emulator.microsoft365 import applications
from connectors.emulator.microsoft365 import sign_in_errors as errors
from connectors.emulator.microsoft365.applications import GRAPH, RESOURCES, find_application, is_public, texts
from connectors.emulator.service import Answer, Call
from connectors.emulator.store import Body, Store

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CODES, SETTINGS = "entra.deviceCodes", "entra.deviceCodeSettings"
_LIVES, _INTERVAL = 900, 5  # seconds
_ABOUT_SELF = ("openid", "profile", "email", "offline_access")
_FORM = (
    '<form method="post"><label>Code <input name="user_code" required></label> '
    '<label>Address <input name="login" type="email" required></label> '
    '<button>Sign in</button> <button name="cancel" value="1">Cancel</button></form>'
)


def begin(call: Call, store: Store, tenant: Body, form: Mapping[str, str]) -> Answer:
    """Give a program a code for a person to type."""
    application = _application(store, tenant, form)
    scopes = form.get("scope", "")
    if not scopes:
        raise errors.refusal("parameter_missing", "scope")
    tenant_id = str(tenant["tenant_id"])
    typed, secret = "".join(choice(ascii_uppercase + digits) for _ in range(9)), token_urlsafe(48)
    kept: Body = {
        "deviceCode": secret,
        "clientId": application["client_id"],
        "scopes": scopes,
        "audience": _audience(scopes, str(tenant["name"])),
        "expires": time.time() + _LIVES,
        "state": "pending",
        "person": None,
    }
    store.put(tenant_id, CODES, typed, kept)
    place = f"{call.base}/{tenant_id}/oauth2/deviceauth"
    settings = store.get(tenant_id, SETTINGS, "settings") or {}
    return Answer(
        body={
            "user_code": typed,
            "device_code": secret,
            "verification_uri": place,
            "expires_in": _LIVES,
            "interval": settings.get("interval", _INTERVAL),
            "message": f"To sign in, use a web browser to open the page {place} and enter the code {typed} to "
            "authenticate.",
        }
    )


def page(text: str = _FORM, status: int = 200) -> Answer:
    whole = f"<!doctype html><html lang=en><title>Sign in to the emulated tenant</title><body>{text}</body></html>"
    return Answer(status, whole.encode(), {"Content-Type": "text/html; charset=utf-8"})


def approve(store: Store, tenant: Body, form: Mapping[str, str]) -> Answer:
    """Let the person sign in who typed a code; a person who is not assigned to the application is blocked."""
    typed, login = form.get("user_code", "").strip().upper(), form.get("login", "").strip()
    tenant_id = str(tenant["tenant_id"])
    kept = store.get(tenant_id, CODES, typed)
    if kept is None or kept["state"] != "pending":
        return _refusal(errors.refusal("code_unknown"))
    if _expired(kept):
        return _refusal(errors.refusal("code_expired"))
    person = store.find(tenant_id, "users", "userPrincipalName", login)
    if person is None:
        return _refusal(errors.refusal("account_unknown", login, str(tenant["name"])))
    if not person["accountEnabled"]:
        return _refusal(errors.refusal("account_disabled"))
    application = find_application(store, tenant_id, str(kept["clientId"])) or {}
    allowed = person["id"] in texts(application.get("assigned"))
    state = "declined" if form.get("cancel") else "approved" if allowed else "blocked"
    store.put(tenant_id, CODES, typed, {**kept, "state": state, "person": person["id"]})
    if state == "blocked":
        return _refusal(errors.refusal("not_assigned", login, str(kept["clientId"])))
    return page("You have signed in." if state == "approved" else "You have cancelled.")


def redeem(call: Call, store: Store, tenant: Body, form: Mapping[str, str]) -> Answer:
    """Give a program the tokens of the person who typed its code, once."""
    application = _application(store, tenant, form)
    if not is_public(application):
        raise errors.refusal("confidential_client")
    tenant_id, sent = str(tenant["tenant_id"]), form.get("device_code", "")
    known = store.keyed(tenant_id, CODES)
    typed = next((key for key, kept in known.items() if sent and kept["deviceCode"] == sent), "")
    kept = known.get(typed)
    if kept is None or kept["clientId"] != application["client_id"]:
        raise errors.refusal("code_unknown")
    person = store.get(tenant_id, "users", str(kept["person"])) or {}
    match kept["state"]:
        case "declined":
            raise errors.refusal("code_declined")
        case "blocked":
            raise errors.refusal("not_assigned", str(person.get("userPrincipalName")), str(application["client_id"]))
    if _expired(kept):
        raise errors.refusal("code_expired")
    if kept["state"] != "approved" or not person:
        raise errors.refusal("code_pending")
    store.delete(tenant_id, CODES, typed)
    issued = applications.issue_to_person(
        store, tenant_id=tenant_id, application=application, audience=str(kept["audience"]), person=person,
        scopes=str(kept["scopes"]), issuer=f"{call.base}/{tenant_id}/v2.0",
    )  # fmt: skip
    times = {"expires_in": applications.LIFETIME, "ext_expires_in": applications.LIFETIME}
    told = {"client_info": _client_info(tenant_id, str(person["id"]))} if form.get("client_info") else {}
    body: Body = {"token_type": "Bearer", "scope": kept["scopes"], **times, **issued, **told}
    return Answer(body=body, headers={"Cache-Control": "no-store"})


def _application(store: Store, tenant: Body, form: Mapping[str, str]) -> Body:
    client_id = form.get("client_id", "")
    if not client_id:
        raise errors.refusal("parameter_missing", "client_id")
    application = find_application(store, str(tenant["tenant_id"]), client_id)
    if application is None:
        raise errors.refusal("application_not_found", client_id, str(tenant["name"]))
    return application


def _audience(scopes: str, directory: str) -> str:
    """Find the one resource that scopes are for; a scope that names none is Graph's."""
    asked = [scope for scope in scopes.split() if scope not in _ABOUT_SELF]
    resources = {scope.rpartition("/")[0].rstrip("/") if "://" in scope else GRAPH for scope in asked} or {GRAPH}
    if len(resources) > 1:
        raise errors.refusal("wrong_scope", scopes)
    (resource,) = resources
    if resource not in RESOURCES:
        raise errors.refusal("resource_not_found", resource, directory)
    return resource


def _expired(kept: Body) -> bool:
    # Codes live by the clock on the wall, as tokens do, whatever the tenant's own time is.
    return float(str(kept["expires"])) <= time.time()


def _refusal(refused: errors.EntraError) -> Answer:
    return page(escape(f"AADSTS{refused.code}: {refused.text}"), 403 if refused.error == "access_denied" else 400)


def _client_info(tenant_id: str, person_id: str) -> str:
    told = json.dumps({"uid": person_id, "utid": tenant_id}).encode()
    return urlsafe_b64encode(told).rstrip(b"=").decode()
