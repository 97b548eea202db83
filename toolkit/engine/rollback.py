"""Roll back an earlier run: read the tenants, make a plan, check limits, ask, and write the changes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import takewhile

from toolkit.engine.build_plan import add_spared, invalid_changes, plan_rules_of
from toolkit.engine.context import RunContext
from toolkit.engine.count_reach import count_reach, read_members_of_rules
from toolkit.engine.cover_facts import collect_cover_facts
from toolkit.engine.desired_state import limit_to_provider
from toolkit.engine.effective_settings import EffectiveSettings
from toolkit.engine.journal import JudgedStep
from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.pruning import read_owner_addresses
from toolkit.engine.read_state import ReadState, leave_out_other_tenants, read_tenant_state
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.run_report import Report
from toolkit.engine.runs import ConfirmPlan, plan_and_apply, plan_survey, read_ledger_records
from toolkit.engine.tenants import Tenants, open_tenants
from toolkit.errors import UsageError
from toolkit.ledger.change_history import deed_seen, deeds_on
from toolkit.ledger.entries import Action, StepVerdict
from toolkit.ledger.history import RunHistory, find_run
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import UnfinishedStep
from toolkit.ledger.tables import OPEN, StepState
from toolkit.planning.applied_change import AppliedChange, change_key, sum_changes
from toolkit.planning.limits import find_breaches
from toolkit.planning.member_moves import removals_before_joining
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import Refusal, Unknown
from toolkit.planning.plan_states import KEPT
from toolkit.planning.rollback.rollback_plan import RunRecord, plan_rollback
from toolkit.planning.select import leave_out_blocked, narrow_plan
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds, providers
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Address
from toolkit.values import Settings

LAST = "last"
_UNCLEAR = StepVerdict.CANNOT_TELL
_NOTHING_DONE = {StepState.FAILED, StepState.NOT_APPLIED}


def rollback_run(
    context: RunContext,
    playbooks: Playbooks,
    ledger: Ledger,
    past_run: RunHistory,
    confirm: ConfirmPlan | None,
    *,
    even_if_changed: bool,
    later_runs: Sequence[RunHistory] = (),
) -> Report:
    """Restore the tenants' state from before an earlier run, if `confirm` agrees. The caller holds the lease.

    Without `confirm` nothing is written, and the report is the plan. `later_runs` are the later runs. Raise UsageError
    if the earlier run wrote to other tenants, and UnsafePlan if a limit prevents the rollback.
    """
    surveying = _survey_rollback(context, playbooks, ledger, past_run, later_runs, even_if_changed=even_if_changed)
    return plan_and_apply(context, surveying, ledger, confirm) if confirm else plan_survey(context, surveying, ledger)


def find_later_runs(run: RunHistory, runs: Sequence[RunHistory]) -> Sequence[RunHistory]:
    """Return the runs after a run, the most recent first."""
    return list(takewhile(lambda later: later.began.run != run.began.run, runs))


def id_of_undone_run(run: RunHistory) -> str:
    """Return the id of the run that a rollback has undone, or "" if this run is not a rollback."""
    began = run.began
    return began.flags[0] if began.command == "rollback" and began.flags else ""


def find_run_to_undo(run: str, runs: Sequence[RunHistory]) -> RunHistory:
    """Find a run by the first characters of its id, or the most recent run that wrote by the word `last`.

    Raise UsageError if the run is unknown or wrote nothing.
    """
    wrote = [past_run for past_run in runs if any(step.state not in _NOTHING_DONE for step in past_run.steps.values())]
    if run == LAST:
        if not wrote:
            raise UsageError("no run in the ledger wrote anything, so there is nothing to roll back")
        return wrote[0]
    past_run = find_run(runs, run)
    if past_run not in wrote:
        raise UsageError(f"run {past_run.began.run} wrote nothing, so there is nothing to roll back")
    return past_run


@contextmanager
def _survey_rollback(
    context: RunContext,
    playbooks: Playbooks,
    ledger: Ledger,
    past_run: RunHistory,
    later_runs: Sequence[RunHistory],
    *,
    even_if_changed: bool,
) -> Iterator[TenantSurvey]:
    playbooks = limit_to_provider(playbooks, context.provider)
    ledger_state = read_ledger_records(context, ledger)
    with open_tenants(
        playbooks.school, providers(), context.target, identity=context.identity, read_only=context.read_only
    ) as reached:
        _check_tenants(past_run, reached)
        connections = reached.connections
        ledger_state = leave_out_other_tenants(ledger_state, connections)
        plan_rules = plan_rules_of(context, playbooks, ledger_state)
        read_state = read_tenant_state(
            _changed_addresses(past_run, connections),
            reached,
            ledger_state,
            ownership=plan_rules.ownership,
            settles=context.target.settles,
            progress=context.progress,
        )
        past, unread = _read_run_record(
            past_run, ledger, read_state.judged_steps, ledger_state, connections, later_runs=later_runs
        )
        observed = replace(read_state.observed, unknown=(*read_state.observed.unknown, *unread))
        members = read_members_of_rules(observed, (), read_state.kinds, connections, {})
        plan = plan_rollback(
            past, observed, read_state.kinds, replace(plan_rules, members=members), even_if_changed=even_if_changed
        )
        renamed = _earlier_addresses(past)
        steps = {step.began.address for step in past_run.steps.values()}
        every = {address: frozenset[str]() for address in steps if str(address) not in renamed}
        lasting_acts = _irreversible_acts(past_run, past, reached, read_state.judged_steps)
        plan = replace(plan.add(KEPT, lasting_acts), desired_controls={**every, **plan.desired_controls})
        words = [renamed.get(word, word) for word in context.only]
        plan = narrow_plan(_refuse_invalid(plan, read_state, connections, ledger_state), words)
        first = _objects_first_applied(past, read_state.kinds)
        cover = collect_cover_facts(
            playbooks, read_state.kinds, ledger_state.known_objects, observed, context.now, removed_objects=first
        )
        plan = count_reach(
            plan,
            read_state.kinds,
            connections,
            {},
            known_objects=ledger_state.known_objects,
            school=playbooks.school,
            cover=cover,
        )
        yield TenantSurvey(
            playbooks=playbooks,
            plan=plan,
            observed=observed,
            half_done=read_state.judged_steps,
            breaches=find_breaches(plan, ledger_state.known_objects, context.allowed),
            ledger_state=ledger_state,
            connections=connections,
            kinds=read_state.kinds,
            tenants=reached.tenants,
            has_full_lists=False,
            results=[extension.empty_result() for extension in ledger_state.extensions],
        )


def _refuse_invalid(
    plan: Plan, observed: ReadState, connections: Mapping[str, Connection], ledger_state: LedgerState
) -> Plan:
    """Refuse changes that refer to missing objects, make other objects ineffective, or take settings from people."""
    plan = add_spared(plan, observed.kinds, connections)
    doubts = invalid_changes(plan, observed.kinds, connections)
    plan = leave_out_blocked(plan, [*doubts, *removals_before_joining(plan, observed.kinds, doubts)])
    return EffectiveSettings(connections, observed.kinds, observed.observed, ledger_state).judge_without_playbooks(plan)


def _check_tenants(past_run: RunHistory, reached: Tenants) -> None:
    for provider, tenant in past_run.began.tenants.items():
        if reached.tenants.get(provider, tenant) != tenant:
            raise UsageError(
                f"run {past_run.began.run} was made on the {provider} tenant {tenant}, "
                f"but these credentials lead to {reached.tenants[provider]}. Nothing was written"
            )


def _changed_addresses(past_run: RunHistory, connections: Mapping[str, Connection]) -> Sequence[Address]:
    addresses = dict.fromkeys(step.began.address for step in past_run.steps.values())
    return [
        address for address in addresses if address.provider in connections and address.kind in kinds(address.provider)
    ]


def _read_run_record(
    past_run: RunHistory,
    ledger: Ledger,
    judged: Sequence[JudgedStep],
    ledger_state: LedgerState,
    connections: Mapping[str, Connection],
    *,
    later_runs: Sequence[RunHistory],
) -> tuple[RunRecord, Sequence[Unknown]]:
    """Return the changes of a run and the ledger's records from before it.

    Objects whose owner is unknown are left out.
    """
    run, touched = past_run.began.run, _changed_addresses(past_run, connections)
    every = deeds_on(ledger, touched)
    own = [deed for deed in every if deed.run == run]
    own += [
        deed_seen(open_step.step, observed)
        for open_step, verdict, observed in judged
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
        put_back=_restored_settings(every, {later.began.run for later in later_runs if id_of_undone_run(later) == run}),
    )
    return past, [
        Unknown(address.kind_path, COULD_NOT_BE_READ(text=reason), address) for address, reason in unread.items()
    ]


def _earlier_addresses(past: RunRecord) -> Mapping[str, str]:
    """Return the former address of each object that the run renamed, by its new name."""
    names: dict[str, str] = {}
    summed = sum_changes(past.changes)
    for deed in past.changes:
        then, address = (
            summed[change_key(deed.address.kind_path, deed.remote_id, deed.address.name)].address,
            deed.address,
        )
        if then != address:
            names |= dict.fromkeys((str(address), address.display_text, address.name, address.display_name), str(then))
    return names


def _objects_first_applied(past: RunRecord, kinds: Mapping[str, Kind[Connection]]) -> list[Address]:
    """Return the objects that toolkit applied for the first time in the run, so that earlier no one had cover from
    them.
    """
    earlier = {change_key(deed.address.kind_path, deed.remote_id, deed.address.name) for deed in past.earlier}
    return [
        trace.address
        for key, trace in sum_changes(past.changes).items()
        if key not in earlier and (trace.is_created or kinds[trace.address.kind_path].fixed)
    ]


def _restored_settings(
    applied_changes: Sequence[AppliedChange], rollback_ids: Collection[str]
) -> Mapping[Address, Settings]:
    """Return the settings that earlier rollbacks restored, in the form in which the service returned them."""
    return {
        deed.address: {name: deed.after.get(name) for name in deed.sent_settings}
        for deed in applied_changes
        if deed.run in rollback_ids
    }


def _has_taken_effect(open_step: UnfinishedStep, verdict: StepVerdict, run: str) -> bool:
    return verdict is StepVerdict.APPLIED and open_step.run.run == run and open_step.step.action is not Action.SEND


def _irreversible_acts(
    past_run: RunHistory, past: RunRecord, reached: Tenants, judged: Sequence[JudgedStep]
) -> Iterator[Refusal]:
    """Yield a refusal for every change or message of the run that cannot be rolled back."""
    cleared = {
        open_step.step.step
        for open_step, verdict, _ in judged
        if open_step.run.run == past.run and verdict is not _UNCLEAR
    }
    for step in past_run.steps.values():
        address = step.began.address
        if address.provider not in reached.connections:
            yield Refusal(address, "belongs to a tenant that this run does not read", past.origin)
        elif step.began.action is Action.SEND:
            yield Refusal(address, "a message that was sent cannot be recalled", past.origin)
        elif address.kind not in kinds(address.provider):
            yield Refusal(address, f"a rollback does not cover {address.kind}", past.origin)
        elif step.state in OPEN and step.began.step not in cleared:
            yield Refusal(
                address, "it is unknown whether the change took effect, so the object is left unchanged", past.origin
            )
