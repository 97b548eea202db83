"""The state in which toolkit last left each object. Plans use it to show causes and ownership and to roll back."""

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, false, or_, select

from toolkit.errors import LedgerError
from toolkit.ledger.entries import Action, Entry, RunBegan, RunEnded, StepBegan, StepUnknown, UnmanagedObject
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import AT_ONCE, Stored
from toolkit.ledger.tables import (
    INVENTORY,
    MEMORY,
    OPEN,
    RUN,
    STEP,
    InventoryRow,
    MemoryRow,
    RunRow,
    StepRow,
    StepState,
)
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Reach, parse_address
from toolkit.values import Json, Settings, entries, from_plain

_Entry = TypeVar("_Entry", RunBegan, RunEnded, StepBegan)


@dataclass(frozen=True, slots=True)
class RememberedObject:
    """The state in which toolkit last left an object."""

    address: Address
    remote_id: str | None
    name: str | None  # its name in the service
    action: Action
    run: str
    at: datetime
    sent: Settings
    returned: Settings
    reach: Reach


@dataclass(frozen=True, slots=True)
class UnfinishedStep:
    """A step that may or may not have taken effect, with the run that began it."""

    run: RunBegan
    step: StepBegan
    error: str | None  # if the run could record that no answer came


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run. `ended` is None if the run was killed or is still running."""

    began: RunBegan
    ended: RunEnded | None


class LedgerMemory:
    """Reads the tables that are derived from the ledger's entries."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def last_state(self, address: Address) -> RememberedObject | None:
        """Return the last state of an object, or None if toolkit never wrote the object or has deleted it."""
        with self._ledger.open_tables() as stored:
            row = stored.memory(str(address))
        return _remembered_object(row) if row else None

    def is_applied_after(self, step: StepBegan) -> bool:
        """Return whether a later step for the same object took effect.

        The order of the ledger counts, even if the recorded times differ.
        """
        began = select(STEP.c.began).where(STEP.c.run == step.run, STEP.c.step == step.step).scalar_subquery()
        query = select(STEP).where(
            STEP.c.address == str(step.address), STEP.c.state == StepState.APPLIED, STEP.c.began > began
        )
        with self._ledger.open_tables() as stored:
            return any(True for _ in stored.rows(StepRow, query))

    def all(self) -> Mapping[Address, RememberedObject]:
        """Return the last state of every object that toolkit wrote and has not deleted."""
        with self._ledger.open_tables() as stored:
            rows = stored.rows(MemoryRow, select(MEMORY).order_by(MEMORY.c.address))
        return {remembered.address: remembered for remembered in map(_remembered_object, rows)}

    def added_entries(self, kinds: Collection[str]) -> Mapping[Address, Mapping[str, frozenset[str]]]:
        """Return the list entries that toolkit added and has not removed, by object and setting, for some kinds."""
        entries_added: dict[Address, dict[str, frozenset[str]]] = {}
        with self._ledger.open_tables() as stored:
            for begun in stored.read_begun_steps(STEP.c.state == StepState.APPLIED, _kinds_condition(kinds)):
                if begun.action is Action.DELETE:
                    entries_added.pop(begun.address, None)
                    continue
                of_object = entries_added.setdefault(begun.address, {})
                of_object.update(_added_entries(of_object, begun))
        return entries_added

    def settings_before_temporary_changes(self, back: Mapping[str, Mapping[str, Json]]) -> Mapping[Address, Settings]:
        """Return the settings that each object had before toolkit changed the object for a limited time.

        `back` has, for each kind, the settings that toolkit sends to restore an object.
        """
        settings_before: dict[Address, Settings] = {}
        with self._ledger.open_tables() as stored:
            for begun in stored.read_begun_steps(STEP.c.state == StepState.APPLIED, _kinds_condition(back)):
                sent, given = begun.sent or {}, back[begun.address.kind_path]
                if all(sent.get(name) == value for name, value in given.items()):
                    settings_before.pop(begun.address, None)
                else:
                    settings_before.setdefault(begun.address, begun.before or {})
        return settings_before

    def acts(self, address: Address) -> tuple[StepBegan, ...]:
        """Return the steps for one address that took effect or may have taken effect."""
        with self._ledger.open_tables() as stored:
            return tuple(stored.read_begun_steps(STEP.c.state != StepState.FAILED, STEP.c.address == str(address)))

    def unfinished_steps(self) -> tuple[UnfinishedStep, ...]:
        """Return the steps that must be checked before anything is sent again. The caller holds the lease."""
        with self._ledger.open_tables() as stored:
            query = select(STEP).where(STEP.c.state.in_(sorted(OPEN))).order_by(STEP.c.began)
            return tuple(_unfinished_step(stored, row) for row in stored.rows(StepRow, query))

    def last_run(self, command: str) -> RecordedRun | None:
        """Return the latest run of a command, even if the run has not ended."""
        return next(iter(self._runs(command=command, limit=1)), None)

    def start_entry(self, run: str) -> RunBegan | None:
        """Return the entry that began a run, or None if the run is unknown."""
        with self._ledger.open_tables() as stored:
            row = stored.run(run)
            return None if row is None else _check_type(RunBegan, stored.entry(row.began))

    def runs(self) -> tuple[RecordedRun, ...]:
        """Return all runs, latest first."""
        return self._runs()

    def runs_of(self, commands: Collection[str]) -> Iterator[RecordedRun]:
        """Yield the runs of some commands, latest first. Each run is read on demand."""
        query = select(RUN).where(RUN.c.command.in_(sorted(commands))).order_by(RUN.c.began.desc()).limit(AT_ONCE)
        with self._ledger.open_tables() as stored:
            rows = stored.rows(RunRow, query)
        while rows:
            for row in rows:
                with self._ledger.open_tables() as stored:
                    run = _recorded_run(stored, row)
                yield run
            with self._ledger.open_tables() as stored:
                rows = stored.rows(RunRow, query.where(RUN.c.began < rows[-1].began))

    def has_writes(self, run: str) -> bool:
        """Return whether a run sent any write."""
        with self._ledger.open_tables() as stored:
            return bool(stored.rows(StepRow, select(STEP).where(STEP.c.run == run).limit(1)))

    def group_ids(self) -> Mapping[str, str]:
        """Return the last recorded id of each group and unit, by provider:name."""
        ids: dict[str, str] = {}
        for run in self.runs():
            ids = {**(run.ended.groups if run.ended else {}), **ids}
        return ids

    def inventory(self) -> Mapping[str, tuple[UnmanagedObject, ...]]:
        """Return the unmanaged objects of each kind, from the last run that read all objects of the kind."""
        with self._ledger.open_tables() as stored:
            rows = stored.rows(InventoryRow, select(INVENTORY).order_by(INVENTORY.c.of_kind))
            return {
                row.of_kind: _check_type(RunEnded, stored.entry(row.n)).unmanaged.get(row.of_kind, ()) for row in rows
            }

    def _runs(self, *, command: str | None = None, limit: int | None = None) -> tuple[RecordedRun, ...]:
        query = select(RUN).order_by(RUN.c.began.desc()).limit(limit)
        with self._ledger.open_tables() as stored:
            rows = stored.rows(RunRow, query if command is None else query.where(RUN.c.command == command))
            return tuple(_recorded_run(stored, row) for row in rows)


