"""Access tokens of the emulated tenant: signed here, and good for nothing elsewhere."""

from collections.abc import Mapping
from functools import lru_cache
from time import time
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from connectors.emulator.microsoft365.applications import (
    DIRECTORY_ROLES,
    find_application,
    roles_for,
    shown_name,
    texts,
)
from connectors.emulator.service import Principal
from connectors.emulator.store import Store
from connectors.emulator.wire import Body

LIFETIME = 3599  # seconds
_KEY = ("", "keys", "entra")
_KEY_ID = "emulator-1"
_PERSON = "user"  # idtyp of a token that a person got, and not an application for itself


def issuer_of(tenant_id: str) -> str:
    """Name who issues the access tokens of a tenant, as tokens of v1.0 do."""
    return f"https://sts.windows.net/{tenant_id}/"


def issue(store: Store, *, tenant_id: str, application: Body, audience: str) -> str:
    """Sign a token of an application for one resource."""
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
    return _signed(store, claims)


def issue_to_person(
    store: Store, *, tenant_id: str, application: Body, audience: str, person: Body, scopes: str, issuer: str
) -> Body:
    """Sign what a person gets who signed in: an access token for one resource, and an id token that says who it is."""
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
    }
    return {"access_token": _signed(store, access), "id_token": _signed(store, identity)}


def principal(token: str, store: Store) -> Principal | None:
    """Find out whose token this is; None where it is expired, forged, or its application is gone."""
    try:
        claims = jwt.decode(token, signing_key(store).public_key(), algorithms=["RS256"], options={"verify_aud": False})
    except jwt.InvalidTokenError:
        return None
    tenant_id, audience = str(claims["tid"]), str(claims["aud"])
    application = find_application(store, tenant_id, str(claims["appid"]))
    if application is None:
        return None
    if claims.get("idtyp") == _PERSON:  # nobody has granted the application anything on people's behalf
        return Principal(tenant_id=tenant_id, application_id=str(application["client_id"]), audience=audience)
    # What is granted counts now, not what was granted when the token was issued, so that a test need not wait.
    return Principal(
        tenant_id=tenant_id,
        application_id=str(application["client_id"]),
        audience=audience,
        roles=roles_for(application, audience),
        directory_roles=frozenset(texts(application["directory_roles"])),
    )


def public_keys(store: Store) -> Body:
    """Publish the key that tokens are signed with as a JSON Web Key Set."""
    key = jwt.algorithms.RSAAlgorithm.to_jwk(signing_key(store).public_key(), as_dict=True)
    return {"keys": [{**key, "use": "sig", "alg": "RS256", "kid": _KEY_ID}]}


def signing_key(store: Store) -> RSAPrivateKey:
    """Read the key that signs tokens; the first time it is made."""
    kept = store.get(*_KEY)
    if kept is None:
        key = generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        store.put(*_KEY, {"pem": pem})
        return key
    return _parsed(str(kept["pem"]))


def _signed(store: Store, claims: Mapping[str, object]) -> str:
    return jwt.encode(dict(claims), signing_key(store), algorithm="RS256", headers={"kid": _KEY_ID, "x5t": _KEY_ID})


@lru_cache(maxsize=4)
def _parsed(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, RSAPrivateKey)
    return key
