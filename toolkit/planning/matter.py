"""Matters that are due because time has passed, and the last run that met them."""

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

    moments: tuple[datetime, ...] = ()  # the run times since the last complete run
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
    waits: bool = False  # it waits only for a change window
    exception: str = ""  # the exception that began or ended, if it is one
    pilot: str = ""  # the pilot whose date has come, if it is one
    ended: bool = False
    often: timedelta = timedelta(minutes=DUE_EVERY)  # how often `toolkit due` runs: until its next run nothing is late

    @property
    def provider(self) -> str:
        """Return the cloud of its objects."""
        return self.addresses[0].provider

    @property
    def turns(self) -> bool:
        """Return whether it consists of several objects that change together or not at all."""
        return bool(self.exception or self.pilot)

    def overdue(self, now: datetime) -> int | None:
        """Return the minutes since it was due, or 0 if no run could have done it sooner."""
        if self.since is None or self.since > now:
            return None
        return int((now - self.since).total_seconds() // 60) if now - self.since > self.often else 0
