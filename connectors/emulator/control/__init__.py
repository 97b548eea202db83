"""The control plane: everything a test or a person may do to the emulator that no vendor's service offers."""

from importlib.metadata import version
from secrets import compare_digest

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.emulator import clock
from connectors.emulator.control.objects import (
    application_routes,
    clock_routes,
    fault_routes,
    object_routes,
    opening_routes,
    read_body,
)
from connectors.emulator.emulation import Emulation

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


CONTROL = "/_emulator"


def control_plane(emulation: Emulation, token: str) -> ASGIApp:
    """Make the application that answers requests below /_emulator that carry the token."""
    inside = [
        *clock_routes(emulation),
        *fault_routes(emulation),
        *application_routes(emulation),
        *object_routes(emulation),
    ]
    below = [*_server_routes(emulation), *opening_routes(emulation), Mount("/tenants/{tenant}", routes=inside)]
    plane = Starlette(
        routes=[Mount(CONTROL, routes=below)],
        exception_handlers={HTTPException: _refused, ValueError: _refused},
    )
    return Guard(plane, token)


def _server_routes(emulation: Emulation) -> list[Route]:
    async def show(request: Request) -> Response:
        wanted = request.query_params.getlist("tenant")
        installed, now = version("school-policy-toolkit"), clock.text(clock.START)
        told = {"version": installed, "now": now, "tenants": emulation.tenants(wanted)}
        return JSONResponse(told)

    async def reset(request: Request) -> Response:
        return JSONResponse(emulation.reset(str((await read_body(request)).get("seed") or "")))

    async def register(request: Request) -> Response:
        pid = emulation.faults.processes.register((await read_body(request)).get("pid"))
        return JSONResponse({"pid": pid}, 201)

    async def unnamed(request: Request) -> Response:
        return JSONResponse(emulation.log.after("", int(request.query_params.get("after", "0"))))

    return [
        Route("/", show),
        Route("/requests", unnamed),
        Route("/reset", reset, methods=["POST"]),
        Route("/clients", register, methods=["POST"]),
    ]


async def _refused(request: Request, problem: Exception) -> Response:
    del request
    if isinstance(problem, HTTPException):
        return JSONResponse({"error": problem.detail}, problem.status_code)
    return JSONResponse({"error": str(problem)}, 400)
