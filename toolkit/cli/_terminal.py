"""Speaks to a terminal: answers on standard output, talk and progress on standard error."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.markup import escape
from rich.status import Status

from toolkit.cli._settings import own_redactor
from toolkit.report.line import Line, Tone
from toolkit.values import Json


def show(lines: Iterable[Line]) -> None:
    """Print the lines of an answer without secrets, coloured on a terminal unless NO_COLOR is set."""
    colored = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    redactor = own_redactor()
    for line in lines:
        text = redactor.text(line.text)
        click.echo(_styled(text, line.tone) if colored else text, color=colored)


def show_json(answer: Json) -> None:
    """Print an answer as JSON without secrets."""
    click.echo(json.dumps(own_redactor().json(answer), indent=2))


def attended() -> bool:
    """Say whether there is somebody to ask, and tell whoever reads the log where not."""
    if sys.stdin.isatty():
        return True
    click.echo("toolkit: nobody to ask: run it in a terminal, or with --yes", err=True)
    return False


def agreed(question: str) -> bool:
    """Ask for a yes; nobody to ask is a no."""
    return attended() and click.confirm(question, err=True)


def _styled(text: str, tone: Tone) -> str:
    if tone is Tone.HEADING:
        return click.style(text, bold=True)
    return click.style(text, fg=tone.value)


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
