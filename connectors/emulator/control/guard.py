"""Checks before the control plane answers: its own address, no foreign web page, and the emulator's token."""

from secrets import compare_digest

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_NAMES = ("localhost", "127.0.0.1", "[::1]")
_HTTPS = 443


class Guard:
    """Refuses a request that does not come from a client of this user; vendors' endpoints are not behind it."""

    def __init__(self, application: ASGIApp, token: str) -> None:
        self._application = application
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the reason for the refusal."""
        refusal = self._refusal(Headers(scope=scope), port=scope["server"][1])
        await (refusal or self._application)(scope, receive, send)

    def _refusal(self, headers: Headers, *, port: int) -> JSONResponse | None:
        hosts = [f"{name}:{port}" for name in _NAMES]
        hosts += _NAMES if port == _HTTPS else []  # clients leave the usual port out
        if headers.getlist("host") not in [[host] for host in hosts]:
            return _refuse(
                403, f"the control plane answers only under {', '.join(hosts)}: the Host header names another"
            )
        if any(origin not in [f"https://{host}" for host in hosts] for origin in headers.getlist("origin")):
            return _refuse(403, "the control plane does not answer web pages: the Origin header names another site")
        given = headers.getlist("authorization")
        if not given:
            return _refuse(401, "the control plane needs the token in serve.json: send Authorization: Bearer TOKEN")
        expected = f"Bearer {self._token}".encode()
        if len(given) > 1 or not compare_digest(given[0].encode("latin-1", "replace"), expected):
            return _refuse(401, "the token is wrong: the emulator's current token is in serve.json in its state folder")
        return None


def _refuse(status: int, text: str) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004 - RFC 9110 asks for it with 401
    return JSONResponse({"error": text}, status, headers)
