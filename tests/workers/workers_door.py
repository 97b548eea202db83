"""A trust whose tenants are run by workers: a database of its own, and the settings of its roles."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from tests.emulated import HANG, Emulator
from tests.postgres import PostgresServer
from tests.trust.trust_door import TrustDoor, build_trust

PEOPLE = {"users": 24, "staff": 14}


@dataclass(frozen=True)
class WorkersDoor:
    """A trust, the workers' database, and the folder with the settings of the database's roles."""

    trust: TrustDoor
    admin: str
    roles: Path

    def url(self, name: str) -> str:
        """Return the URL of a role: worker-read, worker-write, or a tenant."""
        return (self.roles / f"{name}.env").read_text().strip().partition("=")[2]

    def environment(self, queue: str = "read") -> Mapping[str, str]:
        """Return the environment of a queue's workers."""
        return {**os.environ, "TOOLKIT_WORKERS": self.url(f"worker-{queue}")}

    def __call__(self, *words: str, queue: str = "read") -> subprocess.CompletedProcess[str]:
        """Run a command as the user of a queue, in the trust's folder."""
        return subprocess.run(
            self.command(*words), cwd=self.trust.root, env=self.environment(queue), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=HANG, check=False,
        )  # fmt: skip

    def command(self, *words: str) -> list[str]:
        """Return the words of a command of toolkit."""
        return [sys.executable, "-m", "toolkit", *words]

    def work(self, queue: str = "read", *options: str) -> str:
        """Run a worker until no job can start, and return its messages."""
        ended = self("worker", "--queue", queue, "--until-empty", *options, queue=queue)
        assert ended.returncode == 0, ended.stderr
        return ended.stderr

    def ask(self, query: str, *values: object, url: str = "") -> list[tuple[Any, ...]]:
        """Send a query to the database as its administrator, or as another role."""
        return ask_database(url or self.admin, query, *values)


def ask_database(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Send a query in the engine's schema, and return its rows."""
    plain = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(plain, options="-csearch_path=toolkit_workers", autocommit=True) as connection:
        cursor = connection.execute(query.encode(), values or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def new_database(server: PostgresServer) -> Iterator[str]:
    """Create a database, and yield its administrator's URL."""
    name = f"trust_{uuid4().hex[:8]}"
    ask_database(server.url, f"CREATE DATABASE {name}")
    yield server.url.replace("+psycopg", "").replace("/postgres?", f"/{name}?")


@contextmanager
def open_workers(
    emulator: Emulator, admin: str, root: Path, names: list[str], people: Mapping[str, int] = PEOPLE
) -> Iterator[WorkersDoor]:
    """Build a trust with a tenant for each name, and its workers' database."""
    from toolkit.workers.migrate import migrate

    (root / "trust").mkdir()
    door = WorkersDoor(build_trust(emulator, root / "trust", names, people), admin, root / "roles")
    migrate(admin, names, door.roles)
    for name in names:
        file = door.trust.env_file(name)
        file.write_text(file.read_text() + (door.roles / f"{name}.env").read_text())
    yield door
    door.trust.close()
