"""Says how often anybody looked between two reports, what was found, and how soon it was right again; pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from toolkit.board_report.period import Course, ReportPast
from toolkit.render.values_text import counted

LONG = timedelta(days=2)
"""A time without a look that is longer is said: a look is to be had every night."""

_HOUR, _DAY = 60, 24 * 60
_SOON = 2
_UNASKED = "found changed that neither the playbooks nor the calendar asked for"


def meanwhile(past: ReportPast, now: datetime) -> list[str]:
    """Tell of the time since the report before, in whole sentences."""
    return list(_meanwhile(past, now))


def _meanwhile(past: ReportPast, now: datetime) -> Iterator[str]:
    runs = len(past.wrote) + past.wrote_earlier
    yield f"{counted(runs, 'run')} of the tool changed something." if runs else "No run of the tool changed anything."
    if past.looks:
        yield f"In this time it looked for changes {'once' if past.looks == 1 else f'{past.looks} times'}."
    if past.looks or past.course.found or past.course.put_right:
        yield _course(past.course)
    elif past.before:
        yield "It did not look for changes in this time: what was changed and put back meanwhile is unknown."
    gap = max(past.longest, now - past.last_look if past.last_look else timedelta())
    if past.looks and gap > LONG:
        yield f"The longest time without a check was {lasted(round(gap.total_seconds() / 60))}."


def in_all(course: Course, still: int) -> str:
    """Tell of all the time that the record reaches back."""
    if not course.found:
        return f"As far as the record reaches, nothing was {_UNASKED}."
    rest = f"{still} {'is' if still == 1 else 'are'} still open" if still else "None is still open"
    return f"As far as the record reaches: {_course(course)} {rest}, as was seen last."


def _course(course: Course) -> str:
    if not course.found and not course.put_right:
        return f"Nothing was {_UNASKED}."
    were = "was" if course.found == 1 else "were"
    found = f"{counted(course.found, 'thing')} {were} {_UNASKED}." if course.found else f"Nothing more was {_UNASKED}."
    return f"{found} {_put_right(course)}"


def _put_right(course: Course) -> str:
    if not course.put_right:
        return "None was put right."
    if course.put_right == 1:
        return f"1 was put right, after {lasted(course.minutes)}."
    return f"{course.put_right} were put right, half of them within {lasted(course.minutes)} of being seen first."


def lasted(minutes: int | None) -> str:
    """Say how long something took, in the largest unit that fits."""
    if minutes is None:
        return "-"
    if minutes < _SOON * _HOUR:
        return counted(minutes, "minute")
    if minutes < _SOON * _DAY:
        return counted(round(minutes / _HOUR), "hour")
    return counted(round(minutes / _DAY), "day")
