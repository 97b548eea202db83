"""Entries are stored once, in a chain, without secrets, and only where they follow from what is there."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from toolkit.errors import LedgerError, UsageError
from toolkit.ledger import database
from toolkit.ledger.chain import START, Head
from toolkit.ledger.database import open_read_transaction, open_write_transaction
from toolkit.ledger.entries import HeadLost, RunBegan, StepVerdict
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.ledger.tables import ENTRY
from toolkit.ledger.verify import verify

if TYPE_CHECKING:
    from tests.ledger.conftest import History


def test_an_entry_hangs_on_the_one_before_it_by_a_hash_over_its_stored_text(history: "History") -> None:
    history.run_begins()
    history.run_ends()
    with open_read_transaction(history.ledger.engine) as connection:
        first, second = connection.execute(select(ENTRY).order_by(ENTRY.c.n)).all()
    assert (first.n, second.n) == (1, 2)
    assert first.previous == START
    assert first.hash == sha256((START + first.text).encode()).hexdigest()
    assert second.previous == first.hash
    assert second.hash == sha256((first.hash + second.text).encode()).hexdigest()
    assert history.ledger.head() == Head(2, second.hash)


def test_an_entry_is_canonical_text_with_a_kind_a_format_and_the_runs_now(history: "History") -> None:
    history.run_begins()
    with open_read_transaction(history.ledger.engine) as connection:
        text = connection.execute(select(ENTRY.c.text)).scalar_one()
    written = json.loads(text)
    assert text == json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert (written["kind"], written["format"], written["at"]) == ("run_began", 1, "2026-09-07T08:30:00Z")


def test_entries_are_read_back_as_they_were_written(history: "History") -> None:
    history.whole_run(steps=2)
    with Lease(history.ledger, run="run-2"):
        history.run_begins("run-2")
        history.step_begins(0, "Größe \ud800\x00 ✓", run="run-2", before={"enabled": False})
        history.step_is_unknown(0, run="run-2")
        history.step_is_verified(0, StepVerdict.NOT_APPLIED, run="run-2")
    kinds = [entry.kind for _, entry in history.ledger.entries()]
    assert kinds == [
        "run_began", "step_began", "step_ended", "step_began", "step_ended", "run_ended",
        "run_began", "step_began", "step_unknown", "looked",
    ]  # fmt: skip
    assert [n for n, _ in history.ledger.entries(first=9)] == [9, 10]


def test_secrets_never_reach_an_entry(open_ledger: Callable[..., Ledger]) -> None:
    ledger = open_ledger("correct horse battery")
    began = RunBegan(
        run="run-1",
        at=datetime(2026, 9, 7, tzinfo=UTC),
        command="apply",
        target="emulator",
        tenants={},
        version="0.1.0",
        playbooks="d1",
        flags=("correct horse battery", "Authorization: Bearer abcdefghijklmnopqrstuvwxyz"),
    )
    ledger.append(began)
    ((_, stored),) = ledger.entries()
    assert stored == replace(began, flags=("[redacted]", "Authorization: Bearer [redacted]"))


def test_a_time_without_a_zone_is_refused(history: "History") -> None:
    history.run_begins()
    with pytest.raises(LedgerError, match="timezone"):
        history.ledger.append(HeadLost(at=datetime(2026, 9, 7), host="x"))  # noqa: DTZ001
    assert history.ledger.head().count == 1


@pytest.mark.parametrize("statement", ["UPDATE entry SET text = 'x'", "DELETE FROM entry"])
def test_the_database_refuses_to_change_an_entry(history: "History", statement: str) -> None:
    history.run_begins()
    with pytest.raises(LedgerError, match="append-only"), open_write_transaction(history.ledger.engine) as connection:
        connection.exec_driver_sql(statement)


def test_a_step_begins_only_under_the_lease_of_its_run(history: "History") -> None:
    history.run_begins()
    with pytest.raises(LedgerError, match="run-1 does not hold the lease"):
        history.step_begins(0)
    with Lease(history.ledger, run="run-2"), pytest.raises(LedgerError, match="run-1 does not hold the lease"):
        history.step_begins(0)


def test_what_does_not_follow_from_the_past_is_refused_and_leaves_nothing(history: "History") -> None:
    history.run_begins()
    with pytest.raises(LedgerError, match="in the ledger already"):
        history.run_begins()
    with pytest.raises(LedgerError, match="step 5 of run run-1 has not begun"):
        history.step_ends(5)
    with Lease(history.ledger, run="run-1"):
        history.step_begins(1)
        with pytest.raises(LedgerError, match="has begun already"):
            history.step_begins(1)
        history.step_fails(1)
        with pytest.raises(LedgerError, match="or has ended"):
            history.step_ends(1)
    history.run_ends()
    with pytest.raises(LedgerError, match="has not begun, or has ended"):
        history.run_ends()
    assert history.ledger.head().count == 4


def test_emulated_and_live_runs_never_share_a_ledger(history: "History") -> None:
    history.run_begins()
    with pytest.raises(LedgerError, match=r"to the emulator target\. A run on live needs another ledger"):
        history.run_begins("run-2", target="live")


def test_nothing_is_added_to_a_ledger_whose_tail_was_cut(history: "History") -> None:
    history.run_begins()
    history.ledger.head_file.write(Head(7, "f" * 64))
    with pytest.raises(LedgerError, match="records 7 entries"):
        history.run_ends()
    assert history.ledger.head_file.read() == Head(7, "f" * 64)


def test_nothing_is_added_to_an_entry_that_was_edited(in_file: "History") -> None:
    in_file.run_begins()
    with open_write_transaction(in_file.ledger.engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER entry_never_changes")
        connection.exec_driver_sql("UPDATE entry SET text = '{}'")
    with pytest.raises(LedgerError, match="entry 1 of the ledger was edited, so nothing is added"):
        in_file.run_ends()


def test_a_run_that_died_before_its_first_entry_leaves_a_head_file_of_none(history: "History") -> None:
    history.ledger.make()
    history.ledger.head_file.write(Head(0, START))
    assert history.run_begins() == 1
    assert verify(history.ledger).is_sound


def test_nothing_is_added_where_the_head_file_is_unreadable(history: "History") -> None:
    history.run_begins()
    history.ledger.head_file.path.write_text("{")
    with pytest.raises(LedgerError, match="does not have a valid record of the last entry"):
        history.run_ends()


def test_a_missing_head_file_is_recorded_for_ever(history: "History") -> None:
    history.run_begins()
    history.ledger.head_file.path.unlink()
    assert history.run_ends() == 3
    assert [entry.kind for _, entry in history.ledger.entries()] == ["run_began", "head_lost", "run_ended"]


def test_the_head_file_follows_each_append(history: "History") -> None:
    history.run_begins()
    assert history.ledger.head_file.read() == history.ledger.head()
    history.run_ends()
    assert history.ledger.head_file.read() == history.ledger.head()


def test_state_is_readable_by_its_owner_only(in_file: "History") -> None:
    in_file.run_begins()
    assert in_file.ledger.file is not None
    assert in_file.ledger.file.stat().st_mode & 0o077 == 0
    assert in_file.ledger.directory.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://x", "not the URL|SQLite or PostgreSQL"),
        ("nonsense", "not the URL"),
        ("oracle://x", "not the URL|SQLite"),
    ],
)
def test_a_database_that_cannot_be_used_is_a_usage_error(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Ledger(tmp_path, redactor=Redactor(), url=url)


def test_a_ledger_that_another_process_holds_is_not_called_damaged(
    in_file: "History", monkeypatch: pytest.MonkeyPatch
) -> None:
    in_file.run_begins()
    monkeypatch.setattr(database, "WAIT", 0)
    other = Ledger(in_file.ledger.directory, redactor=Redactor())
    with (
        other,
        open_write_transaction(in_file.ledger.engine),
        pytest.raises(LedgerError, match="another process has locked the database for 0 seconds: try again") as told,
    ):
        other.append(HeadLost(at=datetime(2026, 9, 7, tzinfo=UTC), host="here"))
    assert "audit verify" not in str(told.value)


def test_a_server_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://toolkit:hunter2hunter2@127.0.0.1:1/none"
    with Ledger(tmp_path, redactor=Redactor(), url=url) as ledger, pytest.raises(LedgerError) as told:
        ledger.head()
    assert "on 127.0.0.1:1 is not reachable" in str(told.value)
    assert "hunter2" not in str(told.value)
