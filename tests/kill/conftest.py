"""A school to kill runs in, once for the session, and the process that their clients come from."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.door import SAMPLES, Door, open_door
from tests.emulated import Emulator
from tests.kill.school import School, prepare


@dataclass(frozen=True)
class Started:
    """A client that waits to be told to run."""

    pid: int
    output: Path
    _origin: "subprocess.Popen[str]"

    def go(self) -> None:
        """Let it run."""
        _tell(self._origin, "go")

    def ended(self) -> int:
        """Wait for its end, and give its exit code."""
        return int(_hear(self._origin))

    def run(self) -> int:
        """Let it run to its end, and give its exit code."""
        self.go()
        return self.ended()

    @property
    def said(self) -> str:
        return self.output.read_text()


@dataclass(frozen=True)
class Clients:
    """Starts clients that apply the school's playbooks."""

    school: School
    _origin: "subprocess.Popen[str]"
    _output: Path

    def start(self, *, entry: int = 0, moment: str = "") -> Started:
        """Start a client that ends itself at a moment of its n-th entry, or not."""
        order = {
            "arguments": ["apply", str(self.school.door.playbooks), "--yes"],
            "output": str(self._output),
            "entry": entry,
            "moment": moment,
        }
        _tell(self._origin, json.dumps(order))
        return Started(int(_hear(self._origin)), self._output, self._origin)


@pytest.fixture(scope="session")
def only_school(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Prepare the school once."""
    directory = tmp_path_factory.mktemp("school")
    tenant = emulator.open_tenant(users=20)
    yield prepare(open_door(tenant, directory, samples=False), directory / "spare")
    tenant.close()


@pytest.fixture
def school(only_school: School) -> School:
    """Put the school back to before its 30 changes."""
    only_school.put_back()
    return only_school


@pytest.fixture(scope="session")
def only_clients(only_school: School) -> Iterator[Clients]:
    """Import everything once."""
    door = only_school.door
    with _running(door) as origin:
        yield Clients(only_school, origin, door.state / "said")


@pytest.fixture
def clients(only_clients: Clients, school: School) -> Clients:
    """Give the clients of a school that was put back."""
    del school
    return only_clients


@contextmanager
def _running(door: Door) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "tests.kill.client", str(door.playbooks)]
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=SAMPLES.parent,
        env={**theirs, **door.variables},
    ) as origin:
        assert origin.stdin
        assert _hear(origin) == "ready"
        yield origin
        origin.stdin.close()


def _tell(origin: "subprocess.Popen[str]", line: str) -> None:
    assert origin.stdin
    origin.stdin.write(f"{line}\n")
    origin.stdin.flush()


def _hear(origin: "subprocess.Popen[str]") -> str:
    assert origin.stdout
    answer = origin.stdout.readline().rstrip()
    assert answer, f"the process that clients come from ended with {origin.wait()}"
    return answer
