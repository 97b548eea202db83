"""Fails a test that leaves a SQLite connection open, on every Python version; Python itself warns only from 3.13 on."""

import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

_REPOSITORY = str(Path(__file__).parents[1])
_connections: list[tuple[sqlite3.Connection, traceback.StackSummary]] = []


def watch_connections() -> None:
    """Record each SQLite connection that this process opens from now on, with the calls that led to it."""
    sys.addaudithook(_record)


def _record(event: str, arguments: tuple[object, ...]) -> None:
    if event == "sqlite3.connect/handle" and isinstance(connection := arguments[0], sqlite3.Connection):
        calls = [(frame, line) for frame, line in traceback.walk_stack(sys._getframe(1)) if _is_ours(frame)]
        _connections.append((connection, traceback.StackSummary.extract(calls, lookup_lines=False)))


def _is_ours(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    return file.startswith(_REPOSITORY) and "site-packages" not in file


@contextmanager
def no_connection_left_open() -> Iterator[None]:
    """Raise AssertionError if a connection that was opened in the block is open at its end."""
    before = len(_connections)
    yield
    recorded = _connections[before:]
    del _connections[before:]
    still_open = [(connection, calls) for connection, calls in recorded if _is_open(connection)]
    for connection, _ in still_open:
        with suppress(sqlite3.ProgrammingError):  # another thread opened it
            connection.close()
    places = "\n".join("".join(reversed(calls.format())) for _, calls in still_open)
    assert not still_open, f"SQLite connections still open: {len(still_open)}. They were opened here:\n{places}"


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018 - a closed connection raises
    except sqlite3.ProgrammingError:
        return False
    return True
