"""Read the homes of people who work in two schools from a CSV file."""

import csv
from collections.abc import Collection, Mapping
from pathlib import Path

from toolkit.errors import PlaybookError, Problem
from toolkit.messages import did_you_mean, quoted
from toolkit.sdk.resource import Origin
from toolkit.yaml.source import LARGEST, read_at_most

_COLUMNS = ["address", "school"]


def read_homes(file: Path, named_in: Origin, schools: Collection[str], problems: list[Problem]) -> Mapping[str, str]:
    """Return the school of each address in lower case. Add a problem with its line for each mistake."""
    if not file.is_file():
        problems.append(Problem(named_in.path, named_in.line, f"there is no file {quoted(str(file))}"))
        return {}
    try:
        text = read_at_most(LARGEST, file, str(file), "is larger than 1 MB").decode("utf-8-sig")
    except PlaybookError as error:
        problems += error.problems
        return {}
    except UnicodeDecodeError:
        problems.append(Problem(str(file), 1, "is not UTF-8 text: save the file as UTF-8"))
        return {}
    rows = [(number, [cell.strip() for cell in row]) for number, row in enumerate(csv.reader(text.splitlines()), 1)]
    if not rows or [cell.lower() for cell in rows[0][1]] != _COLUMNS:
        problems.append(Problem(str(file), 1, f"the first line must be `{','.join(_COLUMNS)}`"))
        return {}
    homes: dict[str, str] = {}
    for number, row in rows[1:]:
        if message := _row_problem(row, schools, homes):
            problems.append(Problem(str(file), number, message))
        elif any(row):
            homes[row[0].lower()] = row[1]
    return homes


def _row_problem(row: list[str], schools: Collection[str], homes: Mapping[str, str]) -> str:
    if not any(row):
        return ""
    if len(row) != len(_COLUMNS):
        return f"must have {len(_COLUMNS)} cells, an address and a school, not {len(row)}"
    address, school = row
    if "@" not in address:
        return f"{quoted(address)} is not an e-mail address"
    if school not in schools:
        return f"{quoted(school)} is not a school of the trust{did_you_mean(school, schools)}"
    if address.lower() in homes:
        return f"{quoted(address)} has a home already, {homes[address.lower()]}"
    return ""
