"""Move the clock of the emulated tenants forward."""

import re
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from toolkit.errors import UsageError
from toolkit.sdk.dates import did_you_mean_date, guess_date

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_STEP = re.compile(r"([+-])([0-9]{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LAST_YEAR = 2999


def parse_clock_time(text: str, now: datetime, zone: tzinfo) -> datetime:
    """Parse a time such as +3d, 2027-01-08 or 2027-01-08T16:30.

    Raise UsageError for any other text. A date without a time keeps the present time of day. Without a time zone, the
    time is in the school's zone.
    """
    local = now.astimezone(zone)
    if step := _STEP.fullmatch(text):
        length = timedelta(**{_UNITS[step[3]]: int(step[1] + step[2])})
        named = local + length if step[3] in "dw" else (now + length).astimezone(zone)
    else:
        try:
            named = datetime.fromisoformat(text)
        except ValueError as wrong:
            example = ". Write a duration such as +3d (m, h, d or w), or 2027-01-08 or 2027-01-08T16:30"
            advice = did_you_mean_date(text) if guess_date(text) else example
            raise UsageError(f"{text!r} is not a time{advice}") from wrong
        if "T" not in text and " " not in text:
            named = named.replace(hour=local.hour, minute=local.minute, second=local.second)
        named = named if named.tzinfo else named.replace(tzinfo=zone)
    if named.year > _LAST_YEAR:
        raise UsageError(f"{text!r} is after the year {_LAST_YEAR}")
    return named


def refuse_earlier_time(instant: datetime, now: datetime, ledger: "Ledger") -> None:
    """Raise UsageError if a new time for the emulated tenants is before their present time.

    If the ledger's last entry would then be in the future, the message mentions this.
    """
    if instant >= now:
        return
    last = last_entry_time(ledger)
    future = (
        f", and the ledger's last entry of {format_instant(last)} would be in the future"
        if last and last > instant
        else ""
    )
    raise UsageError(
        f"{format_instant(instant)} is before the time of the emulated tenants, {format_instant(now)}. "
        f"Their time never goes back{future}. "
        "`toolkit emulator reset` starts again with new tenants and an empty ledger"
    )


def last_entry_time(ledger: "Ledger") -> datetime | None:
    """Return the time of the last entry in the ledger, or None if the ledger is empty."""
    if not ledger.exists() or not (count := ledger.head().count):
        return None
    ((_, entry),) = ledger.entries(count)
    return entry.at


def format_instant(instant: datetime) -> str:
    """Format a time as text, such as `Tuesday 10 November 2026, 09:00 UTC`."""
    return f"{instant:%A} {instant.day} {instant:%B %Y, %H:%M} {instant:%Z}"
