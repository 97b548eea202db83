"""Reads from the ledger when the playbooks were last applied, the last ids of objects, and the managed objects."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache

from sqlalchemy import select

from toolkit.errors import Exit
from toolkit.ledger.entries import PilotRecord, RunEnded, read_entry
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory, RecordedRun
from toolkit.ledger.projection_store import Stored
from toolkit.ledger.tables import ENTRY, MEMORY, RUN, STEP, StepRow, StepState
from toolkit.planning.due_change import EDITED, ApplyTimes, PastOf
from toolkit.planning.matching import LedgerObjects
from toolkit.sdk.resource import Address, parse_address
from toolkit.values import canonical_text

APPLY, DUE = "apply", "due"
_CHANGES = ("create", "update", "delete", "move")
_ONLY = "--only "


def make_past_reader(memory: LedgerMemory, digest: str, provider: str) -> PastOf:
    """Return a function that takes an object and returns the times at which these playbooks were applied to the object.

    Since then, only the passing of time can have changed the desired state. Runs that applied all playbooks are
    included, as are runs whose `--only` named the object or its control, and the last run that wrote the object.
    """
    partial_runs = {
        run.began.run: _names_in_only_option(run)
        for run in _runs_since_complete_apply(memory, provider)
        if _names_in_only_option(run)
    }

    @cache
    def past_of_runs(runs: frozenset[str]) -> ApplyTimes:
        return _past_of_runs(memory, digest, provider, runs)

    def past_of(names: Collection[str], writer: str) -> ApplyTimes:
        return past_of_runs(frozenset(run for run, words in partial_runs.items() if run == writer or words & {*names}))

    return past_of


def _past_of_runs(memory: LedgerMemory, digest: str, provider: str, partial_runs: Collection[str]) -> ApplyTimes:
    """Return the times of the runs that applied all playbooks or that are in `partial_runs`."""
    applied = next(_runs_with_effect(memory, [APPLY], provider, partial_runs), None)
    if applied is None:
        return ApplyTimes()
    if applied.began.playbooks != digest:
        since = (run.began.at for run in _runs_until(memory, provider, applied, partial_runs))
        return ApplyTimes(tuple(since), EDITED)
    moments = []
    for run in _runs_with_effect(memory, [APPLY, DUE], provider, partial_runs):
        if run.began.playbooks != digest:
            if run.began.command == APPLY:
                break
            continue
        moments.append(run.began.at)
        if run.ended and run.ended.exit == Exit.AS_WANTED:
            break
    return ApplyTimes(tuple(moments), "")


def read_pilots(memory: LedgerMemory, provider: str) -> Sequence[PilotRecord]:
    """Return the controls that applied only to a pilot on a tenant after the last apply run that a person started."""
    last = next((run.ended for run in _runs_with_effect(memory, [APPLY], provider) if run.ended), None)
    return [pilot for pilot in last.pilots if pilot.provider == provider] if last else []


def _runs_since_complete_apply(memory: LedgerMemory, provider: str) -> Iterator[RecordedRun]:
    """Yield the apply runs with an effect, latest first, back to the last run that applied all playbooks."""
    for run in memory.runs_of([APPLY]):
        if _did_write_or_had_no_changes(memory, run, provider):
            yield run
            if not _names_in_only_option(run):
                return


def _runs_until(
    memory: LedgerMemory, provider: str, applied: RecordedRun, partial_runs: Collection[str]
) -> Iterator[RecordedRun]:
    for run in _runs_with_effect(memory, [APPLY, DUE], provider, partial_runs):
        yield run
        if run.began.run == applied.began.run:
            return


def _runs_with_effect(
    memory: LedgerMemory, commands: Sequence[str], provider: str, partial_runs: Collection[str] = ()
) -> Iterator[RecordedRun]:
    """Yield the runs that applied all playbooks or that are in `partial_runs`, latest first."""
    for run in memory.runs_of(commands):
        if (run.began.run in partial_runs or not _names_in_only_option(run)) and _did_write_or_had_no_changes(
            memory, run, provider
        ):
            yield run


def _did_write_or_had_no_changes(memory: LedgerMemory, run: RecordedRun, provider: str) -> bool:
    """Return whether a run wrote something or had nothing to write. A declined run did neither."""
    return provider in run.began.tenants and (_had_no_changes(run) or memory.has_writes(run.began.run))


def _names_in_only_option(run: RecordedRun) -> frozenset[str]:
    return frozenset(flag.removeprefix(_ONLY) for flag in run.began.flags if flag.startswith(_ONLY))


def _had_no_changes(run: RecordedRun) -> bool:
    return run.ended is not None and not any(run.ended.summary.get(name) for name in _CHANGES)


def last_known_id(ledger: Ledger, provider: str, name: str) -> str | None:
    """Return the id of a group or unit that a run last recorded, or None if no run recorded it."""
    key = f"{provider}:{name}"
    query = (
        select(ENTRY.c.text)
        .join(RUN, RUN.c.ended == ENTRY.c.n)
        .where(ENTRY.c.text.contains(f"{canonical_text(key)}:", autoescape=True))
        .order_by(ENTRY.c.n.desc())
        .limit(1)
    )
    with ledger.open_tables() as stored:
        text = stored.connection.execute(query).scalar_one_or_none()
    ended = read_entry(text) if text else None
    return ended.groups.get(key) if isinstance(ended, RunEnded) else None


def read_group_ids_of_last_writes(
    ledger: Ledger, addresses: Collection[Address]
) -> Mapping[Address, Mapping[str, str]]:
    """Return, for each object, the ids of groups and units (by provider:name) when a run last wrote the object."""
    query = select(MEMORY.c.address, RUN.c.ended).join(RUN, RUN.c.run == MEMORY.c.run)
    named = {str(address): address for address in addresses}
    groups_of_entry: dict[int, Mapping[str, str]] = {}
    with ledger.open_tables() as stored:
        ends = {row["address"]: row["ended"] for row in stored.connection.execute(query).mappings()}
        for n in {ends[address] for address in named if ends.get(address)}:
            ended = stored.entry(n)
            groups_of_entry[n] = ended.groups if isinstance(ended, RunEnded) else {}
    return {address: groups_of_entry.get(ends.get(text) or 0, {}) for text, address in named.items()}


def ledger_objects(ledger: Ledger) -> LedgerObjects:
    """Return every object that a step of this ledger wrote. For a deleted object only the id is returned."""
    with ledger.open_tables() as stored:
        rows = stored.connection.execute(select(MEMORY.c.address, MEMORY.c.remote_id)).mappings()
        ids: dict[Address, str | None] = {parse_address(row["address"]): row["remote_id"] for row in rows}
        touched = {*ids}
        for address, row in _last_steps(stored).items():
            if row.state == StepState.APPLIED:  # not in memory any more, because it was deleted
                ids[address] = stored.began_entry(row).remote_id
            else:
                touched.add(address)
    return LedgerObjects(
        frozenset(touched), frozenset((address.kind_path, remote_id) for address, remote_id in ids.items() if remote_id)
    )


def _last_steps(stored: Stored) -> dict[Address, StepRow]:
    """Return the last step of each object that is not in the memory table."""
    query = select(STEP).where(STEP.c.address.not_in(select(MEMORY.c.address))).order_by(STEP.c.began)
    return {parse_address(row.address): row for row in stored.rows(StepRow, query)}
