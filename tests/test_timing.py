"""No test needs a quiet machine: none sleeps and none has a short deadline, unless it is marked `timing`."""

from pathlib import Path

import pytest

from tests.timing import TESTS, hasty

SLEEPING = "import time; time.sleep(0)"


def _run(source: str, file: Path) -> None:
    exec(compile(source, str(file), "exec"), {})


def test_a_test_that_sleeps_fails() -> None:
    with pytest.raises(AssertionError, match=r"test_it\.py sleeps: wait for an event"):
        _run(SLEEPING, TESTS / "test_it.py")


@pytest.mark.timing
def test_a_test_that_is_marked_may_sleep() -> None:
    _run(SLEEPING, TESTS / "test_it.py")


def test_the_product_may_sleep_between_two_attempts() -> None:
    _run(SLEEPING, TESTS.parent / "toolkit" / "tenant" / "calls.py")


def test_no_test_sleeps_or_has_a_short_deadline() -> None:
    modules = {str(path.relative_to(TESTS)): hasty(path.read_text()) for path in TESTS.rglob("*.py")}

    assert {name: found for name, found in modules.items() if found} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time\ntime.sleep(1)", ["2: sleeps"]),
        ("from time import sleep", ["1: imports sleep"]),
        ("process.wait(timeout=20)", ["1: has a deadline of less than 600 seconds"]),
        ("process.wait(20)", ["1: has a deadline of less than 600 seconds"]),
        ("event.wait(0.5)", ["1: has a deadline of less than 600 seconds"]),
        ("run(command, timeout=5)", ["1: has a deadline of less than 600 seconds"]),
        ("thread.join(1)\nqueue.get(timeout=1)", [f"{n}: has a deadline of less than 600 seconds" for n in (1, 2)]),
        ("@pytest.mark.timing\ndef test_it():\n    time.sleep(1)", []),
        ("@pytest.mark.soak\ndef test_it():\n    time.sleep(1)", ["3: sleeps"]),
        ("process.wait(HANG)\nrun(command, timeout=HANG)\nrun(command, timeout=600)\nprocess.wait()", []),
        ("', '.join(words)\nwindows.wait(hands)\nrows.get(1)", []),
    ],
)
def test_what_is_hasty_is_found_by_its_line(source: str, found: list[str]) -> None:
    assert hasty(source) == found
