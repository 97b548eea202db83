"""Google's sign-in: tokens, consent in a browser, facts about tokens, and signing keys."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from connectors.emulator.google_workspace import tokens
from connectors.emulator.google_workspace.oauth import errors
from connectors.emulator.google_workspace.oauth.consent import answer_consent
from connectors.emulator.google_workspace.oauth.grants import grant_token, read_form
from connectors.emulator.service import Answer, Call, Operation, Service
from connectors.emulator.store import Body, Store

__all__ = ["SERVICE"]


_Respond: TypeAlias = Callable[[Call, Store], Answer]
_TOKEN = Operation(
    "POST /token",
    write=False,
    notes="grants tokens for a JWT with or without a subject, a refresh token or a code",
)
_CONSENT = Operation(
    "GET /o/oauth2/v2/auth",
    write=False,
    notes="scopes openid, email and profile. login_hint names the person, otherwise a page asks. No password is needed",
)
CERTIFICATES = Operation("GET /oauth2/v1/certs", write=False)
KEYS = Operation("GET /oauth2/v3/certs", write=False, notes="the signing key as a JSON Web Key Set")


TOKEN_INFO = Operation("GET /tokeninfo", write=False, notes="also by POST, and at /oauth2/v1, v2 and v3/tokeninfo")


def _describe_token(call: Call, store: Store) -> Body:
    """Return the facts about an access token or an id token. Raise OAuthError if the token is not valid."""
    given = {**dict(call.query), **(read_form(call) if call.method == "POST" else {})}
    if token := given.get("id_token"):
        facts = tokens.describe_id_token(token, store)
    else:
        facts = tokens.describe_access_token(given.get("access_token", ""), store)
    if facts is None:
        raise errors.OAuthError("invalid_token", "Invalid Value")
    return facts


def _describe_token_v2(call: Call, store: Store) -> Body:
    """Return the facts about a token under the names of version 2 of the endpoint."""
    facts = _describe_token(call, store)
    shown = {_NAMES_V2.get(name, name): value for name, value in facts.items() if name in _NAMES_V2}
    return {
        **shown,
        **({"expires_in": int(str(facts["expires_in"]))} if "expires_in" in facts else {}),
        **({"verified_email": True} if "email" in facts else {}),
    }


_NAMES_V2 = {
    "azp": "issued_to", "aud": "audience", "sub": "user_id", "scope": "scope", "email": "email",
    "access_type": "access_type",
}  # fmt: skip


def _answer_with_json(respond: Callable[[Call, Store], Body]) -> _Respond:
    return lambda call, store: Answer(body=respond(call, store), headers={"Cache-Control": "no-store"})


_TOKEN_INFO_PATHS = ("/tokeninfo", "/oauth2/v3/tokeninfo")
_ROUTES: dict[tuple[str, str], tuple[Operation, _Respond]] = {
    ("GET", "/o/oauth2/auth"): (_CONSENT, answer_consent),
    ("GET", "/o/oauth2/v2/auth"): (_CONSENT, answer_consent),
    ("POST", "/token"): (_TOKEN, _answer_with_json(grant_token)),
    ("POST", "/o/oauth2/token"): (_TOKEN, _answer_with_json(grant_token)),
    ("POST", "/oauth2/v4/token"): (_TOKEN, _answer_with_json(grant_token)),
    **{
        (method, path): (TOKEN_INFO, _answer_with_json(_describe_token))
        for method in ("GET", "POST")
        for path in _TOKEN_INFO_PATHS
    },
    **{
        (method, path): (TOKEN_INFO, _answer_with_json(_describe_token_v2))
        for method in ("GET", "POST")
        for path in ("/oauth2/v1/tokeninfo", "/oauth2/v2/tokeninfo")
    },
    ("GET", "/oauth2/v1/certs"): (
        CERTIFICATES,
        _answer_with_json(lambda _call, store: tokens.public_certificates(store)),
    ),
    ("GET", "/oauth2/v3/certs"): (KEYS, _answer_with_json(lambda _call, store: tokens.public_keys(store))),
}


class OAuth(Service):
    """The sign-in service at oauth2.googleapis.com and accounts.google.com."""

    name = "google oauth"
    hosts = ("oauth2.googleapis.com", "accounts.google.com")
    roots = ("/token", "/tokeninfo", "/o/oauth2", "/oauth2")
    audiences = ()
    emulated_operations = (_CONSENT, _TOKEN, TOKEN_INFO, CERTIFICATES, KEYS)

    def operations(self, call: Call) -> Sequence[Operation]:
        route = _ROUTES.get((call.method, _normal_path(call)))
        return [route[0]] if route else []

    def answer(self, call: Call, store: Store) -> Answer:
        _, respond = _ROUTES[call.method, _normal_path(call)]
        try:
            return respond(call, store)
        except errors.OAuthError as refused:
            return errors.answer(refused)


def _normal_path(call: Call) -> str:
    return "/" + call.path.strip("/")


SERVICE = OAuth()
