"""Looks at everything a run needs: the right tenants, who is in them, what is there, what is to be done."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from toolkit.errors import ServiceError, SignInRefused
from toolkit.planning.accepting import accepting
from toolkit.planning.change import Create, Update
from toolkit.planning.compare import Manner, compare, without
from toolkit.planning.contest import weighed
from toolkit.planning.due import Matter
from toolkit.planning.expand import Expansion
from toolkit.planning.known import Known
from toolkit.planning.limits import Allowances, Breach, breaches
from toolkit.planning.plan import Plan, Refusal, Seen, Unknown
from toolkit.planning.renamed import Renamed, new_names, renamed
from toolkit.planning.select import only
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.named import mentions, sources
from toolkit.running.away import Seeing
from toolkit.running.dueness import matters
from toolkit.running.expanded import expanded, for_provider
from toolkit.running.lending import give_back, lent, replies_wait
from toolkit.running.observe import Progress, observe, silent
from toolkit.running.piloted import cut_short
from toolkit.running.pruning import Pruning, Unasked, settled, unasked, without_gone
from toolkit.running.recalled import Recalled
from toolkit.running.recover import Judged, look_up
from toolkit.running.remind import Reminder, reminders
from toolkit.running.tenants import opened
from toolkit.tenant.address import Address
from toolkit.tenant.connector import Connection, Identity, Target
from toolkit.tenant.directory import Directory
from toolkit.tenant.kind import Kind
from toolkit.tenant.providers import kinds, providers


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Under what conditions a run is made; the caller knows why, the run does not."""

    target: Target
    run: str
    now: datetime
    command: str
    identity: Identity
    read_only: bool
    allowed: Allowances = field(default_factory=Allowances)
    enforce_at_once: bool = False
    only: Sequence[str] = ()
    provider: str | None = None
    flags: Sequence[str] = ()
    override: str = ""  # why windows and freezes do not count
    asked: Sequence[str] = ("apply",)  # the command in words, as a refusal gives it with the flags that lift it
    prune: bool = False  # take back what is ours and in no playbook any more
    whole: bool = True  # every playbook was read, so that it is known what none speaks of
    progress: Progress = silent


@dataclass(frozen=True, slots=True)
class Survey:
    """What a run found, with the connections still open."""

    playbooks: Playbooks
    plan: Plan
    seen: Seen
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
def surveyed(context: Context, playbooks: Playbooks, recalled: Recalled) -> Iterator[Survey]:
    """Read the tenants and plan; the first request of each tenant says whether it is the school's."""
    playbooks = for_provider(playbooks, context.provider)
    school = playbooks.school
    with opened(school, providers(), context.target, identity=context.identity, read_only=context.read_only) as reached:
        connections = reached.connections
        recalled = recalled_of(recalled, connections)
        asked = expanded(playbooks, connections, recalled, now=context.now, progress=context.progress)
        expansion, signals = asked.expansion, asked.signals
        borrowed = () if replies_wait(playbooks) else lent(recalled.known, connections)
        rest = unasked(asked, recalled, connections, prune=context.prune) if context.whole else Unasked()
        addresses = [*_addresses(expansion, recalled), *borrowed, *rest.addresses]
        wanted_kinds = {**kinds_of(rest.marked, context.target.settles), **kinds_of(addresses, context.target.settles)}
        named = named_in(addresses)

        def look() -> Seen:
            return observe(connections, wanted_kinds, context.progress, named)

        seen = look()
        judged, seen = look_up(
            recalled.unfinished,
            seen,
            {name: kind.settles for name, kind in wanted_kinds.items()},
            look,
        )
        seen = without_gone(seen, rest)
        unreached = (Unknown(name, str(error)) for name, error in reached.unreached.items())
        plan = compare(
            [*expansion.wanted, *give_back(borrowed, expansion, seen, recalled, signals=signals, now=context.now)],
            _labelled(replace(seen, unknown=(*unreached, *seen.unknown, *expansion.unknown)), expansion),
            wanted_kinds,
            known := _known(recalled, wanted_kinds),
            manner=manner_of(context, playbooks, recalled),
            controls=expansion.controls,
        )
        plan = replace(plan, kept=expansion.kept, undecided=playbooks.undecided)
        if context.whole:
            pruning = Pruning(
                playbooks=playbooks,
                asked=asked,
                recalled=recalled,
                connections=connections,
                kinds=wanted_kinds,
                manner=manner_of(context, playbooks, recalled),
                now=context.now,
                prune=context.prune,
            )
            plan = settled(plan, seen, rest, pruning)
        plan = only(without(plan, doubts(plan, wanted_kinds, connections)), context.only)
        plan = accepting(plan, playbooks.acceptances, context.now)
        plan = cut_short(plan, recalled, context.now.astimezone(ZoneInfo(school.time_zone)).date())
        plan = weighed(plan, recalled.disputable(plan.changes, wanted_kinds))
        due = matters(
            playbooks, plan, expansion, asked.at, recalled.past, known=known, kinds=wanted_kinds, now=context.now
        )
        yield Survey(
            playbooks=playbooks,
            plan=plan,
            seen=seen,
            half_done=judged,
            breaches=breaches(plan, recalled.known, context.allowed),
            recalled=recalled,
            connections=connections,
            kinds=wanted_kinds,
            tenants=reached.tenants,
            reminders=_reminders(playbooks, signals, recalled),
            due=due,
            groups=expansion.groups,
            directories=asked.directories,
            renamed=_renamed(playbooks, asked.directories),
        )


