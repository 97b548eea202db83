"""Resolve links in the same way on every Python version.

Before Python 3.13, `Path.resolve` raises RuntimeError if links form a loop.
"""

import os
from contextlib import suppress
from pathlib import Path


def real_path(path: Path) -> Path:
    """Return the absolute path without links, even if the file is missing.

    A link that points to itself is kept.
    """
    return Path(os.path.realpath(path))


def follow_links(path: Path) -> Path:
    """Return the absolute path without links, even if the file is missing.

    Raise OSError for a path that the system refuses, such as a link that points to itself or a name that is too long.
    """
    resolved = real_path(path)
    with suppress(FileNotFoundError, NotADirectoryError):
        resolved.stat()
    return resolved
