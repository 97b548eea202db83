"""The applications that may sign in to a tenant, their permissions, and tokens that are valid only here."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from secrets import token_urlsafe
from time import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from connectors.emulator.data_files import read_data
from connectors.emulator.school import School
from connectors.emulator.service import Principal
from connectors.emulator.store import Body, Json, Store

COLLECTION = "applications"
SIGN_IN = "sign_in"  # the application with which people identify themselves. It has no secret.
GRAPH = "https://graph.microsoft.com"
COMPLIANCE = "https://ps.compliance.protection.outlook.com"
DEFENDER = "https://api.securitycenter.microsoft.com"

_TABLE = read_data(Path(__file__).with_suffix(".json"))
PERMISSIONS_ELSEWHERE = frozenset[str](_TABLE["roles_elsewhere"])  # of services other than Microsoft Graph
# The resources a token can be for: the well-known application id and name of each, the same in every tenant.
RESOURCES: Mapping[str, tuple[str, str]] = {key: (row["id"], row["name"]) for key, row in _TABLE["resources"].items()}
# Role templates: learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
DIRECTORY_ROLES: Mapping[str, str] = _TABLE["directory_roles"]


# Who may sign in as themselves: whoever orders a hold, and whoever approves it.
_SIGNERS = ("School Business Manager", "Deputy Head Teacher")  # the deputy leads safeguarding


def seed(school: School) -> dict[str, Body]:
    """Return the applications of a new tenant, for writing, for reading, and for the sign-in of people."""
    # A directory role that Entra does not have is a role group inside Exchange. It is not in a token.
    confidential: dict[str, Body] = {
        name: {
            **_application_entry(school, name),
            "client_secret": token_urlsafe(30),
            "roles": _TABLE["granted"][name],
            "directory_roles": roles,
        }
        for name, roles in _TABLE["granted_directory_roles"].items()
    }
    people = [person.id for post in _SIGNERS for person in school.people if person.job_title == post]
    public: Body = {
        **_application_entry(school, SIGN_IN),
        "public": True,
        "assigned": people,
        "roles": [],
        "directory_roles": [],
    }
    return {**confidential, SIGN_IN: public}


def _application_entry(school: School, name: str) -> Body:
    return {
        "name": name,
        "client_id": school.identifier("application", name),
        "object_id": school.identifier("service principal", name),
        "client_secret": None,
        "secret_expires": None,
        "certificate": None,
    }


def find_application(store: Store, tenant_id: str, client_id: str) -> Body | None:
    """Return an application of the tenant, or a client that Microsoft publishes for every tenant."""
    everyone = store.all(tenant_id, COLLECTION)
    application = next(
        (candidate for candidate in everyone if str(candidate["client_id"]).lower() == client_id.lower()), None
    )
    published = _TABLE["published_clients"].get(client_id.lower())
    if application or published is None:
        return application
    return {
        "name": published["name"],
        "client_id": client_id.lower(),
        "public": True,
        "published": published["resources"],
    }


def published_resources(application: Body) -> list[str]:
    """Return the resources for which a client published by Microsoft gets tokens.

    Empty for an application of the tenant.
    """
    return texts(application.get("published"))


def roles_of_person(store: Store, tenant_id: str, person_id: str) -> frozenset[str]:
    """Return the names of the directory roles that a person has."""
    held = {
        str(role["displayName"]): store.get(tenant_id, "members", str(role["id"])) or {}
        for role in store.all(tenant_id, "directoryRoles")
    }
    return frozenset(name for name, kept in held.items() if person_id in texts(kept.get("members")))


def shown_name(store: Store, tenant_id: str, client_id: str) -> str:
    """Return the display name of an application."""
    application = find_application(store, tenant_id, client_id)
    if application and published_resources(application):
        return str(application["name"])
    return f"toolkit {application['name']}" if application else client_id


def is_public(application: Body) -> bool:
    """Return whether people sign in through an application. Such an application has no secret."""
    return bool(application.get("public"))


def roles_for(application: Body, audience: str) -> frozenset[str]:
    """Return the application permissions that a token for one resource contains."""
    return frozenset(
        role for role in texts(application["roles"]) if audience in _TABLE["roles_elsewhere"].get(role, (GRAPH,))
    )


def texts(value: Json) -> list[str]:
    """Return a stored list of strings."""
    return [str(entry) for entry in value] if isinstance(value, list) else []


LIFETIME = 3599  # seconds
_KEY = ("", "keys", "entra")
_KEY_ID = "emulator-1"
_PERSON = "user"  # idtyp of a token that a person got, and not an application for itself


def issuer_of(tenant_id: str) -> str:
    """Return the issuer of a tenant's access tokens, in the form of version 1.0."""
    return f"https://sts.windows.net/{tenant_id}/"


