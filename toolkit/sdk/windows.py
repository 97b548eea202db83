"""When a school lets its tenants be written to: windows of the week, and freezes in which nothing is."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from toolkit.sdk.calendar import Days

_DAY = timedelta(days=1)
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
                moment = self._at(day, clock)
                if moment > now:
                    yield moment

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)


def _open(window: Window, local: datetime) -> bool:
    clock = local.time()
    return (
        local.weekday() in window.days and window.opens <= clock and (window.shuts == time.min or clock < window.shuts)
    )
