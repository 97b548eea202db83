"""Opens the ledger's database for reading, or for one writer at a time. A commit returns once it is on disk."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Error as SQLiteError
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, create_engine, delete, event, insert, inspect, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError, SQLAlchemyError

from toolkit.errors import LedgerError, UsageError
from toolkit.installed import DISTRIBUTION, installed_version
from toolkit.ledger.tables import ENTRY, FINDING, META, METADATA, TRIGGERS, VERSION
from toolkit.ledger.unreachable import CONNECT_SECONDS, Remark, moment, unreachable

if TYPE_CHECKING:
    from sqlite3 import Connection as SQLiteConnection

    from sqlalchemy.engine.interfaces import DBAPIConnection

WAIT = 60
"""Seconds a writer waits for the others."""

QUIET = 2.0
"""Seconds after which a writer says that it waits for the others."""

_TURN = 250
"""Milliseconds that SQLite waits for a lock before Python can act on a signal."""

_REMARK = "toolkit_remark"  # the option of an engine for messages about waiting
_LOCKED = "55P03"  # SQLSTATE: a lock that was not there in time

UNREADABLE = (SQLAlchemyError, UnicodeDecodeError, SQLiteError)
"""Errors of reading a damaged file. SQLite quotes damaged names in its errors, and Python cannot decode them."""


class _SharedStatementCache(dict[tuple[object, ...], object]):
    """A cache of compiled SQLite statements, shared between all ledgers that the process opens.

    SQLAlchemy would compile the statements again for each engine, because its cache keys begin with the engine's
    dialect.
    """

    def get(self, key: tuple[object, ...], otherwise: object = None, /) -> object:
        return super().get(key[1:], otherwise)

    def __setitem__(self, key: tuple[object, ...], compiled: object, /) -> None:
        super().__setitem__(key[1:], compiled)


_COMPILED = {"compiled_cache": _SharedStatementCache()}


def open_engine(url: str, remark: Remark) -> Engine:
    """Return a database engine that is not yet connected.

    Raise UsageError for a URL that the ledger cannot use. `remark` is called with messages about waiting.
    """
    try:
        engine = create_engine(
            url,
            connect_args=_connect_arguments(url),
            pool_pre_ping=not url.startswith("sqlite"),
            execution_options={
                _REMARK: _pass_on_first_message(remark),
                **(_COMPILED if url.startswith("sqlite") else {}),
            },
        )
    except ModuleNotFoundError as error:
        raise UsageError(_missing_driver(url, error.name or "")) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(f"TOOLKIT_LEDGER is not the URL of a database that can be used: {error}") from error
    if engine.dialect.name not in TRIGGERS:
        raise UsageError(f"the ledger needs SQLite or PostgreSQL, not {engine.dialect.name}")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _make_durable)
    event.listen(engine, "connect", partial(_refuse_newer, engine))
    return engine


def _missing_driver(url: str, name: str) -> str:
    if not url.startswith("postgresql"):
        return f"the ledger needs SQLite or PostgreSQL, not {url.partition(':')[0]}"
    if name == "psycopg":
        return (
            "TOOLKIT_LEDGER names a PostgreSQL database, and the Python package psycopg, which it needs, is not "
            "installed: run `pip install 'psycopg[binary]'`"
        )
    return f"TOOLKIT_LEDGER needs the Python package {name}: write the URL as postgresql+psycopg://... instead"


def _connect_arguments(url: str) -> dict[str, int | None]:
    if not url.startswith("sqlite"):
        return {} if "connect_timeout" in url else {"connect_timeout": CONNECT_SECONDS}
    return {"timeout": WAIT, "isolation_level": None}  # we begin transactions ourselves, Python begins them too late


def _make_durable(connection: "SQLiteConnection", _record: object) -> None:
    """Set a SQLite connection so that a commit survives a power failure.

    With `journal_mode=WAL`, one damaged byte could hide entries. With `synchronous` below EXTRA, a commit could
    be lost.
    """
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA secure_delete = ON")  # free pages must not keep forgotten names


_HAS_VERSION = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'",
    "postgresql": "SELECT 1 WHERE to_regclass('meta') IS NOT NULL",
}


def _refuse_newer(engine: Engine, connection: "DBAPIConnection", _record: object) -> None:
    """Raise UsageError if a later version of toolkit wrote the ledger. Later checks report damage."""
    version = 0
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute(_HAS_VERSION[engine.dialect.name])
            if cursor.fetchone():
                cursor.execute("SELECT max(version) FROM meta")
                ((stored,),) = cursor.fetchall()
                version = stored if isinstance(stored, int) else 0
        connection.rollback()
    except (engine.dialect.loaded_dbapi.Error, UnicodeDecodeError) as error:
        if away := unreachable(engine, error):
            raise away from error
    if version > VERSION:
        place = sqlite_file(engine) or engine.url.render_as_string(hide_password=True)
        raise UsageError(
            f"the ledger {place} has version {version}, and this toolkit ({installed_version()}) knows up to {VERSION}"
            ". Nothing was read or written. Install the version that wrote it, or a later one: "
            f"pip install --upgrade {DISTRIBUTION}"
        )


def sqlite_file(engine: Engine) -> Path | None:
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    return Path(engine.url.database)


@contextmanager
def open_read_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that reads one consistent state of the database, even if other processes write meanwhile."""
    with _translate_errors(engine), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield connection


