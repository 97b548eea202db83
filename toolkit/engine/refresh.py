"""Survey the tenants for a run: their identity, people, objects and the plan."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from itertools import chain

from toolkit.engine.build_plan import Planning, known_of, ownership_of
from toolkit.engine.context import RunContext
from toolkit.engine.desired_state import DesiredState, expanded, for_provider
from toolkit.engine.effective_settings import EffectiveSettings
from toolkit.engine.extension import Expand, ExtensionResult, RunReads
from toolkit.engine.journal import Judged
from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.pruning import Orphans, unasked, without_gone
from toolkit.engine.read_state import ReadState, find, recalled_of
from toolkit.engine.tenants import Tenants, opened
from toolkit.planning.limits import Breach, breaches
from toolkit.planning.look_alikes import rivals_of
from toolkit.planning.names import RenamedGroup, new_names, renamed
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
class Survey:
    """The survey of a run, with the connections still open."""

    playbooks: Playbooks
    plan: Plan
    seen: ObservedState
    half_done: Sequence[Judged]
    breaches: Sequence[Breach]
    recalled: LedgerState
    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    tenants: Mapping[str, str]  # provider -> the tenant's immutable id
    listed: bool = True  # the unmanaged objects of the kinds are known
    groups: Mapping[str, str] = field(default_factory=dict)  # as the expansion has them
    directories: Mapping[str, Directory] = field(default_factory=dict)
    renamed: Sequence[RenamedGroup] = ()
    results: Sequence[ExtensionResult] = ()
    expand: Expand | None = None  # expands the same playbooks for another moment


@contextmanager
def surveyed(context: RunContext, playbooks: Playbooks, recalled: LedgerState) -> Iterator[Survey]:
    """Read the tenants and plan. The first request to each tenant checks that it is the school's."""
    playbooks = for_provider(playbooks, context.provider)
    school = playbooks.school
    with opened(school, providers(), context.target, identity=context.identity, read_only=context.read_only) as reached:
        yield _survey_tenants(context, playbooks, recalled_of(recalled, reached.connections), reached)


def _survey_tenants(context: RunContext, playbooks: Playbooks, recalled: LedgerState, reached: Tenants) -> Survey:
    connections = reached.connections
    asked = expanded(playbooks, connections, recalled, now=context.now, only=context.only, progress=context.progress)
    expansion = asked.expansion
    known = {address: one for address, one in recalled.known.items() if address.provider in connections}
    remembered = [extension.remembered(playbooks, known) for extension in recalled.extensions]
    rest = unasked(asked, recalled, connections, prune=context.prune) if context.whole else Orphans()
    found = find(
        [*(one.address for one in expansion.wanted), *chain(*remembered), *rest.addresses],
        reached,
        recalled,
        marked=rest.marked,
        rivals=rivals_of(expansion.wanted, {name: kinds(name) for name in connections}),
        ownership=ownership_of(playbooks.school, recalled),
        settles=context.target.settles,
        progress=context.progress,
    )
    found = replace(found, seen=without_gone(found.seen, rest))
    reads = _reads(context, playbooks, recalled, asked, found)
    beside = map(lambda extension, addresses: extension.wanted(reads, addresses), recalled.extensions, remembered)
    effects = EffectiveSettings(connections, found.kinds, found.seen, recalled)
    planning = Planning(context, playbooks, recalled, connections, asked, found, reads.known, effects)
    plan = planning.judged(planning.pruned(planning.compared([*chain(*beside)]), rest))
    return Survey(
        playbooks=playbooks,
        plan=plan,
        seen=found.seen,
        half_done=found.judged,
        breaches=breaches(plan, recalled.known, context.allowed),
        recalled=recalled,
        connections=connections,
        kinds=found.kinds,
        tenants=reached.tenants,
        listed=not context.only,
        groups={**expansion.groups, **plan.groups},
        directories=asked.directories,
        renamed=_renamed(playbooks, asked.directories),
        results=[extension.result(reads, plan) for extension in recalled.extensions],
        expand=asked.at,
    )


def _reads(
    context: RunContext, playbooks: Playbooks, recalled: LedgerState, asked: DesiredState, found: ReadState
) -> RunReads:
    return RunReads(
        playbooks=playbooks,
        expansion=asked.expansion,
        expand=asked.at,
        signals=asked.signals,
        seen=found.seen,
        known=known_of(recalled, found.kinds),
        kinds=found.kinds,
        now=context.now,
        only=context.only,
    )


def _renamed(playbooks: Playbooks, directories: Mapping[str, Directory]) -> Sequence[RenamedGroup]:
    if not any(map(new_names, directories.values())):
        return ()
    return tuple(renamed(directories, mentions(sources(playbooks.root), playbooks.school)))
