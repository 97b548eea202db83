"""One run at a time writes: a living holder is named, a dead one is succeeded."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, event, select, update

from tests.emulated import HANG
from toolkit.errors import LedgerError
from toolkit.ledger.database import open_read_transaction, open_write_transaction
from toolkit.ledger.lease import LASTS, Lease, Process, current_process, is_dead
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.ledger.tables import LEASE

if TYPE_CHECKING:
    from tests.ledger.conftest import History

ELSEWHERE = Process(host="office", machine="another machine", pid=4711, started="1")


@dataclass
class Clock:
    """Tells the time it was given."""

    now: float = 1_788_768_000

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ended() -> Process:
    """Give a process of this machine that has ended."""
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    process = replace(current_process(), pid=child.pid)
    child.wait()
    return process


def left_behind(ledger: Ledger, process: Process, clock: Clock) -> None:
    """Leave the lease of a run that could not give it back."""
    with Lease(ledger, run="run-1", process=process, clock=clock), open_read_transaction(ledger.engine) as connection:
        row = connection.execute(select(LEASE)).mappings().one()
    with open_write_transaction(ledger.engine) as connection:
        connection.execute(delete(LEASE))
        connection.execute(LEASE.insert().values(**row))


def holder(ledger: Ledger) -> str | None:
    with open_read_transaction(ledger.engine) as connection:
        return connection.execute(select(LEASE.c.run)).scalar_one_or_none()


def test_a_second_run_is_refused_while_the_first_lives(ledger: Ledger) -> None:
    with Lease(ledger, run="run-1"), pytest.raises(LedgerError) as refusal, Lease(ledger, run="run-2"):
        pass
    assert f"another run (pid {os.getpid()} on {current_process().host}, since " in str(refusal.value)
    assert holder(ledger) is None


def test_a_run_that_is_refused_leaves_the_lease_with_its_holder(ledger: Ledger) -> None:
    with Lease(ledger, run="run-1"):
        with pytest.raises(LedgerError), Lease(ledger, run="run-2"):
            pass
        assert holder(ledger) == "run-1"


def test_the_lease_is_given_back_when_a_run_fails(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="broken"), Lease(ledger, run="run-1"):
        raise ValueError("broken")
    with Lease(ledger, run="run-2"):
        assert holder(ledger) == "run-2"


def test_the_lease_of_a_dead_process_of_this_machine_is_taken_at_once(ledger: Ledger, ended: Process) -> None:
    clock = Clock()
    left_behind(ledger, ended, clock)
    with Lease(ledger, run="run-2", clock=clock):
        assert holder(ledger) == "run-2"


def test_the_lease_of_another_machine_is_waited_for(ledger: Ledger) -> None:
    clock = Clock()
    left_behind(ledger, ELSEWHERE, clock)
    clock.now += LASTS - 1
    with pytest.raises(
        LedgerError, match=r"pid 4711 on office, since 2026-09-07 08:00:00 UTC.* at 2026-09-07 08:05:00"
    ):
        Lease(ledger, run="run-2", clock=clock).__enter__()
    clock.now += 1
    with Lease(ledger, run="run-2", clock=clock):
        assert holder(ledger) == "run-2"


def test_a_renewed_lease_does_not_run_out(ledger: Ledger) -> None:
    clock = Clock()
    with Lease(ledger, run="run-1", process=ELSEWHERE, clock=clock) as lease:
        clock.now += LASTS - 1
        lease.renew()
        clock.now += LASTS - 1
        with pytest.raises(LedgerError, match="pid 4711 on office"):
            Lease(ledger, run="run-2", clock=clock).__enter__()


def test_a_run_that_lost_its_lease_is_told_and_begins_no_step(history: "History") -> None:
    history.run_begins("run-1")
    with Lease(history.ledger, run="run-1") as lease:
        with open_write_transaction(history.ledger.engine) as connection:
            connection.execute(update(LEASE).values(run="run-2"))
        with pytest.raises(LedgerError, match="run-1 lost the lease"):
            lease.renew()
        with pytest.raises(LedgerError, match="run-1 does not hold the lease"):
            history.step_begins(0)
    assert holder(history.ledger) == "run-2"


def test_the_lease_is_renewed_while_it_is_held(ledger: Ledger) -> None:
    third_renewal, times = Event(), count(1_788_768_000)

    def clock() -> float:
        now = next(times)
        if now == 1_788_768_003:
            third_renewal.set()
        return now

    with Lease(ledger, run="run-1", clock=clock, every=0.001):
        assert third_renewal.wait(HANG)
        with open_read_transaction(ledger.engine) as connection:
            row = connection.execute(select(LEASE)).mappings().one()
    assert row["taken"] == 1_788_768_000
    assert row["renewed"] >= 1_788_768_002
    assert row["expires"] == row["renewed"] + LASTS


def test_a_renewal_that_fails_is_tried_again(ledger: Ledger) -> None:
    second_renewal, times = Event(), count(0)

    def clock() -> float:
        now = next(times)
        if now == 2:
            second_renewal.set()
        return now

    with Lease(ledger, run="run-1", clock=clock, every=0.001):
        with open_write_transaction(ledger.engine) as connection:
            connection.execute(delete(LEASE))
        assert second_renewal.wait(HANG)
    assert holder(ledger) is None


def test_a_run_that_waits_for_the_lease_hears_ctrl_c(tmp_path: Path) -> None:
    """SQLite alone would wait for a minute: Python hears of a signal between two statements."""
    attempts = count(1)

    def interrupt_at_the_second(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement == "BEGIN IMMEDIATE" and next(attempts) == 2:
            signal.raise_signal(signal.SIGINT)

    with Ledger(tmp_path, redactor=Redactor()) as ledger, Ledger(tmp_path, redactor=Redactor()) as other:
        ledger.make()
        event.listen(ledger.engine, "before_cursor_execute", interrupt_at_the_second)
        with open_write_transaction(other.engine), pytest.raises(KeyboardInterrupt):
            Lease(ledger, run="run-1").__enter__()
        with Lease(other, run="run-2"):
            assert holder(other) == "run-2"


def test_a_process_is_dead_only_where_that_is_certain(ended: Process) -> None:
    living = current_process()
    assert not is_dead(living)
    assert is_dead(ended)
    assert not is_dead(ELSEWHERE)
    assert not is_dead(replace(ended, machine="another container"))


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc says when a process started")
def test_a_later_process_of_the_same_number_is_another_one() -> None:
    assert is_dead(replace(current_process(), started="1"))


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells one that waits for its parent")
def test_a_process_that_ended_and_was_not_fetched_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.read()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert is_dead(replace(current_process(), pid=child.pid))