def issue_token(store: Store, *, tenant_id: str, application: Body, audience: str) -> str:
    """Return a signed token of an application for one resource."""
    now = int(time())
    claims = {
        "aud": audience,
        "iss": issuer_of(tenant_id),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "appid": application["client_id"],
        "app_displayname": shown_name(store, tenant_id, str(application["client_id"])),
        "appidacr": "1",
        "idtyp": "app",
        "oid": application["object_id"],
        "sub": application["object_id"],
        "roles": sorted(roles_for(application, audience)),
        "tid": tenant_id,
        "uti": uuid4().hex,
        "ver": "1.0",
        "wids": [DIRECTORY_ROLES[role] for role in texts(application["directory_roles"]) if role in DIRECTORY_ROLES],
    }
    return _sign_claims(store, claims)


def issue_person_tokens(
    store: Store,
    *,
    tenant_id: str,
    application: Body,
    audience: str,
    person: Body,
    scopes: str,
    issuer: str,
    nonce: str,
) -> Body:
    """Return the signed tokens of a person who signed in: an access token for one resource, and an id token."""
    now = int(time())
    common = {
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "name": person["displayName"],
        "oid": person["id"],
        "sub": person["id"],
        "tid": tenant_id,
        "uti": uuid4().hex,
    }
    access = {
        **common,
        "aud": audience,
        "iss": issuer_of(tenant_id),
        "appid": application["client_id"],
        "app_displayname": shown_name(store, tenant_id, str(application["client_id"])),
        "appidacr": "0",
        "idtyp": _PERSON,
        "scp": scopes,
        "upn": person["userPrincipalName"],
        "ver": "1.0",
    }
    identity = {
        **common,
        "aud": application["client_id"],
        "iss": issuer,
        "preferred_username": person["userPrincipalName"],
        "ver": "2.0",
        **({"nonce": nonce} if nonce else {}),
    }
    return {"access_token": _sign_claims(store, access), "id_token": _sign_claims(store, identity)}


def principal_of_token(token: str, store: Store) -> Principal | None:
    """Return the owner of a token. None if the token is expired or forged, or its application was deleted."""
    claims = _verified_claims(token, signing_key(store))
    if claims is None or claims["exp"] <= time():
        return None
    tenant_id, audience = str(claims["tid"]), str(claims["aud"])
    application = find_application(store, tenant_id, str(claims["appid"]))
    if application is None:
        return None
    if claims.get("idtyp") == _PERSON:
        return _principal_of_person(store, application, claims)
    # The present permissions count and not the ones at the time of issue, so that a test need not wait.
    return Principal(
        tenant_id=tenant_id,
        application_id=str(application["client_id"]),
        audience=audience,
        roles=roles_for(application, audience),
        directory_roles=frozenset(texts(application["directory_roles"])),
    )


_OF_EXCHANGE = "Exchange.ManageAsApp"  # without which the emulated cmdlets let no one in


def _principal_of_person(store: Store, application: Body, claims: Mapping[str, Any]) -> Principal:
    """Return the permissions of a person who signed in through an application.

    The school's own application has none.
    """
    tenant_id, audience, person_id = str(claims["tid"]), str(claims["aud"]), str(claims["oid"])
    roles = roles_of_person(store, tenant_id, person_id)
    scopes = frozenset(scope.rpartition("/")[2] for scope in str(claims.get("scp", "")).split())
    if not published_resources(application):
        scopes, roles = frozenset(), frozenset()
    elif audience != GRAPH:
        scopes = frozenset({_OF_EXCHANGE})  # a person may enter, and their role decides which cmdlets may run
    elif not roles:
        scopes = frozenset()  # a person needs the permission and a role
    return Principal(
        tenant_id=tenant_id,
        application_id=str(application["client_id"]),
        audience=audience,
        roles=scopes,
        directory_roles=roles,
        subject=person_id if published_resources(application) else "",
    )


@lru_cache(maxsize=1024)
def _verified_claims(token: str, key: RSAPrivateKey) -> Mapping[str, Any] | None:
    """Return the claims of an access token. None if another key signed it. The results are cached for batches."""
    try:
        claims: Mapping[str, Any] = jwt.decode(
            token, key.public_key(), algorithms=["RS256"], options={"verify_aud": False, "verify_exp": False}
        )
    except jwt.InvalidTokenError:
        return None
    return claims


def public_keys(store: Store) -> Body:
    """Return the key that signs tokens as a JSON Web Key Set."""
    key = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key(store).public_key(), as_dict=True)
    return {"keys": [{**key, "use": "sig", "alg": "RS256", "kid": _KEY_ID}]}


def signing_key(store: Store) -> RSAPrivateKey:
    """Return the key that signs tokens. It is created at its first use."""
    kept = store.get(*_KEY)
    if kept is None:
        key = generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        store.put(*_KEY, {"pem": pem})
        return key
    return _parse_key(str(kept["pem"]))


def _sign_claims(store: Store, claims: Mapping[str, object]) -> str:
    return jwt.encode(dict(claims), signing_key(store), algorithm="RS256", headers={"kid": _KEY_ID, "x5t": _KEY_ID})


@lru_cache(maxsize=4)
def _parse_key(pem: str) -> RSAPrivateKey:
    # The key is our own, so that the check of its primes, 40 ms, is left out.
    key = load_pem_private_key(pem.encode(), password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key
