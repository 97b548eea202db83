"""Opens a pseudo-terminal for a program that a test starts."""

import os

import pytest

UNAVAILABLE = "no pseudo-terminal can be opened: mount /dev/pts"


def open_pseudo_terminal() -> tuple[int, int]:
    """Return the test's end and the program's end of a new pseudo-terminal, or skip the test if there are none."""
    try:
        return os.openpty()
    except OSError:
        pytest.skip(UNAVAILABLE)
