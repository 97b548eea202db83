"""`toolkit apply | head`: the reader of what is printed goes away, and the run goes on to its end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.door import Door
from tests.pseudo_terminal import open_pseudo_terminal
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

_RULES = """\
playbook: rules
title: Rules
owner: Office
resources:
  - microsoft365.transport_rule: Mark mail to the office
    sent_to: [office@example-primary.example]
    prepend_subject: "[office] "
"""


@pytest.fixture
def ruled_door(bare_door: Door) -> Door:
    """Open the door of a school that asks for one rule."""
    bare_door.write("10-rules.yaml", _RULES)
    return bare_door


@contextmanager
def _at_a_terminal(says: str) -> Iterator[int]:
    """Give the standard input of a process that is attended, with what is typed there."""
    ours, theirs = open_pseudo_terminal()
    os.write(ours, says.encode())
    try:
        yield theirs
    finally:
        os.close(ours)
        os.close(theirs)


def _end_with_lost_reader(door: Door, *words: str, lines: int, errors_too: bool = False) -> tuple[int, str]:
    """Run a command at a terminal whose output is read for some lines; give its exit code and its errors."""
    reads, writes = os.pipe()
    if not lines:
        os.close(reads)
    environment = {**os.environ, **door.variables, "PYTHONPATH": str(Path(__file__).parents[2])}
    errors = door.state / "errors.txt"
    with _at_a_terminal("y\n") as typed, errors.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "toolkit", words[0], str(door.playbooks), *words[1:]],
            stdin=typed,
            stdout=writes,
            stderr=writes if errors_too else log,
            env=environment,
        )
        os.close(writes)
        if lines:
            with closing(os.fdopen(reads)) as read:
                for _ in range(lines):
                    read.readline()
        code = process.wait()
    return code, errors.read_text()


@pytest.mark.parametrize("lines", [pytest.param(0, marks=pytest.mark.soak), 1])
def test_an_apply_goes_on_to_its_end(ruled_door: Door, lines: int) -> None:
    code, errors = _end_with_lost_reader(ruled_door, "apply", "--yes", lines=lines)

    after = ruled_door.toolkit("plan")
    assert (code, errors) == (0, "")
    assert "Plan: nothing to do; " in after.out
    assert after.exit == 0


@pytest.mark.soak
def test_an_apply_of_which_nothing_can_be_said_goes_on_to_its_end(ruled_door: Door) -> None:
    code, _ = _end_with_lost_reader(ruled_door, "apply", "--yes", lines=0, errors_too=True)

    assert code == 0
    assert ruled_door.toolkit("plan").exit == 0


def test_no_yes_counts_for_a_plan_that_is_not_read(ruled_door: Door) -> None:
    before = ruled_door.tenant.last_request()

    code, errors = _end_with_lost_reader(ruled_door, "apply", lines=0)

    sent = [one for request in ruled_door.tenant.requests(before) for one in request["operations"]]
    assert code == 5
    assert errors == "toolkit: no one reads standard output, so nothing is asked: add --yes\n"
    assert sent
    assert not [one["name"] for one in sent if one["write"]]


@pytest.mark.soak
@pytest.mark.parametrize("words", [["plan"], ["plan", "--json"]], ids=" ".join)
def test_what_only_reads_ends_with_its_own_code(ruled_door: Door, words: list[str]) -> None:
    assert _end_with_lost_reader(ruled_door, *words, lines=0) == (3, "")
