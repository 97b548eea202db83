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
