"""A started checklist together with its file: each step with its state and its present reading."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from toolkit.errors import Exit
from toolkit.playbook.checklists import Checklist, StepForm
from toolkit.records import dataclass


class ReadingState(StrEnum):
    """Whether a reading shows that a step is done."""

    VERIFIED = "verified"
    NOT_YET = "not yet"
    UNKNOWN = "unknown"
    SHOWN = "for your decision"  # the reading does not decide, a role does


@dataclass(frozen=True, slots=True)
class StepReading:
    """The present reading of a step."""

    state: ReadingState
    told: str


class ProgressState(StrEnum):
    """How a step is: verified was read, stated only a role has said."""

    VERIFIED = "verified"
    STATED = "stated"
    CONTRADICTED = "contradicted"  # stated, but the present reading contradicts it
    OVERDUE = "overdue"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """One step now."""

    step: str
    state: ProgressState
    due: date
    text: str = ""  # "" if the file no longer has the step
    owner: str = ""
    by: str = ""
    on: date | None = None
    reading: StepReading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistStatus:
    """One checklist now."""

    id: str
    name: str
    title: str
    started: date
    person: str = ""  # the address, or its pseudonym
    stopped_by: str = ""
    steps: Sequence[StepStatus] = ()

    def count(self, state: ProgressState) -> int:
        return sum(step.state is state for step in self.steps)

    @property
    def is_finished(self) -> bool:
        return all(step.state in {ProgressState.VERIFIED, ProgressState.STATED} for step in self.steps)

    @property
    def exit(self) -> Exit:
        """Return 3 if a step is overdue or contradicted, 4 if a step could not be read."""
        if any(step.state in {ProgressState.OVERDUE, ProgressState.CONTRADICTED} for step in self.steps):
            return Exit.PENDING
        unread = any(step.reading and step.reading.state is ReadingState.UNKNOWN for step in self.steps)
        return Exit.UNREAD if unread else Exit.AS_WANTED


def forms_by_step(checklist: Checklist | None) -> Mapping[str, StepForm]:
    """Return the steps of a file by their names. Empty if no file has the checklist now."""
    return {step.step: step for step in checklist.steps} if checklist else {}
