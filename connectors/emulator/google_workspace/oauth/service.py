"""Google's token endpoint as the server knows it."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from connectors.emulator.google_workspace import tokens
from connectors.emulator.google_workspace.oauth import errors
from connectors.emulator.google_workspace.oauth.grants import grant
from connectors.emulator.service import Answer, Call, Operation, Perform
from connectors.emulator.store import Store
from connectors.emulator.wire import Body

_Grant: TypeAlias = Callable[[Call, Store], Body]
_TOKEN = Operation(
    "POST /token",
    write=False,
    notes="a service account's JWT, with or without a subject; refresh_token; codes of a browser are not exchanged",
)
CERTIFICATES = Operation("GET /oauth2/v1/certs", write=False)
KEY_SET = Operation("GET /oauth2/v3/certs", write=False)
_ROUTES: dict[tuple[str, str], tuple[Operation, _Grant]] = {
    ("POST", "/token"): (_TOKEN, grant),
    ("POST", "/o/oauth2/token"): (_TOKEN, grant),
    ("POST", "/oauth2/v4/token"): (_TOKEN, grant),
    ("GET", "/oauth2/v1/certs"): (CERTIFICATES, lambda _call, store: tokens.certificates(store)),
    ("GET", "/oauth2/v3/certs"): (KEY_SET, lambda _call, store: tokens.key_set(store)),
}


class OAuth:
    """oauth2.googleapis.com and accounts.google.com."""

    name = "google oauth"
    hosts = ("oauth2.googleapis.com", "accounts.google.com")
    roots = ("/token", "/o/oauth2", "/oauth2")
    audiences = ()
    emulated = (_TOKEN, CERTIFICATES, KEY_SET)

    def operations(self, call: Call) -> Sequence[Operation]:
        found = _ROUTES.get((call.method, _path(call)))
        return [found[0]] if found else []

    def batch(self, call: Call, perform: Perform) -> Answer | None:
        del call, perform
        return None

    def answer(self, call: Call, store: Store) -> Answer:
        _, respond = _ROUTES[call.method, _path(call)]
        try:
            return Answer(body=respond(call, store), headers={"Cache-Control": "no-store"})
        except errors.SignInError as refused:
            return errors.answer(refused)

    def refuse(self, call: Call, status: int, reason: str = "") -> Answer:
        del call
        names = {401: "invalid_client", 403: "access_denied", 429: "rate_limit_exceeded"}
        error = reason or names.get(status, "internal_failure")
        return errors.answer(errors.SignInError(error, "Backend Error", status))

    def truncate(self, call: Call, answer: Answer) -> Answer:
        del call
        return answer


def _path(call: Call) -> str:
    return "/" + call.path.strip("/")
