"""Checks the whole ledger for damage and tampering."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, RowMapping, Select, Table, select

from toolkit.errors import LedgerError, LedgerUnreachable
from toolkit.ledger.chain import START, Head, HeadFile
from toolkit.ledger.database import UNREADABLE, add_missing_tables, open_read_transaction
from toolkit.ledger.entries import Entry, HeadLost, NamesForgotten, RunBegan, RunEnded, read_entry
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import AT_ONCE, DERIVED
from toolkit.ledger.projections import ReplayTables
from toolkit.ledger.structure import RawEntry, is_sound, raw_entries, structural_damage, text_hashes_after_removal
from toolkit.ledger.tables import RUN, STEP, Row
from toolkit.ledger.unreachable import unreachable
from toolkit.records import dataclass

_RUNS = 200
_CLOCK_TOLERANCE = timedelta(days=1)  # runs that overlap may be recorded in either order

Differs: TypeAlias = tuple[str, str]
"""The table and key of a row that is not as it should be, and a sentence that says so."""


@dataclass(slots=True)
class Comparison:
    """Compares the stored derived tables with tables computed from the entries."""

    connection: Connection
    replay: ReplayTables = field(default_factory=ReplayTables)
    differing: list[Differs] = field(default_factory=list)
    read_error: Exception | None = None  # the error that ended the reading of the tables
    _ended: list[str] = field(default_factory=list)

    def add(self, n: int, entry: Entry) -> None:
        """Apply the next entry. Raise LedgerError if it contradicts earlier entries."""
        self.replay.add(n, entry)
        if isinstance(entry, RunEnded):
            self._ended.append(entry.run)

    @property
    def full(self) -> bool:
        """Return whether enough ended runs have collected to compare their rows now."""
        return len(self._ended) >= _RUNS and self.read_error is None

    def compare_ended_runs(self) -> None:
        """Compare the rows of ended runs, and drop them from memory."""
        names, self._ended = self._ended, []
        runs, steps = self.replay.release_ended(names)
        try:
            self._compare(RUN, runs, select(RUN).where(RUN.c.run.in_(names)))
            self._compare(STEP, steps, select(STEP).where(STEP.c.run.in_(names)))
        except UNREADABLE as error:
            self.read_error = error

    def compare_remaining_rows(self) -> Sequence[Differs]:
        """Compare the rows that are left, find stored rows of runs that never existed, and return all differences."""
        if self.read_error:
            raise self.read_error
        for kind, rows in self.replay.tables().items():
            self._compare(DERIVED[kind], list(rows), select(DERIVED[kind]), passing=self.replay.past)
        return self.differing

    def _compare(
        self,
        table: Table,
        rows: Sequence[Row],
        query: Select[tuple[object, ...]],
        passing: Collection[str] = (),
    ) -> None:
        expected = {_row_key(table, asdict(row)): asdict(row) for row in rows}
        self.differing += sorted(self._find_differences(table, expected, query, passing))

    def _find_differences(
        self,
        table: Table,
        expected: dict[str, dict[str, object]],
        query: Select[tuple[object, ...]],
        passing: Collection[str],
    ) -> Iterator[Differs]:
        """Yield the stored rows that differ from the expected rows.

        Rows of ended runs are compared separately.
        """
        for row in self.connection.execute(query.execution_options(yield_per=AT_ONCE)).mappings():
            key = _row_key(table, row)
            should = expected.pop(key, None)
            if should is None and not self._is_in_other_state(table, row, passing):
                yield _to_difference(table, key, "was added")
            elif should is not None and should != dict(row):
                yield _to_difference(table, key, "was changed")
        yield from (_to_difference(table, key, "was deleted") for key in expected)

    def _is_in_other_state(self, table: Table, row: RowMapping, passing: Collection[str]) -> bool:
        if table is STEP and self.replay.step(row["run"], row["step"]):
            return True
        return table in {RUN, STEP} and row["run"] in passing


def _row_key(table: Table, cells: RowMapping | Mapping[str, object]) -> str:
    return " ".join(str(cells[column.name]) for column in table.primary_key.columns)


def _to_difference(table: Table, key: str, how: str) -> Differs:
    return (
        f"{table.name} {key}",
        f"In the table {table.name} the row of {key} {how}, so the row does not follow from the entries.",
    )


class Damage(StrEnum):
    """The kind of damage."""

    UNREADABLE = "unreadable"
    STRUCTURE = "structure"
    EDITED = "edited"
    CUT = "cut"
    HEAD = "head"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Fault:
    """A damaged part of the ledger. `subject` is an entry, a row of a table, or a file."""

    damage: Damage
    subject: str
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """The result of checking the whole ledger. `head` is the last undamaged entry of the chain."""

    head: Head
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Return whether the ledger has no faults."""
        return not self.faults