def _renamed(playbooks: Playbooks, directories: Mapping[str, Directory]) -> Sequence[Renamed]:
    """Look in the files for the names that groups and units do not go by any more."""
    if not any(map(new_names, directories.values())):
        return ()
    return tuple(renamed(directories, mentions(sources(playbooks.root), playbooks.school)))


def _known(recalled: Recalled, wanted_kinds: Mapping[str, Kind[Connection]]) -> Mapping[Address, Known]:
    """Add to what is known the entries of ours in lists that several hands fill."""
    shared = [name for name, kind in wanted_kinds.items() if any(s.at_least for s in kind.spec.table().values())]
    added = recalled.added(shared) if shared else {}
    return {
        address: replace(known, added=added[address]) if address in added else known
        for address, known in recalled.known.items()
    }


def recalled_of(recalled: Recalled, connections: Mapping[str, Connection]) -> Recalled:
    """Leave out what other tenants left half done: this run cannot look what became of it."""
    unfinished = [one for one in recalled.unfinished if one.step.address.provider in connections]
    return replace(recalled, unfinished=unfinished)


def _labelled(seen: Seen, expansion: Expansion) -> Seen:
    """Call what could not be read by what people know it as."""
    labels = {wanted.address: wanted.address for wanted in expansion.wanted}
    known = (replace(one, address=labels.get(one.address, one.address)) if one.address else one for one in seen.unknown)
    return replace(seen, unknown=tuple(known))


def _reminders(playbooks: Playbooks, signals: Mapping[str, Seeing], recalled: Recalled) -> Sequence[Reminder]:
    """Find who is to be reminded; who has an account on both clouds gets one message."""
    found: dict[str, Reminder] = {}
    for name, seeing in signals.items():
        for one in reminders(name, playbooks, seeing, recalled.reminded):
            found.setdefault(one.due.person.address.casefold(), one)
    return list(found.values())


def kinds_of(addresses: Sequence[Address], settles: float | None) -> Mapping[str, Kind[Connection]]:
    """Give the kinds that have to be read: those wanted, those of steps left half done, and those of what was lent."""
    return {a.of_kind: _settling(kinds(a.provider)[a.kind], settles) for a in addresses if a.kind in kinds(a.provider)}


def _settling(kind: Kind[Connection], most: float | None) -> Kind[Connection]:
    return kind if most is None else replace(kind, settles=min(kind.settles, most))


def named_in(addresses: Sequence[Address]) -> Mapping[str, frozenset[str]]:
    """List the objects to read of each kind, for those kinds that cannot be read whole."""
    names: dict[str, set[str]] = {}
    for address in addresses:
        names.setdefault(address.of_kind, set()).add(address.name)
    return {kind: frozenset(found) for kind, found in names.items()}


def _addresses(expansion: Expansion, recalled: Recalled) -> list[Address]:
    return [wanted.address for wanted in expansion.wanted] + [one.step.address for one in recalled.unfinished]


def manner_of(context: Context, playbooks: Playbooks, recalled: Recalled) -> Manner:
    """Say how a run plans: carefully on live tenants, with whom the school file protects and what is ours."""
    cautious = context.target.live and not context.enforce_at_once
    protected = playbooks.school.protected
    return Manner(
        cautious=cautious,
        protected=protected.mailboxes,
        accounts=protected.accounts,
        own=recalled.own,
    )


def doubts(
    plan: Plan, wanted_kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]
) -> list[Refusal | Unknown]:
    """Ask each tenant about what the changes refer to, before any of them is called possible."""
    found_out: list[Refusal | Unknown] = []
    for name, kind in wanted_kinds.items():
        changes = [change for change in plan.changes if change.address.of_kind == name]
        written = {c.address.name: c.desired for c in changes if isinstance(c, Create | Update)}
        try:
            found = list(kind.doubts(connections[name.partition(".")[0]], list(written.values()))) if written else []
        except SignInRefused:
            raise
        except ServiceError as error:
            found_out += [Unknown(name, f"what it refers to: {error}", one.address) for one in written.values()]
            continue
        for doubt in found:
            of = written[doubt.name]
            found_out.append(Refusal(of.address, doubt.reason, of.origins.get(doubt.setting, of.origin)))
    return found_out
