"""A PostgreSQL server for tests, made and started by them and gone with them."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class PostgresServer:
    """A PostgreSQL server of the tests, which they may stop and start."""

    programs: Path
    directory: Path

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://toolkit@/postgres?host={self.directory}"

    @property
    def running(self) -> bool:
        return (self.directory / "data" / "postmaster.pid").exists()

    def make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.directory, "nobody")
        self._run("initdb", "-U", "toolkit", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        options = f"-k {self.directory} -c listen_addresses= -c max_connections=60"
        self._run("pg_ctl", "-w", "-l", str(self.directory / "log"), "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
        command = [*user, str(self.programs / program), "-D", str(self.directory / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.directory)


@contextmanager
def own_server() -> Iterator[PostgresServer]:
    """Start a PostgreSQL server; the test is skipped where there is none."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
    if programs is None:
        pytest.skip("no PostgreSQL: TOOLKIT_TEST_POSTGRES is not set and initdb is not installed")
    if os.name != "posix" or (os.geteuid() == 0 and shutil.which("runuser") is None):
        pytest.skip("no PostgreSQL: the server does not run as root, and there is no way to be another user")
    with tempfile.TemporaryDirectory(prefix="toolkit-postgres-") as directory:
        server = PostgresServer(programs.parent, Path(directory))
        server.make()
        server.start()
        try:
            yield server
        finally:
            if server.running:
                server.stop()
