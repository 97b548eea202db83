"""Threads and processes that append at once lose nothing, and a killed run leaves a ledger that says so."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.ledger.conftest import IN_A_FILE, History
from toolkit.errors import LedgerError
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.redact import Redactor
from toolkit.ledger.verify import verify

APPEND_RUNS = """
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from toolkit.ledger.entries import RunBegan
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor

directory, url, processes, count = sys.argv[1:]
for process in range(int(processes)):
    if not os.fork():
        break
else:
    sys.exit(max(os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(int(processes))))
with Ledger(Path(directory), redactor=Redactor(), url=url or None) as ledger:
    for number in range(int(count)):
        began = RunBegan(run=f"p{process}-{number}", at=datetime(2026, 9, 7, tzinfo=UTC), command="drift",
                         target="emulator", tenants={}, version="0", playbooks="")
        os.write(1, f"{ledger.append(began)}\\n".encode())
"""

APPLY = """
import itertools
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from toolkit.ledger.entries import Action, RunBegan, StepBegan, StepEnded
from toolkit.errors import LedgerError
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.sdk.resource import Address

directory, url = sys.argv[1:]
for run in map(str.strip, sys.stdin):
    if not (child := os.fork()):
        break
    os.waitpid(child, 0)
    print("ended", flush=True)
else:
    sys.exit()
print(os.getpid(), flush=True)
at = datetime(2026, 9, 7, tzinfo=UTC)
with Ledger(Path(directory), redactor=Redactor(), url=url or None) as ledger, Lease(ledger, run=run):
    ledger.append(RunBegan(run=run, at=at, command="apply", target="emulator", tenants={}, version="0", playbooks=""))
    for step in itertools.count():
        address = Address("microsoft365", "transport_rule", f"{run} {step}")
        print(ledger.append(StepBegan(run=run, step=step, at=at, address=address, action=Action.CREATE,
                                      before=None, sent={"note": "x" * 3000})), flush=True)
        print(ledger.append(StepEnded(run=run, step=step, at=at, remote_id="i", name="n", returned={})), flush=True)
"""
"""Imports everything once, and makes each run that it is told of in a process of its own."""


def test_eight_threads_lose_nothing(history: History) -> None:
    history.run_begins()
    with Lease(history.ledger, run="run-1"), ThreadPoolExecutor(8) as threads:
        begun = list(threads.map(lambda step: history.step_begins(step, f"Rule {step}"), range(80)))
        ended = list(threads.map(history.step_ends, range(80)))
    assert sorted(begun + ended) == list(range(2, 162))
    assert verify(history.ledger).is_sound
    assert len(LedgerMemory(history.ledger).all()) == 80
    assert history.ledger.head_file.read() == history.ledger.head()


@IN_A_FILE
def test_three_processes_lose_nothing(tmp_path: Path, url: str | None, open_ledger: Callable[[], Ledger]) -> None:
    command = [sys.executable, "-c", APPEND_RUNS, str(tmp_path / "state"), url or "", "3", "20"]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # it forks before it opens anything
    assert ended.returncode == 0
    assert sorted(int(n) for n in ended.stdout.split()) == list(range(1, 61))
    ledger = open_ledger()
    checked = verify(ledger)
    assert (checked.faults, checked.remarks, checked.head.count) == ((), (), 60)
    assert ledger.head_file.read() == checked.head


def _killed(process: "subprocess.Popen[str]", run: str, lines: int) -> int:
    """Kill a run after it has told of so many entries, and give the number of the last of them."""
    assert process.stdin is not None
    assert process.stdout is not None
    print(run, file=process.stdin, flush=True)
    number = int(process.stdout.readline())
    answered = [int(process.stdout.readline()) for _ in range(lines)][-1]
    os.kill(number, signal.SIGKILL)
    assert "ended\n" in iter(process.stdout.readline, "")
    return answered


@IN_A_FILE
def test_a_killed_run_leaves_a_ledger_that_says_so(
    tmp_path: Path, url: str | None, open_ledger: Callable[[], Ledger]
) -> None:
    ledger = open_ledger()
    command = [sys.executable, "-c", APPLY, str(tmp_path / "state"), url or ""]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        for kill, lines in enumerate([1, 2, 5, 8, 13]):  # the killed run before has the lease, and is dead
            answered = _killed(process, f"run-{kill}", lines)
            checked = verify(ledger)
            assert (checked.faults, checked.remarks) == ((), ())
            assert checked.head.count >= answered
            last_run = LedgerMemory(ledger).last_run("apply")
            assert last_run is not None
            assert (last_run.began.run, last_run.ended) == (f"run-{kill}", None)
    unfinished = [unfinished.run.run for unfinished in LedgerMemory(ledger).unfinished_steps()]
    assert sorted(set(unfinished)) == unfinished  # one step at a time was under way
    assert len(LedgerMemory(ledger).all()) + len(unfinished) == sum(
        entry.kind == "step_began" for _, entry in ledger.entries()
    )


def test_a_ledger_that_cannot_be_written_begins_nothing(in_file: History) -> None:
    in_file.run_begins()
    in_file.ledger.close()
    assert in_file.ledger.file is not None
    with (
        Ledger(in_file.ledger.file / "below", redactor=Redactor()) as ledger,
        pytest.raises(LedgerError, match="cannot be written"),
    ):
        ledger.append(next(entry for _, entry in in_file.ledger.entries()))
