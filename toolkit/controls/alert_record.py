"""Reads the school's record of monitoring alerts from a CSV file without people's names."""

from datetime import date, datetime
from functools import lru_cache

from toolkit.controls.testing import CsvRow, read_csv
from toolkit.records import dataclass

COLUMNS = ("when", "category", "severity", "system", "acknowledged_by", "acknowledged_at")
TEST = "test"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert in the school's record."""

    on: date
    test: bool
    acknowledged: date | None

    def is_open(self, today: date) -> bool:
        """Return whether the alert is still unacknowledged on `today`."""
        return self.acknowledged is None or self.acknowledged > today


def _parse_date_cell(row: CsvRow, column: str) -> date | None:
    try:
        return datetime.fromisoformat(row[column]).date() if row[column] else None
    except ValueError as error:
        message = f"line {row.line} of the file: `{column}` must be a date, or a date and time such as 2026-09-01T10:15"
        raise ValueError(message) from error


@lru_cache(maxsize=8)
def read_alerts(text: str) -> tuple[Alert, ...]:
    """Parse the CSV file of alerts. Raise ValueError with the line number of an error."""
    return tuple(_parse_alert(row) for row in read_csv(text, COLUMNS, COLUMNS))


def _parse_alert(row: CsvRow) -> Alert:
    if named := [column for column in COLUMNS if "@" in row[column]]:
        raise ValueError(f"line {row.line} of the file: `{named[0]}` has an e-mail address. Write a role instead")
    row.required_cell("when")
    on, answered = _parse_date_cell(row, "when"), _parse_date_cell(row, "acknowledged_at")
    if on is None or (answered and answered < on):
        raise ValueError(f"line {row.line} of the file: `acknowledged_at` is before `when`")
    return Alert(on, row.required_cell("category").casefold() == TEST, answered)
