"""A ledger of years: what is changed in it is named, and what is told of it stays short."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.bench.years import Years, write_years
from tests.board_report.school import export_of
from toolkit.board_report.changes import changes
from toolkit.board_report.period import MOST, Beginning
from toolkit.board_report.period_scan import read_past
from toolkit.ledger.database import open_write_transaction
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.redact import Redactor
from toolkit.ledger.verify import verify
from toolkit.render.line import to_json
from toolkit.replies.remind import read_reminded_periods
from toolkit.sdk.resource import Address

_WEEKS = 110
_STAFF = [f"person {number}" for number in range(46)]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Write two years in which nobody exported, since the policy had no clauses yet."""
    directory: Path = tmp_path_factory.mktemp("years")
    years = Years(until=datetime(2026, 11, 9, tzinfo=UTC), weeks=_WEEKS, tenants={}, staff=_STAFF, clauses=())
    with Ledger(directory, redactor=Redactor()) as ledger:
        write_years(ledger, years)
        yield ledger


def test_a_changed_an_added_and_a_deleted_row_of_a_run_long_ago_are_named(ledger: Ledger) -> None:
    first, second = [run.began.run for run in reversed(LedgerMemory(ledger).runs())][:2]
    with open_write_transaction(ledger.engine) as connection:
        for statement in (
            f"UPDATE run SET command = 'plan' WHERE run = '{second}'",
            f"DELETE FROM step WHERE run = '{first}' AND step = 3",
            f"INSERT INTO step VALUES ('{second}', 7, 'a.b[c]', 'applied', 1, 1)",
            "INSERT INTO run VALUES ('never', 'apply', 'emulator', 1, 2)",
        ):
            connection.exec_driver_sql(statement)

    found = [fault.message.partition(",")[0] for fault in verify(ledger).faults]

    assert found == [
        f"In the table run the row of {second} was changed",
        f"In the table step the row of {first} 3 was deleted",
        f"In the table step the row of {second} 7 was added",
        "In the table run the row of never was added",
    ]


def test_of_a_long_time_without_an_export_the_latest_is_told_and_the_rest_is_counted(
    ledger: Ledger, tmp_path: Path
) -> None:
    past = read_past([ledger], Beginning())
    said: Any = to_json(changes(replace(export_of(tmp_path / "playbooks"), past=past), objects=False))

    assert len(said["runs"]) == MOST
    assert said["runs"][-1]["at"] == past.writes[-1].at.isoformat() > past.writes[0].at.isoformat()
    assert said["earlier"] == {
        "runs": _WEEKS - MOST,
        "found": _WEEKS - MOST,
        "words": "The latest are listed. 10 runs and 10 findings before them are counted, and the school's own"
        " record lists each of them.",
    }
    assert said["put_right"] == _WEEKS


def test_what_somebody_was_reminded_of_is_asked_for_one_person(ledger: Ledger) -> None:
    times = read_reminded_periods(LedgerMemory(ledger), Address("microsoft365", "reminder", _STAFF[0]))

    assert len(times) == _WEEKS * 12 // len(_STAFF) + 1
    assert read_reminded_periods(LedgerMemory(ledger), Address("microsoft365", "reminder", "person")) == []
