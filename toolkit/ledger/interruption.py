"""The runs that a process has begun in the ledger and not ended, and what an interrupted one has done."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from toolkit.errors import Exit
from toolkit.ledger.entries import Entry, HeadLost, RunBegan, RunEnded, StepBegan
from toolkit.ledger.tables import StepState
from toolkit.sdk.lending import object_name
from toolkit.sdk.resource import Address

if TYPE_CHECKING:
    from toolkit.ledger.history import RunStep

INTERRUPTED = "interrupted"
"""Why a run came to no answer, as the ledger says it."""

_STATES = {
    StepState.APPLIED: "done",
    StepState.FAILED: "failed",
    StepState.NOT_APPLIED: "not done",
}
_NOT_KNOWN = "its outcome is not known; the next run looks it up"


class OpenRuns:
    """Follows the entries of the runs that this process makes."""

    def __init__(self) -> None:
        self._entries: dict[str, list[Entry]] = {}
        self._ended: set[str] = set()

    def follow(self, entry: Entry) -> None:
        """Take in an entry that is in the ledger."""
        match entry:
            case HeadLost():
                return
            case RunBegan(run=run):
                self._entries[run] = [entry]
            case RunEnded(run=run):
                self._ended.add(run)
            case _ if entry.run in self._entries:  # what is looked up of an earlier run is not of this one
                self._entries[entry.run].append(entry)

    def ends(self, code: Exit) -> Sequence[RunEnded]:
        """Give the entry that ends each run as interrupted that has not ended."""
        began = [entries[0] for run, entries in self._entries.items() if run not in self._ended]
        return [
            RunEnded(run=one.run, at=one.at, exit=code, summary={}, failed=INTERRUPTED)
            for one in began
            if isinstance(one, RunBegan)
        ]

    def outcomes(self, run: str) -> Sequence[str]:
        """Return what came of each change that a run began, a line each; holds have a list of their own."""
        from toolkit.ledger.fingerprints import HOLD  # it knows the ledger, which knows this module

        if any(isinstance(entry, StepBegan) and entry.address.kind == HOLD for entry in self._entries.get(run, ())):
            return ["`toolkit hold list` shows what was placed or released; run the same command again to finish"]
        return [_outcome(step) for step in self._steps(run)] or ["nothing was written"]

    def begun(self, run: str) -> AbstractSet[tuple[Address, str]]:
        """Name the changes that a run began."""
        return {(step.began.address, str(step.began.action)) for step in self._steps(run)}

    def _steps(self, run: str) -> "Sequence[RunStep]":
        from toolkit.ledger.history import history  # it knows the ledger, which knows this module

        return [step for told in history(self._entries.get(run, ())) for step in told.steps.values()]


def _outcome(step: "RunStep") -> str:
    state = _STATES.get(step.state, _NOT_KNOWN)
    return f"{object_name(step.began.address)}: {step.began.action}: {state}"
