"""`--log-file` and `--trace`: what a run says and every request that it sends, in files that only their owner reads."""

import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from time import gmtime
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from toolkit.ledger.redact import Redactor

RUN = logging.getLogger("toolkit.run")
_REQUESTS = "toolkit.requests"  # sdk/request_log.py, which a command loads when it sends something


_TALK_TO_TENANTS = (
    *("apply", "audit export", "check", "doctor", "drift", "due", "import", "plan", "policy"),
    *("retention start", "rollback", "rollover", "state adopt"),
)
_NAME_PEOPLE_ON_HOLD = ("hold place", "hold confirm", "hold release", "hold list")  # so that no log holds what they say
_PATH = click.Path(dir_okay=False, path_type=Path)
_LOG_HELP = "Append what the run reports to FILE, with times."
_TRACE_HELP = "Append each request (method, path, status, time, id) to FILE."


def add_recording(command: click.Command, name: str) -> None:
    """Add the options to a command, or to those of a group, that talks to a tenant; once."""
    for below in getattr(command, "commands", {}).values():
        add_recording(below, f"{name} {below.name}")
    options = [click.Option(["--trace", "trace_file"], type=_PATH, metavar="FILE", help=_TRACE_HELP)]
    if name in _TALK_TO_TENANTS:
        options.append(click.Option(["--log-file"], type=_PATH, metavar="FILE", help=_LOG_HELP))
    elif name not in _NAME_PEOPLE_ON_HOLD:
        return
    if command.callback and not any(option.name == "trace_file" for option in command.params):
        command.params += options
        command.callback = _recorded(command.callback)


def _recorded(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def recording(*, trace_file: Path | None, log_file: Path | None = None, **given: Any) -> None:
        with ExitStack() as files:
            for name, path in ((RUN.name, log_file), (_REQUESTS, trace_file)):
                if path:
                    files.enter_context(_written(name, path))
            _run_recorded(function, given)

    return recording


def _run_recorded(function: Callable[..., None], given: dict[str, Any]) -> None:
    RUN.info("%s begins", click.get_current_context().command_path)
    try:
        function(**given)
    except SystemExit as end:
        RUN.info("exit code %s", end.code)
        raise
    except BaseException as error:
        RUN.info("stopped: %s: %s", type(error).__name__, error)
        raise
    RUN.info("exit code 0")


@contextmanager
def _written(name: str, path: Path) -> Iterator[None]:
    """Write one log to a file while the block lasts."""
    from toolkit.cli.shared.command_settings import own_redactor

    logger = logging.getLogger(name)
    with _open_private(path) as file:
        handler = logging.StreamHandler(file)
        handler.setFormatter(_Redacted(own_redactor()))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
            logger.propagate = True


class _Redacted(logging.Formatter):
    """A line with its time, printable and without secrets."""

    converter = staticmethod(gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, redactor: "Redactor") -> None:
        super().__init__("%(asctime)s %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        from toolkit.printable import printable

        return printable(self._redactor.text(super().format(record)))


def _open_private(path: Path) -> IO[str]:
    """Open a file for its owner alone, also where it is there already."""
    from toolkit.errors import UsageError

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)
    except OSError as error:
        raise UsageError(f"{path}: the log cannot be written: {error.strerror}") from error
    return os.fdopen(descriptor, "a", encoding="utf-8")
