"""Write results to standard output, and progress and remarks to standard error.

Only this module, `json_output` and `main` print, so every value is made printable here.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from shutil import get_terminal_size
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import click

from toolkit.cli.shared.command_settings import find_command_settings, redactor_of_command
from toolkit.cli.shared.command_state import CommandState
from toolkit.cli.shared.json_output import keep_json
from toolkit.cli.shared.log_files import RUN
from toolkit.cli.shared.pager import NO_PAGER, pager_command, show_in_pager
from toolkit.cli.shared.printable_stream import has_reader_ended, printable_output, underlying_stream
from toolkit.errors import UsageError
from toolkit.printable import cut, printable
from toolkit.render.line import Line, Tone, leave_out_quiet_lines, wrap_command, wrap_line
from toolkit.values import Body

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

T = TypeVar("T")


_LONGEST_LINE = 20_000
"""The longest line that is shown, in characters. Longer lines are text of a service, which people do not read."""


def show(lines: Iterable[Line]) -> None:
    """Print lines without secrets.

    On a terminal, long lines are wrapped, and lines are coloured unless NO_COLOR is set.
    """
    for text in _printable_lines(lines):
        _echo(text)


def show_pages(lines: Iterable[Line]) -> None:
    """Print lines without secrets and, if they do not fit on the terminal, let the user page through them."""
    texts = list(_printable_lines(lines))
    height = sum(text.count("\n") + 1 for text in texts)
    command = () if _has_no_pager() else pager_command(height)
    if not (command and show_in_pager("".join(f"{text}\n" for text in texts), command)):
        for text in texts:
            _echo(text)


def _has_no_pager() -> bool:
    command_state = click.get_current_context().find_object(CommandState)
    try:
        variables = find_command_settings().variables
    except UsageError:  # `toolkit kinds` and others work without valid settings
        variables = os.environ
    return bool(variables.get(NO_PAGER) or (command_state and command_state.has_no_pager))


def _printable_lines(lines: Iterable[Line]) -> Iterator[str]:
    """Yield the text of each line without secrets, wrapped and coloured if a terminal shows it."""
    width = get_terminal_size().columns if sys.stdout.isatty() else None
    redactor = redactor_of_command()
    for line in lines:
        text = cut(printable(redactor.text(line.text)), _LONGEST_LINE)
        RUN.info("%s", text)
        text = _wrap_line(text, line, width) if width else text
        yield _style_text(text, line.tone) if _has_colors() else text


def _has_colors() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _echo(text: str) -> None:
    if _has_colors():
        click.echo(text, underlying_stream(sys.stdout), color=True)
    else:
        click.echo(text)


def _wrap_line(text: str, line: Line, width: int) -> str:
    return wrap_command(text, width) if line.command else wrap_line(text, line.hang, width)


def show_answer(answer: Body, lines: Iterable[Line], *, as_json: bool, quiet: bool = False) -> None:
    """Print a result as JSON or as lines. With `quiet`, print only the summary and the errors."""
    if as_json:
        keep_json(answer)
    else:
        show(leave_out_quiet_lines(lines, quiet=quiet))


def show_report(answer: Body, lines: Iterable[Line], *, as_json: bool, quiet: bool = False) -> None:
    """Print a result as JSON or as lines, and let the user page through long output on a terminal.

    Call this function only at the end of a command, after all locks are released, because a user may read for hours.
    """
    if as_json or quiet:
        show_answer(answer, lines, as_json=as_json, quiet=quiet)
    else:
        show_pages(lines)


def show_document(text: str) -> None:
    """Print a whole file, such as a crontab or a table, exactly as it would be written."""
    click.echo(text, nl=not text.endswith("\n"))


def remark(text: str, command_state: CommandState | None = None) -> None:
    """Write one line to standard error, without secrets.

    `command_state` has the folder of a command that has ended.
    """
    RUN.info("%s", text)
    text = printable(redactor_of_command(command_state).text(text))
    if sys.stderr.isatty() and ": toolkit " not in text:  # a command outside backticks must work when copied
        text = wrap_line(text, 0, get_terminal_size().columns)
    click.echo(text, err=True)


def refuse_question(text: str) -> bool:
    """Return False, and write why the user cannot be asked to standard error and to the command's JSON."""
    click.get_current_context().ensure_object(CommandState).errors.append(text)
    remark(text)
    return False


def can_ask() -> bool:
    """Return whether toolkit can ask the user. If not, write the reason, and what to do, to standard error."""
    if has_reader_ended():
        return refuse_question("toolkit: no one reads standard output, so nothing is asked: add --yes")
    if sys.stdin.isatty():
        return True
    return refuse_question("toolkit: needs confirmation: use a terminal or --yes")


