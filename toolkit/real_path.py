"""Resolve links alike on every Python version, because `Path.resolve` raises RuntimeError for a loop before 3.13."""

import os
from contextlib import suppress
from pathlib import Path


def real_path(path: Path) -> Path:
    """Return the absolute path without links, also of a missing file. A link that points to itself is kept."""
    return Path(os.path.realpath(path))


def follow_links(path: Path) -> Path:
    """Return the absolute path without links, also of a missing file.

    Raise OSError for a path that the system refuses: a link that points to itself, or a name that is too long.
    """
    resolved = real_path(path)
    with suppress(FileNotFoundError, NotADirectoryError):
        resolved.stat()
    return resolved
