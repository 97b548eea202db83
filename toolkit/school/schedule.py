"""When a school's jobs run, and when its tenants may be changed: windows and freezes."""

from calendar import month_name
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from toolkit.records import dataclass
from toolkit.school.calendar import Days

_WEEKS_AHEAD = 2  # after the last freeze, because every week has the same windows


@dataclass(frozen=True, slots=True)
class Window:
    """Hours on days of the week (0 is Monday) in which changes are written.

    Midnight in `shuts` is the end of the day.
    """

    name: str
    days: frozenset[int]
    opens: time
    shuts: time
    subjects: frozenset[str] = frozenset()  # controls and kinds, or empty for all that no window names


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days on which no changes are written, either at all or for the listed controls and kinds."""

    days: Days
    why: str
    subjects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wait:
    """The reason why a change waits, and the local time from which it can be written. None means never."""

    reason: str
    until: datetime | None

    def __str__(self) -> str:
        if self.until is None:
            return f"{self.reason}; there is no time at which all its windows are open: change `windows:`"
        return f"{self.reason}; it will be written from {self.until:%A %Y-%m-%d %H:%M} on"


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows and freezes in a school file. Without windows, changes may be written at any time."""

    zone: ZoneInfo
    windows: Sequence[Window] = ()
    freezes: Sequence[Freeze] = ()

    def wait(self, controls: Collection[str], kind: str, now: datetime) -> Wait | None:
        """Return why an object of a kind must wait, or None.

        `controls` has the controls that set the object, or is empty.
        """
        reason = self._reason_not_to_write(controls, kind, now)
        if not reason:
            return None
        later = (
            moment for moment in self._times_of_change(now) if not self._reason_not_to_write(controls, kind, moment)
        )
        until = next(later, None)
        return Wait(reason, until.astimezone(self.zone) if until else None)

    def _reason_not_to_write(self, controls: Collection[str], kind: str, moment: datetime) -> str:
        """Return why a change may not be written at this time, or "". The windows of all its controls must be open."""
        local = moment.astimezone(self.zone)
        for hand in controls or ("",):
            names = {hand, kind}
            for freeze in self.freezes:
                if local.date() in freeze.days and (not freeze.subjects or freeze.subjects & names):
                    return f"the freeze until {freeze.days.last} ({freeze.why})"
            applicable = [window for window in self.windows if window.subjects & names] or [
                window for window in self.windows if not window.subjects
            ]
            if applicable and not any(_is_open(window, local) for window in applicable):
                return f"outside the window {' and '.join(window.name for window in applicable)}"
        return ""

    def _times_of_change(self, now: datetime) -> Iterator[datetime]:
        """Yield the times at which a window may open or a freeze may end, in order."""
        first = now.astimezone(self.zone).date()
        last = max([first, *(freeze.days.last for freeze in self.freezes)]) + _DAY * 7 * _WEEKS_AHEAD
        clocks = sorted({time.min, *(window.opens for window in self.windows)})
        for day in Days(first, last):
            for clock in clocks:
                if (moment := datetime.combine(day, clock, self.zone).astimezone(UTC)) > now:
                    yield moment


def _is_open(window: Window, local: datetime) -> bool:
    clock = local.time()
    return (
        local.weekday() in window.days and window.opens <= clock and (window.shuts == time.min or clock < window.shuts)
    )


DRIFT, DUE, EXPORT = "drift", "due", "export"
EXPORT_AT = time(6, 7)
"""The time of the report by the school's clock: after the night's drift, and not at the start of `due`."""

DUE_EVERY = 15
"""Minutes between two runs of `due`, unless the school file sets another number."""

_DAY = timedelta(days=1)
_LATE = timedelta(hours=2)  # a nightly run may begin this much later and still count


@dataclass(frozen=True, slots=True)
class Reports:
    """The day and the months in which governors get a report. Without months, they get one each month."""

    day: int = 1
    months: tuple[int, ...] = ()

    def describe(self) -> str:
        """Return when reports are made, in words."""
        *others, last = [month_name[number] for number in self.months] or ["each month"]
        of = f"{', '.join(others)} and {last}" if others else last
        return f"on the {_ordinal(self.day)} of {of} at {EXPORT_AT:%H:%M}"


def _ordinal(number: int) -> str:
    suffixes = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 11 <= number <= 13 else suffixes.get(number % 10, 'th')}"  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of the jobs: `drift` once a day by the school's clock, `due` every few minutes, and reports."""

    zone: ZoneInfo
    drift: time = time(2, 30)
    minutes: int = DUE_EVERY
    reports: Reports | None = None

    @property
    def due_interval(self) -> timedelta:
        """Return the time between two scheduled runs of `toolkit due`."""
        return timedelta(minutes=self.minutes)

    def describe(self, job: str) -> str:
        """Return how often a job runs, in words."""
        if job == EXPORT and self.reports:
            return self.reports.describe()
        return f"every {self.minutes} minutes" if job == DUE else f"every day at {self.drift:%H:%M}"

    def is_overdue(self, job: str, last: datetime, now: datetime) -> bool:
        """Return whether a job has missed a run since its last run."""
        if job == DUE:
            return last + 2 * self.due_interval < now
        if job == EXPORT:
            due = self._report_before(now)
            return due is not None and last < due < now - _LATE
        return self._night_after(last) + _LATE < now

    def _report_before(self, moment: datetime) -> datetime | None:
        """Return the time at which a report was last due, or None."""
        if self.reports is None:
            return None
        year, months = moment.astimezone(self.zone).year, self.reports.months or range(1, 13)
        days = [date(report_year, month, self.reports.day) for report_year in (year - 1, year) for month in months]
        due = [datetime.combine(day, EXPORT_AT, self.zone).astimezone(UTC) for day in days]
        return max(instant for instant in due if instant <= moment)

    def _night_after(self, moment: datetime) -> datetime:
        day = moment.astimezone(self.zone).date()
        nights = (
            datetime.combine(date_of_night, self.drift, self.zone).astimezone(UTC)
            for date_of_night in (day, day + _DAY)
        )
        return next(night for night in nights if night > moment)


Period = tuple[datetime, datetime]
"""The first instant of a period, and its end, which is not part of it."""

_LONGEST_GAP = timedelta(days=4)  # a long weekend. A longer gap separates two absences


def overlaps(period: Period, others: Sequence[Period]) -> bool:
    """Return whether a period overlaps with any of the others."""
    return any(begins < period[1] and period[0] < ends for begins, ends in others)


def adjoining_periods(window: Period, periods: Iterable[Period]) -> Iterator[Period]:
    """Yield the periods that overlap with a window, and the periods next to them."""
    lasting = sorted({period for period in periods if period[0] < period[1]})
    overlapping = [period for period in lasting if overlaps(period, [window])]
    if not overlapping:
        return
    first, last = overlapping[0][0], max(period[1] for period in overlapping)
    for period in reversed(lasting):
        first = min(first, period[0]) if first <= period[1] + _LONGEST_GAP else first
    for period in lasting:
        last = max(last, period[1]) if period[0] <= last + _LONGEST_GAP else last
    yield from (period for period in lasting if first <= period[0] and period[1] <= last)
