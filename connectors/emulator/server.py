"""The emulator as an ASGI application, its control plane and its connections."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache, partial
from http import HTTPStatus
from importlib.metadata import version
from secrets import compare_digest
from typing import Any, cast
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from connectors.emulator import clock
from connectors.emulator.discovery import ServicePath
from connectors.emulator.dispatch import Answering
from connectors.emulator.emulation import Emulation
from connectors.emulator.extension import Dropped, HttpRequest
from connectors.emulator.service import Answer, Call, Principal
from connectors.emulator.store import Body, Json
from connectors.emulator.tenants import find_tenant

_NAMES = ("localhost", "127.0.0.1", "[::1]")
_LONGEST_HEAD = 65_536  # characters of a request's path and headers
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
    below = [*_server_routes(emulation), *emulation.extension.routes(emulation)]
    plane = Starlette(
        routes=[Mount(CONTROL, routes=below)],
        exception_handlers={HTTPException: _refused, ValueError: _refused},
    )
    return Guard(plane, token)


_version = lru_cache(maxsize=1)(version)


def _server_routes(emulation: Emulation) -> list[Route]:
    async def show(request: Request) -> Response:
        wanted = request.query_params.getlist("tenant")
        installed, now = _version("school-policy-toolkit"), clock.text(clock.START)
        told = {"version": installed, "now": now, "tenants": emulation.tenants(wanted)}
        return JSONResponse(told)

    async def reset(request: Request) -> Response:
        wanted = await read_body(request)
        names = wanted.get("school")
        school = {key: str(value) for key, value in names.items()} if isinstance(names, Mapping) else None
        return JSONResponse(emulation.reset(str(wanted.get("seed") or ""), school))

    async def move_clock(request: Request) -> Response:
        wanted = await read_body(request)
        tenant = find_tenant(emulation.store, str(wanted.get("tenant_id")))
        if tenant is None:
            raise HTTPException(404, f"there is no tenant {wanted.get('tenant_id')}")
        moved = clock.move(emulation.store, str(tenant["tenant_id"]), datetime.fromisoformat(str(wanted.get("now"))))
        return JSONResponse({"now": clock.text(moved)})

    return [
        Route("/", show),
        Route("/reset", reset, methods=["POST"]),
        Route("/clock", move_clock, methods=["PUT"]),
    ]


async def read_json(request: Request) -> Json:
    """Read a JSON value; an empty body is an empty object."""
    try:
        value: Json = json.loads(await request.body() or b"{}")
    except ValueError as bad:
        raise HTTPException(400, f"the body is no JSON: {bad}") from bad
    return value


async def read_body(request: Request) -> Body:
    """Read a JSON object."""
    body = await read_json(request)
    if not isinstance(body, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return body


async def _refused(request: Request, problem: Exception) -> Response:
    del request
    if isinstance(problem, HTTPException):
        return JSONResponse({"error": problem.detail}, problem.status_code)
    return JSONResponse({"error": str(problem)}, 400)


class _OneWrite:
    """A transport that sends everything written in one turn of the event loop together.

    uvicorn writes the head and the body of a response apart, so that each would be encrypted, sent and read apart.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._pending = list[bytes]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send data with everything else of this turn."""
        if not self._pending:
            asyncio.get_running_loop().call_soon(self._flush)
        self._pending.append(data)

    def close(self) -> None:
        """Send the pending data and close the connection."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._pending:
            self._transport.write(b"".join(self._pending))
            self._pending.clear()


