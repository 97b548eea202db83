"""Reads and updates the stored derived tables in the transaction of a new entry."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Delete, Select, Table, bindparam, delete, insert, select

from toolkit.errors import LedgerError
from toolkit.ledger.entries import Entry, StepBegan, read_entry
from toolkit.ledger.tables import (
    ENTRY,
    FINDING,
    INVENTORY,
    MEMORY,
    RUN,
    STEP,
    Consequence,
    FindingRow,
    Forget,
    InventoryRow,
    MemoryRow,
    Row,
    RunRow,
    StepRow,
)
from toolkit.planning.finding_state import FindingState
from toolkit.records import dataclass

AT_ONCE = 500
"""Rows that are fetched at once of a query that may find very many."""

_Row = TypeVar("_Row", RunRow, StepRow, MemoryRow, InventoryRow, FindingRow)

DERIVED: Mapping[type[Row], Table] = {
    RunRow: RUN,
    StepRow: STEP,
    MemoryRow: MEMORY,
    InventoryRow: INVENTORY,
    FindingRow: FINDING,
}

_TEXT_AT = select(ENTRY.c.text).where(ENTRY.c.n == bindparam("at"))


def _key_conditions(table: Table) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that match a table's key.

    Parameters have a prefix, because an insert uses the column names.
    """
    return tuple(column == bindparam(f"key_{column.name}") for column in table.primary_key.columns)


_ROW: Mapping[type[Row], Select[tuple[object, ...]]] = {
    kind: select(table).where(*_key_conditions(table)) for kind, table in DERIVED.items()
}
_DROPPED: Mapping[type[Row], Delete] = {
    kind: delete(table).where(*_key_conditions(table)) for kind, table in DERIVED.items()
}
"""Each statement is made once: a run sends them for every entry, and to make one costs more than to send it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The stored derived tables, within one transaction."""

    connection: Connection

    def target(self) -> str | None:
        return self.connection.execute(select(RUN.c.target).limit(1)).scalar_one_or_none()

    def run(self, run: str) -> RunRow | None:
        return self._find_row(RunRow, run=run)

    def step(self, run: str, step: int) -> StepRow | None:
        return self._find_row(StepRow, run=run, step=step)

    def began_entry(self, row: StepRow) -> StepBegan:
        entry = self.entry(row.began)
        if not isinstance(entry, StepBegan):
            raise LedgerError(f"entry {row.began} does not begin a step. `toolkit audit verify` shows the damage")
        return entry

    def memory(self, address: str) -> MemoryRow | None:
        return self._find_row(MemoryRow, address=address)

    def findings(self) -> list[FindingRow]:
        query = select(FINDING).where(FINDING.c.state != FindingState.FIXED).order_by(FINDING.c.id)
        return self.rows(FindingRow, query)

    def entry(self, n: int) -> Entry:
        """Return the entry with a number. Raise LedgerError if it is missing."""
        text = self.connection.execute(_TEXT_AT, {"at": n}).scalar_one_or_none()
        if text is None:
            raise LedgerError(f"entry {n} is missing. `toolkit audit verify` shows the damage")
        return read_entry(text)

    def rows(self, kind: type[_Row], query: Select[tuple[object, ...]]) -> list[_Row]:
        """Return the rows of a derived table that a query selects."""
        return [kind(**row) for row in self.connection.execute(query).mappings()]

    def read_begun_steps(self, *where: ColumnElement[bool]) -> Iterator[StepBegan]:
        """Yield the first entry of each step that the conditions select, in order. A few entries are read at a time."""
        query = select(ENTRY.c.text).join(STEP, STEP.c.began == ENTRY.c.n).where(*where).order_by(STEP.c.began)
        for text in self.connection.execute(query.execution_options(yield_per=AT_ONCE)).scalars():
            begun = read_entry(text)
            if isinstance(begun, StepBegan):
                yield begun

    def _find_row(self, kind: type[_Row], **key: str | int) -> _Row | None:
        keys = {f"key_{name}": cell for name, cell in key.items()}
        cells = self.connection.execute(_ROW[kind], keys).mappings().first()
        return None if cells is None else kind(**cells)


def apply_changes(connection: Connection, changes: Iterable[Consequence]) -> None:
    """Insert and delete rows. An inserted row replaces a row with the same key."""
    for consequence in changes:
        if isinstance(consequence, Forget):
            connection.execute(_DROPPED[MemoryRow], {"key_address": consequence.address})
            continue
        table, cells = DERIVED[type(consequence)], asdict(consequence)
        keys = {f"key_{column.name}": cells[column.name] for column in table.primary_key.columns}
        connection.execute(_DROPPED[type(consequence)], keys)
        connection.execute(insert(table), cells)
