"""Speaks to a terminal: answers on standard output, talk and progress on standard error."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click

from toolkit.report.line import Line, Tone
from toolkit.running.observe import Progress, silent


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


@contextmanager
def progress() -> Iterator[Progress]:
    """Show what a run is doing where somebody looks at it."""
    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
