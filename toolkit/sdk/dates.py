"""Format dates in words, and guess the date that an invalid text means."""

import re
from calendar import monthrange
from contextlib import suppress
from datetime import UTC, date, datetime

_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y")
_TOO_LATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_ORDINAL = re.compile(r"(?<=\d)(st|nd|rd|th)\b")
_MONTHS = range(1, 13)


def day(moment: date, this_year: int | None = None) -> str:
    """Return a date in words, for example 7 September 2026. The year is left out if it is `this_year`."""
    return f"{moment.day} {moment:%B}" + ("" if moment.year == this_year else f" {moment.year}")


_MONTHS_OF_YEAR = 12
_FEW_MONTHS = 2


def elapsed_text(begin: date, end: date) -> str:
    """Return the time between two dates as people say it, such as "40 days" or "2 years and 5 months".

    Parts of months are left out. Less than two months is given in days.
    """
    months = (end.year - begin.year) * _MONTHS_OF_YEAR + end.month - begin.month - (end.day < begin.day)
    if months < _FEW_MONTHS:
        return _number_text((end - begin).days, "day")
    years, rest = divmod(months, _MONTHS_OF_YEAR)
    parts = [
        *([_number_text(years, "year")] if years else []),
        *([_number_text(rest, "month")] if rest else []),
    ]
    return " and ".join(parts)


def _number_text(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def utc_text(instant: datetime) -> str:
    """Return an instant in the form that services use: 2026-09-07T08:30:00Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def guess_date(text: str) -> date | None:
    """Return the date that an invalid text probably means, or None. For 31 June, this is 30 June."""
    plain = " ".join(_ORDINAL.sub("", text).replace(",", " ").split())
    for form in _FORMS:
        with suppress(ValueError):
            return datetime.strptime(plain, form).date()  # noqa: DTZ007 - a date has no time zone
    if (match := _TOO_LATE.fullmatch(plain)) and (month := int(match[2])) in _MONTHS and (year := int(match[1])):
        return date(year, month, monthrange(year, month)[1])
    return None


def did_you_mean_date(text: str) -> str:
    """Return the end of a message about an invalid date: the date that is probably meant, or an example of a date."""
    if meant := guess_date(text):
        return f": did you mean `{meant}`?"
    return ". Write a date such as 2026-09-01"


def waiting_time_text(seconds: float) -> str:
    """Return a waiting time in words, for example "40 seconds" or "5 minutes"."""
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes > 1 else f"{seconds:.0f} seconds"
