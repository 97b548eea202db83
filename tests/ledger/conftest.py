"""Ledgers on each database, and the entries of a run to write into them."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.postgres import PostgresServer, own_server
from toolkit.ledger.entries import (
    Action,
    RunBegan,
    RunEnded,
    StepBegan,
    StepEnded,
    StepFailed,
    StepUnknown,
    StepVerdict,
    StepVerified,
    UnmanagedObject,
)
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.sdk.resource import Address
from toolkit.values import AtLeast, Settings

NOW = datetime(2026, 9, 7, 8, 30, tzinfo=UTC)
SENT: Settings = {
    "enabled": True,
    "priority": 3,
    "sent_to": ("a@b.example",),
    "urls": AtLeast(("x", "y")),
    "note": None,
}


@dataclass(frozen=True)
class History:
    """Writes the ledger entries of a run."""

    ledger: Ledger

    def run_begins(self, run: str = "run-1", *, command: str = "apply", target: str = "emulator") -> int:
        return self.ledger.append(
            RunBegan(
                run=run,
                at=NOW,
                command=command,
                target=target,
                tenants={"microsoft365": "0b1c"},
                version="0.1.0",
                playbooks="d1",
                flags=("--yes",),
            )
        )

    def step_begins(
        self,
        step: int,
        name: str = "School disclaimer",
        *,
        run: str = "run-1",
        action: Action = Action.CREATE,
        sent: Settings | None = SENT,
        before: Settings | None = None,
    ) -> int:
        address = Address("microsoft365", "transport_rule", name)
        began = StepBegan(run=run, step=step, at=NOW, address=address, action=action, before=before, sent=sent)
        return self.ledger.append(began)

    def step_ends(self, step: int, *, run: str = "run-1", returned: Settings | None = SENT) -> int:
        ended = StepEnded(run=run, step=step, at=NOW, remote_id=f"id-{step}", name="Disclaimer", returned=returned)
        return self.ledger.append(ended)

    def step_fails(self, step: int, *, run: str = "run-1", error: str = "no such group") -> int:
        return self.ledger.append(StepFailed(run=run, step=step, at=NOW, error=error))

    def step_is_unknown(self, step: int, *, run: str = "run-1") -> int:
        return self.ledger.append(StepUnknown(run=run, step=step, at=NOW, error="no answer"))

    def step_is_verified(self, step: int, verdict: StepVerdict, *, run: str = "run-1") -> int:
        looked = StepVerified(run=run, step=step, at=NOW, by="run-2", verdict=verdict, remote_id="id-9", returned=SENT)
        return self.ledger.append(looked)

    def run_ends(self, run: str = "run-1", *, unmanaged: dict[str, tuple[UnmanagedObject, ...]] | None = None) -> int:
        ended = RunEnded(run=run, at=NOW, exit=0, summary={"create": 1}, unmanaged=unmanaged or {})
        return self.ledger.append(ended)

    def whole_run(self, run: str = "run-1", *, steps: int = 3) -> int:
        """Write a run that creates some objects, and return the number of its last entry."""
        self.run_begins(run)
        with Lease(self.ledger, run=run):
            for step in range(steps):
                self.step_begins(step, f"Rule {step}", run=run)
                self.step_ends(step, run=run)
        return self.run_ends(run)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server: the one in TOOLKIT_TEST_POSTGRES, or a server that runs only during the tests."""
    if named := os.environ.get("TOOLKIT_TEST_POSTGRES"):
        yield named
        return
    with own_server() as server:
        yield server.url


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A server that tests may stop."""
    with own_server() as server:
        yield server


@pytest.fixture
def postgres_server(own_postgres: PostgresServer) -> PostgresServer:
    """A server that one test may stop, running and empty."""
    if not own_postgres.running:
        own_postgres.start()
    engine = create_engine(own_postgres.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    return own_postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    """The database of a test: a file by default, or its own schema on the server."""
    if request.param == "sqlite":
        return None
    server = str(request.getfixturevalue("postgres"))
    schema = f"school_{secrets.token_hex(6)}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    engine.dispose()
    return f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{schema}"


IN_A_FILE = pytest.mark.parametrize(
    "url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True
)
"""For tests that do not depend on the database. They run on SQLite, and in a soak test on both."""


@pytest.fixture
def open_ledger(tmp_path: Path, url: str | None) -> Iterator[Callable[..., Ledger]]:
    """Open the test's ledger, any number of times."""
    with ExitStack() as stack:
        yield lambda *secrets: stack.enter_context(Ledger(tmp_path / "state", redactor=Redactor(secrets), url=url))


@pytest.fixture
def ledger(open_ledger: Callable[..., Ledger]) -> Ledger:
    """A ledger on each database."""
    return open_ledger()


@pytest.fixture
def history(ledger: Ledger) -> History:
    """A writer of entries on each database."""
    return History(ledger)


@pytest.fixture
def in_file(tmp_path: Path) -> Iterator[History]:
    """A writer of entries in a SQLite file."""
    with Ledger(tmp_path / "state", redactor=Redactor()) as ledger:
        yield History(ledger)


@pytest.fixture(scope="session")
def written_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed ledger with a row in every table that matters."""
    directory = tmp_path_factory.mktemp("written")
    with Ledger(directory, redactor=Redactor()) as ledger:
        history = History(ledger)
        history.whole_run()
        history.run_begins("run-2")
        history.run_ends("run-2", unmanaged={"microsoft365.transport_rule": (UnmanagedObject("7", "Foreign"),)})
    return directory
