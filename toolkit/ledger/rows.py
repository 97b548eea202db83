"""The rows of the derived tables, in the columns of tables.py."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class StepState(StrEnum):
    """What is known of a step."""

    BEGUN = "begun"
    UNKNOWN = "unknown"
    CANNOT_TELL = "cannot_tell"
    APPLIED = "applied"
    FAILED = "failed"
    NOT_APPLIED = "not_applied"


OPEN = frozenset({StepState.BEGUN, StepState.UNKNOWN, StepState.CANNOT_TELL})
"""Steps that may have taken effect or not: they are looked up before anything is sent again."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, and the entries that begin and end it."""

    run: str
    command: str
    target: str
    began: int
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step, the entry that begins it and the latest that speaks of it."""

    run: str
    step: int
    address: str
    state: str
    began: int
    latest: int


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """An object as we left it, with settings as canonical JSON."""

    address: str
    remote_id: str | None
    name: str | None
    action: str
    run: str
    at: str
    sent: str
    returned: str
    people: int | None = None  # whom the object reached
    devices: int | None = None


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """The newest entry that lists what is unmanaged of a kind."""

    of_kind: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """Something that is not as wanted, or was not until it was fixed."""

    id: str
    address: str
    path: str
    what: str
    state: str
    since: str
    seen: str  # when a drift saw it last
    n: int  # the entry that says so
    cause: str
    actor: str | None = None
    person: int = 0  # 1: the actor is a person's pseudonym
    fixed: str | None = None
    how: str | None = None
    changed: str | None = None  # when the tenant's log says that it was made


@dataclass(frozen=True, slots=True)
class Forget:
    """Take the object's row out of the memory."""

    address: str


Row: TypeAlias = RunRow | StepRow | MemoryRow | InventoryRow | FindingRow
Consequence: TypeAlias = Row | Forget
