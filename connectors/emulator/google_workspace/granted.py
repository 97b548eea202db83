"""Google identities for other programs: a service account with delegation, and an administrator's own client."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from secrets import token_urlsafe

from connectors.emulator.data_files import read_data
from connectors.emulator.google_workspace import accounts
from connectors.emulator.google_workspace.accounts import CLIENTS, DELEGATION, SERVICE_ACCOUNTS
from connectors.emulator.google_workspace.api.documents import read_document
from connectors.emulator.google_workspace.api.methods import methods_of
from connectors.emulator.google_workspace.people import find_user
from connectors.emulator.google_workspace.values import mapping, numeric_id, text, texts
from connectors.emulator.school import identifier
from connectors.emulator.store import Body, Store
from connectors.emulator.tenants import find_tenant

_PREFIX = "https://www.googleapis.com/auth/"
_READ_ONLY = ".readonly"
_IDENTITY = ("openid", _PREFIX + "userinfo.email", _PREFIX + "userinfo.profile")


@lru_cache(maxsize=1)
def known_scopes() -> frozenset[str]:
    """Return the scopes of the emulated APIs, from their discovery documents."""
    oauth = (mapping(mapping(content.get("auth")).get("oauth2")) for content in _documents())
    return frozenset(scope for scopes in oauth for scope in mapping(scopes.get("scopes"))) | set(_IDENTITY)


@lru_cache(maxsize=1)
def _reading_scopes() -> frozenset[str]:
    """Return the scopes that at least one reading method of the emulated APIs accepts."""
    methods = (method for content in _documents() for method in methods_of(content))
    reads = (method for method in methods if method.get("httpMethod") == "GET")
    return frozenset(scope for method in reads for scope in texts(method.get("scopes"))) | set(_IDENTITY)


def _documents() -> list[Body]:
    table = read_data(Path(__file__).with_name("apis.json"))
    return [read_document(*row["api"]) or {} for row in table.values()]


def short_names() -> Collection[str]:
    """Return the scopes of the emulated APIs without their common prefix."""
    return [scope.removeprefix(_PREFIX) for scope in known_scopes()]


def full_scope(name: str) -> str:
    """Return a scope as a complete address. "" if no emulated API has the scope."""
    return next((scope for scope in (name, _PREFIX + name) if scope in known_scopes()), "")


def narrower_scope(name: str) -> str:
    """Return advice to use a read-only scope instead of the given scope, or "" if there is none."""
    scope = full_scope(name)
    if scope not in _reading_scopes():
        return "An identity for another program only reads"
    narrower = scope + _READ_ONLY
    return f"Use {narrower.removeprefix(_PREFIX)}" if narrower in known_scopes() else ""


def grant(store: Store, tenant_id: str, client: str, scopes: Sequence[str]) -> None:
    """Create a service account and an administrator's client with these scopes, or change the scopes of both."""
    key = numeric_id(identifier(tenant_id, "service account", client))
    account = store.get(tenant_id, SERVICE_ACCOUNTS, key) or _new_account(tenant_id, client, key)
    store.put(tenant_id, SERVICE_ACCOUNTS, key, account)
    store.put(tenant_id, DELEGATION, key, {"client_id": key, "scopes": list(scopes)})
    client_id = f"{numeric_id(identifier(tenant_id, 'oauth client', client))[:12]}-{client}.apps.googleusercontent.com"
    kept = store.get(tenant_id, CLIENTS, client_id) or _new_client(store, tenant_id, client, client_id)
    agreed = [*_IDENTITY, *(scope for scope in scopes if scope not in _IDENTITY)]
    store.put(tenant_id, CLIENTS, client_id, {**kept, "scopes": agreed})


def _new_account(tenant_id: str, client: str, key: str) -> Body:
    project = "toolkit-" + tenant_id[:8]
    return {
        "name": client,
        "client_id": key,
        "client_email": f"{client}@{project}.iam.gserviceaccount.com",
        "project_id": project,
        "disabled": False,
    }


def _new_client(store: Store, tenant_id: str, client: str, client_id: str) -> Body:
    domain = text((find_tenant(store, tenant_id) or {}).get("domain"))
    administrator = find_user(store, tenant_id, f"{accounts.ADMINISTRATOR}@{domain}")
    return {
        "name": client,
        "client_id": client_id,
        "client_secret": "GOCSPX-" + token_urlsafe(21),
        "refresh_token": "1//03" + token_urlsafe(60),
        "user_id": mapping(administrator).get("id"),
    }
