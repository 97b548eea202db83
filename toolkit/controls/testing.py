"""The settings of controls that people test by hand, and a reader for the schools' CSV files."""

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
    """A row of a CSV file: the cell of each column, and the line number."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def required_cell(self, column: str) -> str:
        """Return the cell of a column. Raise ValueError if the cell is empty."""
        if not self[column]:
            raise ValueError(f"line {self.line} of the file: `{column}` is empty")
        return self[column]

    def day(self, column: str) -> date | None:
        """Return the date in a cell, or None for an empty cell. Raise ValueError for any other text."""
        try:
            return date.fromisoformat(self[column]) if self[column] else None
        except ValueError as error:
            message = f"line {self.line} of the file: `{column}` must be a date such as 2026-09-01"
            raise ValueError(message) from error


def read_csv(text: str, columns: Collection[str], needed: Collection[str], *, others: bool = False) -> Iterator[CsvRow]:
    """Yield the rows of a CSV file. Its first line must name the columns.

    Raise ValueError with the line number of an error. Empty rows, which spreadsheets leave behind, are skipped.
    `others` allows additional columns, such as in a file that another system exported.
    """
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    begins = 1
    try:
        rows.fieldnames = _parse_header(rows.fieldnames or (), columns, needed, others=others)
        begins = rows.line_num + 1
        for row in rows:
            if any(cell.strip() for cell in row.pop(None, ())):
                raise ValueError(f"line {rows.line_num} of the file has more cells than line 1")
            cells = {str(name): str(cell or "").strip() for name, cell in row.items()}
            if any(cells.values()):
                yield CsvRow(rows.line_num, cells)
            begins = rows.line_num + 1
    except csv.Error as error:
        message = (
            f"line {begins} of the file: a quotation mark is missing or in the wrong place. Write one on each side "
            "of the cell, or none"
        )
        raise ValueError(message) from error


def _parse_header(
    written: Iterable[object], columns: Collection[str], needed: Collection[str], *, others: bool
) -> Sequence[str]:
    named = [str(name).strip().casefold() for name in written]
    if missing := set(needed) - set(named):
        between = next((name for mark, name in _MARKS.items() if any(mark in cell for cell in named)), "")
        hint = f". The columns are separated by {between}. Save the file with commas" if between else ""
        raise ValueError(f"line 1 of the file: the column `{min(missing)}` is missing{hint}")
    if twice := [name for name in columns if named.count(name) > 1]:
        raise ValueError(f"line 1 of the file: the column `{twice[0]}` appears twice")
    if not others and (strange := sorted(set(named) - set(columns))):
        raise ValueError(f"line 1 of the file: unknown column `{strange[0]}`. The columns are {', '.join(columns)}")
    return named


_MARKS = {";": "semicolons", "\t": "tabs"}


Named = Annotated[str, Field(min_length=1, max_length=100)]
_BLOCKED, _OPEN = "blocked", "open"
_COMMENT = "#"
_WORDS_OF_A_PROBE = 2


@dataclass(frozen=True, slots=True)
class Probe:
    """A web address to open in a test, and whether the address must be blocked."""

    address: str
    blocked: bool


def _check_probes(text: str, info: ValidationInfo) -> str:
    """Raise ValueError if the file of test addresses was read and is empty."""
    if (info.context or {}).get("read_text") and not parse_probes(text):
        raise ValueError(f"the file has no address. Write lines such as `{_BLOCKED} https://test.example`")
    return text


def parse_probes(text: str) -> Sequence[Probe]:
    """Parse lines of test addresses such as `blocked https://test.example`. Raise ValueError for an invalid line."""
    probes: list[Probe] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition(_COMMENT)[0].split()
        if not words:
            continue
        if len(words) != _WORDS_OF_A_PROBE or words[0] not in {_BLOCKED, _OPEN} or "://" not in words[1]:
            raise ValueError(
                f"line {number} of the file is not a test address. Write `{_BLOCKED}` or `{_OPEN}`, then an address "
                f"such as https://test.example, then any remark after {_COMMENT}"
            )
        probes.append(Probe(words[1], words[0] == _BLOCKED))
    return probes


class PeriodicTestSettings(ControlSettings):
    """The devices, networks and interval of a test that people do by hand.

    A file of attestations records the results.
    """

    devices: list[Named] = Field(
        min_length=1,
        description="The types of device on which to test, in the school's words.",
        examples=[["pupil Chromebook", "staff laptop"]],
    )
    networks: list[Named] = Field(
        min_length=1,
        description="The networks on which to test, in the school's words.",
        examples=[["classroom Wi-Fi", "guest Wi-Fi"]],
    )
    every_months: int = Field(default=12, ge=1, le=12, description="The maximum number of months between two tests.")
    probes_file: Annotated[TextFile, AfterValidator(_check_probes)] | None = declare(
        "A file of harmless web addresses to open, each marked as blocked or open.", "text/filter-probes.txt"
    )

    @model_validator(mode="after")
    def _refuse_require(self) -> Self:
        if self.require:
            raise ValueError("people test this by hand and no service enforces it. Delete `require`")
        return self
