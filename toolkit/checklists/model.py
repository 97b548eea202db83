"""The state of a started checklist: for each step its progress, and whether the tenants show that it is done."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum

from toolkit.errors import Exit
from toolkit.playbook.checklists import Checklist, StepForm
from toolkit.records import dataclass


class ReadingState(StrEnum):
    """Whether a reading of the tenants shows that a step is done."""

    VERIFIED = "verified"
    NOT_YET = "not yet"
    UNKNOWN = "unknown"
    SHOWN = "for your decision"  # the reading does not decide, a role does


@dataclass(frozen=True, slots=True)
class StepReading:
    """Whether a step is done, according to the tenants and registers, with the reason."""

    state: ReadingState
    told: str


class ProgressState(StrEnum):
    """The progress of a step. toolkit verified a `verified` step. Only a role said that a `stated` step is done."""

    VERIFIED = "verified"
    STATED = "stated"
    CONTRADICTED = "contradicted"  # stated, but the present reading contradicts it
    OVERDUE = "overdue"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """A step of a started checklist, with its present progress."""

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
    """A started checklist, with the present progress of its steps."""

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
    """Return a checklist's steps by name, or an empty mapping if no file contains the checklist any more."""
    return {step.step: step for step in checklist.steps} if checklist else {}
