"""The channels that scheduled jobs notify, and the quiet hours in which they do not notify."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from toolkit.records import dataclass

PREFIX = "TOOLKIT_NOTIFY_"
_DAY = timedelta(days=1)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel for notices: mail from a tenant's mailbox to an address, or a URL in an environment variable."""

    name: str
    provider: str = ""  # of a channel by mail: the provider of the sending tenant
    sender: str = ""
    to: str = ""
    only_record: bool = False  # it gets the head of the ledger once a week, and no findings

    @property
    def by_mail(self) -> bool:
        return bool(self.provider)

    @property
    def variable(self) -> str:
        """Return the variable that holds the URL, such as TOOLKIT_NOTIFY_TEAMS for the channel `teams`."""
        return f"{PREFIX}{self.name.upper()}"


ALIVE = Channel("alive")
"""The URL in TOOLKIT_NOTIFY_ALIVE, which is called after each night job without any content."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours, with the days of the week on which they begin (0 is Monday). They may end on the next day."""

    days: frozenset[int]
    begins: time
    ends: time  # on the next day if not after `begins`, and a whole day if equal


@dataclass(frozen=True, slots=True)
class Notices:
    """The settings for notices in a school file."""

    zone: ZoneInfo
    channels: Sequence[Channel]
    quiet: Sequence[Quiet] = ()
    heartbeat: int | None = None  # a day of the week

    @property
    def finding_channels(self) -> Sequence[Channel]:
        """Return the channels that get findings."""
        return [channel for channel in self.channels if not channel.only_record]

    @property
    def record_channels(self) -> Sequence[Channel]:
        """Return the channels that get only the head of the ledger."""
        return [channel for channel in self.channels if channel.only_record]

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return the end of the present quiet hours in local time, or None outside quiet hours."""
        end = now
        while later := max((until for until in self._ends_of_quiet_hours(end) if until > end), default=None):
            end = later
            if end > now + _WEEK * _DAY:  # quiet hours without a gap between them never end
                break
        return None if end == now else end.astimezone(self.zone)

    def heartbeat_due(self, last: datetime | None, now: datetime) -> bool:
        """Return whether the weekly heartbeat is due: no message was sent since the last heartbeat day began."""
        if self.heartbeat is None:
            return False
        today = now.astimezone(self.zone).date()
        day = today - timedelta(days=(today.weekday() - self.heartbeat) % _WEEK)
        return last is None or last < self._to_instant(day, time.min)

    def _ends_of_quiet_hours(self, moment: datetime) -> Sequence[datetime]:
        """Return the end of each period of quiet hours that contains a moment, in local time."""
        today = moment.astimezone(self.zone).date()
        return [
            until
            for quiet in self.quiet
            for day in (today - _DAY, today)
            if day.weekday() in quiet.days
            and self._to_instant(day, quiet.begins)
            <= moment
            < (until := self._to_instant(day if quiet.ends > quiet.begins else day + _DAY, quiet.ends))
        ]

    def _to_instant(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)
