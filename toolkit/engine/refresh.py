"""Read the tenants for a run: their identity, people and objects. Then make the run's plan."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from itertools import chain

from toolkit.engine.build_plan import Planning, find_known_objects, make_ownership
from toolkit.engine.context import RunContext
from toolkit.engine.desired_state import DesiredState, add_split_objects, expand_for_tenants, limit_to_provider
from toolkit.engine.effective_settings import EffectiveSettings
from toolkit.engine.extension import Expand, ExtensionResult, RunReads
from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.pruning import Orphans, find_orphans, leave_out_departed_people
from toolkit.engine.read_state import ReadState, leave_out_other_tenants, read_tenant_state
from toolkit.engine.tenants import Tenants, open_tenants
from toolkit.engine.unfinished_steps import JudgedStep
from toolkit.planning.limits import Breach, find_breaches
from toolkit.planning.look_alikes import kinds_with_same_jobs
from toolkit.planning.names import RenamedGroup, current_names_of_renamed, find_renamed_groups
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.references import mentions, sources
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds, providers


@dataclass(frozen=True, slots=True)
class TenantSurvey:
    """The state of the tenants that a run has read, the plan that was made from it, and the open connections."""

    playbooks: Playbooks
    plan: Plan
    observed: ObservedState
    half_done: Sequence[JudgedStep]
    breaches: Sequence[Breach]
    ledger_state: LedgerState
    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    tenants: Mapping[str, str]  # provider -> the tenant's immutable id
    has_full_lists: bool = True  # all objects of the kinds were listed, so unmanaged objects are known
    groups: Mapping[str, str] = field(default_factory=dict)  # the ids of groups by provider:name
    directories: Mapping[str, Directory] = field(default_factory=dict)
    renamed: Sequence[RenamedGroup] = ()
    results: Sequence[ExtensionResult] = ()
    expand: Expand | None = None  # expands the same playbooks for another moment


@contextmanager
def open_survey(context: RunContext, playbooks: Playbooks, ledger_state: LedgerState) -> Iterator[TenantSurvey]:
    """Read the tenants, and yield their state together with the plan.

    The first request to each tenant checks that the tenant belongs to the school.
    """
    playbooks = limit_to_provider(playbooks, context.provider)
    school = playbooks.school
    with open_tenants(
        school, providers(), context.target, identity=context.identity, read_only=context.read_only
    ) as reached:
        ledger_state = leave_out_other_tenants(ledger_state, reached.connections)
        playbooks = add_split_objects(playbooks, ledger_state, reached.connections.keys())
        yield _survey_tenants(context, playbooks, ledger_state, reached)


def _survey_tenants(
    context: RunContext, playbooks: Playbooks, ledger_state: LedgerState, tenants: Tenants
) -> TenantSurvey:
    connections = tenants.connections
    desired_state = expand_for_tenants(
        playbooks, connections, ledger_state, now=context.now, only=context.only, progress=context.progress
    )
    expansion = desired_state.expansion
    known_objects = {
        address: known_object
        for address, known_object in ledger_state.known_objects.items()
        if address.provider in connections
    }
    to_read = [extension.objects_to_read(playbooks, known_objects) for extension in ledger_state.extensions]
    orphans = (
        find_orphans(desired_state, ledger_state, connections, prune=context.prune)
        if context.has_all_playbooks
        else Orphans()
    )
    read_state = read_tenant_state(
        [*(desired.address for desired in expansion.wanted), *chain(*to_read), *orphans.addresses],
        tenants,
        ledger_state,
        marked_kinds=orphans.marked_kinds,
        look_alike_kinds=kinds_with_same_jobs(expansion.wanted, {name: kinds(name) for name in connections}),
        ownership=make_ownership(playbooks.school, ledger_state),
        longest_settling_time=context.target.settles,
        progress=context.progress,
    )
    read_state = replace(read_state, observed=leave_out_departed_people(read_state.observed, orphans))
    reads = _to_run_reads(context, playbooks, ledger_state, desired_state, read_state)
    feature_objects = map(
        lambda extension, addresses: extension.desired_objects(reads, addresses), ledger_state.extensions, to_read
    )
    effects = EffectiveSettings(connections, read_state.kinds, read_state.observed, ledger_state)
    planning = Planning(
        context, playbooks, ledger_state, connections, desired_state, read_state, reads.known_objects, effects
    )
    plan = planning.apply_plan_rules(
        planning.add_orphans(planning.compare_objects([*chain(*feature_objects)]), orphans)
    )
    return TenantSurvey(
        playbooks=playbooks,
        plan=plan,
        observed=read_state.observed,
        half_done=read_state.judged_steps,
        breaches=find_breaches(plan, ledger_state.known_objects, context.allowed),
        ledger_state=ledger_state,
        connections=connections,
        kinds=read_state.kinds,
        tenants=tenants.tenants,
        has_full_lists=not context.only,
        groups={**expansion.groups, **plan.groups},
        directories=desired_state.directories,
        renamed=_find_renamed_groups(playbooks, desired_state.directories),
        results=[extension.result(reads, plan) for extension in ledger_state.extensions],
        expand=desired_state.at,
    )


def _to_run_reads(
    context: RunContext,
    playbooks: Playbooks,
    ledger_state: LedgerState,
    desired_state: DesiredState,
    read_state: ReadState,
) -> RunReads:
    return RunReads(
        playbooks=playbooks,
        expansion=desired_state.expansion,
        expand=desired_state.at,
        signals=desired_state.signals,
        observed=read_state.observed,
        known_objects=find_known_objects(ledger_state, read_state.kinds),
        kinds=read_state.kinds,
        now=context.now,
        only=context.only,
        directories=desired_state.directories,
    )


def _find_renamed_groups(playbooks: Playbooks, directories: Mapping[str, Directory]) -> Sequence[RenamedGroup]:
    if not any(map(current_names_of_renamed, directories.values())):
        return ()
    return tuple(find_renamed_groups(directories, mentions(sources(playbooks.root), playbooks.school)))