def _remembered_object(row: MemoryRow) -> RememberedObject:
    return RememberedObject(
        address=parse_address(row.address),
        remote_id=row.remote_id,
        name=row.name,
        action=Action(row.action),
        run=row.run,
        at=datetime.fromisoformat(row.at),
        sent=_settings(row.sent),
        returned=_settings(row.returned),
        reach=Reach(row.people, row.devices),
    )


def _kinds_condition(kinds: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that selects steps for objects of some kinds."""
    return or_(false(), *(STEP.c.address.startswith(f"{kind}[", autoescape=True) for kind in sorted(kinds)))


def _added_entries(before: Mapping[str, frozenset[str]], begun: StepBegan) -> dict[str, frozenset[str]]:
    """Return, for each list that a step wrote, the entries that toolkit has added in this step and before."""
    there = begun.before or {}
    return {
        path: (before.get(path, frozenset()) | (frozenset(sent) - set(entries(there.get(path))))) & frozenset(sent)
        for path, sent in ((path, entries(value)) for path, value in (begun.sent or {}).items())
        if sent or path in before
    }


def _settings(text: str) -> Settings:
    return {name: from_plain(value) for name, value in json.loads(text).items()}


def _unfinished_step(stored: Stored, row: StepRow) -> UnfinishedStep:
    run = stored.run(row.run)
    latest = stored.entry(row.latest)
    if run is None:
        raise LedgerError(f"run {row.run} is missing. `toolkit audit verify` names the damage")
    return UnfinishedStep(
        run=_check_type(RunBegan, stored.entry(run.began)),
        step=stored.began_entry(row),
        error=latest.error if isinstance(latest, StepUnknown) else None,
    )


def _recorded_run(stored: Stored, row: RunRow) -> RecordedRun:
    ended = None if row.ended is None else _check_type(RunEnded, stored.entry(row.ended))
    return RecordedRun(_check_type(RunBegan, stored.entry(row.began)), ended)


def _check_type(entry_type: type[_Entry], entry: Entry) -> _Entry:
    if not isinstance(entry, entry_type):
        raise LedgerError(f"the ledger's tables do not match its entries: {entry_type.__name__} is missing")
    return entry
