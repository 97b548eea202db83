"""Computes the rows that each ledger entry adds to the derived tables or deletes from these tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, assert_never

from toolkit.errors import LedgerError
from toolkit.ledger.checklist_entries import ChecklistStarted, ChecklistStepDone, ChecklistStopped
from toolkit.ledger.entries import (
    Action,
    Entry,
    HeadLost,
    MatterAnswered,
    NamesForgotten,
    ReportReleased,
    RunBegan,
    RunEnded,
    StepBegan,
    StepEnded,
    StepFailed,
    StepUnknown,
    StepVerdict,
    StepVerified,
)
from toolkit.ledger.findings import DriftSeen, Sighting
from toolkit.ledger.school_parts import SchoolExtract, SchoolFreeze, SchoolPart
from toolkit.ledger.tables import (
    OPEN,
    Consequence,
    FindingRow,
    Forget,
    InventoryRow,
    MemoryRow,
    Row,
    RunRow,
    StepRow,
    StepState,
)
from toolkit.planning.finding_state import FindingState
from toolkit.values import Settings, canonical_text, plain


class ProjectedPast(Protocol):
    """The derived state after all earlier entries."""

    def target(self) -> str | None: ...
    def run(self, run: str) -> RunRow | None: ...
    def step(self, run: str, step: int) -> StepRow | None: ...
    def began_entry(self, row: StepRow) -> StepBegan: ...
    def memory(self, address: str) -> MemoryRow | None: ...
    def findings(self) -> Sequence[FindingRow]: ...  # the open ones


def changes_of_entry(n: int, entry: Entry, earlier_state: ProjectedPast) -> Sequence[Consequence]:
    """Return the changes that entry n makes to the derived tables.

    Raise LedgerError if the entry contradicts earlier entries.
    """
    changes: Sequence[Consequence] = ()
    match entry:
        case RunBegan():
            changes = [_row_of_begun_run(n, entry, earlier_state)]
        case StepBegan():
            changes = [_row_of_begun_step(n, entry, earlier_state)]
        case StepEnded():
            changes = _rows_after_applied_step(n, entry, _find_row_of_open_step(entry, earlier_state), earlier_state)
        case StepFailed():
            changes = [_row_with_state(n, _find_row_of_open_step(entry, earlier_state), StepState.FAILED)]
        case StepUnknown():
            changes = [_row_with_state(n, _find_row_of_open_step(entry, earlier_state), StepState.UNKNOWN)]
        case StepVerified():
            changes = _rows_after_verified_step(n, entry, earlier_state)
        case RunEnded():
            changes = [
                _row_of_ended_run(n, entry, earlier_state),
                *(InventoryRow(kind, n) for kind in sorted(entry.unmanaged)),
            ]
        case DriftSeen():
            _find_row_of_open_run(entry.run, earlier_state)
            changes = finding_rows(n, entry, earlier_state.findings())
        case (
            HeadLost()
            | NamesForgotten()
            | MatterAnswered()
            | ReportReleased()
            | ChecklistStarted()
            | ChecklistStepDone()
            | ChecklistStopped()
            | SchoolPart()
            | SchoolFreeze()
            | SchoolExtract()
        ):
            pass
        case _:
            assert_never(entry)
    return changes


def _row_of_begun_run(n: int, entry: RunBegan, earlier_state: ProjectedPast) -> RunRow:
    if earlier_state.run(entry.run):
        raise LedgerError(f"run {entry.run} is in the ledger already")
    target = earlier_state.target()
    if target not in {None, entry.target}:
        # Emulated evidence must never be taken for live evidence, nor be in one ledger with it.
        raise LedgerError(f"this ledger belongs to the {target} target. A run on {entry.target} needs another ledger")
    return RunRow(entry.run, entry.command, entry.target, n)


def _row_of_ended_run(n: int, entry: RunEnded, earlier_state: ProjectedPast) -> RunRow:
    row = _find_row_of_open_run(entry.run, earlier_state)
    return RunRow(row.run, row.command, row.target, row.began, n)


def _find_row_of_open_run(run: str, earlier_state: ProjectedPast) -> RunRow:
    row = earlier_state.run(run)
    if row is None or row.ended is not None:
        raise LedgerError(f"run {run} has not begun, or has ended")
    return row


def _row_of_begun_step(n: int, entry: StepBegan, earlier_state: ProjectedPast) -> StepRow:
    _find_row_of_open_run(entry.run, earlier_state)
    if earlier_state.step(entry.run, entry.step):
        raise LedgerError(f"step {entry.step} of run {entry.run} has begun already")
    return StepRow(entry.run, entry.step, str(entry.address), StepState.BEGUN, n, n)


def _find_row_of_open_step(
    entry: StepEnded | StepFailed | StepUnknown | StepVerified, earlier_state: ProjectedPast
) -> StepRow:
    row = earlier_state.step(entry.run, entry.step)
    if row is None or row.state not in OPEN:
        raise LedgerError(f"step {entry.step} of run {entry.run} has not begun, or has ended")
    return row


def _row_with_state(n: int, row: StepRow, state: StepState) -> StepRow:
    return StepRow(row.run, row.step, row.address, state, row.began, n)


def _rows_after_verified_step(n: int, entry: StepVerified, earlier_state: ProjectedPast) -> Sequence[Consequence]:
    row = _find_row_of_open_step(entry, earlier_state)
    match entry.verdict:
        case StepVerdict.APPLIED:
            return _rows_after_applied_step(n, entry, row, earlier_state)
        case StepVerdict.NOT_APPLIED:
            return [_row_with_state(n, row, StepState.NOT_APPLIED)]
        case StepVerdict.CANNOT_TELL:
            return [_row_with_state(n, row, StepState.CANNOT_TELL)]


def _rows_after_applied_step(
    n: int, entry: StepEnded | StepVerified, row: StepRow, earlier_state: ProjectedPast
) -> Sequence[Consequence]:
    begun, last = earlier_state.began_entry(row), earlier_state.memory(row.address)
    done = _row_with_state(n, row, StepState.APPLIED)
    if begun.action is Action.DELETE:
        return [done, Forget(row.address)]
    remembered = MemoryRow(
        address=row.address,
        remote_id=entry.remote_id or begun.remote_id,
        name=entry.name or (last.name if last else None),
        action=begun.action,
        run=row.run,
        at=entry.at.isoformat(),
        sent=_settings_text(begun.sent, last.sent if last else "{}"),
        returned=_settings_text(entry.returned, last.returned if last else "{}"),
        people=begun.reach.people if begun.reach else None,
        devices=begun.reach.devices if begun.reach else None,
    )
    return [done, remembered]


def _settings_text(settings: Settings | None, otherwise: str) -> str:
    """Return a step's settings as text, or `otherwise` if the step has no settings."""
    if settings is None:
        return otherwise
    return canonical_text({name: plain(value) for name, value in settings.items()})


