"""Roll back an earlier run: read the tenants, make a plan, check the limits, ask for confirmation, and write the
changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from toolkit.engine.build_plan import find_invalid_changes, make_plan_rules
from toolkit.engine.context import RunContext
from toolkit.engine.count_reach import count_reach, read_members_of_rules
from toolkit.engine.cover_facts import collect_cover_facts
from toolkit.engine.desired_state import limit_to_provider
from toolkit.engine.effective_settings import EffectiveSettings
from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.read_state import ReadState, leave_out_other_tenants, read_tenant_state
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.review_refusals import allow_harmless_changes
from toolkit.engine.run_record import (
    changed_addresses,
    find_objects_first_applied,
    former_addresses_by_name,
    read_run_record,
    refuse_irreversible_acts,
)
from toolkit.engine.run_report import Report
from toolkit.engine.runs import ConfirmPlan, plan_and_apply, plan_survey, read_ledger_records
from toolkit.engine.tenants import Tenants, open_tenants
from toolkit.errors import UsageError
from toolkit.ledger.history import RunHistory, find_run
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.tables import StepState
from toolkit.planning.compare import PlanRules
from toolkit.planning.limits import find_breaches
from toolkit.planning.member_moves import refuse_removals_before_joining
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.planning.plan_states import KEPT
from toolkit.planning.rollback.rollback_plan import plan_rollback
from toolkit.planning.rollback.run_record import RunRecord
from toolkit.planning.select import leave_out_blocked, narrow_plan
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.providers import providers

LAST = "last"
_NOTHING_DONE = {StepState.FAILED, StepState.NOT_APPLIED}


def roll_back_run(
    context: RunContext,
    playbooks: Playbooks,
    ledger: Ledger,
    past_run: RunHistory,
    confirm: ConfirmPlan | None,
    *,
    even_if_changed: bool,
    later_runs: Sequence[RunHistory] = (),
) -> Report:
    """Undo an earlier run, if `confirm` returns true, and return the report.

    The caller holds the lease. Without `confirm`, nothing is written and the report is the plan. `later_runs` are the
    runs after the earlier run. Raise UsageError if the earlier run wrote to other tenants, and UnsafePlan if a limit
    prevents the rollback.
    """
    surveying = _survey_rollback(context, playbooks, ledger, past_run, later_runs, even_if_changed=even_if_changed)
    return plan_and_apply(context, surveying, ledger, confirm) if confirm else plan_survey(context, surveying, ledger)


def find_later_runs(run: RunHistory, runs: Sequence[RunHistory]) -> Sequence[RunHistory]:
    """Return the runs that were made after a given run, the most recent first."""
    return list(takewhile(lambda later: later.began.run != run.began.run, runs))


def find_run_to_undo(run_id: str, runs: Sequence[RunHistory]) -> RunHistory:
    """Return the run whose id begins with the given characters, or for `last` the most recent run that wrote.

    Raise UsageError if the run is unknown or wrote nothing.
    """
    wrote = [past_run for past_run in runs if any(step.state not in _NOTHING_DONE for step in past_run.steps.values())]
    if run_id == LAST:
        if not wrote:
            raise UsageError("no run in the ledger wrote anything, so there is nothing to roll back")
        return wrote[0]
    past_run = find_run(runs, run_id)
    if past_run not in wrote:
        raise UsageError(f"run {past_run.began.run} wrote nothing, so there is nothing to roll back")
    return past_run


@dataclass(frozen=True, slots=True)
class _RollbackState:
    """The state of the tenants, and the ledger's records, from which a rollback is planned."""

    past_run: RunHistory
    past: RunRecord
    tenants: Tenants
    read_state: ReadState
    observed: ObservedState  # in addition to the read state, objects with an unknown owner are unknown
    ledger_state: LedgerState


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
    with open_tenants(
        playbooks.school, providers(), context.target, identity=context.identity, read_only=context.read_only
    ) as reached:
        _refuse_other_tenants(past_run, reached)
        ledger_state = leave_out_other_tenants(read_ledger_records(context, ledger), reached.connections)
        plan_rules = make_plan_rules(context, playbooks, ledger_state)
        state = _read_rollback_state(
            context,
            ledger,
            past_run,
            later_runs,
            tenants=reached,
            ledger_state=ledger_state,
            ownership=plan_rules.ownership,
        )
        plan = _plan_rollback(state, plan_rules, context.only, even_if_changed=even_if_changed)
        plan = _add_rollback_reach(plan, state, playbooks, context.now)
        yield TenantSurvey(
            playbooks=playbooks,
            plan=plan,
            observed=state.observed,
            half_done=state.read_state.judged_steps,
            breaches=find_breaches(plan, ledger_state.known_objects, context.allowed),
            ledger_state=ledger_state,
            connections=reached.connections,
            kinds=state.read_state.kinds,
            tenants=reached.tenants,
            has_full_lists=False,
            results=[extension.empty_result() for extension in ledger_state.extensions],
        )


