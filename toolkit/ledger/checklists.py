"""Reads the started checklists from the ledger: due dates, and completed steps with their evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from toolkit.ledger.checklist_entries import ChecklistEntry, ChecklistStarted, ChecklistStepDone, ChecklistStopped
from toolkit.ledger.entries import read_entry
from toolkit.ledger.tables import ENTRY

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from toolkit.ledger.ledger import Ledger


@dataclass(slots=True)
class StartedChecklist:
    """A started checklist. `verified` steps were read from a tenant. `stated` steps were only confirmed by a role."""

    id: str
    name: str
    at: datetime
    due: Mapping[str, date]
    person: str = ""  # a pseudonym
    stated: dict[str, ChecklistStepDone] = field(default_factory=dict)
    verified: dict[str, ChecklistStepDone] = field(default_factory=dict)
    stopped: ChecklistStopped | None = None

    @property
    def open_steps(self) -> Sequence[str]:
        return [step for step in self.due if step not in self.stated and step not in self.verified]

    @property
    def open(self) -> bool:
        return self.stopped is None and bool(self.open_steps)

    def overdue(self, today: date) -> Sequence[str]:
        """Return the steps that are not done and were due before today."""
        return [step for step in self.open_steps if self.due[step] < today] if self.open else []


@dataclass(slots=True)
class ChecklistsFold:
    """Builds the state of every checklist from the ledger's entries."""

    started: dict[str, StartedChecklist] = field(default_factory=dict)

    def add(self, entry: ChecklistEntry) -> None:
        """Apply the next entry."""
        match entry:
            case ChecklistStarted():
                checklist = StartedChecklist(entry.checklist, entry.name, entry.at, entry.due, entry.person)
                self.started[entry.checklist] = checklist
            case ChecklistStepDone(checklist=name, step=step):
                record = self.started[name]
                (record.verified if entry.read else record.stated)[step] = entry
            case ChecklistStopped(checklist=name):
                self.started[name].stopped = entry


def started_checklists(ledger: "Ledger") -> Mapping[str, StartedChecklist]:
    """Return every checklist that was started, by id and sorted by id."""
    if not ledger.exists():
        return {}
    with ledger.open_tables() as stored:
        return read_checklists_in_transaction(stored.connection)


def overdue_checklists(ledger: "Ledger", today: date) -> Mapping[str, int]:
    """Return the number of overdue steps of each open checklist, by checklist id.

    Checklists without overdue steps are left out.
    """
    overdue = ((checklist.id, len(checklist.overdue(today))) for checklist in started_checklists(ledger).values())
    return {name: number for name, number in overdue if number}


def read_checklists_in_transaction(connection: "Connection") -> Mapping[str, StartedChecklist]:
    """Return every checklist that was started, by checklist id, within an open transaction."""
    fold = ChecklistsFold()
    query = select(ENTRY.c.text).where(ENTRY.c.text.like('%"kind":"checklist%')).order_by(ENTRY.c.n)
    for text in connection.execute(query).scalars():
        entry = read_entry(text)
        if isinstance(entry, ChecklistEntry):
            fold.add(entry)
    return fold.started
