"""Says whether the ledger is what was written, and names what is not."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection, RowMapping, Table, select

from toolkit.errors import LedgerError
from toolkit.record.chain import START, Head, HeadFile, chained_hash
from toolkit.record.database import UNREADABLE, make_later_tables, reading
from toolkit.record.derive import Replayed
from toolkit.record.derived import DERIVED
from toolkit.record.entries import HeadLost, read_entry
from toolkit.record.ledger import Ledger
from toolkit.record.structure import RawEntry, raw_entries, structural_damage


class Damage(StrEnum):
    """What is wrong."""

    UNREADABLE = "unreadable"
    STRUCTURE = "structure"
    EDITED = "edited"
    CUT = "cut"
    HEAD = "head"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written; `subject` is an entry, a table's row, or a file."""

    damage: Damage
    subject: str
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of the whole ledger found; `head` is the end of the sound part of the chain."""

    head: Head
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Say whether everything is as it was written."""
        return not self.faults


@dataclass(slots=True)
class _Chain:
    """The chain as far as it was followed."""

    hashes: list[str] = field(default_factory=lambda: [START])
    replayed: Replayed = field(default_factory=Replayed)
    remarks: list[str] = field(default_factory=list)

    @property
    def head(self) -> Head:
        return Head(len(self.hashes) - 1, self.hashes[-1])

    def add(self, raw: RawEntry) -> None:
        """Hang on one more entry; LedgerError where it does not fit."""
        n, previous, text, own_hash = raw
        expected = self.head.count + 1
        if n != expected:
            raise LedgerError(f"Entry {expected} is missing; the next one there is {n}.")
        if previous != self.head.hash:
            raise LedgerError(f"Entry {n} was edited: it does not name the hash of the entry before it.")
        if chained_hash(previous, text) != own_hash:
            raise LedgerError(f"Entry {n} was edited: its text or its hash is not what was written.")
        entry = read_entry(text.decode(errors="replace"))
        self.replayed.add(n, entry)
        self.hashes.append(own_hash)
        if isinstance(entry, HeadLost):
            self.remarks.append(
                f"Before entry {n} the head file was missing on {entry.host}:"
                " entries cut off there before would not have been found."
            )


def verify(ledger: Ledger) -> Checked:
    """Follow the chain from its start and compare what is beside it; damage is a fault, never an exception."""
    chain = _Chain()
    # Before the chain: a run that goes on meanwhile adds to the chain first.
    head_faults = _head_check(ledger.head_file)
    if ledger.file is not None and not ledger.file.exists():
        return Checked(chain.head, tuple(head_faults(chain)), ("There is no ledger yet.",))
    faults: list[Fault] = []
    with suppress(LedgerError):  # what cannot be read is told below
        make_later_tables(ledger.engine)
    try:
        with reading(ledger.engine) as connection:
            faults += _readable("structure", _structure_faults(connection))
            broken = list(_readable("chain", _chain_faults(connection, chain)))
            faults += broken or _readable("derived tables", _derived_faults(connection, chain.replayed))
    except LedgerError as error:
        reason = getattr(error.__cause__, "orig", None) or error
        broken = [Fault(Damage.UNREADABLE, "database", f"The ledger cannot be read: {reason}.")]
        faults += broken
    if not broken:
        faults += head_faults(chain)
    return Checked(chain.head, tuple(faults), tuple(chain.remarks))


def _readable(subject: str, faults: Iterator[Fault]) -> Iterator[Fault]:
    """Pass the faults on; that the database cannot be read any further is one more."""
    try:
        yield from faults
    except UNREADABLE as error:
        reason = getattr(error, "orig", None) or error
        yield Fault(Damage.UNREADABLE, subject, f"The ledger's {subject} cannot be read: {reason}.")


def _structure_faults(connection: Connection) -> Iterator[Fault]:
    return (Fault(Damage.STRUCTURE, "database", message) for message in structural_damage(connection))


def _chain_faults(connection: Connection, chain: _Chain) -> Iterator[Fault]:
    """Name the first entry that does not hang on the one before it; nothing can be said of what follows."""
    for raw in raw_entries(connection):
        try:
            chain.add(raw)
        except LedgerError as error:
            n = chain.head.count + 1
            yield Fault(Damage.EDITED, f"entry {n}", str(error))
            return


def _head_check(file: HeadFile) -> Callable[[_Chain], Sequence[Fault]]:
    """Read the head file, and give what compares a chain with it: the file may stand where the chain once ended."""
    try:
        remembered = file.read()
    except LedgerError as error:
        unreadable = [Fault(Damage.HEAD, str(file.path), f"{error}.")]
        return lambda _chain: unreadable
    return lambda chain: [
        Fault(damage, str(file.path), message) for damage, message in _head_faults(file.path, remembered, chain)
    ]


def _head_faults(path: Path, remembered: Head | None, chain: _Chain) -> Iterator[tuple[Damage, str]]:
    count = chain.head.count
    if remembered is None:
        if count:
            yield Damage.HEAD, f"{path} is missing: nothing says whether entries after {count} were cut off."
    elif remembered.count > count:
        message = f"The ledger's tail was cut off: {path} says that it had {remembered.count} entries; it has {count}."
        yield Damage.CUT, message
    elif remembered.count < 0 or chain.hashes[remembered.count] != remembered.hash:
        message = f"The ledger was written anew, or {path} was edited: they disagree on entry {remembered.count}."
        yield Damage.HEAD, message


def _derived_faults(connection: Connection, replayed: Replayed) -> Iterator[Fault]:
    for kind, rows in replayed.tables().items():
        table = DERIVED[kind]
        wanted = {_key(table, asdict(row)): asdict(row) for row in rows}
        found = {_key(table, row): dict(row) for row in connection.execute(select(table)).mappings()}
        for key in sorted({*wanted, *found}):
            if found.get(key) != wanted.get(key):
                yield _derived_fault(table, key, gone=key not in found, added=key not in wanted)


def _key(table: Table, cells: RowMapping | Mapping[str, object]) -> str:
    return " ".join(str(cells[column.name]) for column in table.primary_key.columns)


def _derived_fault(table: Table, key: str, *, gone: bool, added: bool) -> Fault:
    how = "was deleted" if gone else "was added" if added else "was changed"
    message = f"In the table {table.name} the row of {key} {how}: it does not follow from the entries."
    return Fault(Damage.DERIVED, f"{table.name} {key}", message)
