"""A PostgreSQL server that tests create, start and delete."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services import require_service


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL server of the tests, which they may stop and start."""

    programs: Path
    directory: Path
    port: int = 0  # on this computer, or 0 if it listens only on its socket

    @property
    def url(self) -> str:
        port = f"&port={self.port}" if self.port else ""
        return f"postgresql+psycopg://toolkit@/postgres?host={self.directory}{port}"

    @property
    def running(self) -> bool:
        return (self.directory / "data" / "postmaster.pid").exists()

    def make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.directory, "nobody")
        self._run("initdb", "-U", "toolkit", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    def start(self) -> None:
        listens = f"-c listen_addresses=localhost -p {self.port}" if self.port else "-c listen_addresses="
        options = f"-k {self.directory} {listens} -c max_connections=60 -c fsync=off"
        self._run("pg_ctl", "-w", "-l", str(self.directory / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "-D", str(self.directory / "data"), *arguments]
        user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.directory, **user)


@contextmanager
def own_server(port: int = 0) -> Iterator[PostgresServer]:
    """Start a PostgreSQL server. Skip the test if PostgreSQL is not installed.

    The server is in /tmp, because another user must be able to open its folder, and the path of a socket has at most
    107 bytes. It does not wait for the disk: no test cuts the power.
    """
    programs = require_service("PostgreSQL")
    with tempfile.TemporaryDirectory(prefix="toolkit-postgres-", dir="/tmp") as directory:
        server = PostgresServer(programs, Path(directory), port)
        server.make()
        server.start()
        try:
            yield server
        finally:
            if server.running:
                server.stop()
