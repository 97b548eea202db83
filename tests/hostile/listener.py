"""A TLS server for tests that responds with any bytes and records its requests."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import trustme

Reply = Callable[[ssl.SSLSocket, bytes], None]
"""Responds to one request, given its head."""


@dataclass
class Listener:
    """A running listener."""

    port: int
    requests: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"


@contextmanager
def listening(ca_file: str, reply: Reply) -> Iterator[Listener]:
    """Listen while the block lasts, with a certificate of the authority whose key is next to its file."""
    authority = trustme.CA.from_pem(Path(ca_file).read_bytes(), Path(ca_file).with_name("ca.key").read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server.getsockname()[1])

        def serve() -> None:
            while not ended.is_set():
                with suppress(OSError):
                    connection, _ = server.accept()
                    threading.Thread(target=answer, args=(connection,), daemon=True).start()

        def answer(connection: socket.socket) -> None:
            with suppress(OSError), connection, context.wrap_socket(connection, server_side=True) as secure:
                head = b""
                while b"\r\n\r\n" not in head and (piece := secure.recv(65536)):
                    head += piece
                length = re.search(rb"content-length: (\d+)", head.lower())
                left = int(length[1]) - len(head.partition(b"\r\n\r\n")[2]) if length else 0
                while left > 0 and (piece := secure.recv(left)):
                    left -= len(piece)
                if head:
                    listener.requests.append(head)
                    reply(secure, head)

        threading.Thread(target=serve, daemon=True).start()
        yield listener
        ended.set()
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


def drip(seconds: float) -> Reply:
    """Return a responder that sends the beginning of a response, and then single bytes until the connection closes."""

    def reply(secure: ssl.SSLSocket, _head: bytes) -> None:
        secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
        pause = threading.Event()
        while not pause.wait(seconds):
            secure.sendall(b" ")

    return reply


def answer_with(head: str, body: bytes = b"") -> Reply:
    """Return a responder that sends one response and closes."""

    def reply(secure: ssl.SSLSocket, _head: bytes) -> None:
        secure.sendall(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)

    return reply
