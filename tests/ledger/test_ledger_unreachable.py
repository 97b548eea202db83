"""A ledger whose PostgreSQL server goes away: not damaged, waited for while a run holds the lease, and then named."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ledger.conftest import NOW, History
from tests.postgres import PostgresServer
from toolkit.errors import Exit, LedgerUnreachable, UsageError
from toolkit.ledger import database
from toolkit.ledger.database import open_write_transaction
from toolkit.ledger.entries import HeadLost
from toolkit.ledger.lease import LASTS, Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.redact import Redactor
from toolkit.ledger.verify import verify

NOWHERE = "postgresql+psycopg://toolkit:hunter2hunter2@127.0.0.1:1/none"


@dataclass
class Clock:
    """Moves on by what is waited."""

    now: float = 1_788_768_000
    waited: float = 0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waited += seconds


@pytest.fixture
def said() -> list[str]:
    """Collect what the ledger says while it waits."""
    return []


@pytest.fixture
def away(postgres_server: PostgresServer, tmp_path: Path, said: list[str]) -> Iterator[History]:
    """Write a run into a ledger on a server of its own."""
    with Ledger(tmp_path / "state", redactor=Redactor(), url=postgres_server.url, remark=said.append) as ledger:
        history = History(ledger)
        history.run_begins()
        yield history


def test_a_server_that_is_away_is_not_a_damaged_ledger(tmp_path: Path) -> None:
    with Ledger(tmp_path, redactor=Redactor(), url=NOWHERE) as ledger, pytest.raises(LedgerUnreachable) as told:
        verify(ledger)

    assert told.value.exit is Exit.UNREAD
    assert "the ledger's database on 127.0.0.1:1 is not reachable: connection failed" in str(told.value)
    assert "hunter2" not in str(told.value)


def test_a_server_that_lets_nobody_in_is_not_a_damaged_ledger(postgres_server: PostgresServer, tmp_path: Path) -> None:
    url = postgres_server.url.replace("/postgres?", "/missing?")
    with Ledger(tmp_path, redactor=Redactor(), url=url) as ledger, pytest.raises(LedgerUnreachable) as told:
        verify(ledger)

    assert 'database "missing" does not exist' in str(told.value)
    assert "check the user, the password and the database that TOOLKIT_LEDGER names" in str(told.value)


def test_a_server_that_stops_while_it_is_read_is_not_a_damaged_ledger(
    away: History, postgres_server: PostgresServer
) -> None:
    assert verify(away.ledger).is_sound
    postgres_server.stop()

    with pytest.raises(LedgerUnreachable, match="is not reachable"):
        verify(away.ledger)


def test_a_run_that_holds_the_lease_waits_for_its_server_and_says_so_once(
    away: History, postgres_server: PostgresServer, said: list[str]
) -> None:
    clock, waits = Clock(), list[float]()

    def started(seconds: float) -> None:
        clock.sleep(seconds)
        waits.append(seconds)
        if len(waits) == 3:
            postgres_server.start()

    with Lease(away.ledger, run="run-1", clock=clock):
        away.ledger.patience.sleep = started
        away.step_begins(0)
        postgres_server.stop()
        away.step_ends(0)
    away.run_ends()

    assert len(waits) == 3
    begins, ends = said
    assert begins.startswith(f"toolkit: the ledger's database on {postgres_server.directory} is not reachable: ")
    assert begins.endswith(". This run waits for the database until 2026-09-07 08:05:00 UTC, when the run's lease ends")
    assert ends == "toolkit: the ledger's database responds again, and the run continues"
    assert verify(away.ledger).is_sound
    assert [type(entry).__name__ for _, entry in away.ledger.entries()][-3:] == ["StepBegan", "StepEnded", "RunEnded"]


def test_a_run_waits_no_longer_than_its_lease_and_the_next_one_finds_what_it_had_begun(
    away: History, postgres_server: PostgresServer
) -> None:
    clock = Clock()
    with pytest.raises(LedgerUnreachable) as told, Lease(away.ledger, run="run-1", clock=clock):  # noqa: PT012
        away.ledger.patience.sleep = clock.sleep
        away.step_begins(0)
        postgres_server.stop()
        away.step_ends(0)

    assert clock.waited == LASTS
    assert "is not reachable" in str(told.value)
    assert "This run waited until its own lease ended at" in str(told.value)
    postgres_server.start()
    with Lease(away.ledger, run="run-2", clock=clock):
        unfinished = [begun.step.step for begun in LedgerMemory(away.ledger).unfinished_steps()]
    assert unfinished == [0]
    assert verify(away.ledger).is_sound


def test_a_command_that_holds_no_lease_does_not_wait(
    away: History, postgres_server: PostgresServer, said: list[str]
) -> None:
    clock = Clock()
    with Lease(away.ledger, run="run-1", clock=clock):
        pass
    away.ledger.patience.sleep = clock.sleep
    postgres_server.stop()

    with pytest.raises(LedgerUnreachable):
        away.ledger.head()

    assert clock.waited == 0
    assert said == []


def test_a_writer_says_that_it_waits_for_another_one(
    postgres_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _waits_for_another(tmp_path, postgres_server.url, monkeypatch)


def test_a_writer_of_a_file_says_that_it_waits_for_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _waits_for_another(tmp_path, None, monkeypatch)


def _waits_for_another(directory: Path, url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "QUIET", 0.05)
    said, held = list[str](), ExitStack()

    def let_go(text: str) -> None:
        said.append(text)
        held.close()

    with (
        Ledger(directory, redactor=Redactor(), url=url) as other,
        Ledger(directory, redactor=Redactor(), url=url, remark=let_go) as ledger,
    ):
        ledger.append(HeadLost(at=NOW, host="here"))
        held.enter_context(open_write_transaction(other.engine))
        ledger.append(HeadLost(at=NOW, host="here"))

        assert ledger.head().count == 2
    assert len(said) == 1
    assert "toolkit: waiting for the ledger, until" in said[0]


def test_a_run_says_once_that_it_waits_for_its_ledger() -> None:
    said: list[str] = []
    say = database._pass_on_first_message(said.append)

    say("busy until 9:00")
    say("busy until 9:01")

    assert said == ["busy until 9:00"]


def test_an_entry_whose_commit_was_not_answered_is_stored_once(history: History) -> None:
    history.run_begins()
    entry = HeadLost(at=NOW, host="here")
    attempts = [history.ledger._store(entry, [])]

    again = history.ledger._store(entry, attempts)

    assert again == attempts[0]
    assert history.ledger.head().count == again.count


def test_a_missing_driver_is_a_clear_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(UsageError, match=r"psycopg, which it needs, is not installed: run `pip install"):
        Ledger(tmp_path, redactor=Redactor(), url=NOWHERE)


def test_a_url_for_another_driver_names_the_one_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pg8000", None)

    with pytest.raises(UsageError, match=r"write the URL as postgresql\+psycopg://"):
        Ledger(tmp_path, redactor=Redactor(), url="postgresql+pg8000://toolkit@127.0.0.1:1/none")
