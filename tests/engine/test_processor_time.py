"""A run that works on the processor after its limit of time is interrupted; one that waits or writes is not."""

import signal
import subprocess
import sys
import time

import pytest

from tests.emulated import HANG
from toolkit.engine.processor_time import watch_processor
from toolkit.errors import Exit, OverTime, Terminated, exit_of_interrupt
from toolkit.sdk.limits import RunDeadline

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no clock of the processor")
TICK = 0.01


def _work(seconds: float) -> None:
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        pass


def test_work_after_the_limit_is_interrupted() -> None:
    with (
        pytest.raises(OverTime, match=r"its limit of 0.02 seconds. To allow more, set TOOLKIT_RUN_SECONDS"),
        watch_processor(RunDeadline(0.02), interval_seconds=TICK),
    ):
        _work(5)

    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


@pytest.mark.parametrize("seconds", [None, 60.0])
def test_work_before_the_limit_goes_on(seconds: float | None) -> None:
    with watch_processor(RunDeadline(seconds), interval_seconds=TICK):
        _work(0.2)


def test_a_write_that_began_goes_on() -> None:
    deadline = RunDeadline(0.0)
    with watch_processor(deadline, interval_seconds=TICK), deadline.allow_write_to_finish():
        _work(0.2)


def test_a_run_whose_limit_was_lifted_goes_on() -> None:
    deadline = RunDeadline(0.0)
    deadline.remove_limit()
    with watch_processor(deadline, interval_seconds=TICK):
        _work(0.2)


@pytest.mark.timing
def test_waiting_does_not_count() -> None:
    with watch_processor(RunDeadline(0.0), interval_seconds=TICK):
        time.sleep(0.3)


@pytest.mark.parametrize(
    ("cause", "code"),
    [(OverTime(), Exit.UNREAD), (Terminated(), Exit.TERMINATED), (KeyboardInterrupt(), Exit.INTERRUPTED)],
)
def test_an_interrupted_run_ends_with_the_code_of_its_cause(cause: BaseException, code: Exit) -> None:
    assert exit_of_interrupt(cause) is code


_COMMAND = """
import sys
import click
from toolkit import cli
from toolkit.engine.processor_time import watch_processor
from toolkit.sdk.limits import RunDeadline

@click.command()
def endless():
    with watch_processor(RunDeadline(0.01), interval_seconds=0.01):
        while True:
            pass

cli.program = endless
sys.argv = ["toolkit"]
cli.main()
"""


def test_the_process_of_such_a_run_says_why_it_ended() -> None:
    ended = subprocess.run([sys.executable, "-c", _COMMAND], capture_output=True, text=True, timeout=HANG, check=False)

    assert (ended.returncode, ended.stdout) == (Exit.UNREAD, "")
    assert ended.stderr.strip() == "the run reached its limit of 0.01 seconds. To allow more, set TOOLKIT_RUN_SECONDS"
