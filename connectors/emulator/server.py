"""The emulator as an ASGI application, which receives requests and sends responses."""

import json
from collections.abc import Mapping
from dataclasses import replace
from email.utils import format_datetime
from functools import lru_cache, partial
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from connectors.emulator import clock
from connectors.emulator.connections import Connections
from connectors.emulator.control_plane import CONTROL, control_plane
from connectors.emulator.discovery import ServicePath
from connectors.emulator.dispatch import Answering
from connectors.emulator.emulation import Emulation
from connectors.emulator.extension import Dropped, HttpRequest
from connectors.emulator.service import Answer, Call, Principal


class Server:
    """The application that serves one emulation over HTTP."""

    def __init__(self, emulation: Emulation, connections: Connections, token: str) -> None:
        """Return the application for an emulation. Its control plane only serves requests that carry the token."""
        self._emulation = emulation
        self._connections = connections
        self._control = control_plane(emulation, token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        await _send_answer(answer, send)

    async def _answer(self, request: HttpRequest) -> Answer:
        emulation = self._emulation
        around = emulation.extension.hook()
        route = emulation.routing.find(request.host, request.path)
        if route is None:
            text = f"The emulator does not emulate {request.method} {request.path}."
            unknown = Answer(status=501, body={"error": {"code": "NotEmulated", "message": text}})
            await around.ended(request, None, unknown)
            return self._with_date(unknown, "")
        identify = partial(self._identify_caller, route)
        call = _to_call(request, route, identify(request.headers.get("authorization", "")))
        author_of_change = partial(route.provider.cloud.author_of_change, store=emulation.store)
        tenant = self._tenant_of_request(call, route)
        answering = Answering(route.service, emulation.store, around, tenant, identify, author_of_change)
        answer: Answer | None = None
        try:
            answer = around.change_answer(answering.respond(call), request)
        finally:
            await around.ended(request, answering, answer)
        return self._with_date(answer, answering.tenant)

    def _with_date(self, answer: Answer, tenant: str) -> Answer:
        """Add a Date header with the tenant's time to a response, as real services do."""
        instant = clock.now(self._emulation.store, tenant)
        return replace(answer, headers={"Date": _http_date(instant), **answer.headers})

    def _identify_caller(self, route: ServicePath, authorization: str) -> Principal | None:
        principal = route.provider.cloud.principal(authorization, self._emulation.store) if authorization else None
        return principal if principal and principal.audience in route.service.audiences else None

    def _tenant_of_request(self, call: Call, route: ServicePath) -> str:
        """Return the tenant of a request, from its sign-in or else from the request itself."""
        return call.principal.tenant_id if call.principal else route.provider.cloud.tenant(call, self._emulation.store)


_http_date = lru_cache(maxsize=64)(partial(format_datetime, usegmt=True))
_QUOTED = str.maketrans({"?": "%3F", "#": "%23", "\\": "%5C"})  # characters that would end a path in an address


def _read_request(scope: Scope, body: bytes) -> HttpRequest:
    # If a header occurs several times, the first counts.
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}
    return HttpRequest(scope["method"], scope["path"].translate(_QUOTED), scope["query_string"].decode(), headers, body)


def _to_call(request: HttpRequest, route: ServicePath, principal: Principal | None) -> Call:
    return Call(
        method=request.method,
        path=route.path,
        query=parse_qsl(request.query.lstrip("?"), keep_blank_values=True),
        headers=request.headers,
        body=request.body,
        base=f"https://{request.host}{route.prefix}",
        principal=principal,
    )


async def _send_answer(answer: Answer, send: Send) -> None:
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
