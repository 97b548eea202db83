"""The options `--log-file` and `--trace`, and the handling of Ctrl-C.

Commands that read or write a tenant have these options. The first Ctrl-C or SIGTERM ends a run in order.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from toolkit.cli.shared.command_state import CommandState
from toolkit.errors import Exit, Terminated, exit_of_interrupt

_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


def listen_for_signals() -> None:
    """Interrupt the main thread at the first signal, and end the process at the second."""
    for number in _CODES:
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and jobs in the background of a script
            signal.signal(number, _interrupt_main_thread)


def end_process(abort: click.Abort, command_state: CommandState) -> NoReturn:
    """Report the results of an interrupted run and end the process.

    Python would otherwise wait for threads with open requests.
    """
    code = exit_of_interrupt(abort.__cause__)
    report_interruption(abort, command_state)
    with suppress(OSError):
        if command_state.prints_json:
            from toolkit.cli.shared.json_output import print_json

            print_json(command_state, code)
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def report_interruption(abort: click.Abort, command_state: CommandState) -> None:
    """Write to standard error that the run was interrupted, with its results so far."""
    from toolkit.cli.shared.terminal import remark

    notes: Sequence[str] = getattr(abort.__cause__, "__notes__", ())
    reason = str(abort.__cause__ or "") or "interrupted"
    command_state.errors.append(reason)
    with suppress(OSError):
        for line in (reason, *(line for note in notes for line in note.split("\n"))):
            remark(line, command_state)


def _interrupt_main_thread(signal_number: int, _frame: FrameType | None) -> None:
    for code_signal in _CODES:
        signal.signal(code_signal, _end_at_once)
    raise Terminated if signal_number == signal.SIGTERM else KeyboardInterrupt


def _end_at_once(signal_number: int, _frame: FrameType | None) -> None:
    os._exit(_CODES[signal.Signals(signal_number)])


_TALK_TO_TENANTS = (
    *("apply", "audit export", "check", "doctor", "drift", "due", "import", "plan", "policy status"),
    *("retention start", "rollback", "rollover", "state adopt", "withdraw"),
)
_NAME_PEOPLE_ON_HOLD = (
    "hold place",
    "hold confirm",
    "hold release",
    "hold list",
)  # their output must not get into a log
_PATH = click.Path(dir_okay=False, path_type=Path)
_LOG_HELP = "Append the run's reports to FILE, with times."
_TRACE_HELP = "Append each request (method, path, status, time, id) to FILE."


def add_recording_options(command: click.Command, name: str) -> None:
    """Add the options `--log-file` and `--trace` to a command that contacts a tenant, or to each command of a group."""
    for below in getattr(command, "commands", {}).values():
        add_recording_options(below, f"{name} {below.name}")
    options = [click.Option(["--trace", "trace_file"], type=_PATH, metavar="FILE", help=_TRACE_HELP)]
    if name in _TALK_TO_TENANTS:
        options.append(click.Option(["--log-file"], type=_PATH, metavar="FILE", help=_LOG_HELP))
    elif name not in _NAME_PEOPLE_ON_HOLD:
        return
    if command.callback and not any(option.name == "trace_file" for option in command.params):
        command.params += options
        command.callback = _with_recording(command.callback)


def _with_recording(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def recording(*, trace_file: Path | None, log_file: Path | None = None, **given: Any) -> None:
        if not (trace_file or log_file):
            function(**given)
            return
        from toolkit.cli.shared.log_files import run_recorded

        run_recorded(lambda: function(**given), log_file=log_file, trace_file=trace_file)

    return recording
