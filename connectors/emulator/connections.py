"""Open connections, so that one can be cut without an answer; a web server has no word for that."""

import asyncio

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
