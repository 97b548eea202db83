"""Compares the derived tables with what the entries give, some runs at a time: a long past need not fit into memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TypeAlias

from sqlalchemy import Connection, RowMapping, Select, Table, select

from toolkit.ledger.database import UNREADABLE
from toolkit.ledger.entries import Entry, RunEnded
from toolkit.ledger.projection_store import AT_ONCE, DERIVED
from toolkit.ledger.projections import Replayed
from toolkit.ledger.tables import RUN, STEP, Row

_RUNS = 200

Differs: TypeAlias = tuple[str, str]
"""The table and key of a row that is not as it should be, and a sentence that says so."""


@dataclass(slots=True)
class Comparison:
    """Follows the entries; what they give of runs that have ended is compared and let go."""

    connection: Connection
    replayed: Replayed = field(default_factory=Replayed)
    differing: list[Differs] = field(default_factory=list)
    damaged: Exception | None = None  # why the tables could not be read any further
    _ended: list[str] = field(default_factory=list)

    def add(self, n: int, entry: Entry) -> None:
        """Follow one more entry; LedgerError where it does not follow from those before it."""
        self.replayed.add(n, entry)
        if isinstance(entry, RunEnded):
            self._ended.append(entry.run)

    @property
    def full(self) -> bool:
        """Say whether so many runs have ended that it is time to compare them."""
        return len(self._ended) >= _RUNS and self.damaged is None

    def compare_ended(self) -> None:
        """Compare what is certain of the runs that have ended, and let go of it."""
        names, self._ended = self._ended, []
        runs, steps = self.replayed.let_go(names)
        try:
            self._compare(RUN, runs, select(RUN).where(RUN.c.run.in_(names)))
            self._compare(STEP, steps, select(STEP).where(STEP.c.run.in_(names)))
        except UNREADABLE as error:
            self.damaged = error

    def compare_rest(self) -> Sequence[Differs]:
        """Compare everything else, look for rows of runs that there never were, and give all that differs."""
        if self.damaged:
            raise self.damaged
        for kind, rows in self.replayed.tables().items():
            self._compare(DERIVED[kind], list(rows), select(DERIVED[kind]), passing=self.replayed.past)
        return self.differing

    def _compare(
        self,
        table: Table,
        rows: Sequence[Row],
        query: Select[tuple[object, ...]],
        passing: Collection[str] = (),
    ) -> None:
        wanted = {_key(table, asdict(row)): asdict(row) for row in rows}
        self.differing += sorted(self._differing(table, wanted, query, passing))

    def _differing(
        self,
        table: Table,
        wanted: dict[str, dict[str, object]],
        query: Select[tuple[object, ...]],
        passing: Collection[str],
    ) -> Iterator[Differs]:
        """Name the rows that differ; one of an ended run that is still to be compared, or was already, passes."""
        for row in self.connection.execute(query.execution_options(yield_per=AT_ONCE)).mappings():
            key = _key(table, row)
            should = wanted.pop(key, None)
            if should is None and not self._elsewhere(table, row, passing):
                yield _differs(table, key, "was added")
            elif should is not None and should != dict(row):
                yield _differs(table, key, "was changed")
        yield from (_differs(table, key, "was deleted") for key in wanted)

    def _elsewhere(self, table: Table, row: RowMapping, passing: Collection[str]) -> bool:
        if table is STEP and self.replayed.step(row["run"], row["step"]):
            return True
        return table in {RUN, STEP} and row["run"] in passing


def _key(table: Table, cells: RowMapping | Mapping[str, object]) -> str:
    return " ".join(str(cells[column.name]) for column in table.primary_key.columns)


def _differs(table: Table, key: str, how: str) -> Differs:
    return (
        f"{table.name} {key}",
        f"In the table {table.name} the row of {key} {how}: it does not follow from the entries.",
    )
