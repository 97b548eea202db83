"""When the jobs of a school run by themselves: each night what looks, every few minutes what the calendar makes due."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DRIFT, DUE = "drift", "due"
_DAY = timedelta(days=1)
_LATE = timedelta(hours=2)  # how much later than its time a nightly run may begin and still be the one


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of both jobs: `drift` once a day by the school's clock, `due` every so many minutes."""

    zone: ZoneInfo
    drift: time = time(2, 30)
    minutes: int = 15

    @property
    def often(self) -> timedelta:
        """Give the time between two runs of `due`."""
        return timedelta(minutes=self.minutes)

    def told(self, job: str) -> str:
        """Say how often a job runs."""
        return f"every {self.minutes} minutes" if job == DUE else f"every day at {self.drift:%H:%M}"

    def missed(self, job: str, last: datetime, now: datetime) -> bool:
        """Say whether a job should have begun again between its last run and now."""
        if job == DUE:
            return last + 2 * self.often < now
        return self._night_after(last) + _LATE < now

    def _night_after(self, moment: datetime) -> datetime:
        day = moment.astimezone(self.zone).date()
        nights = (datetime.combine(one, self.drift, self.zone).astimezone(UTC) for one in (day, day + _DAY))
        return next(night for night in nights if night > moment)
