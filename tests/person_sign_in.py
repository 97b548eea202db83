"""A person who signs in with a browser, on either cloud, and forged evidence of a sign-in."""

import re
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.emulated import HANG, Tenant
from toolkit.sdk.signed_in import SignInEvidence

SHOWN = re.compile(r"open this address in a browser on this computer within 5 minutes: (https://\S+)$")
NONCE = "n" * 64


def visiting(
    tenant: Tenant, name: str, *, change: Callable[[str], str] = str, seen: list[str] | None = None, more: str = ""
) -> Callable[[str], None]:
    """Return a function that opens the shown address as a person; `change` alters the address of the redirect."""

    def person(shown: str) -> None:
        match = SHOWN.search(shown)
        assert match, shown
        hint = f"&login_hint={name}@{tenant.domain}{more}"
        response = tenant.emulator.http.get(match[1] + hint, allow_redirects=False, timeout=HANG)
        assert "Location" in response.headers, response.text
        location = response.headers["Location"]
        if seen is not None:
            seen.extend([match[1], location])
        Thread(target=tenant.emulator.http.get, args=[change(location)], kwargs={"timeout": 20}).start()

    return person


def forge_evidence(claims: Mapping[str, Any], key_id: str) -> SignInEvidence:
    """Return claims signed with a new key that has the id of the provider's key."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    kept = "{" + f'"e":"{public["e"]}","kid":"{key_id}","kty":"RSA","n":"{public["n"]}"' + "}"
    return SignInEvidence(jwt.encode({**claims}, key, algorithm="RS256", headers={"kid": key_id}), kept)
