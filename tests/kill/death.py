"""Kills this process, as a power cut would, at one moment of the nth entry of the ledger."""

import os
import signal
import sys
import threading
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, event


class Moment(StrEnum):
    """A moment in the life of an entry."""

    BEFORE_COMMIT = "before its commit"
    AFTER_COMMIT = "after its commit, before the head file"
    HALF_A_HEAD = "with the new head file written next to the old one"
    AFTER_HEAD = "after the head file"


EMPTY = "while the first tables are made"
"""A moment before the first entry."""


def die_at(entry: int, moment: str) -> None:
    """Kill this process at the moment. Entries are counted from 1, from now on."""
    if moment == EMPTY:
        event.listen(Engine, "after_cursor_execute", _end_at_a_table)
    else:
        _Watch(entry, Moment(moment)).begin()


def _end_at_a_table(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
    if statement.lstrip().startswith("CREATE TABLE"):
        _end()


class _Watch:
    """Counts the entries. Only the thread that adds the nth entry can reach the moment."""

    def __init__(self, entry: int, moment: Moment) -> None:
        self._left = entry
        self._moment = moment
        self._thread: int | None = None
        self._head_is_new = False

    def begin(self) -> None:
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)
        event.listen(Engine, "commit", self._commits)
        sys.addaudithook(self._renames)

    def _after(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("INSERT INTO entry "):
            self._left -= 1
            if self._left == 0:
                self._thread = threading.get_ident()
                self._reach(Moment.BEFORE_COMMIT)

    def _before(self, _connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement == "BEGIN IMMEDIATE" and self._is_here():
            self._reach(Moment.AFTER_COMMIT)

    def _renames(self, what: str, arguments: tuple[Any, ...]) -> None:
        if what == "os.rename" and str(arguments[1]).endswith("ledger.head") and self._is_here():
            self._head_is_new = True
            self._reach(Moment.HALF_A_HEAD)

    def _commits(self, _connection: object) -> None:
        if self._head_is_new and self._is_here():
            self._reach(Moment.AFTER_HEAD)

    def _is_here(self) -> bool:
        return threading.get_ident() == self._thread

    def _reach(self, moment: Moment) -> None:
        if moment is self._moment:
            _end()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
