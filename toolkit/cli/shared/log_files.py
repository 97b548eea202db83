"""Write the log and the requests of a run to files that only their owner can read."""

import logging
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import gmtime
from typing import IO

import click

from toolkit.cli.shared.command_settings import redactor_of_command
from toolkit.errors import ToolkitError, UsageError
from toolkit.ledger.redact import Redactor
from toolkit.printable import printable
from toolkit.sdk.request_log import REQUESTS

RUN = logging.getLogger("toolkit.run")


def run_recorded(command: Callable[[], None], *, log_file: Path | None, trace_file: Path | None) -> None:
    """Run a command, and write its log and its requests to the given files."""
    with ExitStack() as files:
        for logger, path in ((RUN, log_file), (REQUESTS, trace_file)):
            if path:
                files.enter_context(_log_to_file(logger, path))
        RUN.info("%s begins", click.get_current_context().command_path)
        try:
            command()
        except SystemExit as end:
            RUN.info("exit code %s", int(end.code or 0))
            raise
        except BaseException as error:
            RUN.info("stopped: %s: %s", type(error).__name__, error)
            raise
        RUN.info("exit code 0")


@contextmanager
def _log_to_file(logger: logging.Logger, path: Path) -> Iterator[None]:
    """Write the messages of a logger to a file while the block runs."""
    handler = _FileHandler(_open_private(path))
    handler.setFormatter(_RedactedFormatter(redactor_of_command()))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    ended: SystemExit | None = None
    try:
        yield
    except SystemExit as end:
        ended = end
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
        handler.close_file()
    if handler.failure:
        raise ToolkitError(f"{path}: the log is not complete: {handler.failure.strerror}")
    if ended:
        raise ended


class _FileHandler(logging.StreamHandler[IO[str]]):
    """A log handler that writes to a file.

    A full disk does not end the run. `failure` has the first error, after which nothing more is written.
    """

    failure: OSError | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if not self.failure:
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (a name of the library)
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        self.failure = error

    def close_file(self) -> None:
        """Close the log file. Data that could not be written is lost."""
        try:
            self.stream.close()
        except OSError as error:
            self.failure = self.failure or error


class _RedactedFormatter(logging.Formatter):
    """A log formatter that adds the time, removes secrets and escapes characters that cannot be printed."""

    converter = staticmethod(gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        return printable(self._redactor.text(super().format(record)))


def _open_private(path: Path) -> IO[str]:
    """Open a file for writing that only its owner can read, even if other users could read it before."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if sys.platform != "win32" and stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)
    except OSError as error:
        raise UsageError(f"{path}: the log cannot be written: {error.strerror}") from error
    return os.fdopen(descriptor, "a", encoding="utf-8")
