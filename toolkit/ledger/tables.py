"""The ledger's tables: the chain, the derived tables, the lease, the pseudonyms, and the version."""

from enum import StrEnum
from typing import TypeAlias

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text

from toolkit.records import dataclass

METADATA = MetaData()
_WHOLE = Integer().with_variant(BigInteger(), "postgresql")


def _make_table(name: str, *columns: "Column[int] | Column[str]") -> Table:
    # A strict table lets SQLite's own check find a value whose type was changed in the file.
    return Table(name, METADATA, *columns, sqlite_strict=True)


def _number_column(name: str, *, key: bool = False, nullable: bool = False) -> Column[int]:
    return Column(name, _WHOLE, primary_key=key, nullable=nullable, autoincrement=False)


def _text_column(name: str, *, key: bool = False, nullable: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=nullable)


ENTRY = _make_table(
    "entry", _number_column("n", key=True), _text_column("previous"), _text_column("text"), _text_column("hash")
)

# Derived: each row follows from entries, and verify() rebuilds and compares all of them.
RUN = _make_table(
    "run",
    _text_column("run", key=True),
    _text_column("command"),
    _text_column("target"),
    _number_column("began"),
    _number_column("ended", nullable=True),
)
STEP = _make_table(
    "step",
    _text_column("run", key=True),
    _number_column("step", key=True),
    _text_column("address"),
    _text_column("state"),
    _number_column("began"),
    _number_column("latest"),
)
MEMORY = _make_table(
    "memory",
    _text_column("address", key=True),
    _text_column("remote_id", nullable=True),
    _text_column("name", nullable=True),
    _text_column("action"),
    _text_column("run"),
    _text_column("at"),
    _text_column("sent"),
    _text_column("returned"),
    _number_column("people", nullable=True),
    _number_column("devices", nullable=True),
)
INVENTORY = _make_table("inventory", _text_column("of_kind", key=True), _number_column("n"))
FINDING = _make_table(
    "finding",
    _text_column("id", key=True),
    _text_column("address"),
    _text_column("path"),
    _text_column("what"),
    _text_column("state"),
    _text_column("since"),
    _text_column("seen"),
    _number_column("n"),
    _text_column("cause"),
    _text_column("actor", nullable=True),
    _number_column("person"),
    _text_column("fixed", nullable=True),
    _text_column("how", nullable=True),
    _text_column("changed", nullable=True),
)
Index("step_by_state", STEP.c.state)

# The one table that is changed in place, and is about now only.
LEASE = _make_table(
    "lease",
    _number_column("id", key=True),
    _text_column("run"),
    _text_column("host"),
    _text_column("machine"),
    _number_column("pid"),
    _text_column("process"),
    _number_column("taken"),
    _number_column("renewed"),
    _number_column("expires"),
)

# Outside the chain, so that it can be emptied.
PERSON = _make_table("person", _text_column("pseudonym", key=True), _text_column("address"))

VERSION = 4
"""The version of the ledger. It is raised if an earlier toolkit could not read the ledger, or would damage it."""

META = _make_table("meta", _number_column("id", key=True), _number_column("version"))

# Against a slip, not against an attacker. verify() finds dropped triggers.
_NEVER_CHANGES = """CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"""
_NEVER_GOES = """CREATE TRIGGER entry_never_goes BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"""
_REFUSES = """CREATE FUNCTION entry_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"""
_REFUSES_ROWS = """CREATE TRIGGER entry_never_changes BEFORE UPDATE OR DELETE ON entry
FOR EACH ROW EXECUTE FUNCTION entry_refuses()"""
_REFUSES_ALL = """CREATE TRIGGER entry_never_goes BEFORE TRUNCATE ON entry
FOR EACH STATEMENT EXECUTE FUNCTION entry_refuses()"""

TRIGGERS = {"sqlite": (_NEVER_CHANGES, _NEVER_GOES), "postgresql": (_REFUSES, _REFUSES_ROWS, _REFUSES_ALL)}
"""Statements that make the chain append-only, by the database's dialect."""


class StepState(StrEnum):
    """The outcome of a step, according to the ledger."""

    BEGUN = "begun"
    UNKNOWN = "unknown"
    CANNOT_TELL = "cannot_tell"
    APPLIED = "applied"
    FAILED = "failed"
    NOT_APPLIED = "not_applied"


OPEN = frozenset({StepState.BEGUN, StepState.UNKNOWN, StepState.CANNOT_TELL})
"""Steps that may have taken effect. They are checked before anything is sent again."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, with the numbers of the entries that begin and end it."""

    run: str
    command: str
    target: str
    began: int
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step, with the numbers of its first and its latest entry."""

    run: str
    step: int
    address: str
    state: str
    began: int
    latest: int


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """The state in which toolkit left an object. Settings are canonical JSON."""

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
    """The number of the latest entry that lists the unmanaged objects of a kind."""

    of_kind: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding: a difference from the playbooks, open or fixed."""

    id: str
    address: str
    path: str
    what: str
    state: str
    since: str
    seen: str  # the time of the last drift that saw it
    n: int  # the entry that says so
    cause: str
    actor: str | None = None
    person: int = 0  # 1: the actor is a person's pseudonym
    fixed: str | None = None
    how: str | None = None
    changed: str | None = None  # when the tenant's log says that it was made


@dataclass(frozen=True, slots=True)
class Forget:
    """Delete an object's row from the memory table."""

    address: str


Row: TypeAlias = RunRow | StepRow | MemoryRow | InventoryRow | FindingRow
Consequence: TypeAlias = Row | Forget
