"""Times of a school: when its jobs run, in which windows its tenants may be written to, and its freezes."""

from calendar import month_name
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from toolkit.records import dataclass
from toolkit.school.calendar import Days

_WEEKS_AHEAD = 2  # after the last freeze: what no such week lets through, none does


@dataclass(frozen=True, slots=True)
class Window:
    """Some hours of some days of the week (0 is Monday); a `shuts` of midnight is the day's end."""

    name: str
    days: frozenset[int]
    opens: time
    shuts: time
    of: frozenset[str] = frozenset()  # controls and kinds; none: whatever no window names


@dataclass(frozen=True, slots=True)
class Freeze:
    """Days on which nothing is written, or nothing of some controls and kinds."""

    days: Days
    why: str
    of: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wait:
    """Why something is not written now, and from when on it is, by the school's clock; None: at no time."""

    reason: str
    until: datetime | None

    def __str__(self) -> str:
        if self.until is None:
            return f"{self.reason}; there is no time at which all that is needed is open: change `windows:`"
        return f"{self.reason}; it is written from {self.until:%A %Y-%m-%d %H:%M} on"


@dataclass(frozen=True, slots=True)
class Windows:
    """What a school file says of it; without windows every time is as good as another."""

    zone: ZoneInfo
    windows: Sequence[Window] = ()
    freezes: Sequence[Freeze] = ()

    def wait(self, hands: Collection[str], kind: str, now: datetime) -> Wait | None:
        """Say whether what these hands ask for waits: controls, or none, for an object of a kind."""
        reason = self._shut(hands, kind, now)
        if not reason:
            return None
        later = (moment for moment in self._moments(now) if not self._shut(hands, kind, moment))
        until = next(later, None)
        return Wait(reason, until.astimezone(self.zone) if until else None)

    def _shut(self, hands: Collection[str], kind: str, moment: datetime) -> str:
        """Say why a moment lets something not through; every hand must be free."""
        local = moment.astimezone(self.zone)
        for hand in hands or ("",):
            names = {hand, kind}
            for freeze in self.freezes:
                if local.date() in freeze.days and (not freeze.of or freeze.of & names):
                    return f"the freeze until {freeze.days.last} ({freeze.why})"
            meant = [one for one in self.windows if one.of & names] or [one for one in self.windows if not one.of]
            if meant and not any(_open(one, local) for one in meant):
                return f"outside the window {' and '.join(one.name for one in meant)}"
        return ""

    def _moments(self, now: datetime) -> Iterator[datetime]:
        """List, in order, the moments at which anything may begin to be free."""
        first = now.astimezone(self.zone).date()
        last = max([first, *(freeze.days.last for freeze in self.freezes)]) + _DAY * 7 * _WEEKS_AHEAD
        clocks = sorted({time.min, *(window.opens for window in self.windows)})
        for day in Days(first, last):
            for clock in clocks:
                if (moment := datetime.combine(day, clock, self.zone).astimezone(UTC)) > now:
                    yield moment


def _open(window: Window, local: datetime) -> bool:
    clock = local.time()
    return (
        local.weekday() in window.days and window.opens <= clock and (window.shuts == time.min or clock < window.shuts)
    )


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
