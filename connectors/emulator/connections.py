"""Open connections, which a fault can cut without an answer, and the HTTPS proxy for vendors' host names."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol


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
