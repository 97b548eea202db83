"""A PostgreSQL server for the tests of workers, and a trust of two tenants with its own database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulated import Emulator
from tests.postgres import PostgresServer, own_server
from tests.workers.workers_door import WorkersDoor, new_database, open_workers


@pytest.fixture(scope="package")
def server() -> Iterator[PostgresServer]:
    with own_server() as started:
        yield started


@pytest.fixture
def admin(server: PostgresServer) -> Iterator[str]:
    with new_database(server) as url:
        yield url


@pytest.fixture
def workers(emulator: Emulator, admin: str, tmp_path: Path) -> Iterator[WorkersDoor]:
    with open_workers(emulator, admin, tmp_path, ["oak", "elm"]) as door:
        yield door
