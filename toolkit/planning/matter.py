"""What time alone has changed, and when runs last made an object agree with the playbooks."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TypeAlias

from toolkit.records import dataclass
from toolkit.school.schedule import DUE_EVERY
from toolkit.sdk.resource import Address, Origin

LEFT = "left to `toolkit apply`"
EDITED = f"these are not the playbooks that were applied last: {LEFT}"
NEVER = f"these playbooks were never applied: {LEFT}"


@dataclass(frozen=True, slots=True)
class AppliedPast:
    """When runs made an object agree with the playbooks, the last first, as the ledger shows it."""

    moments: tuple[datetime, ...] = ()  # back to the one that left nothing undone
    hindrance: str = NEVER  # why nothing can be due


PastOf: TypeAlias = Callable[[Collection[str], str], AppliedPast]
"""Returns the past of an object, by the names with which `--only` asks for it and by the run that last wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One thing that is due and not done, with the objects whose changes do it."""

    text: str
    since: datetime | None  # from when on it should have been so; None where nobody can say, or that is still to come
    origin: Origin | None
    addresses: tuple[Address, ...]
    blocked: str = ""  # why `due` leaves it
    unread: bool = False  # something of it is unknown
    waits: bool = False  # for a window of the school alone
    exception: str = ""  # where it is an exception that began or ended
    pilot: str = ""  # where it is the day of a pilot
    ended: bool = False
    often: timedelta = timedelta(minutes=DUE_EVERY)  # how often `toolkit due` runs: until its next run nothing is late

    @property
    def provider(self) -> str:
        """Return the cloud of its objects."""
        return self.addresses[0].provider

    @property
    def turns(self) -> bool:
        """Say whether it is one thing of several objects, done whole or not at all."""
        return bool(self.exception or self.pilot)

    def overdue(self, now: datetime) -> int | None:
        """Return for how many minutes it should have been done; 0 where no run could have done it sooner."""
        if self.since is None or self.since > now:
            return None
        return int((now - self.since).total_seconds() // 60) if now - self.since > self.often else 0