def ask_yes(question: str) -> bool:
    """Ask a yes-or-no question. Return False if there is no terminal."""
    return can_ask() and _ask_interruptibly(lambda: click.confirm(printable(question), err=True))


def ask_text(question: str) -> str:
    """Ask the user for a text. The Enter key gives an empty text."""
    ask = partial(click.prompt, printable(question), default="", show_default=False, err=True)
    return str(_ask_interruptibly(ask)).strip()


def ask_until_valid(question: str, default: str, check: Callable[[str], object], *, hint: str = "") -> str:
    """Ask a question until `check` accepts the answer.

    `check` raises UsageError for a wrong answer. The Enter key gives the default. Without a terminal, the answer is the
    next line of the input. Raise UsageError with the hint if this line is wrong or the input has ended.
    """
    width = get_terminal_size().columns
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        if not line:
            raise UsageError(f"the input ended before the answer to: {question}{hint}")
        text = line.strip() or default
        check(text)
        remark(f"{question}: {text}")
        return text

    def accepted(text: str) -> str:
        try:
            check(text)
        except UsageError as wrong:
            raise click.UsageError(wrap_line(printable(str(wrong)), 0, width - len("Error: "))) from wrong
        return text

    shown = f"{question} [{default}]" if default else question
    shown = wrap_line(shown, 2, width - len(": "))
    ask = partial(click.prompt, shown, default=default, show_default=False, value_proc=accepted, err=True)
    return str(_ask_interruptibly(ask))


def _ask_interruptibly(ask_user: Callable[[], T]) -> T:
    """Ask a question with a function of click, and raise KeyboardInterrupt for Ctrl-C instead of click's own error."""
    if click.termui.visible_prompt_func is input:  # tests of click put another function there
        click.termui.visible_prompt_func = _read_line
    try:
        return ask_user()
    except click.Abort as abort:
        raise abort.__cause__ if isinstance(abort.__cause__, KeyboardInterrupt) else KeyboardInterrupt from abort


def _read_line(prompt: str) -> str:
    """Read a line of the input, and return it without its line end.

    Raise EOFError at the end of the input. `input` drops exceptions that occur while it flushes a stream, so a Ctrl-C
    at that moment would be lost.
    """
    sys.stdout.write(prompt)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n")


def _style_text(text: str, tone: Tone) -> str:
    if tone is Tone.HEADING:
        return click.style(text, bold=True)
    return click.style(text, fg=tone.value)


class Talk:
    """The progress line of a run on a terminal. It is hidden while a plan is read or a question is asked."""

    def __init__(self, console: "Console | None") -> None:
        self._text = ""
        self._began = monotonic()
        self._status = console.status(self) if console else None
        self._shown = ExitStack()
        self._pauses = 0
        self._lock = RLock()  # the ledger reports waits from any thread

    def __call__(self, text: str) -> None:
        RUN.info("%s", text)
        self._text = printable(text)

    def __rich__(self) -> "Text":
        """Return the text of the progress line: the minutes and seconds, then a message, cut to fit the line."""
        from rich.text import Text

        minutes, seconds = divmod(int(monotonic() - self._began), 60)
        return Text(f"{minutes}:{seconds:02}  {self._text}", no_wrap=True, overflow="ellipsis")

    def start(self) -> None:
        """Show the progress line.

        The library rich redirects all other output to a place above the line, so that output needs its own printable
        stream.
        """
        if self._status:
            self._shown.enter_context(self._status)
            self._shown.enter_context(printable_output())

    def stop(self) -> None:
        """Hide the progress line."""
        self._shown.close()

    def remark(self, text: str) -> None:
        """Write a line to standard error. The progress line is hidden meanwhile."""
        with self.pause():
            remark(text)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Hide the progress line while other output is written."""
        with self._lock:
            self._pauses += 1
            self.stop()
        try:
            yield
        finally:
            with self._lock:
                self._pauses -= 1
                if not self._pauses:
                    self.start()


def _make_console() -> "Console":
    from rich.console import Console  # imported here because only a terminal needs it

    return Console(file=underlying_stream(sys.stderr))


@contextmanager
def talking() -> Iterator[Talk]:
    """Yield a progress line on standard error, which shows nothing if there is no terminal."""
    talk = Talk(_make_console() if sys.stderr.isatty() else None)
    talk.start()
    try:
        yield talk
    finally:
        talk.stop()
