"""Reads the ledger once for an export: how the clauses stood before, and what happened meanwhile."""

from array import array
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median
from sys import intern
from typing import TYPE_CHECKING

from toolkit.planning.cause import Cause
from toolkit.record.entries import (
    Action,
    Entry,
    Looked,
    RunBegan,
    RunEnded,
    StepBegan,
    StepEnded,
    StepFailed,
    Verdict,
)
from toolkit.record.fingerprints import HOLD
from toolkit.record.sightings import Ending, Seen, Sighting
from toolkit.running.exported import COMMAND, Beginning, Course, Earlier, Exported, Found, Past, Removed, Wrote
from toolkit.tenant.address import Address, parse_address

if TYPE_CHECKING:
    from toolkit.record.ledger import Ledger

REPORTS = 12
"""How many earlier exports are told."""

MOST = 100
"""How many runs, and how many findings, an export tells one by one; of those before them it gives the number."""

PUT_RIGHT = frozenset({Ending.REPAIRED, Ending.TENANT, Ending.AS_WANTED})
"""The ends after which a tenant agrees with the playbooks again; the others change what is wanted of it."""

OUTSIDE = frozenset({Cause.TENANT, Cause.BOTH})

_MINUTE = 60


def told(ledger: "Ledger", beginning: Beginning) -> Past:
    """Read the ledger once, entry by entry."""
    telling = _Telling(beginning)
    for n, entry in ledger.entries():
        telling.add(n, entry)
    return telling.past()


@dataclass(slots=True)
class _Tally:
    """Counts what drifts found, and how long it took to be right again."""

    found: int = 0
    minutes: "array[int]" = field(default_factory=lambda: array("q"))

    def course(self) -> Course:
        middle = round(median(self.minutes)) if self.minutes else None
        return Course(found=self.found, put_right=len(self.minutes), minutes=middle)


@dataclass(slots=True)
class _Telling:
    """The ledger as far as it was read: what is not told of is forgotten."""

    beginning: Beginning
    exports: deque[Exported] = field(default_factory=lambda: deque(maxlen=REPORTS))
    before: Earlier | None = None
    removed: list[Removed] = field(default_factory=list)
    runs: dict[str, RunBegan] = field(default_factory=dict)
    begun: dict[tuple[str, int], StepBegan] = field(default_factory=dict)
    done: dict[str, Counter[str]] = field(default_factory=dict)
    wrote: deque[Wrote] = field(default_factory=lambda: deque(maxlen=MOST))
    written: dict[Address, datetime] = field(default_factory=dict)
    righted: dict[Address, datetime] = field(default_factory=dict)  # when a run last wrote an object, ever
    open: dict[str, Found] = field(default_factory=dict)
    recent: set[str] = field(default_factory=set)  # of those that are open
    over: deque[Found] = field(default_factory=lambda: deque(maxlen=MOST))
    endings: dict[Address, Found] = field(default_factory=dict)
    counted: Counter[str] = field(default_factory=Counter)  # runs that wrote, and what ended
    tally: _Tally = field(default_factory=_Tally)
    latest: _Tally = field(default_factory=_Tally)
    in_all: _Tally = field(default_factory=_Tally)

    def add(self, n: int, entry: Entry) -> None:
        told = self.beginning.meanwhile(n, entry.at)
        match entry:
            case RunBegan(run=run):
                self.runs[run] = entry
            case StepBegan(run=run, step=step):
                self.begun[run, step] = entry
            case StepFailed(run=run, step=step):
                self.begun.pop((run, step), None)
            case StepEnded() | Looked():
                self._step_ended(entry, told=told)
            case RunEnded():
                self._run_ended(entry, told=told)
            case Seen():
                self._seen(entry, told=told)
            case _:
                pass

    def past(self) -> Past:
        found = [*self.over, *(self.open[one] for one in self.open if one in self.recent)]
        return Past(
            exports=list(reversed(self.exports)),
            before=self.beginning.earlier or self.before,
            wrote=list(self.wrote),
            wrote_earlier=self.counted["runs"] - len(self.wrote),
            written=self.written,
            found=found[-MOST:],
            found_earlier=self.counted["ended"] + len(self.recent) - len(found[-MOST:]),
            endings=self.endings,
            course=self.tally.course(),
            latest=self.latest.course(),
            in_all=self.in_all.course(),
            open=len(self.open),
            removed=self.removed,
        )

    def _step_ended(self, entry: StepEnded | Looked, *, told: bool) -> None:
        begun = self.begun.pop((entry.run, entry.step), None)
        if isinstance(entry, Looked) and entry.verdict is not Verdict.APPLIED:
            return
        if begun is None or begun.address.kind == HOLD or begun.action is Action.SEND:
            return
        self.righted[begun.address] = entry.at
        if not told:
            return
        self.done.setdefault(entry.run, Counter())[begun.address.of_kind] += 1
        self.written[begun.address] = entry.at

    def _run_ended(self, entry: RunEnded, *, told: bool) -> None:
        began = self.runs.pop(entry.run, None)
        self.removed += [
            Removed(at=entry.at, exception=one.exception, provider=one.provider, minutes=one.minutes)
            for one in entry.turned
            if one.ended
        ]
        done = self.done.pop(entry.run, None)
        if began is not None and done and told:
            self.wrote.append(Wrote(at=began.at, command=began.command, done=dict(done)))
            self.counted["runs"] += 1
        if began is not None and entry.statuses:
            self._said(began, entry, told=told)

    def _said(self, began: RunBegan, entry: RunEnded, *, told: bool) -> None:
        """Keep what a run said of the clauses: the last before a day counts for it, else the first after that."""
        # The same few words again and again: each of them is kept once.
        statuses = {intern(clause): intern(status) for clause, status in entry.statuses.items()}
        if self.beginning.day is not None and (not told or self.before is None):
            self.before = Earlier(at=entry.at, playbooks=began.playbooks, statuses=statuses)
        if began.command != COMMAND:
            return
        course, self.latest = self.latest.course(), _Tally()
        one = Exported(at=entry.at, playbooks=began.playbooks, statuses=statuses, course=course)
        self.exports.append(one)
        if self.beginning.anew:
            self.before, self.tally = one, _Tally()
            for told_of in (self.wrote, self.written, self.over, self.endings, self.recent, self.counted):
                told_of.clear()

    def _seen(self, entry: Seen, *, told: bool) -> None:
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

        Of what no run ever wrote nobody knows how it was before.
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
            self.counted["ended"] += 1
        if how in PUT_RIGHT:
            for tally in self._tallies(told=told):
                tally.minutes.append(int((at - ended.since).total_seconds()) // _MINUTE)

    def _tallies(self, *, told: bool) -> list[_Tally]:
        return [self.in_all, self.latest, *([self.tally] if told else [])]


def _found(entry: Seen, one: Sighting, before: Found | None) -> Found:
    return Found(
        seen=before.seen if before else entry.at,
        since=one.since,
        address=parse_address(one.address),
        path=one.path,
        what=one.what,
        cause=one.cause,
        actor=one.actor,
        person=one.person,
    )
