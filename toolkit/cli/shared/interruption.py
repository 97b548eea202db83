"""Ctrl-C and SIGTERM: the first ends the run in order and at once, the second ends the process."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from toolkit.errors import Exit, Terminated

if TYPE_CHECKING:
    from toolkit.cli import KnownFolder

_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


def listen() -> None:
    """Let each of the two signals interrupt the main thread, and the next one end the process."""
    for number in _CODES:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and jobs in the background of a script
            signal.signal(number, _interrupt)


def end_process(abort: click.Abort, known: "KnownFolder") -> NoReturn:
    """Say what the run did, and end the process: Python would wait for threads that still wait for a service."""
    cause = abort.__cause__
    tell(abort, known)
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code_of(cause))


def tell(abort: click.Abort, known: "KnownFolder") -> None:
    """Say that the run was interrupted, and what it has done and not done."""
    from toolkit.cli.shared.terminal import remark

    notes: Sequence[str] = getattr(abort.__cause__, "__notes__", ())
    with suppress(OSError):
        for line in ("interrupted", *(line for note in notes for line in note.split("\n"))):
            remark(line, known)


def code_of(cause: BaseException | None) -> Exit:
    """Give the exit code of an interrupted run."""
    return Exit.TERMINATED if isinstance(cause, Terminated) else Exit.INTERRUPTED


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for known in _CODES:
        signal.signal(known, _end_at_once)
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


def _end_at_once(number: int, _frame: FrameType | None) -> None:
    os._exit(_CODES[signal.Signals(number)])
