"""Ledger entries about a checklist: its start, the completion of a step, and its early end."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from pydantic import AwareDatetime

from toolkit.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistStarted:
    """The start of a checklist: its name, the due date of each step, and the pseudonym of the person it is about."""

    run: str
    at: AwareDatetime
    checklist: str  # its id, such as leaver-1
    name: str
    due: Mapping[str, date]
    person: str = ""
    kind: Literal["checklist_started"] = "checklist_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistStepDone:
    """A record that a step of a checklist is done, as a role confirmed or a tenant shows."""

    run: str
    at: AwareDatetime
    checklist: str
    step: str
    by: str = ""  # a role
    read: str = ""  # the source of the reading, such as identity.mfa on microsoft365
    kind: Literal["checklist_step"] = "checklist_step"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistStopped:
    """A record that a checklist was stopped before all of its steps were done."""

    run: str
    at: AwareDatetime
    checklist: str
    by: str  # a role
    kind: Literal["checklist_stopped"] = "checklist_stopped"


ChecklistEntry: TypeAlias = ChecklistStarted | ChecklistStepDone | ChecklistStopped