@dataclass(slots=True)
class _Chain:
    """The part of the chain that has been checked so far."""

    recorded_head: Head | None = None  # the content of the head file
    digests: Mapping[int, str] = field(default_factory=dict)  # texts without names, by the entries' numbers
    head: Head = field(default_factory=lambda: Head(0, START))
    agrees: bool = False  # at the entry that is watched
    latest_start: datetime | None = None  # the time at which the run before began
    remarks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.agrees = self.head == self.recorded_head

    def add(self, raw: RawEntry, comparison: Comparison) -> None:
        """Check the next entry of the chain. Raise LedgerError if it does not follow the previous entry."""
        n, previous, text, own_hash = raw
        expected = self.head.count + 1
        if n != expected:
            raise LedgerError(f"Entry {expected} is missing. The next entry is {n}.")
        if previous != self.head.hash:
            raise LedgerError(f"Entry {n} was edited. It does not have the hash of the entry before it.")
        if not is_sound(raw, self.digests):
            raise LedgerError(f"Entry {n} was edited. Its text or its hash differs from the original.")
        entry = read_entry(text.decode(errors="replace"))
        comparison.add(n, entry)
        self.head = Head(n, own_hash)
        self.agrees = self.agrees or self.head == self.recorded_head
        if isinstance(entry, RunBegan):
            self._compare_clock(n, entry.at)
        if isinstance(entry, NamesForgotten):
            self.remarks.append(
                f"On {entry.at:%Y-%m-%d}, entry {n} removed names from {len(entry.texts)} entries made before "
                f"{entry.before}, at the request of {entry.by}. Entry {n} has the hashes of the remaining texts."
            )
        if isinstance(entry, HeadLost):
            self.remarks.append(
                f"The head file was missing on {entry.host} before entry {n}, so it is unknown whether entries"
                " were cut off there."
            )

    def _compare_clock(self, n: int, at: datetime) -> None:
        """Add a remark if a run began much earlier than the run before it."""
        if self.latest_start and at < self.latest_start - _CLOCK_TOLERANCE:
            self.remarks.append(
                f"Entry {n} begins a run on {at:%Y-%m-%d}, after a run on {self.latest_start:%Y-%m-%d}. The clock was"
                " changed, so the times around this entry are uncertain."
            )
        self.latest_start = at


def verify(ledger: Ledger) -> LedgerCheck:
    """Check the chain from its start, and compare the derived tables. Damage is returned as faults, never raised."""
    # Before the chain: a run that goes on meanwhile adds to the chain first.
    watched, unreadable = _read_head(ledger.head_file)
    chain = _Chain(watched)
    if ledger.file is not None and not ledger.file.exists():
        faults = unreadable or list(_head_faults(ledger.head_file.path, chain))
        return LedgerCheck(chain.head, tuple(faults), ("The ledger does not exist yet.",))
    faults = []
    try:
        add_missing_tables(ledger.engine)
    except LedgerUnreachable:
        raise
    except LedgerError:
        pass  # unreadable parts are reported below
    try:
        with open_read_transaction(ledger.engine) as connection:
            faults += _catch_unreadable(connection, "structure", _structure_faults(connection))
            comparison = Comparison(connection)
            broken = list(_catch_unreadable(connection, "chain", _chain_faults(connection, chain, comparison)))
            faults += broken or _catch_unreadable(connection, "derived tables", _derived_faults(comparison))
    except LedgerUnreachable:
        raise
    except LedgerError as error:
        reason = getattr(error.__cause__, "orig", None) or error
        broken = [Fault(Damage.UNREADABLE, "database", f"The ledger cannot be read: {reason}.")]
        faults += broken
    if not broken:
        faults += unreadable or _head_faults(ledger.head_file.path, chain)
    return LedgerCheck(chain.head, tuple(faults), tuple(chain.remarks))


def _catch_unreadable(connection: Connection, subject: str, faults: Iterator[Fault]) -> Iterator[Fault]:
    """Yield the given faults.

    If the database cannot be read, yield that as a fault too. Raise an error if the server is unreachable.
    """
    try:
        yield from faults
    except UNREADABLE as error:
        if away := unreachable(connection.engine, error):
            raise away from error
        reason = getattr(error, "orig", None) or error
        yield Fault(Damage.UNREADABLE, subject, f"The ledger's {subject} cannot be read: {reason}.")


def _structure_faults(connection: Connection) -> Iterator[Fault]:
    return (Fault(Damage.STRUCTURE, "database", message) for message in structural_damage(connection))


def _chain_faults(connection: Connection, chain: _Chain, comparison: Comparison) -> Iterator[Fault]:
    """Yield a fault for the first entry that does not follow the previous entry. Later entries cannot be judged."""
    try:
        chain.digests = text_hashes_after_removal(connection)
    except (LedgerError, ValueError) as error:
        yield Fault(Damage.EDITED, "chain", f"An entry that removed names was edited: {error}.")
        return
    for raw in raw_entries(connection):
        try:
            chain.add(raw, comparison)
        except LedgerError as error:
            n = chain.head.count + 1
            yield Fault(Damage.EDITED, f"entry {n}", str(error))
            return
        if comparison.full:
            comparison.compare_ended_runs()


def _read_head(file: HeadFile) -> tuple[Head | None, list[Fault]]:
    """Return the head recorded in the head file, which may be behind the chain, and any faults of the file."""
    try:
        return file.read(), []
    except LedgerError as error:
        return None, [Fault(Damage.HEAD, str(file.path), f"{error}.")]


def _head_faults(path: Path, chain: _Chain) -> Iterator[Fault]:
    count, remembered = chain.head.count, chain.recorded_head
    if remembered is None:
        if count:
            message = f"{path} is missing, so it is unknown whether entries after {count} were cut off."
            yield Fault(Damage.HEAD, str(path), message)
    elif remembered.count > count:
        message = (
            f"The ledger's tail was cut off: {path} records {remembered.count} entries, and the ledger has {count}."
        )
        yield Fault(Damage.CUT, str(path), message)
    elif not chain.agrees:
        message = f"The ledger was replaced, or {path} was edited, because they disagree on entry {remembered.count}."
        yield Fault(Damage.HEAD, str(path), message)


def _derived_faults(comparison: Comparison) -> Iterator[Fault]:
    yield from (Fault(Damage.DERIVED, subject, message) for subject, message in comparison.compare_remaining_rows())