class Connections:
    """The transports of one server by the client's address and port."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Make the protocol class that a server uses to keep its connections here."""
        kept = self._open

        class Kept(HttpToolsProtocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(cast("asyncio.Transport", _OneWrite(transport)))
                if self.client:
                    kept[self.client] = transport

            def on_headers_complete(self) -> None:
                length = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
                if length > _LONGEST_HEAD or all(name != b"host" for name, _ in self.headers):
                    raise ValueError  # the parser answers 400
                super().on_headers_complete()

            def connection_lost(self, exc: Exception | None) -> None:
                super().connection_lost(exc)
                if self.client:
                    kept.pop(self.client, None)

            def shutdown(self) -> None:
                super().shutdown()
                # An idle client does not answer the goodbye of TLS, and the server would wait for it.
                if getattr(self.cycle, "response_complete", True):  # no cycle yet: nothing was ever asked
                    self.transport.abort()

        return Kept

    async def drop(self, scope: Scope, receive: Receive) -> None:
        """Cut the connection of a request and wait until it is gone."""
        transport = self._open.get(tuple(scope["client"]))
        if transport is None:
            return
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass


class Server:
    """One emulation over HTTP."""

    def __init__(self, emulation: Emulation, connections: Connections, token: str) -> None:
        """Serve an emulation; its control plane answers only requests that carry the token."""
        self._emulation = emulation
        self._connections = connections
        self._control = control_plane(emulation, token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = str(scope["path"])
        if path == CONTROL or path.startswith(CONTROL + "/"):
            await self._control(scope, receive, send)
            return
        request = _read_request(scope, await Request(scope, receive).body())
        try:
            answer = await self._answer(request)
        except Dropped:
            await self._connections.drop(scope, receive)
            return
        await _send(answer, send)

    async def _answer(self, request: HttpRequest) -> Answer:
        emulation = self._emulation
        around = emulation.extension.around()
        route = emulation.routing.find(request.host, request.path)
        if route is None:
            text = f"The emulator does not emulate {request.method} {request.path}."
            unknown = Answer(status=501, body={"error": {"code": "NotEmulated", "message": text}})
            await around.ended(request, None, unknown)
            return self._dated(unknown, "")
        identify = partial(self._principal, route)
        call = _call(request, route, identify(request.headers.get("authorization", "")))
        known_as = partial(route.provider.cloud.known_as, store=emulation.store)
        tenant = self._tenant(call, route)
        answering = Answering(route.service, emulation.store, around, tenant, identify, known_as)
        answer: Answer | None = None
        try:
            answer = around.answered(answering.respond(call), request)
        finally:
            await around.ended(request, answering, answer)
        return self._dated(answer, answering.tenant)

    def _dated(self, answer: Answer, tenant: str) -> Answer:
        """Add the time of the tenant, as services add theirs."""
        instant = clock.now(self._emulation.store, tenant)
        return replace(answer, headers={"Date": _http_date(instant), **answer.headers})

    def _principal(self, route: ServicePath, authorization: str) -> Principal | None:
        principal = route.provider.cloud.principal(authorization, self._emulation.store) if authorization else None
        return principal if principal and principal.audience in route.service.audiences else None

    def _tenant(self, call: Call, route: ServicePath) -> str:
        """Find whose request it is: by who signed in, else by what it says of itself."""
        return call.principal.tenant_id if call.principal else route.provider.cloud.tenant(call, self._emulation.store)


_http_date = lru_cache(maxsize=64)(partial(format_datetime, usegmt=True))
_QUOTED = str.maketrans({"?": "%3F", "#": "%23", "\\": "%5C"})  # what would end a path that is written in an address


def _read_request(scope: Scope, body: bytes) -> HttpRequest:
    # The first of several headers of one name counts.
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
    return HttpRequest(scope["method"], scope["path"].translate(_QUOTED), scope["query_string"].decode(), headers, body)


def _call(request: HttpRequest, route: ServicePath, principal: Principal | None) -> Call:
    return Call(
        method=request.method,
        path=route.path,
        query=parse_qsl(request.query.lstrip("?"), keep_blank_values=True),
        headers=request.headers,
        body=request.body,
        base=f"https://{request.host}{route.prefix}",
        principal=principal,
    )


async def _send(answer: Answer, send: Send) -> None:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    body = answer.body or b""
    if isinstance(answer.body, Mapping):
        headers = {"content-type": "application/json; charset=utf-8", **headers}
        body = json.dumps(answer.body, ensure_ascii=False).encode()
    assert isinstance(body, bytes)
    if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers.setdefault("content-length", str(len(body)))
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
