"""Write the trace of an unexpected error to a private file, so that the user can report the fault."""

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from traceback import FrameSummary, StackSummary, TracebackException, walk_tb

from toolkit.cli.shared.command_settings import find_command_settings, redactor_of_command
from toolkit.cli.shared.command_state import CommandState
from toolkit.errors import ToolkitError
from toolkit.installed import installed_version
from toolkit.ledger.redact import Redactor
from toolkit.printable import printable

UNEXPECTED = "toolkit: unexpected error"
_ROOT = Path(__file__).parents[3]
_OURS = ("toolkit/", "connectors/")
_MOST_FRAMES = 40
"""Frames shown of a long stack, half from each end: a recursion has a thousand that are alike."""
_DEEPEST = 10
"""Exceptions inside exceptions."""


def report_unexpected(error: BaseException, command_state: CommandState) -> str:
    """Write a trace of an unexpected error.

    Return a sentence for the user about the fault, its place, and the trace file.
    """
    place = f"{_describe_error_type(error)} in {_place_of_error(error)}"
    stopped = f"{UNEXPECTED} ({place}). This is a fault in toolkit: please report it"
    try:
        path = _write_trace(
            list(_trace_lines(error, redactor_of_command(command_state))), folders=_trace_folders(command_state)
        )
    except OSError as reason:
        return f"{stopped}. No trace could be written: {reason.strerror}"
    return f"{stopped}, with the trace in {path}"


def _describe_error_type(error: BaseException) -> str:
    """Return the type of an error, and the operating system's message if there is one.

    Neither contains personal data.
    """
    words = error.strerror if isinstance(error, OSError) and error.errno is not None else None
    return f"{type(error).__name__}: {words}," if words else type(error).__name__


def _place_of_error(error: BaseException) -> str:
    """Return the file and line of toolkit's code that was running when an error occurred."""
    stack = _call_stack(error)
    frames = [frame for frame in stack if _file_name(frame).startswith(_OURS)] or stack
    return f"{_file_name(frames[-1])}, line {frames[-1].lineno}" if frames else "an unknown place"


def _trace_folders(command_state: CommandState) -> Sequence[Path]:
    """Return the existing folders in which a trace may be written, in order of preference."""
    try:
        settings = find_command_settings(command_state)
    except ToolkitError:  # the settings cannot be read: the error's own message says so elsewhere
        return [Path()]
    return [settings.directory, settings.state, settings.state.parent]


def _write_trace(lines: Sequence[str], *, folders: Sequence[Path]) -> Path:
    """Write a trace that only its owner can read.

    A repeated fault replaces its earlier trace, so that a scheduled job does not fill the disk.
    """
    name = f"trace-{sha256(os.linesep.join(lines).encode()).hexdigest()[:12]}.txt"
    folder = next((folder for folder in folders if folder.is_dir() and os.access(folder, os.W_OK)), folders[-1])
    heading = (
        f"toolkit {installed_version()}, Python {platform.python_version()}, {sys.platform}",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
    )
    path = folder / name
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in (*heading, *lines))
    return path


def _trace_lines(error: BaseException, redactor: Redactor, *, indent: str = "", depth: int = 0) -> Iterator[str]:
    """Yield the lines of a trace about an error and its causes, first cause first: types, redacted messages,
    files and lines.
    """
    if depth > _DEEPEST:
        yield f"{indent}more errors left out"
        return
    before, link = error.__cause__, "which caused:"
    if before is None and not error.__suppress_context__:
        before, link = error.__context__, "and while that was handled:"
    if before is not None:
        yield from _trace_lines(before, redactor, indent=indent, depth=depth + 1)
        yield f"{indent}{link}"
    message = str(TracebackException.from_exception(error, lookup_lines=False))  # also for an error whose str() fails
    yield f"{indent}{type(error).__module__}.{type(error).__qualname__}: {printable(redactor.text(message))}"
    for note in getattr(error, "__notes__", ()):
        yield f"{indent}  note: {printable(redactor.text(str(note)))}"
    yield from (f"{indent}  {line}" for line in _frame_lines(_call_stack(error)))
    for inside in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _trace_lines(inside, redactor, indent=f"{indent}    ", depth=depth + 1)


def _call_stack(error: BaseException) -> Sequence[FrameSummary]:
    return StackSummary.extract(walk_tb(error.__traceback__), lookup_lines=False)


def _frame_lines(stack: Sequence[FrameSummary]) -> Iterator[str]:
    lines = [printable(f"{_file_name(frame)}:{frame.lineno} in {frame.name}") for frame in stack]
    if len(lines) <= _MOST_FRAMES:
        yield from lines
        return
    half = _MOST_FRAMES // 2
    yield from lines[:half]
    yield f"... {len(lines) - 2 * half} frames left out ..."
    yield from lines[-half:]


def _file_name(frame: FrameSummary) -> str:
    """Return the path of a code file without the folder from which Python loaded it, because the folder may
    contain a person's name.
    """
    folders = sorted({f"{Path(folder).absolute()}/" for folder in (str(_ROOT), *sys.path)}, key=len, reverse=True)
    parent = next((folder for folder in folders if frame.filename.startswith(folder)), "")
    return frame.filename.removeprefix(parent)
