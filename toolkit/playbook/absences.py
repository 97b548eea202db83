"""Read a file of absences: person, first day and last day, without reasons.

The file is a CSV file in UTF-8, exported from the school's management information system. It has commas and a first
line that names the columns: person (an e-mail address), from, to. The absence includes both days. A time may follow
each date. The file is about people, so messages name only lines and columns, never the content.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from toolkit.errors import PlaybookError, Problem
from toolkit.messages import one_of, quoted
from toolkit.real_path import follow_links, real_path
from toolkit.records import dataclass
from toolkit.school.absence_cells import DateForm, begin, read_address, read_end
from toolkit.yaml.node import find_unprintable
from toolkit.yaml.source import read_at_most

LARGEST = 10_000_000  # bytes
_LONGEST_LINE = 1_000
_MOST_PROBLEMS = 100
_COLUMNS = ("person", "from", "to")
_REASONS = (
    "reason type kind categor code cause why note comment remark detail descri sick ill medic health diagnos symptom "
    "doctor hospital fit matern patern bereave disab pregnan leave certificate text"
).split()
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class WrittenAbsence:
    """An absence in the file: the person's address in lower case, and the start and end in UTC."""

    address: str
    begins: datetime
    ends: datetime
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: Sequence[str]  # without empty ones at the end


def find_absences(written: str, *, folder: Path, root: Path) -> Path:
    """Find the file at a path relative to the playbook's folder. Raise ValueError with a message for the user."""
    file = folder / written
    try:
        if not follow_links(file).is_relative_to(real_path(root)):
            raise ValueError(f"{quoted(written)} leaves the directory of the playbooks")
        if not file.is_file():
            raise ValueError(f"there is no file {quoted(written)}")
    except OSError as error:
        raise ValueError(f"{quoted(written)} cannot be read") from error
    return file


def read_absences(file: Path, *, zone: ZoneInfo, dates: DateForm = DateForm.ISO) -> tuple[WrittenAbsence, ...]:
    """Read every absence of a file in the school's time zone. Raise PlaybookError with all problems."""
    shown = str(file)
    problems: list[Problem] = []
    lines = list(_parse_lines(_read_text(file, shown), shown, problems))
    if not lines:
        raise PlaybookError(problems or [Problem(shown, 1, f"is empty: the first line is {','.join(_COLUMNS)}")])
    header, *rows = lines
    if problems and problems[0].line < header.number:  # the first line must have the names of the columns
        raise PlaybookError(_limit_problems(problems))
    if wrong := list(_column_errors(header.cells)):
        raise PlaybookError([Problem(shown, header.number, message) for message in wrong])
    names = [_normalise_name(cell) for cell in header.cells]
    absences: list[WrittenAbsence] = []
    for row in rows:
        match _parse_absence(row, names, zone=zone, dates=dates):
            case WrittenAbsence() as absence:
                absences.append(absence)
            case messages:
                problems += [Problem(shown, row.number, message) for message in messages]
    if problems:
        raise PlaybookError(_limit_problems(sorted(problems)))
    return tuple(absences)


def _read_text(file: Path, shown: str) -> str:
    content = read_at_most(LARGEST, file, shown, "is larger than 10 MB. Export only the absences of this term")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(shown, line, "is not UTF-8 text. Save the file as CSV UTF-8 (comma delimited)")
        raise PlaybookError([problem]) from None  # the error contains the file's content
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if match := find_unprintable(text):
        line = text.count("\n", 0, match.start()) + 1
        raise PlaybookError([Problem(shown, line, "has a control character. Delete it")])
    return text


def _parse_lines(text: str, shown: str, problems: list[Problem]) -> Iterator[_Line]:
    """Yield the lines that are not empty.

    Each line is parsed separately, so an unclosed quotation mark affects only its own line.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > _LONGEST_LINE:
            problems.append(Problem(shown, number, "is too long for a line with three cells"))
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], strict=True), [])]
        except csv.Error:
            problems.append(
                Problem(
                    shown,
                    number,
                    "has a quotation mark that is not closed, or text outside the quotation marks of a cell",
                )
            )
            continue
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield _Line(number, cells)


def _normalise_name(cell: str) -> str:
    return cell.casefold()


def _column_errors(header: Sequence[str]) -> Iterator[str]:
    names = [_normalise_name(cell) for cell in header]
    columns = ",".join(_COLUMNS)
    if not set(names) & set(_COLUMNS):
        hint = ". The file has semicolons or tabs instead of commas" if _has_other_separator(header) else ""
        yield f"the first line must name the columns, {columns}{hint}"
        return
    for place, name in enumerate(names, start=1):
        if name in _COLUMNS:
            if name in names[: place - 1]:
                yield f"column {place}: a second column {quoted(name)}"
        elif sign := next((sign for sign in _REASONS if sign in name), ""):
            yield (
                f"column {place} looks like a reason ({quoted(sign)}). Reasons for absences are special category data "
                f"and must not be in this file. Export only {columns}, and delete this file"
            )
        else:
            yield (
                f"column {place} is not one of {one_of(map(quoted, _COLUMNS), 'and')}. Export only these three columns"
            )
    for name in _COLUMNS:
        if name not in names:
            yield f"there is no column {quoted(name)}: the first line is {columns}"


def _has_other_separator(header: Sequence[str]) -> bool:
    return len(header) == 1 and any(sign in header[0] for sign in ";\t")


def _parse_absence(
    row: _Line, names: Sequence[str], *, zone: ZoneInfo, dates: DateForm
) -> WrittenAbsence | Sequence[str]:
    """Return the absence in a line, or all problems of the line."""
    if len(row.cells) > len(names):
        return ["has more cells than columns"]
    cells = dict(zip(names, row.cells, strict=False))
    wrong: list[str] = []
    whose = _parse_cell(cells, "person", read_address, wrong)
    begins = _parse_cell(cells, "from", lambda cell: begin(cell, dates, zone), wrong)
    ends = _parse_cell(cells, "to", lambda cell: read_end(cell, dates, zone), wrong)
    if whose is None or begins is None or ends is None:
        return wrong
    return WrittenAbsence(whose, begins, ends, row.number) if begins < ends else ["`to` does not come after `from`"]


def _parse_cell(
    cells: Mapping[str, str], column: str, read: Callable[[str], _Value], wrong: list[str]
) -> _Value | None:
    cell = cells.get(column)
    if not cell:
        wrong.append(f"{quoted(column)} is empty")
        return None
    try:
        return read(cell)
    except ValueError as error:
        wrong.append(f"{quoted(column)} {error}")
        return None


def _limit_problems(problems: Sequence[Problem]) -> Sequence[Problem]:
    shown, more = problems[:_MOST_PROBLEMS], problems[_MOST_PROBLEMS:]
    return [*shown, Problem(more[0].path, more[0].line, f"and {len(more)} more problems")] if more else shown
