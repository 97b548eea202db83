"""A web hook on this computer, which is called over real HTTP."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Hook:
    """Stores the bodies that it receives, and responds with `status`."""

    def __init__(self, address: str) -> None:
        self.url = f"{address}/hook/long-secret?token=other-secret"
        self.status = 200
        self.paths: list[str] = []
        self.messages: list[Any] = []

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.messages]


@contextmanager
def run_hook(security: ssl.SSLContext | None = None) -> Iterator[Hook]:
    """Run a web hook while the block lasts, over HTTPS if there is a certificate."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answering)
    scheme = "https" if security else "http"
    server.hook = hook = Hook(f"{scheme}://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    if security:
        server.socket = security.wrap_socket(server.socket, server_side=True)
    listening = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    listening.start()
    try:
        yield hook
    finally:
        server.shutdown()
        listening.join()
        server.server_close()


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body: object) -> None:
        hook: Hook = self.server.hook  # type: ignore[attr-defined]
        hook.paths.append(self.path)
        hook.messages.append(body)
        self.send_response(hook.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Do not log requests."""
