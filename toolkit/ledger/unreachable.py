"""A PostgreSQL server that cannot be reached: how to recognise it, and waiting for it while a run holds the lease."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from toolkit.errors import LedgerUnreachable

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection, Dialect

PAUSE = 1.0
"""Seconds between two attempts to reach a server."""

CONNECT_SECONDS = 10
"""Seconds that one attempt takes at most."""

_STOPPED = ("08", "57P")  # SQLSTATE: connection exceptions, and a server that starts, stops or was stopped
_REFUSED = "FATAL:"
_FOR_NOW = ("starting up", "shutting down", "recovery mode", "not yet accepting", "too many clients")


def unreachable(engine: Engine, error: BaseException) -> LedgerUnreachable | None:
    """Return the error in our words where the database's server did not answer, or not for now."""
    if engine.dialect.name == "sqlite":
        return None
    cause = getattr(error, "orig", None) or error
    where = f"the ledger's database on {server_of(engine)} is not reachable: {first_line(cause)}"
    if (isinstance(error, DBAPIError) and error.connection_invalidated) or is_away(engine.dialect, cause):
        return LedgerUnreachable(
            f"{where}; check that the server is running and can be reached from this computer, then run the command"
            " again"
        )
    if _is_turned_away(engine.dialect, cause):
        return LedgerUnreachable(f"{where}; check the user, the password and the database that TOOLKIT_LEDGER names")
    return None


def is_away(dialect: "Dialect", error: object) -> bool:
    """Say whether an error of the driver means that no server answered, or one that takes no connections for now."""
    if not _is_of_connection(dialect, error):
        return False
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_STOPPED)
    return _REFUSED not in str(error) or any(words in str(error) for words in _FOR_NOW)


def _is_turned_away(dialect: "Dialect", error: object) -> bool:
    """Say whether a server answered and refused the connection."""
    return _is_of_connection(dialect, error) and getattr(error, "sqlstate", None) is None and _REFUSED in str(error)


def _is_of_connection(dialect: "Dialect", error: object) -> bool:
    driver = dialect.loaded_dbapi
    return isinstance(error, (driver.OperationalError, driver.InterfaceError))


def server_of(engine: Engine) -> str:
    """Name the host of a database, and its port where one is given; never its user or password."""
    named = engine.url.host or engine.url.query.get("host") or "this computer"
    host = named if isinstance(named, str) else ", ".join(named)
    return f"{host}:{engine.url.port}" if engine.url.port else host


def first_line(error: object) -> str:
    """Return the first line of a driver's error: the others are hints for the administrator of the server."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")


@dataclass(slots=True)
class Patience:
    """How long an engine waits for a server that is away; not at all until a run holds the lease."""

    lasts: Callable[[], float] = lambda: 0.0  # seconds from now
    sleep: Callable[[float], None] = time.sleep

    def wait(self) -> bool:
        """Wait for the next attempt; False where there is no time left."""
        if (left := self.lasts()) <= 0:
            return False
        self.sleep(min(PAUSE, left))
        return True


def connect_with_patience(engine: Engine, patience: Patience) -> None:
    """Let every new connection of an engine wait for its server; a file is there or not."""
    if engine.dialect.name == "sqlite":
        return
    driver = engine.dialect.loaded_dbapi

    def connect(
        dialect: "Dialect", _record: object, arguments: list[object], named: dict[str, object]
    ) -> "DBAPIConnection":
        while True:
            try:
                return dialect.connect(*arguments, **named)
            except driver.Error as error:
                if not (is_away(dialect, error) and patience.wait()):
                    raise

    event.listen(engine, "do_connect", connect)