def _read_rollback_state(
    context: RunContext,
    ledger: Ledger,
    past_run: RunHistory,
    later_runs: Sequence[RunHistory],
    *,
    tenants: Tenants,
    ledger_state: LedgerState,
    ownership: Ownership,
) -> _RollbackState:
    connections = tenants.connections
    read_state = read_tenant_state(
        changed_addresses(past_run, connections),
        tenants,
        ledger_state,
        ownership=ownership,
        longest_settling_time=context.target.settles,
        progress=context.progress,
    )
    past, unread = read_run_record(
        past_run, ledger, read_state.judged_steps, ledger_state, connections, later_runs=later_runs
    )
    observed = replace(read_state.observed, unknown=(*read_state.observed.unknown, *unread))
    return _RollbackState(past_run, past, tenants, read_state, observed, ledger_state)


def _plan_rollback(
    state: _RollbackState, plan_rules: PlanRules, selected_words: Sequence[str], *, even_if_changed: bool
) -> Plan:
    past, kinds_read, connections = state.past, state.read_state.kinds, state.tenants.connections
    members = read_members_of_rules(state.observed, (), kinds_read, connections, {})
    rules = replace(plan_rules, members=members)
    plan = plan_rollback(past, state.observed, kinds_read, rules, even_if_changed=even_if_changed)
    former_names = former_addresses_by_name(past)
    changed = {step.began.address for step in state.past_run.steps.values()}
    without_controls = {address: frozenset[str]() for address in changed if str(address) not in former_names}
    lasting_acts = refuse_irreversible_acts(state.past_run, past, state.tenants, state.read_state.judged_steps)
    plan = replace(plan.add(KEPT, lasting_acts), desired_controls={**without_controls, **plan.desired_controls})
    plan = _refuse_invalid_changes(plan, state.read_state, connections, state.ledger_state)
    return narrow_plan(plan, [former_names.get(word, word) for word in selected_words])


def _add_rollback_reach(plan: Plan, state: _RollbackState, playbooks: Playbooks, now: datetime) -> Plan:
    kinds_read, known_objects = state.read_state.kinds, state.ledger_state.known_objects
    cover = collect_cover_facts(
        playbooks,
        kinds_read,
        known_objects,
        state.observed,
        now,
        removed_objects=find_objects_first_applied(state.past, kinds_read),
    )
    return count_reach(
        plan,
        kinds_read,
        state.tenants.connections,
        {},
        known_objects=known_objects,
        school=playbooks.school,
        slices=playbooks.slices,
        cover=cover,
    )


def _refuse_invalid_changes(
    plan: Plan, observed: ReadState, connections: Mapping[str, Connection], ledger_state: LedgerState
) -> Plan:
    """Return the rollback's plan with changes refused that refer to missing objects, make other objects
    ineffective, or take settings from people.
    """
    plan = allow_harmless_changes(plan, observed.kinds, connections)
    doubts = find_invalid_changes(plan, observed.kinds, connections)
    plan = leave_out_blocked(plan, [*doubts, *refuse_removals_before_joining(plan, observed.kinds, doubts)])
    return EffectiveSettings(connections, observed.kinds, observed.observed, ledger_state).refuse_ineffective_rollback(
        plan
    )


def _refuse_other_tenants(past_run: RunHistory, tenants: Tenants) -> None:
    for provider, tenant in past_run.began.tenants.items():
        if tenants.tenants.get(provider, tenant) != tenant:
            raise UsageError(
                f"run {past_run.began.run} was made on the {provider} tenant {tenant}, "
                f"but these credentials lead to {tenants.tenants[provider]}. Nothing was written"
            )
