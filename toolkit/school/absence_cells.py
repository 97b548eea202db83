"""Parse the cells of an absence file. A ValueError describes the mistake without the content of the cell."""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE)
_CLOCK = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})([.,][0-9]+)?)?"
_OFFSET = r"(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})"
_ISO_DAY = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_SLASHED_DAY = r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})"
_ISO = re.compile(rf"{_ISO_DAY}([T ]{_CLOCK}{_OFFSET}?)?")
_SLASHED = re.compile(rf"{_SLASHED_DAY}( {_CLOCK})?")
_YEARS = range(2000, 2100)
_MONTHS = 12


class DateForm(StrEnum):
    """The date format of a file. All its dates have the same format, so the meaning of 03/04/2026 is never guessed."""

    ISO = "yyyy-mm-dd"
    DAY_FIRST = "dd/mm/yyyy"


def read_address(cell: str) -> str:
    """Return an e-mail address in lower case. Raise ValueError if it is not one."""
    if not _ADDRESS.fullmatch(cell):
        raise ValueError("must be one e-mail address")
    return cell.casefold()


def begin(cell: str, form: DateForm, zone: ZoneInfo) -> datetime:
    """Return the start of an absence in UTC. A date without a time begins at midnight."""
    day, clock, offset = _parse_cell(cell, form)
    return _to_instant(day, clock or time.min, offset, zone, fold=0)


def read_end(cell: str, form: DateForm, zone: ZoneInfo) -> datetime:
    """Return the end of an absence in UTC. A date without a time is included as a whole."""
    day, clock, offset = _parse_cell(cell, form)
    if clock is None:
        return _to_instant(day + timedelta(days=1), time.min, offset, zone, fold=0)
    if clock == time.min:
        raise ValueError(
            "ends at 00:00, which may be the beginning or the end of the day. Write the day without a time, and the "
            "whole day is included"
        )
    return _to_instant(day, clock, offset, zone, fold=1)  # if the clock shows this time twice, the later one


def _parse_cell(cell: str, form: DateForm) -> tuple[date, time | None, str | None]:
    match = (_ISO if form is DateForm.ISO else _SLASHED).fullmatch(cell)
    if match is None:
        raise ValueError(_wrong_form_error(cell, form))
    named = match.groupdict()
    year, month, day = (int(named[part]) for part in ("year", "month", "day"))
    if form is DateForm.DAY_FIRST and month > _MONTHS >= day:
        raise ValueError("has a month above 12: is the month written before the day? Export the days as yyyy-mm-dd")
    if year not in _YEARS:
        raise ValueError(f"has a year that is not between {_YEARS[0]} and {_YEARS[-1]}")
    try:
        clock = time(int(named["hour"]), int(named["minute"]), int(named["second"] or 0)) if named["hour"] else None
        return date(year, month, day), clock, named.get("offset")
    except ValueError as error:
        raise ValueError("is a date or a time that does not exist") from error


def _wrong_form_error(cell: str, form: DateForm) -> str:
    if form is DateForm.ISO and _SLASHED.fullmatch(cell):
        return (
            f"has slashes, and it is unknown whether the day or the month comes first: export {DateForm.ISO}, or say "
            f"that the file is {DateForm.DAY_FIRST}"
        )
    if form is DateForm.DAY_FIRST and _ISO.fullmatch(cell):
        return (
            f"is {DateForm.ISO}, but you said that the file uses {DateForm.DAY_FIRST}: all dates of a file must "
            "have the same format"
        )
    example = "2026-11-09 or 2026-11-09 08:30" if form is DateForm.ISO else "09/11/2026 or 09/11/2026 08:30"
    return f"must be a day, or a day and a time, such as {example}"


def _to_instant(day: date, clock: time, offset: str | None, zone: ZoneInfo, *, fold: int) -> datetime:
    if offset:
        return datetime.fromisoformat(f"{day}T{clock}{offset}").astimezone(UTC)
    local = datetime.combine(day, clock, zone).replace(fold=fold)
    instant = local.astimezone(UTC)
    if clock != time.min and instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError("is a time that does not exist on that day, because the clocks go forward")
    return instant
