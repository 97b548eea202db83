"""The emulator as an ASGI application, its open connections, and the HTTPS proxy for vendors' host names."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from email.utils import format_datetime
from functools import partial
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from connectors.emulator import clock
from connectors.emulator.control import CONTROL, control_plane
from connectors.emulator.discovery import ServicePath
from connectors.emulator.dispatch import Answering
from connectors.emulator.emulation import Emulation
from connectors.emulator.extension import Dropped
from connectors.emulator.service import Answer, Call, Principal


class Connections:
    """The transports of one server by the client's address and port."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Make the protocol class that a server uses to keep its connections here."""
        kept = self._open

        class Kept(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client:
                    kept[self.client] = transport

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


_GONE = (ConnectionError, asyncio.IncompleteReadError)


class Proxy:
    """A CONNECT proxy on this machine."""

    def __init__(self, hosts: Iterable[str], target: int) -> None:
        """Lead the given hosts to a port of this machine."""
        self._hosts = frozenset(hosts)
        self._target = target
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen on a port (0: any free one) and return it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*_GONE):
                await self._lead(reader, writer)
        finally:
            writer.close()

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.decode("latin-1").partition(" ")
        host = rest.partition(" ")[0].rpartition(":")[0].lower()
        if method != "CONNECT" or host not in self._hosts:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pump(reader, back), _pump(there, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        with suppress(*_GONE):
            while some := await source.read(65_536):
                sink.write(some)
                await sink.drain()
    finally:
        sink.close()


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
        request = Request(scope, receive)
        body = await request.body()
        try:
            answer = await self._answer(request, body)
        except Dropped:
            await self._connections.drop(scope, receive)
            return
        await _response(answer)(scope, receive, send)

    async def _answer(self, request: Request, body: bytes) -> Answer:
        emulation = self._emulation
        around = emulation.extension.around()
        route = emulation.routing.find(request.headers.get("host", ""), request.url.path)
        if route is None:
            text = f"The emulator does not emulate {request.method} {request.url.path}."
            unknown = Answer(status=501, body={"error": {"code": "NotEmulated", "message": text}})
            await around.ended(request, None, unknown)
            return self._dated(unknown, "")
        authorization = request.headers.get("authorization", "")
        identify = partial(self._principal, route)
        call = _call(request, body, route, identify(authorization))
        known_as = partial(route.provider.cloud.known_as, store=emulation.store)
        tenant = self._tenant(call, route)
        answering = Answering(route.service, emulation.store, around, tenant, identify, known_as)
        answer: Answer | None = None
        try:
            answer = around.answered(answering.respond(call), str(request.url))
        finally:
            await around.ended(request, answering, answer)
        return self._dated(answer, answering.tenant)

    def _dated(self, answer: Answer, tenant: str) -> Answer:
        """Add the time of the tenant, as services add theirs."""
        instant = clock.now(self._emulation.store, tenant)
        return replace(answer, headers={"Date": format_datetime(instant, usegmt=True), **answer.headers})

    def _principal(self, route: ServicePath, authorization: str) -> Principal | None:
        principal = route.provider.cloud.principal(authorization, self._emulation.store) if authorization else None
        return principal if principal and principal.audience in route.service.audiences else None

    def _tenant(self, call: Call, route: ServicePath) -> str:
        """Find whose request it is: by who signed in, else by what it says of itself."""
        return call.principal.tenant_id if call.principal else route.provider.cloud.tenant(call, self._emulation.store)


def _call(request: Request, body: bytes, route: ServicePath, principal: Principal | None) -> Call:
    return Call(
        method=request.method,
        path=route.path,
        query=parse_qsl(request.url.query.lstrip("?"), keep_blank_values=True),
        headers=dict(request.headers),
        body=body,
        base=f"https://{request.headers.get('host', 'localhost')}{route.prefix}",
        principal=principal,
    )


def _response(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if isinstance(answer.body, Mapping):
        given = {name.lower() for name in headers}
        kind = {} if "content-type" in given else {"Content-Type": "application/json; charset=utf-8"}
        return Response(json.dumps(answer.body, ensure_ascii=False), answer.status, {**kind, **headers})
    return Response(answer.body, answer.status, headers)
