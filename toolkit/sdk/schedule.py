"""When the jobs of a school run by themselves: each night what looks, every few minutes what the calendar makes due."""

from calendar import month_name
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DRIFT, DUE, EXPORT = "drift", "due", "export"
EXPORT_AT = time(6, 7)
"""When a report is made, by the school's clock: after the night's drift, and not when `due` begins."""

DUE_EVERY = 15
"""Minutes between two runs of `due`, unless the school file says otherwise."""

_DAY = timedelta(days=1)
_LATE = timedelta(hours=2)  # how much later than its time a nightly run may begin and still be the one


@dataclass(frozen=True, slots=True)
class Reports:
    """On which day of which months a report is made for governors; without months, of each."""

    day: int = 1
    months: tuple[int, ...] = ()

    def told(self) -> str:
        """Say when."""
        *others, last = [month_name[number] for number in self.months] or ["each month"]
        of = f"{', '.join(others)} and {last}" if others else last
        return f"on the {'1st' if self.day == 1 else f'{self.day}th'} of {of} at {EXPORT_AT:%H:%M}"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of the jobs: `drift` once a day by the school's clock, `due` every so many minutes, and reports."""

    zone: ZoneInfo
    drift: time = time(2, 30)
    minutes: int = DUE_EVERY
    reports: Reports | None = None

    @property
    def often(self) -> timedelta:
        """Give the time between two runs of `due`."""
        return timedelta(minutes=self.minutes)

    def told(self, job: str) -> str:
        """Say how often a job runs."""
        if job == EXPORT and self.reports:
            return self.reports.told()
        return f"every {self.minutes} minutes" if job == DUE else f"every day at {self.drift:%H:%M}"

    def missed(self, job: str, last: datetime, now: datetime) -> bool:
        """Say whether a job should have begun again between its last run and now."""
        if job == DUE:
            return last + 2 * self.often < now
        if job == EXPORT:
            due = self._report_before(now)
            return due is not None and last < due < now - _LATE
        return self._night_after(last) + _LATE < now

    def _report_before(self, moment: datetime) -> datetime | None:
        """Give when a report was due last; None where none is."""
        if self.reports is None:
            return None
        year, months = moment.astimezone(self.zone).year, self.reports.months or range(1, 13)
        days = [date(each, month, self.reports.day) for each in (year - 1, year) for month in months]
        due = [datetime.combine(one, EXPORT_AT, self.zone).astimezone(UTC) for one in days]
        return max(one for one in due if one <= moment)

    def _night_after(self, moment: datetime) -> datetime:
        day = moment.astimezone(self.zone).date()
        nights = (datetime.combine(one, self.drift, self.zone).astimezone(UTC) for one in (day, day + _DAY))
        return next(night for night in nights if night > moment)


Stretch = tuple[datetime, datetime]
"""From an instant to the first one after it."""

_APART = timedelta(days=4)  # a long weekend: what lies further off than that is another absence


def overlaps(one: Stretch, others: Sequence[Stretch]) -> bool:
    """Say whether any of some stretches has time in common with one."""
    return any(begins < one[1] and one[0] < ends for begins, ends in others)


def around(window: Stretch, stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Choose what reaches into a window, and what it goes on in before and after it."""
    lasting = sorted({one for one in stretches if one[0] < one[1]})
    chosen = [one for one in lasting if overlaps(one, [window])]
    if not chosen:
        return
    first, last = chosen[0][0], max(one[1] for one in chosen)
    for one in reversed(lasting):
        first = min(first, one[0]) if first <= one[1] + _APART else first
    for one in lasting:
        last = max(last, one[1]) if one[0] <= last + _APART else last
    yield from (one for one in lasting if first <= one[0] and one[1] <= last)
