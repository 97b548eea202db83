"""Show long output page by page on a terminal, as git and gh do."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from shutil import get_terminal_size, which
from threading import current_thread, main_thread

NO_PAGER = "TOOLKIT_NO_PAGER"
"""The variable that turns the pager off, like the option --no-pager."""

_LESS = {"LESS": "FRX"}  # as git sets it: end after one screen, keep colours, leave the text on the screen


def pager_command(line_count: int) -> Sequence[str]:
    """Return the command of a pager for a text with a number of lines, or an empty command if no pager is needed.

    A pager is needed if the text is higher than the terminal and a person reads it there. PAGER contains the command,
    and `less` is the default. An empty PAGER means that the user wants none.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return ()
    if os.environ.get("TERM") == "dumb" or line_count < get_terminal_size().lines:
        return ()
    try:
        command = shlex.split(os.environ.get("PAGER", "less"))
    except ValueError:  # a quotation mark without its end
        return ()
    program = which(command[0]) if command else None
    return (program, *command[1:]) if program else ()


def show_in_pager(text: str, command: Sequence[str]) -> bool:
    """Show a text in a pager until its user ends it. Return False if the pager could not be started."""
    try:
        pager = subprocess.Popen(
            command, stdin=subprocess.PIPE, encoding="utf-8", errors="replace", env={**_LESS, **os.environ}
        )
    except OSError:
        return False
    assert pager.stdin
    with _ignore_interrupts():
        with suppress(OSError):  # the user ended the pager before the whole text was written
            pager.stdin.write(text)
        with suppress(OSError):
            pager.stdin.close()
        pager.wait()
    return True


@contextmanager
def _ignore_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C while the pager runs, because the pager handles Ctrl-C itself."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
