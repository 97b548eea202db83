"""Finds damaged pages, changed tables and missing triggers, and rebuilds the derived tables from the entries."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    cast,
    create_engine,
    delete,
    func,
    insert,
    inspect,
    select,
)

from toolkit.errors import LedgerError
from toolkit.ledger.chain import START, chained_hash
from toolkit.ledger.database import open_write_transaction
from toolkit.ledger.entries import NamesForgotten, read_entry
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import DERIVED
from toolkit.ledger.projections import ReplayTables
from toolkit.ledger.tables import ENTRY, METADATA, TRIGGERS

RawEntry: TypeAlias = tuple[int, str, bytes, str]
"""Number, previous hash, the text's stored bytes, hash."""

_SHOWN = 5
_AT_ONCE = 500
_COLUMNS = 'SELECT m.name, c.name, c.type, c."notnull", c.pk FROM sqlite_master m, pragma_table_xinfo(m.name) c'


def raw_entries(connection: Connection) -> Iterator[RawEntry]:
    """Yield the entries as stored bytes, because damaged text may not be decodable."""
    stored = [
        _stored_bytes(column, connection.dialect.name) for column in (ENTRY.c.previous, ENTRY.c.text, ENTRY.c.hash)
    ]
    query = select(ENTRY.c.n, *stored).order_by(ENTRY.c.n).limit(_AT_ONCE)
    some = connection.execute(query).all()
    while some:
        for n, previous, text, own_hash in some:
            yield n, _to_text(previous), bytes(text or b""), _to_text(own_hash)
        some = connection.execute(query.where(ENTRY.c.n > some[-1].n)).all()


def _stored_bytes(column: ColumnElement[str], dialect: str) -> ColumnElement[bytes]:
    if dialect == "sqlite":
        return cast(column, LargeBinary)
    return func.convert_to(column, "UTF8", type_=LargeBinary)


def _to_text(stored: bytes | None) -> str:
    return bytes(stored or b"").decode(errors="surrogateescape")


def text_hashes_after_removal(connection: Connection) -> Mapping[int, str]:
    """Return the recorded SHA-256 of the remaining text of each entry from which names were removed.

    The entries that record the removals are not checked here, but with the chain.
    """
    text = _stored_bytes(ENTRY.c.text, connection.dialect.name)
    removals = select(ENTRY.c.n, text).where(ENTRY.c.text.like('%"kind":"names_forgotten"%'))
    digests: dict[int, str] = {}
    for n, written in connection.execute(removals.order_by(ENTRY.c.n)):
        entry = read_entry(bytes(written).decode(errors="replace"))
        if isinstance(entry, NamesForgotten):
            digests |= {int(number): digest for number, digest in entry.texts.items() if int(number) < n}
    return digests


def is_sound(raw: RawEntry, vouched: Mapping[int, str]) -> bool:
    """Return whether an entry's text matches its hash, or the hash that a later removal of names recorded."""
    n, previous, text, own_hash = raw
    return chained_hash(previous, text) == own_hash or hashlib.sha256(text).hexdigest() == vouched.get(n)


def structural_damage(connection: Connection) -> Iterator[str]:
    """Yield a message for each damaged page and each changed or missing table or trigger."""
    if connection.dialect.name == "sqlite":
        yield from _damaged_pages(connection)
        yield from _changed_tables(connection)
        yield from _changed_triggers(connection)
    else:
        yield from _missing_tables(connection)
        yield from _missing_triggers(connection)


def _damaged_pages(connection: Connection) -> Iterator[str]:
    messages = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA integrity_check({_SHOWN})")]
    if messages != ["ok"]:
        yield f"The ledger's file is damaged: {'; '.join(messages)}"


def _changed_tables(connection: Connection) -> Iterator[str]:
    """Compare each table's columns with a new ledger's. The SQL statements may differ between versions."""
    expected, actual = _expected_tables(), _read_columns(connection)
    for table in sorted({*expected, *actual}):
        if expected.get(table) != actual.get(table):
            yield f"The table {table} does not have the columns that toolkit creates."


@cache
def _expected_tables() -> Mapping[str, Sequence[tuple[object, ...]]]:
    fresh = create_engine("sqlite://")
    try:
        with fresh.connect() as reference:
            METADATA.create_all(reference)
            return _read_columns(reference)
    finally:
        fresh.dispose()


def _read_columns(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    columns: dict[str, list[tuple[object, ...]]] = {}
    for table, *column in connection.exec_driver_sql(f"{_COLUMNS} WHERE m.type = 'table' ORDER BY m.name, c.cid"):
        columns.setdefault(str(table), []).append(tuple(column))
    return columns


def _changed_triggers(connection: Connection) -> Iterator[str]:
    query = "SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
    actual: dict[str, object] = {str(row.name): row.sql for row in connection.exec_driver_sql(query)}
    expected = {statement.split()[2]: statement for statement in TRIGGERS["sqlite"]}
    for name in sorted({*expected, *actual}):
        if expected.get(name) != actual.get(name):
            yield f"The trigger {name} was changed, added or dropped."


def _missing_tables(connection: Connection) -> Iterator[str]:
    there = set(inspect(connection).get_table_names())
    yield from (f"The table {name} is missing." for name in sorted(METADATA.tables) if name not in there)


def _missing_triggers(connection: Connection) -> Iterator[str]:
    query = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'entry'::regclass AND tgenabled = 'O'"
    there = {name for (name,) in connection.exec_driver_sql(query)}
    for name in ("entry_never_changes", "entry_never_goes"):
        if name not in there:
            yield f"The trigger {name} was dropped or disabled."


def rebuild(ledger: Ledger) -> None:
    """Rebuild all derived tables from the entries. Raise LedgerError and change nothing if the chain is broken."""
    ledger.make()
    with open_write_transaction(ledger.engine) as connection:
        rebuild_in(connection)


def rebuild_in(connection: Connection) -> None:
    """Rebuild all derived tables within the caller's transaction."""
    replayed, last, vouched = ReplayTables(), START, text_hashes_after_removal(connection)
    for n, previous, text, own_hash in raw_entries(connection):
        if previous != last or not is_sound((n, previous, text, own_hash), vouched):
            raise LedgerError(f"entry {n} was edited, so nothing can be derived from the ledger")
        replayed.add(n, read_entry(text.decode()))
        last = own_hash
    for kind, rows in replayed.tables().items():
        connection.execute(delete(DERIVED[kind]))
        for row in rows:
            connection.execute(insert(DERIVED[kind]).values(**asdict(row)))
