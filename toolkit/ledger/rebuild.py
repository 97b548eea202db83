"""Makes the derived tables anew from the entries: the answer to a changed one, and to a toolkit that derives more."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, insert

from toolkit.errors import LedgerError
from toolkit.ledger.chain import START, chained_hash
from toolkit.ledger.database import writing
from toolkit.ledger.entries import read_entry
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import DERIVED
from toolkit.ledger.projections import Replayed
from toolkit.ledger.structure import raw_entries


def rebuild(ledger: Ledger) -> None:
    """Replace every derived row; LedgerError, and nothing changed, where the chain they follow from is broken."""
    ledger.make()
    with writing(ledger.engine) as connection:
        rebuild_in(connection)


def rebuild_in(connection: Connection) -> None:
    """Do so within a transaction of the caller's."""
    replayed, last = Replayed(), START
    for n, previous, text, own_hash in raw_entries(connection):
        if previous != last or chained_hash(previous, text) != own_hash:
            raise LedgerError(f"entry {n} was edited: nothing can be derived from the ledger")
        replayed.add(n, read_entry(text.decode()))
        last = own_hash
    for kind, rows in replayed.tables().items():
        connection.execute(delete(DERIVED[kind]))
        for row in rows:
            connection.execute(insert(DERIVED[kind]).values(**asdict(row)))
