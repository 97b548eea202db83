"""Changes that are due because a date or time has passed, and the times of the runs that last made such changes."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import TypeAlias

from toolkit.records import dataclass
from toolkit.school.schedule import DUE_EVERY
from toolkit.sdk.resource import Address, Origin

LEFT = "left to `toolkit apply`"
EDITED = f"these are not the playbooks that were applied last, so the change is {LEFT}"
NEVER = f"these playbooks were never applied, so the change is {LEFT}"


@dataclass(frozen=True, slots=True)
class ApplyTimes:
    """The times of the runs in which the playbooks were applied to an object, the latest first."""

    moments: tuple[datetime, ...] = ()  # the run times since the last complete run
    hindrance: str = NEVER  # why nothing can be due


PastOf: TypeAlias = Callable[[Collection[str], str], ApplyTimes]
"""Returns the past of an object by its names for `--only` and the run that last wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueChange:
    """A change that is due because a date has passed, and the objects that it affects."""

    text: str
    since: datetime | None  # since when it is due; None if that is unknown or in the future
    origin: Origin | None
    addresses: tuple[Address, ...]
    blocked: str = ""  # why `toolkit due` does not make it
    has_unknown: bool = False  # one of its objects is unknown
    waits: bool = False  # it waits only for a change window
    exception: str = ""  # the exception that began or ended, if it is one
    pilot: str = ""  # the pilot whose date has come, if it is one
    ended: bool = False
    interval: timedelta = timedelta(
        minutes=DUE_EVERY
    )  # how often `toolkit due` runs: until its next run nothing is late

    @property
    def provider(self) -> str:
        """Return the provider of the objects that change."""
        return self.addresses[0].provider

    @property
    def must_change_together(self) -> bool:
        """Return whether all objects of the change must change together, in the same run."""
        return bool(self.exception or self.pilot)

    def minutes_late(self, now: datetime) -> int | None:
        """Return for how many minutes the change has been due.

        Return 0 if no earlier run could have made the change. Return None if it is not due yet or the time is unknown.
        """
        if self.since is None or self.since > now:
            return None
        return int((now - self.since).total_seconds() // 60) if now - self.since > self.interval else 0
