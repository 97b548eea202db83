"""Builds the history of runs from the ledger's entries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import assert_never

from toolkit.errors import UsageError
from toolkit.ledger.act_kinds import HIDDEN_KINDS, QUERY
from toolkit.ledger.checklist_entries import ChecklistStarted, ChecklistStepDone, ChecklistStopped
from toolkit.ledger.entries import (
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
    StepVerified,
)
from toolkit.ledger.findings import DriftSeen
from toolkit.ledger.school_parts import SchoolExtract, SchoolFreeze, SchoolPart
from toolkit.ledger.tables import StepState
from toolkit.messages import closest
from toolkit.records import dataclass
from toolkit.sdk.resource import Address
from toolkit.values import Settings, Value

ROLLBACK = "rollback"
"""The command that takes back a run."""

_OfSteps = StepBegan | StepEnded | StepFailed | StepUnknown | StepVerified


@dataclass(frozen=True, slots=True)
class RunStep:
    """A step of a run: the state before, the settings that were sent, the outcome, and the settings that came back."""

    began: StepBegan
    state: StepState = StepState.BEGUN
    error: str = ""
    returned: Settings | None = None
    looked_by: str | None = None  # the later run that checked its effect

    @property
    def changes(self) -> Mapping[str, tuple[Value, Value]]:
        """Return each setting's value before and after the step.

        If the service returned a value, that value is the one after the step.
        """
        before, sent = self.began.before or {}, self.began.sent or {}
        shown = self.returned or {}
        pairs = {name: (before.get(name), shown.get(name, value)) for name, value in sent.items()}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@dataclass(frozen=True, slots=True)
class RunHistory:
    """A run with its steps. `ended` is None if the run was killed or is still running."""

    began: RunBegan
    ended: RunEnded | None = None
    released: ReportReleased | None = None  # the report that it made final
    steps: Mapping[int, RunStep] = field(default_factory=dict)

    @property
    def rolled_back_run(self) -> str:
        """Return the id of the run that this run rolled back. Earlier versions recorded the id only among the flags."""
        began = self.began
        return began.undoes or (began.flags[0] if began.command == ROLLBACK and began.flags else "")


def collect_runs(entries: Iterable[Entry], *, exports: bool = False) -> Sequence[RunHistory]:
    """Return all runs, latest first.

    Holds and copies of evidence are left out, because `toolkit hold` and `toolkit custody` show them. With `exports`,
    exports of searches are included, which can be reported but not rolled back.
    """
    runs: dict[str, RunHistory] = {}
    hidden: set[tuple[str, int]] = set()
    for entry in entries:
        if (
            isinstance(entry, StepBegan)
            and entry.address.kind in HIDDEN_KINDS
            and not (exports and QUERY in (entry.sent or {}))
        ):
            hidden.add((entry.run, entry.step))
        if isinstance(entry, _OfSteps) and (entry.run, entry.step) in hidden:
            continue
        match entry:
            case RunBegan(run=run):
                runs[run] = RunHistory(entry)
            case RunEnded(run=run):
                runs[run] = replace(runs[run], ended=entry)
            case StepBegan() | StepEnded() | StepFailed() | StepUnknown() | StepVerified():
                recorded = runs[entry.run]
                runs[entry.run] = replace(
                    recorded, steps={**recorded.steps, entry.step: _update_step(recorded.steps, entry)}
                )
            case ReportReleased(run=run) if run in runs:
                runs[run] = replace(runs[run], released=entry)
            case (
                DriftSeen()
                | HeadLost()
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
    return list(reversed(runs.values()))


def find_run(runs: Sequence[RunHistory], run: str) -> RunHistory:
    """Return the run whose id begins with the given text. Raise UsageError if no run or several runs match."""
    matches = [match for match in runs if match.began.run.startswith(run)]
    match matches:
        case [match]:
            return match
        case []:
            hint = f". The last is {runs[0].began.run}" if runs else ". The ledger is empty"
            raise UsageError(f"the ledger has no run {run}{hint}")
        case _:
            raise UsageError(f"{len(matches)} runs begin with {run}: write more of the id")


def unchanged_message(runs: Sequence[RunHistory], address: Address) -> str:
    """Return the message that no run changed an object, with a suggestion for a mistyped address."""
    addresses = {str(step.began.address) for run in runs for step in run.steps.values()}
    meant = closest(str(address), addresses)
    return f"no run has changed {address}" + (f": did you mean `{meant}`?" if meant else "")


def runs_that_changed(runs: Sequence[RunHistory], address: Address) -> Sequence[RunHistory]:
    """Return the runs that changed an object, with only the changes to this object."""
    narrowed = [
        replace(run, steps={n: step for n, step in run.steps.items() if step.began.address == address}) for run in runs
    ]
    return [run for run in narrowed if run.steps]


def _update_step(
    steps: Mapping[int, RunStep], entry: StepBegan | StepEnded | StepFailed | StepUnknown | StepVerified
) -> RunStep:
    match entry:
        case StepBegan():
            return RunStep(entry)
        case StepEnded(step=step, returned=returned):
            return replace(steps[step], state=StepState.APPLIED, returned=returned)
        case StepFailed(step=step, error=error):
            return replace(steps[step], state=StepState.FAILED, error=error)
        case StepUnknown(step=step, error=error):
            return replace(steps[step], state=StepState.UNKNOWN, error=error)
        case StepVerified(step=step, verdict=verdict, returned=returned, by=by):
            return replace(steps[step], state=StepState(verdict.value), returned=returned, looked_by=by)
