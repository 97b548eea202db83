"""Runs an emulator in the foreground. Each state directory has one process and its own certificate authority."""

import asyncio
import json
import os
import secrets
import signal
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import trustme
import uvicorn
from filelock import FileLock, Timeout

from connectors.emulator import clock
from connectors.emulator.connections import Connections
from connectors.emulator.domain_names import serve_dns
from connectors.emulator.emulation import Emulation, emulate
from connectors.emulator.extension import Extension
from connectors.emulator.server import Server
from connectors.emulator.store import Json

SETTLES = 0.3  # seconds after which clients may take all reads for settled


class AlreadyServed(Exception):
    """Raised if another process already serves the state directory."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options with which the emulator runs."""

    port: int
    state: Path
    users: int | None
    proxy: int | None
    exit_with_stdin: bool
    names: Mapping[str, str]  # the `name` and `domain` of the school in the first tenant
    grants: Mapping[str, str] = field(default_factory=dict)  # permissions of other programs, by the program's name
    seed: str = ""  # the name of the seed for the first tenants


def serve(options: Wanted, announce: Callable[[str], None], extension: Extension) -> None:
    """Serve until a signal arrives. Raise AlreadyServed if another process serves the directory.

    `announce` gets a line of JSON with the addresses.
    """
    os.umask(0o077)  # The store has credentials, and SQLite makes files next to it.
    options.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock_state(options.state), _open_sockets(options.port) as sockets:
        asyncio.run(_serve(options, sockets, announce, extension))


async def _serve(
    options: Wanted, sockets: list[socket.socket], announce: Callable[[str], None], extension: Extension
) -> None:
    emulation = emulate(
        options.state / "store.db", extension, users=options.users, names=options.names, grants=options.grants,
        seed=options.seed,
    )  # fmt: skip
    authority, ca_file = load_authority(options.state)
    connections = Connections()
    token = secrets.token_urlsafe(32)
    context = server_context(authority, emulation.routing.hosts)
    server = uvicorn.Server(
        uvicorn.Config(
            Server(emulation, connections, token), http=connections.protocol(), ws="none", lifespan="off",
            log_config=None, access_log=False, proxy_headers=False, server_header=False, date_header=False,
            timeout_graceful_shutdown=1, timeout_keep_alive=120,
            ssl_context_factory=lambda _config, _default: context,
        )
    )  # fmt: skip
    _end_cleanly(server)
    port = int(sockets[0].getsockname()[1])
    if options.exit_with_stdin:
        threading.Thread(target=_wait_for_end, args=(server,), daemon=True).start()
    async with _run_proxy(options.proxy, emulation, port) as proxy, serve_dns(emulation.store) as names:
        line = json.dumps(_addresses(emulation, port, ca_file, proxy) | {"dns": names, "token": token})
        with _publish(options.state / "serve.json", line):
            announce(line)
            await server.serve(sockets)
    emulation.store.close()


def _addresses(emulation: Emulation, port: int, ca_file: Path, proxy: str | None) -> dict[str, Json]:
    return {
        "url": f"https://127.0.0.1:{port}",  # a minimal system may have no /etc/hosts, and so no localhost
        "ca_file": str(ca_file.resolve()),
        "pid": os.getpid(),
        "proxy": proxy,
        "now": clock.text(clock.START),
        "settles": SETTLES,
        "tenants": emulation.tenants(),
    }


@contextmanager
def _lock_state(state: Path) -> Iterator[None]:
    lock = FileLock(state / "serve.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout as held:
        raise AlreadyServed(f"{state} is served by another emulator. See {state / 'serve.json'}") from held
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _open_sockets(port: int) -> Iterator[list[socket.socket]]:
    """Listen only on this computer. Clients can connect from now on, and get responses once the server runs."""
    sockets = [socket.create_server(("127.0.0.1", port), backlog=128)]
    # Some programs try ::1 first for localhost. A machine without IPv6 does not need it.
    with suppress(OSError):
        sockets.append(socket.create_server(("::1", sockets[0].getsockname()[1]), family=socket.AF_INET6, backlog=128))
    for sock in sockets:
        # Without this the end of a long response waits 40 ms until the client acknowledges the part before.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        yield sockets
    finally:
        for sock in sockets:
            sock.close()


_GONE = (ConnectionError, asyncio.IncompleteReadError)


class Proxy:
    """A CONNECT proxy on this computer."""

    def __init__(self, hosts: Iterable[str], target: int) -> None:
        """Forward connections to the given hosts to a port on this computer."""
        self._hosts = frozenset(hosts)
        self._target = target
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen on a port and return the port. 0 means any free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    def stop(self) -> None:
        if self._server:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*_GONE):
                await self._forward_connection(reader, writer)
        finally:
            writer.close()

    async def _forward_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.decode("latin-1").partition(" ")
        host = rest.partition(" ")[0].rpartition(":")[0].lower()
        if method != "CONNECT" or host not in self._hosts:
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_copy_bytes(reader, back), _copy_bytes(there, writer))


async def _copy_bytes(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        with suppress(*_GONE):
            while some := await source.read(65_536):
                sink.write(some)
                await sink.drain()
    finally:
        sink.close()


@asynccontextmanager
async def _run_proxy(port: int | None, emulation: Emulation, target: int) -> AsyncIterator[str | None]:
    if port is None:
        yield None
        return
    proxy = Proxy(emulation.routing.hosts, target)
    try:
        yield f"http://127.0.0.1:{await proxy.start(port)}"
    finally:
        proxy.stop()


@contextmanager
def _publish(path: Path, line: str) -> Iterator[None]:
    """Write a line, which contains a token, to a file that only the user can read.

    The file is replaced at once, so a reader never sees half of the line.
    """
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)  # a file that is there keeps its mode
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(line + "\n")
    draft.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _end_cleanly(server: uvicorn.Server) -> None:
    """Make a signal stop only the server.

    Otherwise uvicorn would raise the signal again and the emulator would not clean up.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _wait_for_end(server: uvicorn.Server) -> None:
    # Reading through sys.stdin would hold its lock while the interpreter ends.
    while os.read(0, 1024):
        pass
    server.should_exit = True


def load_authority(directory: Path) -> tuple[trustme.CA, Path]:
    """Return the certificate authority in a directory, and the file that clients trust. Create it if it is missing."""
    certificate, key = directory / "ca.pem", directory / "ca.key"
    if certificate.exists() and key.exists():
        return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes()), certificate
    authority = trustme.CA(organization_name="toolkit emulator, trusted on this machine only")
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(authority.private_key_pem.bytes())
    certificate.write_bytes(authority.cert_pem.bytes())
    return authority, certificate


def server_context(authority: trustme.CA, hosts: Iterable[str]) -> ssl.SSLContext:
    """Return a TLS context for this computer and the vendors' hosts. Its key is never stored on disk."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    context.num_tickets = 0  # no client of ours resumes a session
    authority.issue_cert("localhost", "127.0.0.1", "::1", *sorted(hosts)).configure_cert(context)
    return context
