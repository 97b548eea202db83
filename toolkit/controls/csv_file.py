"""CSV files below the playbooks, read row by row; what is wrong is said with its line."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One line of a file, with its cells by their columns."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def filled(self, column: str) -> str:
        """Return a cell; ValueError where it is empty."""
        if not self[column]:
            raise ValueError(f"line {self.line} of the file: `{column}` is empty")
        return self[column]

    def day(self, column: str) -> date | None:
        """Return a date, None for an empty cell; ValueError where it is neither."""
        try:
            return date.fromisoformat(self[column]) if self[column] else None
        except ValueError as error:
            message = f"line {self.line} of the file: `{column}` must be a date such as 2026-09-01"
            raise ValueError(message) from error


def read_csv(text: str, columns: Collection[str], needed: Collection[str], *, others: bool = False) -> Iterator[CsvRow]:
    """Read the rows below the line that names the columns; ValueError with the line of what is wrong.

    Rows whose cells are all empty, as spreadsheets leave them, are skipped. `others`: the file may have more columns,
    such as an export that another system made.
    """
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    begins = 1
    try:
        rows.fieldnames = _columns(rows.fieldnames or (), columns, needed, others=others)
        begins = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row.pop(None, ())):
                raise ValueError(f"line {rows.line_num} of the file has more cells than line 1")
            cells = {str(name): str(cell or "").strip() for name, cell in row.items()}
            if any(cells.values()):
                yield CsvRow(rows.line_num, cells)
            begins = rows.line_num + 1
    except csv.Error as error:
        message = f"line {begins} of the file: a quotation mark is wrong: write one on each side of the cell, or none"
        raise ValueError(message) from error


def _columns(
    written: Iterable[object], columns: Collection[str], needed: Collection[str], *, others: bool
) -> Sequence[str]:
    named = [str(name).strip().casefold() for name in written]
    if missing := set(needed) - set(named):
        between = next((name for mark, name in _MARKS.items() if any(mark in cell for cell in named)), "")
        hint = f"; it has {between} between its columns: save it with commas" if between else ""
        raise ValueError(f"line 1 of the file: the column `{min(missing)}` is missing{hint}")
    if twice := [name for name in columns if named.count(name) > 1]:
        raise ValueError(f"line 1 of the file: the column `{twice[0]}` is written twice")
    if not others and (strange := sorted(set(named) - set(columns))):
        raise ValueError(f"line 1 of the file: unknown column `{strange[0]}`; there are {', '.join(columns)}")
    return named


_MARKS = {";": "semicolons", "\t": "tabs"}
