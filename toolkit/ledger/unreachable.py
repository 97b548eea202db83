"""Recognises an unreachable PostgreSQL server, and waits for it while a run holds the lease."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from toolkit.errors import LedgerUnreachable

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect

Remark = Callable[[str], None]
"""Receives messages about waiting."""

PAUSE = 1.0
"""Seconds between two attempts to reach a server."""

CONNECT_SECONDS = 10
"""Seconds that one attempt takes at most."""

_STOPPED = ("08", "57P")  # SQLSTATE: connection exceptions, and a server that starts, stops or was stopped
_REFUSED = "FATAL:"
_FOR_NOW = ("starting up", "shutting down", "recovery mode", "not yet accepting", "too many clients")


def unreachable(engine: Engine, error: BaseException) -> LedgerUnreachable | None:
    """Return LedgerUnreachable if an error means that the database server did not respond or refused the connection."""
    if engine.dialect.name == "sqlite":
        return None
    cause = getattr(error, "orig", None) or error
    where = _unreachable_text(engine, cause)
    if (isinstance(error, DBAPIError) and error.connection_invalidated) or is_away(engine.dialect, cause):
        advice = "check that the server is running and can be reached from this computer, then run the command again"
        return LedgerUnreachable(where, advice)
    if _is_connection_refused(engine.dialect, cause):
        return LedgerUnreachable(where, "check the user, the password and the database that TOOLKIT_LEDGER names")
    return None


def _unreachable_text(engine: Engine, cause: object) -> str:
    return f"the ledger's database on {server_of(engine)} is not reachable: {first_line(cause)}"


def is_away(dialect: "Dialect", error: object) -> bool:
    """Return whether a driver's error means that the server did not respond or is refusing connections for now."""
    if not _is_connection_error(dialect, error):
        return False
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_STOPPED)
    return _REFUSED not in str(error) or any(words in str(error) for words in _FOR_NOW)


def _is_connection_refused(dialect: "Dialect", error: object) -> bool:
    """Return whether the server responded but refused the connection."""
    return _is_connection_error(dialect, error) and getattr(error, "sqlstate", None) is None and _REFUSED in str(error)


def _is_connection_error(dialect: "Dialect", error: object) -> bool:
    driver = dialect.loaded_dbapi
    return isinstance(error, (driver.OperationalError, driver.InterfaceError))


def server_of(engine: Engine) -> str:
    """Return the host and port of a database server, without user and password, or None for SQLite."""
    named = engine.url.host or engine.url.query.get("host") or "this computer"
    host = named if isinstance(named, str) else ", ".join(named)
    return f"{host}:{engine.url.port}" if engine.url.port else host


def first_line(error: object) -> str:
    """Return the first line of a driver's error. The other lines are hints for the server's administrator."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")


def drop_remark(_text: str) -> None:
    """Drop a message about waiting, so that nothing is printed."""


@dataclass(slots=True)
class Patience:
    """How long an engine waits for an unreachable server. It waits only while a run holds the lease."""

    remark: Remark
    ends: Callable[[], float] = lambda: 0.0  # the moment up to which it waits, by the clock
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    _waits: bool = False
    _lock: Lock = field(default_factory=Lock)  # the lease is renewed by a thread of its own

    def wait(self, what: object) -> bool:
        """Wait before the next attempt to connect, and report the reason once. Return False if no time is left."""
        ends = self.ends()
        if (left := ends - self.clock()) <= 0:
            return False
        if self._change_waiting(waits=True):
            self.remark(
                f"toolkit: {what}. This run waits for the database until {moment(ends)}, when the run's lease ends"
            )
        self.sleep(min(PAUSE, left))
        return True

    def resume(self) -> None:
        """Report that the server can be reached again."""
        if self._change_waiting(waits=False):
            self.remark("toolkit: the ledger's database responds again, and the run continues")

    def _change_waiting(self, *, waits: bool) -> bool:
        with self._lock:
            before, self._waits = self._waits, waits
        return before is not waits


def moment(seconds: float) -> str:
    """Return a Unix time as text."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def make_connections_wait(engine: Engine, patience: Patience) -> None:
    """Make every new connection of an engine wait for the server. Has no effect on SQLite."""
    if engine.dialect.name == "sqlite":
        return
    driver = engine.dialect.loaded_dbapi

    def connect(
        dialect: "Dialect", _record: object, arguments: list[object], named: dict[str, object]
    ) -> "DBAPIConnection":
        while True:
            try:
                connected = dialect.connect(*arguments, **named)
            except driver.Error as error:
                if not (is_away(dialect, error) and patience.wait(_unreachable_text(engine, error))):
                    raise
            else:
                patience.resume()
                return connected

    event.listen(engine, "do_connect", connect)
