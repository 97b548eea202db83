"""The OAuth authorisation code flow: the page that a person opens, and the redirect back to this computer.

Follows https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow. Loaded only if a person signs in.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from secrets import token_urlsafe
from time import monotonic
from urllib.parse import parse_qsl, urlsplit

from oauthlib.oauth2 import WebApplicationClient

from toolkit.errors import SignInRefused
from toolkit.sdk import waiting_time_text

_LOCALHOST = "127.0.0.1"
_REDIRECT = "http://localhost:{}"  # the only address for which Entra accepts any port
_SCOPES = ("openid", "profile")  # only the person's identity
_SIGNED_IN = "You are signed in to toolkit. You may close this window."
_REQUEST_SECONDS = 10  # seconds for one request of the browser


class _Listener(HTTPServer):
    """A local web server that waits for the browser's redirect."""

    parameters: Mapping[str, str] | None = None

    def wait_for_redirect(self, timeout_seconds: float) -> Mapping[str, str] | None:
        """Return the parameters of the redirect, or None if there was no redirect in time."""
        ends = monotonic() + timeout_seconds
        while self.parameters is None and (remaining := ends - monotonic()) > 0:
            self.timeout = remaining
            self.handle_request()
        return self.parameters


class _Handler(BaseHTTPRequestHandler):
    timeout = _REQUEST_SECONDS
    server: _Listener

    def do_GET(self) -> None:
        parameters = dict(parse_qsl(urlsplit(self.path).query))
        is_redirect = "code" in parameters or "error" in parameters
        self.send_response(200 if is_redirect else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        if is_redirect:  # browsers also request an icon
            self.wfile.write(_SIGNED_IN.encode())
            self.server.parameters = parameters

    def log_message(self, *_words: object) -> None:
        """Log nothing, because the address of a redirect contains the code."""


def ask_for_code(
    authorize: str,
    client_id: str,
    show_address: Callable[[str], None],
    *,
    timeout_seconds: float,
    nonce: str,
    scopes: Sequence[str] = _SCOPES,
) -> Mapping[str, str]:
    """Let a person sign in. Return the form that exchanges their code for tokens, or the refusal under `error`.

    `authorize` is the tenant's sign-in page, `show_address` shows the person the address to open, and the sign-in must
    end within `timeout_seconds`. Raise SignInRefused if no one signs in in time, or the redirect belongs to another
    sign-in.
    """
    client = WebApplicationClient(client_id)
    state, verifier = token_urlsafe(32), client.create_code_verifier(64)
    with _Listener((_LOCALHOST, 0), _Handler) as listener:
        redirect = _REDIRECT.format(listener.server_port)
        show_address(
            client.prepare_request_uri(
                authorize,
                redirect_uri=redirect,
                scope=list(scopes),
                state=state,
                nonce=nonce,
                prompt="select_account",  # the second person's browser may still be signed in as the first person
                code_challenge=client.create_code_challenge(verifier, "S256"),
                code_challenge_method="S256",
            )
        )
        parameters = listener.wait_for_redirect(timeout_seconds)
    if parameters is None:
        raise SignInRefused(
            f"Microsoft 365: no one signed in within {waiting_time_text(timeout_seconds)}. Start again. If Microsoft's "
            "page shows an error, it gives the reason"
        )
    if not hmac.compare_digest(parameters.get("state", "").encode(), state.encode()):
        raise SignInRefused("Microsoft 365: the browser returned the response to another sign-in. Start again")
    if "code" not in parameters:
        return {name: parameters.get(name, "") for name in ("error", "error_description")}
    body = client.prepare_request_body(
        code=parameters["code"], redirect_uri=redirect, code_verifier=verifier, include_client_id=True
    )
    return dict(parse_qsl(body))
