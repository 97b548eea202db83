"""A device on which nothing more fits: one line says so, the command ends with 1, and no trace is written."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.door import MICROSOFT, Door, open_door
from tests.emulated import Emulator
from tests.hostile_names import MarkedSchool
from toolkit.errors import Exit

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
COMMANDS = (("kinds",), ("schema",), ("--help",), ("plan", "--help"), ("validate", "PLAYBOOKS"), ("plan", "PLAYBOOKS"))


@pytest.fixture(scope="module")
def door(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Door:
    tenant = emulator.borrow_tenant(users=12)
    return open_door(tenant, tmp_path_factory.mktemp("school"), samples=False, clouds=[MICROSOFT])


def _run(door: Door, arguments: tuple[str, ...], *, output: Path | None, errors: Path | None = None) -> tuple[int, str]:
    environment = MarkedSchool(door, "", "").environment()
    words = [str(door.playbooks) if word == "PLAYBOOKS" else word for word in arguments]
    with (output or Path("/dev/null")).open("w") as out, (errors or Path("/dev/null")).open("w") as err:
        ended = subprocess.run(
            [sys.executable, "-m", "toolkit", *words],
            cwd=door.playbooks.parent,
            env=environment,
            stdout=out,
            stderr=err if errors else subprocess.PIPE,
            text=True,
            check=False,
        )
    return ended.returncode, ended.stderr or ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_output_that_is_full_is_one_line(door: Door, command: tuple[str, ...]) -> None:
    code, said = _run(door, command, output=FULL)

    assert (code, said) == (Exit.FAILED, "toolkit: the output could not be written: No space left on device\n")
    assert list(door.playbooks.parent.rglob("trace-*")) == []


def test_a_command_whose_errors_cannot_be_written_either_ends_with_1(door: Door) -> None:
    assert _run(door, ("kinds",), output=FULL, errors=FULL)[0] == Exit.FAILED
    assert _run(door, ("kinds",), output=None, errors=FULL)[0] == Exit.AS_WANTED


@pytest.mark.parametrize("option", ["--trace", "--log-file"])
def test_a_log_that_is_full_is_one_line_and_ends_no_run(door: Door, option: str) -> None:
    code, said = _run(door, ("plan", "PLAYBOOKS", option, str(FULL)), output=None)

    assert (code, said) == (Exit.FAILED, f"toolkit: {FULL}: the log is not complete: No space left on device\n")
