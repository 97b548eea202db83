"""Follows what drifts found changed, and no playbook and no date asked for, from first sight to its end."""

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
"""The ends after which a tenant agrees with the playbooks again; the others change what is wanted of it."""

OUTSIDE = frozenset({Cause.TENANT, Cause.BOTH, Cause.FOLLOWED})

_MINUTE = 60


@dataclass(slots=True)
class Tally:
    """Counts what drifts found, and how long it took to be right again."""

    found: int = 0
    minutes: "array[int]" = field(default_factory=lambda: array("q"))

    def course(self) -> Course:
        return self.since(Mark())

    @property
    def mark(self) -> "Mark":
        """Return how far it has counted."""
        return Mark(self.found, len(self.minutes))

    def since(self, before: "Mark", until: "Mark | None" = None) -> Course:
        """Return what it counted between two moments."""
        end = until or self.mark
        minutes = self.minutes[before.put_right : end.put_right]
        middle = round(median(minutes)) if minutes else None
        return Course(found=max(0, end.found - before.found), put_right=len(minutes), minutes=middle)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a tally had counted at one moment."""

    found: int = 0
    put_right: int = 0


@dataclass(slots=True)
class FindingTimeline:
    """What was found as far as the ledger was read: what ended before the time that is reported is counted alone."""

    open: dict[str, FoundChange] = field(default_factory=dict)
    recent: set[str] = field(default_factory=set)  # of those that are open
    over: deque[FoundChange] = field(default_factory=lambda: deque(maxlen=MOST))
    ended: int = 0
    endings: dict[Address, FoundChange] = field(default_factory=dict)
    righted: dict[Address, datetime] = field(default_factory=dict)  # when a run last wrote an object, ever
    tally: Tally = field(default_factory=Tally)
    in_all: Tally = field(default_factory=Tally)

    def anew(self) -> None:
        """Begin the time that is reported."""
        self.tally, self.ended = Tally(), 0
        for told_of in (self.over, self.endings, self.recent):
            told_of.clear()

    def listed(self) -> list[FoundChange]:
        """Give the latest, what is over before what is open."""
        return [*self.over, *(self.open[one] for one in self.open if one in self.recent)][-MOST:]

    def add(self, entry: DriftSeen, *, told: bool) -> None:
        """Follow what one drift saw."""
        for one in (one for one in entry.found if self._foreign(one)):
            before = self.open.get(one.id)
            if before and one.since > before.since:  # a run put it right, and it was changed again
                self._over(one.id, entry.at, Ending.REPAIRED, told=told)
                before = None
            self.open[one.id] = _found(entry, one, before)
            if before is None:
                self.recent |= {one.id} if told else set()
                for tally in self._tallies(told=told):
                    tally.found += 1
        for fixed in entry.fixed:
            self._over(fixed.id, entry.at, fixed.how, told=told)

    def _foreign(self, one: Sighting) -> bool:
        """Say whether a finding is told: what playbooks, the calendar or a new version ask for, a run is to do.

        Of what no run ever wrote it is unknown how it was before.
        """
        written = one.cause == Cause.NOT_KNOWN and parse_address(one.address) in self.righted
        return one.id in self.open or one.cause in OUTSIDE or written

    def _over(self, key: str, seen: datetime, how: Ending, *, told: bool) -> None:
        """Tell the end of a finding: of a repair when a run wrote it, of all else when a drift saw it."""
        ended = self.open.pop(key, None)
        if ended is None:
            return
        righted = self.righted.get(ended.address)
        at = righted if how is Ending.REPAIRED and righted and righted >= ended.since else seen
        self.recent.discard(key)
        if told:
            self.endings[ended.address] = over = replace(ended, ended=at, how=how)
            self.over.append(over)
            self.ended += 1
        if how in PUT_RIGHT:
            for tally in self._tallies(told=told):
                tally.minutes.append(int((at - ended.since).total_seconds()) // _MINUTE)

    def _tallies(self, *, told: bool) -> list[Tally]:
        return [self.in_all, *([self.tally] if told else [])]


def _found(entry: DriftSeen, one: Sighting, before: FoundChange | None) -> FoundChange:
    return FoundChange(
        seen=before.seen if before else entry.at,
        since=one.since,
        address=parse_address(one.address),
        path=one.path,
        what=one.what,
        cause=one.cause,
        actor=one.actor,
        person=one.person,
    )
