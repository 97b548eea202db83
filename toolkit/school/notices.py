"""Whom a school lets its night jobs report what they find, how, and at what hours they are left in peace."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from toolkit.records import dataclass

PREFIX = "TOOLKIT_NOTIFY_"
_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to a person: a mailbox of a tenant that writes to one address, or a URL that a variable holds."""

    name: str
    provider: str = ""  # of a channel by mail: whose tenant sends it
    sender: str = ""
    to: str = ""

    @property
    def by_mail(self) -> bool:
        return bool(self.provider)

    @property
    def variable(self) -> str:
        """Name the variable that holds the URL: TOOLKIT_NOTIFY_TEAMS is that of the channel `teams`."""
        return f"{PREFIX}{self.name.upper()}"


ALIVE = Channel("alive")
"""What is called after each night job, at the URL in TOOLKIT_NOTIFY_ALIVE; it is told nothing."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Some hours that begin on some days of the week (0 is Monday); they may last into the next day."""

    days: frozenset[int]
    begins: time
    ends: time  # not after `begins`: on the next day; the same: a whole day


@dataclass(frozen=True, slots=True)
class Notices:
    """What a school file says of it."""

    zone: ZoneInfo
    channels: Sequence[Channel]
    quiet: Sequence[Quiet] = ()
    heartbeat: int | None = None  # a day of the week

    def quiet_until(self, now: datetime) -> datetime | None:
        """Give the end of the quiet hours that a moment lies in, by the school's clock; None where in none."""
        end = now
        while later := max((until for until in self._ends(end) if until > end), default=None):
            end = later
            if end > now + _WEEK * _DAY:  # quiet hours that follow each other without a gap never end
                break
        return None if end == now else end.astimezone(self.zone)

    def heartbeat_due(self, last: datetime | None, now: datetime) -> bool:
        """Say whether nothing was told since the last of the days on which something is told in any case began."""
        if self.heartbeat is None:
            return False
        today = now.astimezone(self.zone).date()
        day = today - timedelta(days=(today.weekday() - self.heartbeat) % _WEEK)
        return last is None or last < self._at(day, time.min)

    def _ends(self, moment: datetime) -> Sequence[datetime]:
        """List when the quiet hours end that a moment lies in."""
        today = moment.astimezone(self.zone).date()
        return [
            until
            for quiet in self.quiet
            for day in (today - _DAY, today)
            if day.weekday() in quiet.days
            and self._at(day, quiet.begins)
            <= moment
            < (until := self._at(day if quiet.ends > quiet.begins else day + _DAY, quiet.ends))
        ]

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)
