"""The one place around every reader of a tenant's answers, where a surprise becomes an unknown."""

from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from typing import TypeVar

from toolkit.errors import BadAnswer, Refused, Rejected, ToolkitError, Unexpected

T = TypeVar("T")
_ROOT = Path(__file__).parents[2]


def read_safely(what: str, reader: Callable[[], T]) -> T:
    """Return what a reader reads; BadAnswer where a value cannot be parsed, Unexpected for an error it does not know.

    Both name type and place of the error and no words: those may hold anything of the answer, so they stay behind it,
    as its cause.
    """
    try:
        return reader()
    except ToolkitError:
        raise
    except (ValueError, OverflowError) as wrong:  # what parsers raise: a number, a date, a size that is none
        raise BadAnswer(f"{what}: its answer could not be understood: {_described(wrong)}") from wrong
    except Exception as surprise:
        raise Unexpected(f"{what}: {Unexpected.PHRASE}: {_described(surprise)}") from surprise


def before_a_change(read: Callable[[], T]) -> T:
    """Read just before a change; BadAnswer where that is refused: what is not known then is not to be written."""
    try:
        return read()
    except (Refused, Rejected) as error:
        raise BadAnswer(f"nothing was changed, since it could not be read again before: {error}") from error


def _described(error: BaseException) -> str:
    return f"{type(error).__name__} at {_place(error)}"


def _place(error: BaseException) -> str:
    """Return file and line, in our own code where the error passed through it."""
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT) and ".venv" not in frame.filename]
    frame = (ours or frames)[-1]
    path = Path(frame.filename)
    shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(path.name)
    return f"{shown.as_posix()}:{frame.lineno}"
