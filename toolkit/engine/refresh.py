"""Looks at everything a run needs: the right tenants, who is in them, what is there, what is to be done."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from toolkit.controls.mail.out_of_office import CONTROL as OUT_OF_OFFICE
from toolkit.engine.build_plan import Planning, known_of
from toolkit.engine.context import RunContext
from toolkit.engine.desired_state import expanded, for_provider
from toolkit.engine.ledger_state import Recalled
from toolkit.engine.pruning import Unasked, unasked, without_gone
from toolkit.engine.read_state import find, recalled_of
from toolkit.engine.recover import Judged
from toolkit.engine.replies.absences import Seeing
from toolkit.engine.replies.remind import Reminder, reminders
from toolkit.engine.replies.restore_replies import give_back, lent, replies_wait
from toolkit.engine.tenants import Opened, opened
from toolkit.planning.calendar.due import Matter
from toolkit.planning.limits import Breach, breaches
from toolkit.planning.plan import ObservedState, Plan
from toolkit.planning.renamed import Renamed, new_names, renamed
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.references import mentions, sources
from toolkit.sdk.address import Address
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import providers


@dataclass(frozen=True, slots=True)
class Survey:
    """What a run found, with the connections still open."""

    playbooks: Playbooks
    plan: Plan
    seen: ObservedState
    half_done: Sequence[Judged]
    breaches: Sequence[Breach]
    recalled: Recalled
    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    tenants: Mapping[str, str]  # provider -> the tenant's immutable id
    reminders: Sequence[Reminder] = ()
    listed: bool = True  # of the kinds that were read it is known what is unmanaged
    due: Sequence[Matter] = ()  # what the calendar makes due and is not done
    left: Sequence[Address] = ()  # what differs too, where only what is due is to be done
    groups: Mapping[str, str] = field(default_factory=dict)  # as the expansion has them
    directories: Mapping[str, Directory] = field(default_factory=dict)
    renamed: Sequence[Renamed] = ()


@contextmanager
def surveyed(context: RunContext, playbooks: Playbooks, recalled: Recalled) -> Iterator[Survey]:
    """Read the tenants and plan; the first request of each tenant says whether it is the school's."""
    playbooks = for_provider(playbooks, context.provider)
    school = playbooks.school
    with opened(school, providers(), context.target, identity=context.identity, read_only=context.read_only) as reached:
        yield _looked(context, playbooks, recalled_of(recalled, reached.connections), reached)


def _looked(context: RunContext, playbooks: Playbooks, recalled: Recalled, reached: Opened) -> Survey:
    connections = reached.connections
    asked = expanded(playbooks, connections, recalled, now=context.now, progress=context.progress)
    expansion = asked.expansion
    borrowed = () if replies_wait(playbooks) else lent(recalled.known, connections)
    rest = unasked(asked, recalled, connections, prune=context.prune) if context.whole else Unasked()
    found = find(
        [*(one.address for one in expansion.wanted), *borrowed, *rest.addresses],
        reached,
        recalled,
        marked=rest.marked,
        settles=context.target.settles,
        progress=context.progress,
    )
    found = replace(found, seen=without_gone(found.seen, rest))
    back = give_back(borrowed, expansion, found.seen, recalled, signals=asked.signals, now=context.now)
    planning = Planning(context, playbooks, recalled, connections, asked, found, known_of(recalled, found.kinds))
    plan = planning.judged(planning.pruned(planning.compared(back), rest))
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
        reminders=_reminders(context, playbooks, asked.signals, recalled),
        due=planning.due(plan),
        groups=expansion.groups,
        directories=asked.directories,
        renamed=_renamed(playbooks, asked.directories),
    )


def _renamed(playbooks: Playbooks, directories: Mapping[str, Directory]) -> Sequence[Renamed]:
    """Look in the files for the names that groups and units do not go by any more."""
    if not any(map(new_names, directories.values())):
        return ()
    return tuple(renamed(directories, mentions(sources(playbooks.root), playbooks.school)))


def _reminders(
    context: RunContext, playbooks: Playbooks, signals: Mapping[str, Seeing], recalled: Recalled
) -> Sequence[Reminder]:
    """List the reminders of a run: one message to a person on both clouds, and none where `--only` asks for others."""
    if context.only and OUT_OF_OFFICE.name not in context.only:
        return ()
    found: dict[str, Reminder] = {}
    for name, seeing in signals.items():
        for one in reminders(name, playbooks, seeing, recalled.reminded):
            found.setdefault(one.due.person.address.casefold(), one)
    return list(found.values())
