"""Follow changes that people made outside the playbooks, from the first drift check that found them to their end."""

from array import array
from collections import deque
from dataclasses import field, replace
from datetime import datetime
from statistics import median

from toolkit.board_report.period import MOST, Course, FoundChange
from toolkit.drift.model import Cause
from toolkit.ledger.findings import DriftSeen, Sighting
from toolkit.planning.finding_state import Ending
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, parse_address

PUT_RIGHT = frozenset({Ending.REPAIRED, Ending.TENANT, Ending.AS_WANTED})
"""The ends after which a tenant agrees with the playbooks again. The others change the desired state."""

OUTSIDE = frozenset({Cause.TENANT, Cause.BOTH, Cause.FOLLOWED})

_MINUTE = 60


@dataclass(slots=True)
class Tally:
    """Counts the findings of drift checks, and the time until the findings were put right."""

    count: int = 0
    minutes: "array[int]" = field(default_factory=lambda: array("q"))

    def course(self) -> Course:
        return self.since(Mark())

    @property
    def mark(self) -> "Mark":
        """Return the counts of the tally at this moment."""
        return Mark(self.count, len(self.minutes))

    def since(self, before: "Mark", until: "Mark | None" = None) -> Course:
        """Return the difference between the counts at two marks."""
        end = until or self.mark
        minutes = self.minutes[before.put_right : end.put_right]
        middle = round(median(minutes)) if minutes else None
        return Course(found=max(0, end.count - before.count), put_right=len(minutes), minutes=middle)


@dataclass(frozen=True, slots=True)
class Mark:
    """The counts of a tally at one moment."""

    count: int = 0
    put_right: int = 0


@dataclass(slots=True)
class FindingTimeline:
    """The findings in the part of the ledger that was read so far.

    Findings that ended before the reported period are only counted.
    """

    open: dict[str, FoundChange] = field(default_factory=dict)
    recent: set[str] = field(default_factory=set)  # open findings first seen in the period
    closed: deque[FoundChange] = field(default_factory=lambda: deque(maxlen=MOST))
    ended: int = 0
    endings: dict[Address, FoundChange] = field(default_factory=dict)
    last_writes: dict[Address, datetime] = field(default_factory=dict)  # when a run last wrote an object, ever
    tally: Tally = field(default_factory=Tally)
    in_all: Tally = field(default_factory=Tally)

    def restart(self) -> None:
        """Begin a new reported period. Findings from before this moment are counted, but not listed."""
        self.tally, self.ended = Tally(), 0
        for collection in (self.closed, self.endings, self.recent):
            collection.clear()

    def latest(self) -> list[FoundChange]:
        """Return the latest findings, the ended findings before the open findings."""
        return [*self.closed, *(self.open[finding_id] for finding_id in self.open if finding_id in self.recent)][-MOST:]

    def add(self, entry: DriftSeen, *, reported: bool) -> None:
        """Add the findings of a drift check."""
        for sighting in (sighting for sighting in entry.found if self._is_reported(sighting)):
            before = self.open.get(sighting.id)
            if before and sighting.since > before.since:  # a run put it right, and it was changed again
                self._end_finding(sighting.id, entry.at, Ending.REPAIRED, reported=reported)
                before = None
            self.open[sighting.id] = _change_from_sighting(entry, sighting, before)
            if before is None:
                self.recent |= {sighting.id} if reported else set()
                for tally in self._tallies_to_update(reported=reported):
                    tally.count += 1
        for fixed in entry.fixed:
            self._end_finding(fixed.id, entry.at, fixed.how, reported=reported)

    def _is_reported(self, sighting: Sighting) -> bool:
        """Return whether a finding is a change that someone made outside the playbooks.

        Differences that a playbook or a date asks for are not such changes. If the cause is not known, the finding is
        reported only if a run ever wrote the object.
        """
        written = sighting.cause == Cause.NOT_KNOWN and parse_address(sighting.address) in self.last_writes
        return sighting.id in self.open or sighting.cause in OUTSIDE or written

    def _end_finding(self, key: str, seen: datetime, how: Ending, *, reported: bool) -> None:
        """End a finding.

        The end is the time of the run's write if a run repaired the difference, and otherwise the time of the drift
        check.
        """
        ended = self.open.pop(key, None)
        if ended is None:
            return
        last_write = self.last_writes.get(ended.address)
        at = last_write if how is Ending.REPAIRED and last_write and last_write >= ended.since else seen
        self.recent.discard(key)
        if reported:
            self.endings[ended.address] = closing = replace(ended, ended=at, how=how)
            self.closed.append(closing)
            self.ended += 1
        if how in PUT_RIGHT:
            for tally in self._tallies_to_update(reported=reported):
                tally.minutes.append(int((at - ended.since).total_seconds()) // _MINUTE)

    def _tallies_to_update(self, *, reported: bool) -> list[Tally]:
        return [self.in_all, *([self.tally] if reported else [])]


def _change_from_sighting(entry: DriftSeen, sighting: Sighting, before: FoundChange | None) -> FoundChange:
    return FoundChange(
        first_seen=before.first_seen if before else entry.at,
        since=sighting.since,
        address=parse_address(sighting.address),
        path=sighting.path,
        what=sighting.what,
        cause=sighting.cause,
        actor=sighting.actor,
        person=sighting.person,
    )
