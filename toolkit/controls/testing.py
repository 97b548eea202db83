"""What every control has that people try out from time to time.

On which devices and networks, and how often; and reading CSV files.
"""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from toolkit.controls.control import ControlSettings, TextFile
from toolkit.records import dataclass
from toolkit.sdk import declare


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One line of a file, with its cells by their columns."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def required_cell(self, column: str) -> str:
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


Named = Annotated[str, Field(min_length=1, max_length=100)]
_BLOCKED, _OPEN = "blocked", "open"
_COMMENT = "#"
_WORDS_OF_A_PROBE = 2


@dataclass(frozen=True, slots=True)
class Probe:
    """One address to open, and whether it has to be blocked."""

    address: str
    blocked: bool


def _check_probes(text: str, info: ValidationInfo) -> str:
    """Refuse a list of probes that no one could follow; without the file there is nothing to look at."""
    if (info.context or {}).get("read_text") and not probes_of(text):
        raise ValueError(f"the file names no address: write lines such as `{_BLOCKED} https://test.example`")
    return text


def probes_of(text: str) -> Sequence[Probe]:
    """Read a list of probes: `blocked` or `open`, and an address; ValueError names the line that is none."""
    probes: list[Probe] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition(_COMMENT)[0].split()
        if not words:
            continue
        if len(words) != _WORDS_OF_A_PROBE or words[0] not in {_BLOCKED, _OPEN} or "://" not in words[1]:
            raise ValueError(
                f"line {number} of the file is not a probe: write `{_BLOCKED}` or `{_OPEN}` and an address such as "
                f"https://test.example, and what is remarked behind a {_COMMENT}"
            )
        probes.append(Probe(words[1], words[0] == _BLOCKED))
    return probes


class PeriodicTestSettings(ControlSettings):
    """On what something has to be tried out, and how often; what was tried is in a file of attestations."""

    devices: list[Named] = Field(
        min_length=1,
        description="The sorts of device on which it has to be tested, as the school calls them.",
        examples=[["pupil Chromebook", "staff laptop"]],
    )
    networks: list[Named] = Field(
        min_length=1,
        description="The networks on which it has to be tested, as the school calls them.",
        examples=[["classroom Wi-Fi", "guest Wi-Fi"]],
    )
    every_months: int = Field(
        default=12, ge=1, le=12, description="After how many months it has to be tested again, at the latest."
    )
    probes_file: Annotated[TextFile, AfterValidator(_check_probes)] | None = declare(
        "A file of harmless addresses to open, each with whether it has to be blocked.", "text/filter-probes.txt"
    )

    @model_validator(mode="after")
    def _by_people(self) -> Self:
        if self.require:
            raise ValueError("no service enforces it, people try it out: leave `require` out")
        return self
