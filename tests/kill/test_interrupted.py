"""Ctrl-C and SIGTERM end a run at once: it says what it did, the ledger says that it was interrupted."""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Queue
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, Any

import pytest

from tests.cases import playbook, resource
from tests.door import SAMPLES, Door
from tests.emulated import HANG, Emulator, Tenant, running, trusting
from tests.kill.school import WANTED, WRITES, School
from tests.pseudo_terminal import open_pseudo_terminal
from toolkit.holds.register import new_key


class Process(subprocess.Popen[str]):
    """A run that writes its standard output into a file: a pipe that no one reads yet may be too small for a plan."""

    def __init__(self, command: Sequence[str], out: IO[str], **options: Any) -> None:
        super().__init__(command, stdout=out, stderr=subprocess.PIPE, text=True, **options)
        self.out = out

    def ended(self) -> tuple[str, str]:
        """Wait for the end, and return standard output and standard error."""
        _, err = self.communicate(timeout=HANG)
        self.out.seek(0)
        return self.out.read(), err


RULE = resource("microsoft365.transport_rule", "Rule", {"prepend_subject": "[mark] "})
IN_THE_MIDDLE = "the outcome is unknown, and the next run checks it"


@contextmanager
def _started(
    variables: Mapping[str, str], *arguments: str, stdin: int = subprocess.DEVNULL, module: str = "toolkit"
) -> Iterator[Process]:
    """Start toolkit in a process group of its own, as a terminal does."""
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    command, environment = [sys.executable, "-m", module, *arguments], {**theirs, **variables}
    with (
        TemporaryFile("w+") as out,
        Process(command, out, env=environment, cwd=SAMPLES.parent, stdin=stdin, start_new_session=True) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


@dataclass(frozen=True)
class _Ended:
    code: int
    out: str
    err: Sequence[str]


def _interrupted(door: Door, operation: str, *arguments: str, number: int = signal.SIGINT, nth: int = 1) -> _Ended:
    """Send a signal to the group of a run that waits for the answer to an operation, which does not come."""
    asked = door.tenant.last_request()
    door.tenant.fault("held", operation, nth=nth)
    with _started(door.variables, *arguments) as process:
        _wait(process, door.tenant, operation, asked, nth=nth)
        os.killpg(process.pid, number)
        out, err = process.ended()
    door.tenant.disarm()
    return _Ended(process.returncode, out, err.splitlines())


def _wait(process: Process, tenant: Tenant, operation: str, after: int, *, nth: int = 1) -> None:
    """Wait until a process asked for an operation so often; fail where it ends before."""
    first: Queue[str] = Queue()

    def wait_for_request() -> None:
        number = after
        for _ in range(nth):
            number = _number_of(operation, tenant.wait_for(operation, number))
        first.put("asked")

    def ended() -> None:
        process.wait()
        first.put("ended")

    for one in (wait_for_request, ended):
        Thread(target=one, daemon=True).start()
    if first.get(timeout=HANG) == "ended":
        pytest.fail("\n".join(process.ended()))


def _number_of(operation: str, requests: Sequence[Mapping[str, Any]]) -> int:
    """Give the number of the first request that asked for an operation."""
    return next(
        int(request["n"])
        for request in requests
        if operation in [performed["name"] for performed in request["operations"]]
    )


@pytest.mark.soak
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_only_reads_ends_with_one_word(bare_door: Door, number: int, code: int) -> None:
    bare_door.write("10-rules.yaml", playbook(RULE))

    ended = _interrupted(bare_door, "Get-TransportRule", "plan", str(bare_door.playbooks), number=number)

    assert (ended.code, ended.out, ended.err) == (code, "", ["", "interrupted"])


def test_a_run_that_was_interrupted_before_it_began_in_the_ledger_leaves_nothing_there(bare_door: Door) -> None:
    bare_door.write("10-rules.yaml", playbook(RULE))

    ended = _interrupted(bare_door, "Get-TransportRule", "apply", str(bare_door.playbooks), "--yes")
    log = bare_door("audit", "log", "--json")

    assert (ended.code, ended.err) == (130, ["", "interrupted"])
    assert log.json["runs"] == []
    assert bare_door.toolkit("apply", "--yes").exit == 0


@pytest.mark.parametrize(
    ("number", "code"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.soak), (signal.SIGTERM, 143)]
)
def test_in_the_middle_of_an_ordered_kind_it_says_what_is_done_not_known_and_not_begun(
    school: School, number: int, code: int
) -> None:
    door = school.door

    ended = _interrupted(door, "New-TransportRule", "apply", str(door.playbooks), "--yes", number=number, nth=3)

    assert ended.code == code
    assert ended.err[:2] == ["", "interrupted"]
    told = dict(line.rsplit(": ", 1) for line in ended.err[2:])
    assert len(told) == WRITES
    assert set(told.values()) == {"done", IN_THE_MIDDLE, "not begun"}
    assert school.half_done() == [_step(line) for line, outcome in told.items() if outcome == IN_THE_MIDDLE]
    _converges(school, code)


