"""Speaks to a terminal: answers on standard output, talk and progress on standard error."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from toolkit.report.line import Line, Tone


def show(lines: Iterable[Line]) -> None:
    """Print the lines of an answer, coloured on a terminal unless NO_COLOR is set."""
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for line in lines:
        click.echo(_styled(line) if colored else line.text, color=colored)


def attended() -> bool:
    """Say whether there is somebody to ask, and tell whoever reads the log where not."""
    if sys.stdin.isatty():
        return True
    click.echo("toolkit: nobody to ask: run it in a terminal, or with --yes", err=True)
    return False


def agreed(question: str) -> bool:
    """Ask for a yes; nobody to ask is a no."""
    return attended() and click.confirm(question, err=True)


def _styled(line: Line) -> str:
    if line.tone is Tone.HEADING:
        return click.style(line.text, bold=True)
    return click.style(line.text, fg=line.tone.value)


class Talk:
    """Shows what a run is doing, where somebody looks at it, and is still while a plan is read and a question asked."""

    def __init__(self, status: Status | None) -> None:
        self._status = status

    def __call__(self, text: str) -> None:
        if self._status:
            self._status.update(escape(text))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to somebody else."""
        if self._status is None:
            yield
            return
        self._status.stop()
        try:
            yield
        finally:
            self._status.start()


@contextmanager
def talking() -> Iterator[Talk]:
    """Open the talk on standard error; it says nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield Talk(None)
        return
    with Console(stderr=True).status("") as status:
        yield Talk(status)
