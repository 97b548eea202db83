"""Read the ledger once for an export, to find the earlier statuses of clauses and the events of the period."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
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
from toolkit.ledger.school_entries import limit_to_school
from toolkit.sdk.resource import Address

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_DRAFTS = 100
"""How many of the latest drafts are kept, because one may be released."""
REPORTS = 12
"""How many earlier exports are reported."""


def read_past(ledgers: "Sequence[Ledger]", beginning: Beginning, school: str = "") -> ReportPast:
    """Read the whole ledgers once, entry by entry, and return the records of the time before an export.

    For a school of a trust, only the entries that concern the school are used.
    """
    scan = _PeriodScan(beginning)
    for n, entry in merge(*(ledger.entries() for ledger in ledgers), key=lambda numbered: numbered[1].at):
        if concerned := limit_to_school(entry, school) if school else entry:
            scan.add(n, concerned)
    return scan.past()


@dataclass(slots=True)
class _PeriodScan:
    """The part of the ledger that was read so far. Only the entries that a report needs are kept."""

    beginning: Beginning
    exports: deque[EarlierExport] = field(default_factory=lambda: deque(maxlen=REPORTS))
    drafts: dict[str, tuple[EarlierExport, Mark]] = field(default_factory=dict)  # by their runs, the latest
    released: deque[EarlierExport] = field(default_factory=lambda: deque(maxlen=REPORTS))
    released_until: Mark = field(default_factory=Mark)
    before: EarlierStatuses | None = None
    removed: list[LateEnd] = field(default_factory=list)
    put_in_place: dict[str, set[str]] = field(default_factory=dict)
    runs: dict[str, RunBegan] = field(default_factory=dict)
    open_steps: dict[tuple[str, int], StepBegan] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    writes: deque[RunWrite] = field(default_factory=lambda: deque(maxlen=MOST))
    last_writes: dict[Address, datetime] = field(default_factory=dict)
    writes_in_all: int = 0
    timeline: FindingTimeline = field(default_factory=FindingTimeline)
    looks: int = 0
    longest: timedelta = timedelta()
    last_look: datetime | None = None
    lacking: Mapping[str, Mapping[str, datetime]] | None = None
    answers: dict[str, list[MatterAnswered]] = field(default_factory=dict)
    checklists: ChecklistsFold = field(default_factory=ChecklistsFold)

    def add(self, n: int, entry: Entry) -> None:
        reported = self.beginning.is_in_period(n, entry.at)
        match entry:
            case RunBegan(run=run):
                self.runs[run] = entry
            case StepBegan(run=run, step=step):
                self.open_steps[run, step] = entry
            case StepFailed(run=run, step=step):
                self.open_steps.pop((run, step), None)
            case StepEnded() | StepVerified():
                self._add_step(entry, reported=reported)
            case RunEnded():
                self._add_run_end(entry, reported=reported)
            case MatterAnswered():
                self.answers.setdefault(entry.matter, []).append(entry)
            case ChecklistStarted() | ChecklistStepDone() | ChecklistStopped():
                self.checklists.add(entry)
            case ReportReleased():
                self._add_release(entry)
            case DriftSeen():
                self.timeline.add(entry, reported=reported)
                self._add_look(entry.at, reported=reported)
                self.looks += reported
            case _:
                pass

    def past(self) -> ReportPast:
        timeline = self.timeline
        findings = timeline.latest()
        return ReportPast(
            exports=list(reversed(self.exports)),
            released=list(reversed(self.released)),
            since_released=timeline.in_all.since(self.released_until),
            before=self.beginning.earlier or self.before,
            writes=list(self.writes),
            earlier_writes=self.writes_in_all - len(self.writes),
            last_writes=self.last_writes,
            findings=findings,
            earlier_findings=timeline.ended + len(timeline.recent) - len(findings),
            endings=timeline.endings,
            course=timeline.tally.course(),
            in_all=timeline.in_all.course(),
            open=len(timeline.open),
            still_different=list(islice(timeline.open.values(), MOST)),
            looks=self.looks,
            longest=self.longest,
            last_look=self.last_look,
            removed=self.removed,
            put_in_place=self.put_in_place,
            lacking=self.lacking,
            answers=self.answers,
            checklists=list(self.checklists.started.values()),
        )

    def _add_step(self, entry: StepEnded | StepVerified, *, reported: bool) -> None:
        step = self.open_steps.pop((entry.run, entry.step), None)
        if isinstance(entry, StepVerified) and entry.verdict is not StepVerdict.APPLIED:
            return
        if step is None or step.address.kind == HOLD or step.action is Action.SEND:
            return
        self.timeline.last_writes[step.address] = entry.at
        if not reported:
            return
        self.counts.setdefault(entry.run, Counter())[step.address.kind_path] += 1
        self.last_writes[step.address] = entry.at

    def _add_look(self, at: datetime, *, reported: bool) -> None:
        if reported and self.last_look:
            self.longest = max(self.longest, at - self.last_look)
        self.last_look = at

    def _add_release(self, entry: ReportReleased) -> None:
        """Add a report that the board has seen.

        Findings are counted from each of these reports to the next.
        """
        if draft := self.drafts.pop(entry.report, None):
            report, until = draft
            course = self.timeline.in_all.since(self.released_until, until)
            self.released.append(replace(report, course=course))
            self.released_until = until

    def _add_run_end(self, entry: RunEnded, *, reported: bool) -> None:
        began = self.runs.pop(entry.run, None)
        self.removed += [
            LateEnd(at=entry.at, exception=turn.exception, provider=turn.provider, minutes=turn.minutes)
            for turn in entry.turned
            if turn.ended
        ]
        for turn in entry.turned:
            if not turn.ended:
                self.put_in_place.setdefault(turn.exception, set()).add(turn.provider)
        counts = self.counts.pop(entry.run, None)
        if began is not None and counts and reported:
            self.writes.append(
                RunWrite(at=began.at, command=began.command, counts=dict(counts), override=began.override)
            )
            self.writes_in_all += 1
        if began is not None and entry.statuses:
            self._add_run_statuses(began, entry, reported=reported)

    def _add_run_statuses(self, began: RunBegan, entry: RunEnded, *, reported: bool) -> None:
        """Record the statuses that a run found.

        For a comparison date, the last run before the date counts, or else the first run after it.
        """
        self._add_look(entry.at, reported=reported)
        # Statuses repeat, so each word is kept in memory once.
        statuses = {intern(clause): intern(status) for clause, status in entry.statuses.items()}
        if self.beginning.day is not None and (not reported or self.before is None):
            self.before = EarlierStatuses(
                at=entry.at, playbooks=began.playbooks, statuses=statuses, lacking=entry.lacking
            )
        if began.command != EXPORT_COMMAND:
            return
        lacking_before = self.lacking or {}
        self.lacking = None
        if entry.lacking is not None:
            self.lacking = {
                clause: {about: lacking_before.get(clause, {}).get(about, entry.at) for about in abouts}
                for clause, abouts in entry.lacking.items()
            }
        export = EarlierExport(at=entry.at, playbooks=began.playbooks, statuses=statuses)
        self.exports.append(export)
        self.drafts[entry.run] = export, self.timeline.in_all.mark
        if len(self.drafts) > _DRAFTS:
            del self.drafts[next(iter(self.drafts))]
        if self.beginning.since_last_export:
            self.before, self.writes_in_all = replace(export, lacking=entry.lacking), 0
            self.looks, self.longest = 0, timedelta()
            self.writes.clear()
            self.last_writes.clear()
            self.timeline.restart()
