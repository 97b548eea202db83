"""Looks at everything for an export: how the clauses stand now, and what happened since the export before it."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from sys import intern
from typing import TYPE_CHECKING

import toolkit
from toolkit.errors import Exit, UsageError
from toolkit.planning.fact import Verdict
from toolkit.playbook.entries import Playbooks
from toolkit.record.chain import Head
from toolkit.record.entries import RunBegan, RunEnded, StepBegan, StepEnded, StepFailed
from toolkit.record.fingerprints import HOLD
from toolkit.record.sightings import Seen
from toolkit.running.journal import Journal
from toolkit.running.policy import PolicyReport, looked_at
from toolkit.running.survey import Context

if TYPE_CHECKING:
    from toolkit.record.ledger import Ledger

COMMAND = "audit export"
MOST = 100
"""How many runs, and how many findings, an export tells one by one; of those before them it gives the number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What an earlier export said."""

    at: datetime
    playbooks: str  # their digest
    statuses: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrote:
    """What one run wrote, counted by kind of object."""

    at: datetime
    command: str
    done: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """An exception that a run brought to its end on one cloud, and how many minutes late."""

    at: datetime
    exception: str
    provider: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What the ledger says of the time before, as far as an export tells it."""

    exports: Sequence[Exported] = ()  # the last first
    wrote: Sequence[Wrote] = ()  # since the last export, or since the ledger begins: the latest of them
    wrote_earlier: int = 0  # how many came before those
    seen: Sequence[Seen] = ()  # likewise: what was found not to be as the playbooks say, outside any run, one by one
    seen_earlier: int = 0
    put_right: int = 0  # of all that was found
    removed: Sequence[Removed] = ()  # ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Everything that an export tells."""

    report: PolicyReport
    past: Past
    head: Head  # of the ledger, when the export was made
    journal: Journal

    @property
    def exit(self) -> Exit:
        """Say whether everything could be read."""
        unread = any(fact.verdict is Verdict.UNREAD for one in self.report.statuses for fact in one.evidence)
        return Exit.UNREAD if unread else Exit.AS_WANTED

    def finished(self, files: Mapping[str, str]) -> None:
        """Record how the clauses stand and what was written, each file with its SHA-256."""
        statuses = {one.clause.name: str(one.status) for one in self.report.statuses}
        self.journal.finished(
            code=self.exit, summary=self.report.summary, unmanaged={}, statuses=statuses, exported=files
        )


def export_run(context: Context, playbooks: Playbooks, ledger: "Ledger") -> Export:
    """Look at everything once and record that it was done; UsageError where the playbooks hold no policy."""
    if not playbooks.policy.clauses:
        raise UsageError(f"{playbooks.root}: no file of these playbooks begins with `policy:`, so there are no clauses")
    past = told(ledger) if ledger.exists() else Past()
    report = looked_at(context, playbooks, ledger)
    journal = Journal(ledger, context.run, context.now)
    journal.began(
        command=context.command,
        target=context.target.name,
        tenants=report.tenants,
        version=toolkit.__version__,
        playbooks=playbooks.digest,
        flags=context.flags,
    )
    return Export(report=report, past=past, head=ledger.head(), journal=journal)


@dataclass(slots=True)
class _Telling:
    """The ledger as far as it was read: of the time before the last export nothing is kept but the exports."""

    exports: list[Exported] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    runs: dict[str, RunBegan] = field(default_factory=dict)
    begun: dict[tuple[str, int], StepBegan] = field(default_factory=dict)
    done: dict[str, Counter[str]] = field(default_factory=dict)
    wrote: deque[Wrote] = field(default_factory=lambda: deque(maxlen=MOST))
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=MOST))
    counted: Counter[str] = field(default_factory=Counter)  # of what came since the last export

    def ended(self, entry: RunEnded) -> None:
        began = self.runs.pop(entry.run, None)
        self.removed += [
            Removed(at=entry.at, exception=one.exception, provider=one.provider, minutes=one.minutes)
            for one in entry.turned
            if one.ended
        ]
        if began is not None and began.command == COMMAND and entry.statuses:
            # The same few words again and again: each of them is kept once.
            statuses = {intern(clause): intern(status) for clause, status in entry.statuses.items()}
            self.exports.append(Exported(at=entry.at, playbooks=began.playbooks, statuses=statuses))
            self.wrote.clear()
            self.seen.clear()
            self.counted.clear()
        elif began is not None and (done := self.done.pop(entry.run, None)):
            self.wrote.append(Wrote(at=began.at, command=began.command, done=dict(done)))
            self.counted["runs"] += 1

    def step_ended(self, entry: StepEnded) -> None:
        begun = self.begun.pop((entry.run, entry.step), None)
        if begun is not None and begun.address.kind != HOLD:
            self.done.setdefault(entry.run, Counter())[begun.address.of_kind] += 1

    def saw(self, entry: Seen) -> None:
        self.counted["found"] += len(entry.found)
        self.counted["put right"] += len(entry.fixed)
        self.seen += (replace(entry, found=(one,), fixed=()) for one in entry.found)


def told(ledger: "Ledger") -> Past:
    """Read the ledger once, entry by entry."""
    telling = _Telling()
    for _, entry in ledger.entries():
        match entry:
            case RunBegan(run=run):
                telling.runs[run] = entry
            case StepBegan(run=run, step=step):
                telling.begun[run, step] = entry
            case StepEnded():
                telling.step_ended(entry)
            case RunEnded():
                telling.ended(entry)
            case Seen():
                telling.saw(entry)
            case StepFailed(run=run, step=step):
                telling.begun.pop((run, step), None)
            case _:
                pass
    return Past(
        exports=list(reversed(telling.exports)),
        wrote=list(telling.wrote),
        seen=list(telling.seen),
        wrote_earlier=telling.counted["runs"] - len(telling.wrote),
        seen_earlier=telling.counted["found"] - len(telling.seen),
        put_right=telling.counted["put right"],
        removed=telling.removed,
    )
