"""Reads the ledger once for an export: how the clauses stood before, and what happened meanwhile."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from sys import intern
from typing import TYPE_CHECKING

from toolkit.board_report.finding_timeline import FindingTimeline, Mark
from toolkit.board_report.period import MOST, Beginning, EarlierExport, EarlierStatuses, LateEnd, ReportPast, RunWrite
from toolkit.drift.run import EXPORT_COMMAND
from toolkit.ledger.act_kinds import HOLD
from toolkit.ledger.checklist_entries import ChecklistStarted, ChecklistStepDone, ChecklistStopped
from toolkit.ledger.checklists import ChecklistsFold
from toolkit.ledger.entries import (
    Action,
    Entry,
    MatterAnswered,
    ReportReleased,
    RunBegan,
    RunEnded,
    StepBegan,
    StepEnded,
    StepFailed,
    StepVerdict,
    StepVerified,
)
from toolkit.ledger.findings import DriftSeen
from toolkit.sdk.resource import Address

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_DRAFTS = 100
"""How many of the latest drafts are kept to be found when one is released."""
REPORTS = 12
"""How many earlier exports are told."""


def read_past(ledger: "Ledger", beginning: Beginning) -> ReportPast:
    """Read the ledger once, entry by entry."""
    telling = _PeriodScan(beginning)
    for n, entry in ledger.entries():
        telling.add(n, entry)
    return telling.past()


@dataclass(slots=True)
class _PeriodScan:
    """The ledger as far as it was read: what is not reported is forgotten."""

    beginning: Beginning
    exports: deque[EarlierExport] = field(default_factory=lambda: deque(maxlen=REPORTS))
    drafts: dict[str, tuple[EarlierExport, Mark]] = field(default_factory=dict)  # by their runs, the latest
    released: deque[EarlierExport] = field(default_factory=lambda: deque(maxlen=REPORTS))
    released_until: Mark = field(default_factory=Mark)
    before: EarlierStatuses | None = None
    removed: list[LateEnd] = field(default_factory=list)
    put_in_place: dict[str, set[str]] = field(default_factory=dict)
    runs: dict[str, RunBegan] = field(default_factory=dict)
    begun: dict[tuple[str, int], StepBegan] = field(default_factory=dict)
    done: dict[str, Counter[str]] = field(default_factory=dict)
    wrote: deque[RunWrite] = field(default_factory=lambda: deque(maxlen=MOST))
    written: dict[Address, datetime] = field(default_factory=dict)
    wrote_in_all: int = 0
    sighted: FindingTimeline = field(default_factory=FindingTimeline)
    looks: int = 0
    longest: timedelta = timedelta()
    last_look: datetime | None = None
    lacking: Mapping[str, Mapping[str, datetime]] | None = None
    answers: dict[str, list[MatterAnswered]] = field(default_factory=dict)
    checklists: ChecklistsFold = field(default_factory=ChecklistsFold)

    def add(self, n: int, entry: Entry) -> None:
        told = self.beginning.meanwhile(n, entry.at)
        match entry:
            case RunBegan(run=run):
                self.runs[run] = entry
            case StepBegan(run=run, step=step):
                self.begun[run, step] = entry
            case StepFailed(run=run, step=step):
                self.begun.pop((run, step), None)
            case StepEnded() | StepVerified():
                self._step_ended(entry, told=told)
            case RunEnded():
                self._run_ended(entry, told=told)
            case MatterAnswered():
                self.answers.setdefault(entry.matter, []).append(entry)
            case ChecklistStarted() | ChecklistStepDone() | ChecklistStopped():
                self.checklists.add(entry)
            case ReportReleased():
                self._released(entry)
            case DriftSeen():
                self.sighted.add(entry, told=told)
                self._looked(entry.at, told=told)
                self.looks += told
            case _:
                pass

    def past(self) -> ReportPast:
        sighted = self.sighted
        found = sighted.listed()
        return ReportPast(
            exports=list(reversed(self.exports)),
            released=list(reversed(self.released)),
            since_released=sighted.in_all.since(self.released_until),
            before=self.beginning.earlier or self.before,
            wrote=list(self.wrote),
            wrote_earlier=self.wrote_in_all - len(self.wrote),
            written=self.written,
            found=found,
            found_earlier=sighted.ended + len(sighted.recent) - len(found),
            endings=sighted.endings,
            course=sighted.tally.course(),
            in_all=sighted.in_all.course(),
            open=len(sighted.open),
            looks=self.looks,
            longest=self.longest,
            last_look=self.last_look,
            removed=self.removed,
            put_in_place=self.put_in_place,
            lacking=self.lacking,
            answers=self.answers,
            checklists=list(self.checklists.started.values()),
        )

    def _step_ended(self, entry: StepEnded | StepVerified, *, told: bool) -> None:
        begun = self.begun.pop((entry.run, entry.step), None)
        if isinstance(entry, StepVerified) and entry.verdict is not StepVerdict.APPLIED:
            return
        if begun is None or begun.address.kind == HOLD or begun.action is Action.SEND:
            return
        self.sighted.righted[begun.address] = entry.at
        if not told:
            return
        self.done.setdefault(entry.run, Counter())[begun.address.of_kind] += 1
        self.written[begun.address] = entry.at

    def _looked(self, at: datetime, *, told: bool) -> None:
        if told and self.last_look:
            self.longest = max(self.longest, at - self.last_look)
        self.last_look = at

    def _released(self, entry: ReportReleased) -> None:
        """Add a report to those that the board has seen; what was found is counted from one of these to the next."""
        if draft := self.drafts.pop(entry.report, None):
            report, until = draft
            course = self.sighted.in_all.since(self.released_until, until)
            self.released.append(replace(report, course=course))
            self.released_until = until

    def _run_ended(self, entry: RunEnded, *, told: bool) -> None:
        began = self.runs.pop(entry.run, None)
        self.removed += [
            LateEnd(at=entry.at, exception=one.exception, provider=one.provider, minutes=one.minutes)
            for one in entry.turned
            if one.ended
        ]
        for one in entry.turned:
            if not one.ended:
                self.put_in_place.setdefault(one.exception, set()).add(one.provider)
        done = self.done.pop(entry.run, None)
        if began is not None and done and told:
            self.wrote.append(RunWrite(at=began.at, command=began.command, done=dict(done), override=began.override))
            self.wrote_in_all += 1
        if began is not None and entry.statuses:
            self._note_run(began, entry, told=told)

    def _note_run(self, began: RunBegan, entry: RunEnded, *, told: bool) -> None:
        """Keep what a run said of the clauses: the last before a day counts for it, else the first after that."""
        self._looked(entry.at, told=told)
        # The same few words again and again: each of them is kept once.
        statuses = {intern(clause): intern(status) for clause, status in entry.statuses.items()}
        if self.beginning.day is not None and (not told or self.before is None):
            self.before = EarlierStatuses(
                at=entry.at, playbooks=began.playbooks, statuses=statuses, lacking=entry.lacking
            )
        if began.command != EXPORT_COMMAND:
            return
        known = self.lacking or {}
        self.lacking = None
        if entry.lacking is not None:
            self.lacking = {
                clause: {about: known.get(clause, {}).get(about, entry.at) for about in abouts}
                for clause, abouts in entry.lacking.items()
            }
        one = EarlierExport(at=entry.at, playbooks=began.playbooks, statuses=statuses)
        self.exports.append(one)
        self.drafts[entry.run] = one, self.sighted.in_all.mark
        if len(self.drafts) > _DRAFTS:
            del self.drafts[next(iter(self.drafts))]
        if self.beginning.anew:
            self.before, self.wrote_in_all = replace(one, lacking=entry.lacking), 0
            self.looks, self.longest = 0, timedelta()
            self.wrote.clear()
            self.written.clear()
            self.sighted.anew()
