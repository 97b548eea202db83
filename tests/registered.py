"""Processes that register themselves with the emulator, so that a fault may kill them.

`python -m tests.registered STATE PROGRAM ARGUMENT...` registers itself with the emulator of a state folder, prints one
line, waits for a line on standard input and becomes the program.
"""

import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # importing the modules of a command takes longer than the process itself
    from tests.door import Door
    from tests.emulated import Emulator

ROOT = Path(__file__).parent.parent


def register(state: Path) -> None:
    """Register this process with the emulator that serves a state folder."""
    ready = json.loads((state / "emulator" / "serve.json").read_text())
    context = ssl.create_default_context(cafile=ready["ca_file"])
    handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    request = urllib.request.Request(
        f"{ready['url']}/_emulator/clients",
        data=json.dumps({"pid": os.getpid()}).encode(),
        headers={"Authorization": f"Bearer {ready['token']}", "Content-Type": "application/json"},
    )
    with urllib.request.build_opener(*handlers).open(request) as answer:
        assert answer.status == 201


@contextmanager
def toolkit_waiting(door: "Door", *arguments: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a registered process that becomes `toolkit ARGUMENTS` after it receives a line."""
    theirs = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    environment = {**theirs, **door.variables, **variables}
    with _waiting(door.state, [sys.executable, "-m", "toolkit", *arguments], environment) as process:
        yield process


@contextmanager
def client_waiting(emulator: "Emulator", state: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start a registered process that only waits."""
    (state / "emulator").mkdir()
    (state / "emulator" / "serve.json").write_text(json.dumps(dict(emulator.line)))
    with _waiting(state, ["true"], os.environ) as process:
        yield process


@contextmanager
def _waiting(state: Path, program: Sequence[str], environment: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.registered", str(state), *program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "registered\n"
            yield process
        finally:
            process.kill()


def _become(state: Path, program: list[str]) -> None:
    register(state)
    os.write(1, b"registered\n")
    while os.read(0, 1) not in {b"\n", b""}:
        pass
    os.execvp(program[0], program)


if __name__ == "__main__":
    _become(Path(sys.argv[1]), sys.argv[2:])
