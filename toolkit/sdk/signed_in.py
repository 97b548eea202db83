"""Store and verify the evidence that a person signed in: the provider's signed ID token, and the key that signed it.

Follows https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

from collections.abc import Mapping, Sequence

from toolkit.records import dataclass
from toolkit.sdk.directory import PersonAccount
from toolkit.values import Body, canonical_text

_ALGORITHM = "RS256"  # the algorithm of both providers, because a token must not choose its own
_PARTS = ("kty", "kid", "n", "e")  # the parameters of a public RSA key
_SKEW = 10  # seconds by which this computer's clock may be wrong


class UnprovenSignIn(Exception):
    """Raised if stored evidence does not prove a sign-in. The error's text is the reason, without a token."""


@dataclass(frozen=True, slots=True)
class SignInEvidence:
    """The token that the provider signed when a person signed in, and the provider's public key."""

    token: str
    key: str  # the provider's public key as a JWK, in canonical JSON


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The account of a person who signed in, with the evidence of the sign-in."""

    person: PersonAccount
    evidence: SignInEvidence


@dataclass(frozen=True, slots=True)
class TokenRules:
    """The rules that a provider's ID tokens must follow: the app, the issuers, and the claim that names the tenant."""

    audience: str
    issuers: Sequence[str]


def require_remaining_account(account: PersonAccount | None) -> PersonAccount:
    """Return the account of a person who signed in earlier.

    Raise UnprovenSignIn if the account is no longer in the directory.
    """
    if account is None:
        raise UnprovenSignIn("the account is no longer in the directory of this school")
    return account


def collect_evidence(token: str, published: Body) -> SignInEvidence:
    """Return a token together with the key that signed it, from the provider's JSON Web Key Set."""
    return SignInEvidence(token, _key_text(_published_key(_key_id(token), published)))


def check_key_is_published(evidence: SignInEvidence, published: Body) -> None:
    """Raise UnprovenSignIn unless the provider publishes the stored key, because anyone can sign with their own key."""
    if _key_text(_published_key(_key_id(evidence.token), published)) != evidence.key:
        raise UnprovenSignIn("the stored key is not the key that the provider publishes")


def read_claims(evidence: SignInEvidence, rules: TokenRules, nonce: str, *, is_new_token: bool) -> Mapping[str, object]:
    """Verify a token with its key, and return the token's claims. A token that is not new may have expired."""
    import json

    import jwt

    required = ["iss", "aud", "sub", "iat", "exp", "nonce"]
    try:
        claims: Mapping[str, object] = jwt.decode(
            evidence.token,
            jwt.PyJWK.from_dict(json.loads(evidence.key), algorithm=_ALGORITHM),
            algorithms=[_ALGORITHM],
            audience=rules.audience,
            issuer=list(rules.issuers),
            leeway=_SKEW,
            options={"require": required, "verify_exp": is_new_token},
        )
    except jwt.InvalidSignatureError as error:
        raise UnprovenSignIn("the token is not signed with the stored key") from error
    except jwt.InvalidAudienceError as error:
        raise UnprovenSignIn("the token is for another app") from error
    except jwt.InvalidIssuerError as error:
        raise UnprovenSignIn("the token is from another provider or tenant") from error
    except jwt.ExpiredSignatureError as error:
        raise UnprovenSignIn("the token had expired") from error
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise UnprovenSignIn("the token or its key cannot be read") from error
    if claims["nonce"] != nonce:
        raise UnprovenSignIn("the token was issued for another purpose")
    return claims


def _key_id(token: str) -> str:
    import jwt

    try:
        return str(jwt.get_unverified_header(token).get("kid") or "")
    except jwt.PyJWTError as error:
        raise UnprovenSignIn("no signed token arrived") from error


def _published_key(key_id: str, published: Body) -> Mapping[str, object]:
    keys = published.get("keys")
    for key in keys if isinstance(keys, list) else []:
        if isinstance(key, Mapping) and key.get("kid") == key_id:
            return key
    raise UnprovenSignIn("the provider does not publish the key that signed the token")


def _key_text(key: Mapping[str, object]) -> str:
    return canonical_text({name: str(key.get(name) or "") for name in _PARTS})
