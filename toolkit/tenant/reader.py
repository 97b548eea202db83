"""The one place around every reader of a tenant's answers, where a surprise becomes an unknown."""

from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb
from typing import TypeVar

from toolkit.errors import ToolkitError, Unexpected

T = TypeVar("T")
_ROOT = Path(__file__).parents[2]


def read_safely(what: str, reader: Callable[[], T]) -> T:
    """Return what a reader reads; Unexpected, with type and place but no words, for any error it does not know.

    The words of such an error may hold anything of the answer, so they stay behind it, as its cause.
    """
    try:
        return reader()
    except ToolkitError:
        raise
    except Exception as surprise:
        raise Unexpected(f"{what}: {Unexpected.PHRASE}: {type(surprise).__name__} at {_place(surprise)}") from surprise


def _place(error: BaseException) -> str:
    """Return file and line, in our own code where the error passed through it."""
    frames = extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT) and ".venv" not in frame.filename]
    frame = (ours or frames)[-1]
    path = Path(frame.filename)
    shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(path.name)
    return f"{shown.as_posix()}:{frame.lineno}"