def _step(told: str) -> str:
    """Name a step as the ledger does."""
    address, action = told.rsplit(": ", 1)
    return f"{action} {address}"


def _converges(school: School, code: int) -> None:
    """See the end in the ledger, and that the next run looks up what was under way and does the rest once."""
    door = school.door
    last = door("audit", "log", "--json").json["runs"][0]
    assert (last["exit"], last["failed"]) == (code, "interrupted")
    assert f"exit {code}, interrupted" in door("audit", "log").out
    half_done = school.half_done()
    assert half_done
    assert school.verify_ledger().is_sound

    again = school.apply()

    assert again.exit == 0, again.out + again.err
    assert [step for step in half_done if f": {step}: " not in again.out] == []
    assert school.rules() == WANTED
    assert school.half_done() == []


@pytest.mark.parametrize(
    ("kind", "operation", "names", "settings"),
    [
        pytest.param(
            "microsoft365.defender_indicator",
            "POST /api/indicators/import",
            ["a.example", "b.example"],
            {"action": "Block"},
            marks=pytest.mark.soak,
        ),
        (
            "microsoft365.macos_compliance_policy",
            "POST /deviceManagement/deviceCompliancePolicies",
            [f"Policy {number}" for number in range(9)],
            {"os_minimum_version": "14.0"},
        ),
    ],
    ids=["in one call", "four at once"],
)
def test_writes_under_way_are_looked_up_by_the_next_run(
    bare_door: Door, kind: str, operation: str, names: Sequence[str], settings: Mapping[str, object]
) -> None:
    resources = [resource(kind, name, settings) for name in names]
    bare_door.write("10-many.yaml", playbook(*resources))

    ended = _interrupted(bare_door, operation, "apply", str(bare_door.playbooks), "--yes")
    last = bare_door("audit", "log", "--json").json["runs"][0]
    again = bare_door.toolkit("apply", "--yes")

    assert ended.code == 130
    assert len(ended.err) == 2 + len(names)
    assert any(line.endswith(f": create: {IN_THE_MIDDLE}") for line in ended.err)
    assert (last["exit"], last["failed"]) == (130, "interrupted")
    assert again.exit == 0, again.out + again.err
    assert "not finished by run" in again.out
    assert bare_door.toolkit("plan").exit == 0


@pytest.mark.soak
def test_what_is_done_is_told_as_done(bare_door: Door) -> None:
    """The kind that comes first is read back before the next one is begun."""
    first = resource("microsoft365.remote_domain", "Default", {"auto_forward_enabled": False})
    bare_door.write("10-mail.yaml", playbook(first, RULE))

    ended = _interrupted(bare_door, "New-TransportRule", "apply", str(bare_door.playbooks), "--yes")

    assert ended.err == [
        "",
        "interrupted",
        "microsoft365.remote_domain[Default]: update: done",
        f"microsoft365.transport_rule[Rule]: create: {IN_THE_MIDDLE}",
    ]


