"""The control plane: requests below /_emulator, accepted only from programs of the same user."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
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
from connectors.emulator.emulation import Emulation
from connectors.emulator.store import Body, Json
from connectors.emulator.tenants import find_tenant

_NAMES = ("localhost", "127.0.0.1", "[::1]")
_HTTPS = 443


class Guard:
    """Refuses control plane requests that do not come from a program of this user.

    The vendors' endpoints are not guarded.
    """

    def __init__(self, application: ASGIApp, token: str) -> None:
        self._application = application
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request to the application, or respond with the reason why it is refused."""
        refusal = self._refusal_of_request(Headers(scope=scope), port=scope["server"][1])
        await (refusal or self._application)(scope, receive, send)

    def _refusal_of_request(self, headers: Headers, *, port: int) -> JSONResponse | None:
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
    """Create the application that serves requests below /_emulator. A request must carry the token."""
    below = [*_server_routes(emulation), *emulation.extension.routes(emulation)]
    plane = Starlette(
        routes=[Mount(CONTROL, routes=below)],
        exception_handlers={HTTPException: _answer_error, ValueError: _answer_error},
    )
    return Guard(plane, token)


_version = lru_cache(maxsize=1)(version)


def _server_routes(emulation: Emulation) -> list[Route]:
    async def show(request: Request) -> Response:
        tenant_ids = request.query_params.getlist("tenant")
        installed, now = _version("school-policy-toolkit"), clock.text(clock.START)
        body = {"version": installed, "now": now, "tenants": emulation.tenants(tenant_ids)}
        return JSONResponse(body)

    async def reset(request: Request) -> Response:
        body = await read_body(request)
        names = body.get("school")
        school = {key: str(value) for key, value in names.items()} if isinstance(names, Mapping) else None
        return JSONResponse(emulation.reset(str(body.get("seed") or ""), school))

    async def move_clock(request: Request) -> Response:
        body = await read_body(request)
        tenant_id = _tenant_id(emulation, body)
        moved = clock.move(emulation.store, tenant_id, datetime.fromisoformat(str(body.get("now"))))
        return JSONResponse({"now": clock.text(moved)})

    async def deliver(request: Request) -> Response:
        """Return the outcomes of `messages` in a `cloud` of a tenant."""
        body = await read_body(request)
        messages = body.get("messages")
        if isinstance(messages, str) or not isinstance(messages, Sequence):
            raise HTTPException(400, "messages must be a list")
        outcomes = emulation.deliver(_tenant_id(emulation, body), str(body.get("cloud")), messages)
        return JSONResponse({"outcomes": outcomes})

    async def effective(request: Request) -> Response:
        """Return the effective settings of the account with an address, by cloud."""
        tenant_id = _tenant_id(emulation, {"tenant_id": request.query_params.get("tenant_id")})
        clouds = emulation.find_effective_settings(tenant_id, request.path_params["address"])
        if not clouds:
            raise HTTPException(404, "there is no account with this address")
        return JSONResponse({"clouds": clouds})

    return [
        Route("/", show),
        Route("/reset", reset, methods=["POST"]),
        Route("/clock", move_clock, methods=["PUT"]),
        Route("/deliver", deliver, methods=["POST"]),
        Route("/effective/{address}", effective),
    ]


def _tenant_id(emulation: Emulation, body: Body) -> str:
    """Return the id of the tenant that a request names, or raise a 404."""
    tenant = find_tenant(emulation.store, str(body.get("tenant_id")))
    if tenant is None:
        raise HTTPException(404, f"there is no tenant {body.get('tenant_id')}")
    return str(tenant["tenant_id"])


async def read_json(request: Request) -> Json:
    """Return the JSON value of a request body. An empty body counts as an empty object."""
    try:
        value: Json = json.loads(await request.body() or b"{}")
    except ValueError as bad:
        raise HTTPException(400, f"the body is not JSON: {bad}") from bad
    return value


async def read_body(request: Request) -> Body:
    """Return a request body that must be a JSON object."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return body


async def _answer_error(request: Request, problem: Exception) -> Response:
    del request
    if isinstance(problem, HTTPException):
        return JSONResponse({"error": problem.detail}, problem.status_code)
    return JSONResponse({"error": str(problem)}, 400)
