"""Read the changes of an earlier run from the ledger, so that the run can be rolled back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import takewhile

from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.pruning import read_owner_addresses
from toolkit.engine.tenants import Tenants
from toolkit.engine.unfinished_steps import JudgedStep
from toolkit.ledger.change_history import read_applied_changes, verified_change
from toolkit.ledger.entries import Action, StepVerdict
from toolkit.ledger.history import RunHistory
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import UnfinishedStep
from toolkit.ledger.tables import OPEN
from toolkit.planning.applied_change import AppliedChange, object_key, sum_changes
from toolkit.planning.plan_details import Refusal, Unknown
from toolkit.planning.rollback.run_record import RunRecord
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Address
from toolkit.values import Settings

_UNCLEAR = StepVerdict.CANNOT_TELL


def id_of_undone_run(run: RunHistory) -> str:
    """Return the id of the run that a rollback has undone, or "" if this run is not a rollback."""
    began = run.began
    return began.flags[0] if began.command == "rollback" and began.flags else ""


def changed_addresses(past_run: RunHistory, connections: Mapping[str, Connection]) -> Sequence[Address]:
    addresses = dict.fromkeys(step.began.address for step in past_run.steps.values())
    return [
        address for address in addresses if address.provider in connections and address.kind in kinds(address.provider)
    ]


def read_run_record(
    past_run: RunHistory,
    ledger: Ledger,
    judged_steps: Sequence[JudgedStep],
    ledger_state: LedgerState,
    connections: Mapping[str, Connection],
    *,
    later_runs: Sequence[RunHistory],
) -> tuple[RunRecord, Sequence[Unknown]]:
    """Return the changes that a run made, and the ledger's records of their objects from before the run.

    Objects whose owner is unknown are left out.
    """
    run, touched = past_run.began.run, changed_addresses(past_run, connections)
    every = read_applied_changes(ledger, touched)
    own = [deed for deed in every if deed.run == run]
    own += [
        verified_change(open_step.step, observed)
        for open_step, verdict, observed in judged_steps
        if _has_taken_effect(open_step, verdict, run)
    ]
    personal = {address for address in touched if kinds(address.provider)[address.kind].per_person}
    labels, unread = read_owner_addresses(personal, connections)
    past = RunRecord(
        run=run,
        changes=[deed for deed in own if deed.address not in unread],
        earlier=list(takewhile(lambda deed: deed.run != run, every)),
        last_applied=ledger_state.known_objects,
        labels=labels,
        since={later.began.run for later in later_runs},
        put_back=_settings_after_rollbacks(
            every, {later.began.run for later in later_runs if id_of_undone_run(later) == run}
        ),
    )
    return past, [
        Unknown(address.kind_path, COULD_NOT_BE_READ(text=reason), address) for address, reason in unread.items()
    ]


def former_addresses_by_name(run_record: RunRecord) -> Mapping[str, str]:
    """Return the former address of each object that the run renamed, by the object's new name."""
    names: dict[str, str] = {}
    summed = sum_changes(run_record.changes)
    for deed in run_record.changes:
        then, address = (
            summed[object_key(deed.address.kind_path, deed.remote_id, deed.address.name)].address,
            deed.address,
        )
        if then != address:
            names |= dict.fromkeys((str(address), address.display_text, address.name, address.display_name), str(then))
    return names


def find_objects_first_applied(run_record: RunRecord, kinds: Mapping[str, Kind[Connection]]) -> list[Address]:
    """Return the objects that toolkit applied for the first time in the run, so that their settings applied to
    no one before it.
    """
    earlier = {object_key(deed.address.kind_path, deed.remote_id, deed.address.name) for deed in run_record.earlier}
    return [
        trace.address
        for key, trace in sum_changes(run_record.changes).items()
        if key not in earlier and (trace.is_created or kinds[trace.address.kind_path].fixed)
    ]


def _settings_after_rollbacks(
    applied_changes: Sequence[AppliedChange], rollback_ids: Collection[str]
) -> Mapping[Address, Settings]:
    """Return the settings that earlier rollbacks restored, by object, as the service returned them."""
    return {
        deed.address: {name: deed.after.get(name) for name in deed.sent_settings}
        for deed in applied_changes
        if deed.run in rollback_ids
    }


def _has_taken_effect(open_step: UnfinishedStep, verdict: StepVerdict, run: str) -> bool:
    return verdict is StepVerdict.APPLIED and open_step.run.run == run and open_step.step.action is not Action.SEND


def refuse_irreversible_acts(
    past_run: RunHistory, run_record: RunRecord, tenants: Tenants, judged_steps: Sequence[JudgedStep]
) -> Iterator[Refusal]:
    """Yield a refusal for every change or message of the run that cannot be rolled back."""
    cleared = {
        open_step.step.step
        for open_step, verdict, _ in judged_steps
        if open_step.run.run == run_record.run and verdict is not _UNCLEAR
    }
    for step in past_run.steps.values():
        address = step.began.address
        if address.provider not in tenants.connections:
            yield Refusal(address, "belongs to a tenant that this run does not read", run_record.origin)
        elif step.began.action is Action.SEND:
            yield Refusal(address, "a message that was sent cannot be recalled", run_record.origin)
        elif address.kind not in kinds(address.provider):
            yield Refusal(address, f"a rollback does not cover {address.kind}", run_record.origin)
        elif step.state in OPEN and step.began.step not in cleared:
            yield Refusal(
                address,
                "it is unknown whether the change took effect, so the object is left unchanged",
                run_record.origin,
            )