def test_an_interrupted_hold_points_to_the_register_and_is_finished_by_the_same_command(bare_door: Door) -> None:
    person = f"edwin.elmsworth@{bare_door.tenant.domain}"
    command = ["hold", "place", "2026-B", "--person", person, "--playbooks", str(bare_door.playbooks)]
    door = replace(bare_door, variables={**bare_door.variables, "TOOLKIT_HOLDS_KEY": new_key()})

    ended = _interrupted(door, "Set-Mailbox", *command)
    again = door(*command)

    assert ended.code == 130
    assert "`toolkit hold list` shows the placed and released holds" in ended.err[-1]
    assert person not in "\n".join(ended.err)
    assert again.exit in {0, 3}, again.out + again.err


def test_in_the_question_nothing_was_written(school: School) -> None:
    door, asked = school.door, school.last_request()
    terminal, stdin = open_pseudo_terminal()
    with _started(door.variables, "apply", str(door.playbooks), stdin=stdin) as process:
        assert process.stderr
        said = ""
        while not said.endswith("[y/N]: "):
            letter = process.stderr.read(1)
            assert letter, f"it ended and said {said}"
            said += letter
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(HANG / 10)
        except subprocess.TimeoutExpired:  # it came after the question and before the read, so a person presses again
            os.killpg(process.pid, signal.SIGINT)
        _, err = process.ended()
    os.close(terminal)
    os.close(stdin)
    last = door("audit", "log", "--json").json["runs"][0]

    assert process.returncode == 130
    assert err.split() == ["interrupted", "nothing", "was", "written"]
    assert (last["command"], last["exit"], last["failed"]) == ("apply", 130, "interrupted")
    assert [name for name in door.tenant.operations(asked) if name.startswith(("New-", "Set-", "Remove-"))] == []
    assert school.apply().exit == 0


@pytest.mark.soak
def test_a_second_signal_ends_the_process_even_where_the_ledger_does_not_answer(school: School) -> None:
    door = school.door
    asked = door.tenant.last_request()
    door.tenant.fault("held", "New-TransportRule")
    with _started(door.variables, "apply", str(door.playbooks), "--yes") as process:
        _wait(process, door.tenant, "New-TransportRule", asked)
        with closing(sqlite3.connect(school.directory / "ledger.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)  # another number: two of one number may count as one
            assert process.wait(HANG) == 143
    door.tenant.disarm()

    assert door("audit", "log", "--json").json["runs"][0]["exit"] is None
    assert school.apply().exit == 0


@pytest.mark.soak
def test_the_emulator_of_a_run_does_not_hear_ctrl_c_and_ends_after_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running(state / "emulator") as emulator:
        tenant = Tenant(emulator, emulator.line["tenants"][0])
        tenant.control("PUT", "/latency", {"milliseconds": 1000 * HANG})  # kept with the tenant
    variables = {"TOOLKIT_STATE": str(state)}
    program = _started(variables, "plan", str(SAMPLES), module="tests.extended_emulator.toolkit")
    with program as process, _served(process, state) as (served, tenant):
        tenant.wait_for()
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.ended()

        assert (process.returncode, err) == (130, "\ninterrupted\n")
        assert os.getpgid(served.pid) != process.pid
    with (state / "emulator" / "serve.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # comes back once the emulator has ended
    assert not (state / "emulator" / "serve.json").exists()


@contextmanager
def _served(process: Process, state: Path) -> Iterator[tuple[Emulator, Tenant]]:
    """Find the emulator that a run starts."""
    file = state / "emulator" / "serve.json"
    while not file.exists():
        assert process.poll() is None, process.ended()
        os.sched_yield()
    line = json.loads(file.read_text())
    with trusting(line["ca_file"]) as http:
        emulator = Emulator(line["url"], line["ca_file"], line["pid"], None, line, http)
        yield emulator, Tenant(emulator, line["tenants"][0])
