"""The client connections of the emulator's server, which can be cut.

Small writes are sent together, and long requests are refused.
"""

import asyncio
from typing import Any, cast

from starlette.types import Receive, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_LONGEST_HEAD = 65_536  # characters of a request's path and headers


class _OneWrite:
    """A transport that sends all data of a turn of the event loop together.

    uvicorn writes the head and the body of a response separately, so each would be encrypted, sent and read separately.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._pending = list[bytes]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send the data, together with all other data of this turn of the event loop."""
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
    """A server's transports, by the address and port of the client."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[asyncio.Protocol]:
        """Return the protocol class that adds a server's connections to this object."""
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
                if getattr(self.cycle, "response_complete", True):  # without a cycle there was no request
                    self.transport.abort()

        return Kept

    async def drop(self, scope: Scope, receive: Receive) -> None:
        """Cut the connection of a request, and wait until it is closed."""
        transport = self._open.get(tuple(scope["client"]))
        if transport is None:
            return
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