_PAST = RunRow("", "", "", 0, 0)
"""A released run, of which only its end is known."""


class ReplayTables:
    """The derived tables in memory, computed by replaying the entries."""

    def __init__(self) -> None:
        self.runs: dict[str, RunRow] = {}
        self.steps: dict[str, dict[int, StepRow]] = {}
        self.memories: dict[str, MemoryRow] = {}
        self.inventories: dict[str, InventoryRow] = {}
        self.found: dict[str, FindingRow] = {}
        self.past: set[str] = set()  # the runs that were let go
        self._begun: dict[int, StepBegan] = {}
        self._target: str | None = None

    def add(self, n: int, entry: Entry) -> None:
        """Apply entry n."""
        for change in changes_of_entry(n, entry, self):
            match change:
                case RunRow():
                    self.runs[change.run] = change
                    self._target = self._target or change.target
                case StepRow():
                    self.steps.setdefault(change.run, {})[change.step] = change
                    if change.state not in OPEN:
                        self._begun.pop(change.began)
                case MemoryRow():
                    self.memories[change.address] = change
                case InventoryRow():
                    self.inventories[change.of_kind] = change
                case FindingRow():
                    self.found[change.id] = change
                case Forget():
                    self.memories.pop(change.address, None)
        if isinstance(entry, StepBegan):
            self._begun[n] = entry

    def release_ended(self, runs: Iterable[str]) -> tuple[list[RunRow], list[StepRow]]:
        """Remove and return the rows of ended runs. Steps that a later run may still check are kept."""
        ended = [self.runs.pop(run) for run in runs]
        self.past.update(row.run for row in ended)
        closed: list[StepRow] = []
        for row in ended:
            steps = self.steps.pop(row.run, {})
            closed += [step for step in steps.values() if step.state not in OPEN]
            if left := {number: step for number, step in steps.items() if step.state in OPEN}:
                self.steps[row.run] = left
        return ended, closed

    def tables(self) -> Mapping[type[Row], Iterable[Row]]:
        """Return all rows by table."""
        return {
            RunRow: self.runs.values(),
            StepRow: [row for steps in self.steps.values() for row in steps.values()],
            MemoryRow: self.memories.values(),
            InventoryRow: self.inventories.values(),
            FindingRow: self.found.values(),
        }

    def target(self) -> str | None:
        return self._target

    def run(self, run: str) -> RunRow | None:
        return _PAST if run in self.past else self.runs.get(run)

    def step(self, run: str, step: int) -> StepRow | None:
        return self.steps.get(run, {}).get(step)

    def began_entry(self, row: StepRow) -> StepBegan:
        return self._begun[row.began]

    def memory(self, address: str) -> MemoryRow | None:
        return self.memories.get(address)

    def findings(self) -> Sequence[FindingRow]:
        return [row for row in self.found.values() if row.state != FindingState.FIXED]


def finding_rows(n: int, entry: DriftSeen, before: Sequence[FindingRow]) -> list[FindingRow]:
    """Return the rows of findings after entry n, which lists new and fixed findings.

    `before` has the rows before entry n.
    """
    rows = {row.id: row for row in before}
    at = entry.at.isoformat()
    changed = {finding.id: _finding_row(n, finding, at) for finding in entry.found}
    for finding in (
        fixed for fixed in entry.fixed if fixed.id in rows
    ):  # two concurrent drifts may both see the end of a finding
        changed[finding.id] = replace(rows[finding.id], state=FindingState.FIXED, fixed=at, how=finding.how)
    still = [row for row in before if row.id not in changed and row.id not in entry.unseen]
    return [*changed.values(), *(replace(row, seen=at, n=n) for row in still)]


def _finding_row(n: int, finding: Sighting, at: str) -> FindingRow:
    return FindingRow(
        id=finding.id,
        address=finding.address,
        path=finding.path,
        what=finding.what,
        state=finding.state,
        since=finding.since.isoformat(),
        seen=at,
        n=n,
        cause=finding.cause,
        actor=finding.actor,
        person=int(finding.person),
        changed=finding.changed.isoformat() if finding.changed else None,
    )
