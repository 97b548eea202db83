"""What stands in the calendars of the made-up school's staff, and what their mailboxes reply: the same in every cloud.

All times are those of the school's own clock, which is Europe/London's.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from types import MappingProxyType

from connectors.emulator.repeating import Repeat

ZONE = "Europe/London"
WEEKDAYS = MappingProxyType(
    {0: "monday", 1: "tuesday", 2: "wednesday", 3: "thursday", 4: "friday", 5: "saturday", 6: "sunday"}
)
ALL_WEEK = (0, 1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One entry of a calendar."""

    title: str
    start: datetime
    end: datetime  # the first instant after it
    away: bool  # out of office; else busy
    free: bool = False  # whoever looks at free and busy sees nothing of it, where a cloud can say so of an absence
    repeat: Repeat | None = None
    left_out: tuple[date, ...] = ()  # days on which it would repeat and does not

    @property
    def all_day(self) -> bool:
        return self.start.time() == self.end.time() == time.min


@dataclass(frozen=True, slots=True)
class Reply:
    """The automatic reply of a mailbox."""

    text: str
    start: datetime | None = None  # neither start nor end: until somebody turns it off
    end: datetime | None = None
    on: bool = True
    local: bool = False  # set in Outlook, which keeps the times of the mailbox's own zone


@dataclass(frozen=True, slots=True)
class Diary:
    """What one mailbox has of it."""

    id: str  # of the person or the shared mailbox
    entries: tuple[CalendarEntry, ...] = ()
    reply: Reply | None = None
    working_days: tuple[int, ...] = ALL_WEEK