@contextmanager
def open_write_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction as the only writer. It is committed at the end, or rolled back if an error is raised."""
    with _translate_errors(engine), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _begin_write(connection)
        else:
            _wait_for_lock(connection)
        yield connection
        connection.commit()


def _wait_for_lock(connection: Connection) -> None:
    """Wait for other writers of a PostgreSQL ledger, and report a long wait."""
    if not _try_lock(connection, QUIET, last=False):
        _report_waiting(connection)
        _try_lock(connection, WAIT, last=True)
    connection.exec_driver_sql("SET LOCAL lock_timeout = DEFAULT")


def _try_lock(connection: Connection, seconds: float, *, last: bool) -> bool:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(seconds * 1000)}")
    try:
        # The lock has its own statement, so that later ones see everything that the holder before us committed.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.entry', 0))")
    except OperationalError as error:
        if last or getattr(error.orig, "sqlstate", None) != _LOCKED:
            raise
        connection.rollback()
        return False
    return True


def _pass_on_first_message(remark: Remark) -> Remark:
    """Return a function that passes on only the first message that it gets, because a run on a slow disk waits at every
    entry.
    """
    said = False

    def say(text: str) -> None:
        nonlocal said
        if not said:
            said = True
            remark(text)

    return say


def _report_waiting(connection: Connection) -> None:
    until = moment(time.time() + WAIT)
    remark: Remark = connection.engine.get_execution_options()[_REMARK]
    remark(f"toolkit: waiting for the ledger, until {until} at most: another command writes to it, or the disk is slow")


def _begin_write(connection: Connection) -> None:
    """Begin a write transaction on a SQLite file.

    Waits for other writers in short turns, because Ctrl-C works only between turns.
    """
    begins, said = time.monotonic(), False
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_TURN}")
    while not _try_begin(connection, last=time.monotonic() > begins + WAIT):
        if not said and time.monotonic() > begins + QUIET:
            said = True
            _report_waiting(connection)
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {WAIT * 1000}")


def _try_begin(connection: Connection, *, last: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if last or "database is locked" not in str(error.orig):
            raise
        return False
    return True


def make_tables(engine: Engine) -> None:
    """Create the tables that do not exist."""
    with open_read_transaction(engine) as connection:
        there = inspect(connection).has_table(ENTRY.name)
    if there:
        add_missing_tables(engine)
        return
    with open_write_transaction(engine) as connection:
        if inspect(connection).has_table(ENTRY.name):
            return
        METADATA.create_all(connection)
        connection.execute(insert(META).values(id=1, version=VERSION))
        for trigger in TRIGGERS[engine.dialect.name]:
            connection.exec_driver_sql(trigger)


def add_missing_tables(engine: Engine) -> None:
    """Add the tables and columns that earlier versions of toolkit did not create."""
    with open_read_transaction(engine) as connection:
        if not inspect(connection).has_table(ENTRY.name) or _is_current(connection):
            return
    with open_write_transaction(engine) as connection:
        FINDING.create(connection, checkfirst=True)
        if not _has_change_column(connection):
            connection.exec_driver_sql(f"ALTER TABLE {FINDING.name} ADD COLUMN {FINDING.c.changed.name} TEXT")
        META.create(connection, checkfirst=True)
        connection.execute(delete(META))
        connection.execute(insert(META).values(id=1, version=VERSION))


def _is_current(connection: Connection) -> bool:
    if not _has_change_column(connection) or not inspect(connection).has_table(META.name):
        return False
    return connection.execute(select(META.c.version)).scalars().all() == [VERSION]


def _has_change_column(connection: Connection) -> bool:
    tables = inspect(connection)
    columns = tables.get_columns(FINDING.name) if tables.has_table(FINDING.name) else []
    return FINDING.c.changed.name in {column["name"] for column in columns}


@contextmanager
def _translate_errors(engine: Engine) -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        if away := unreachable(engine, error):
            raise away from error
        cause = getattr(error, "orig", None) or error
        where = engine.url.render_as_string(hide_password=True)
        raise LedgerError(f"the ledger {where} cannot be used: {cause}; {_advice(cause)}") from error


def _advice(cause: object) -> str:
    if "database is locked" in str(cause) or getattr(cause, "sqlstate", None) == _LOCKED:
        return f"another process has locked the database for {WAIT} seconds: try again when that process has ended"
    return "run `toolkit audit verify` for details"
