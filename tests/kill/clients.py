"""Clients that apply a school's playbooks. Each is a process that waits before it runs."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.door import SAMPLES
from tests.kill.school import School


@dataclass(frozen=True)
class Client:
    """A client process that waits for its order to run."""

    pid: int
    output: Path
    _origin: "subprocess.Popen[str]"

    def go(self) -> None:
        """Let it run."""
        _tell(self._origin, "go")

    def wait(self) -> int:
        """Wait for its end, and return its exit code."""
        return int(_hear(self._origin))

    def run(self) -> int:
        """Let it run to its end, and return its exit code."""
        self.go()
        return self.wait()

    @property
    def output_text(self) -> str:
        return self.output.read_text()


@dataclass(frozen=True)
class Clients:
    """Starts clients that apply the school's playbooks."""

    school: School
    _origin: "subprocess.Popen[str]"
    _output: Path

    def start(self, *, entry: int = 0, moment: str = "") -> Client:
        """Start a client, which kills itself at a moment of the nth ledger entry if `moment` is given."""
        order = {
            "arguments": ["apply", str(self.school.door.playbooks), "--yes"],
            "output": str(self._output),
            "entry": entry,
            "moment": moment,
        }
        _tell(self._origin, json.dumps(order))
        return Client(int(_hear(self._origin)), self._output, self._origin)


@contextmanager
def running(school: School) -> Iterator[Clients]:
    """Run the process that clients are forked from, which has imported everything."""
    door = school.door
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
        try:
            assert _hear(origin) == "ready"
            yield Clients(school, origin, door.state / "said")
        finally:
            origin.kill()  # it would wait for a running client of a failed test


def _tell(origin: "subprocess.Popen[str]", line: str) -> None:
    assert origin.stdin
    origin.stdin.write(f"{line}\n")
    origin.stdin.flush()


def _hear(origin: "subprocess.Popen[str]") -> str:
    assert origin.stdout
    answer = origin.stdout.readline().rstrip()
    assert answer, f"the process that clients come from ended with {origin.wait()}"
    return answer
