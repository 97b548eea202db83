"""Find orphaned objects and settings, and plan to take them back if a person asks for that."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from toolkit.controls.control import controls
from toolkit.engine.desired_state import DesiredState, trades
from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.read_tenants import read_directories
from toolkit.planning.applied_change import Key, ObjectChange, traces
from toolkit.planning.compare import Manner
from toolkit.planning.expand import spoken_of
from toolkit.planning.matching import Known
from toolkit.planning.names import called
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, Refusal, Unknown
from toolkit.planning.plan_states import KEPT, ORPHANED, REFUSED, UNKNOWN
from toolkit.planning.rollback.inverse import Manners, relabelled
from toolkit.planning.rollback.orphaned_objects import (
    Leftover,
    Spoken,
    leftovers,
    pruned,
    spoken_name,
    told_apart,
    with_owners,
)
from toolkit.playbook.entries import Playbooks, WaitingControl
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import AS_RECORDED, COULD_NOT_BE_READ, admin_text
from toolkit.sdk.resource import EVERY, Address, Desired, Origin


@dataclass(frozen=True, slots=True)
class Orphans:
    """Objects that the ledger knows and no playbook asks for, before they are read."""

    traces: Mapping[Key, ObjectChange] = field(default_factory=dict)
    addresses: Sequence[Address] = ()  # objects to read
    marked: Sequence[Address] = ()  # one of each kind to read completely, because its objects have a mark


def unasked(
    asked: DesiredState, recalled: LedgerState, connections: Mapping[str, Connection], *, prune: bool
) -> Orphans:
    """Return the orphans in the ledger. With `prune`, kinds with marked objects are read too: the ledger may be new."""
    wanted = {one.address for one in asked.expansion.wanted}
    objects = {same_object(one) for one in wanted}
    known = recalled.known
    others = (one for one in known if one not in wanted and same_object(one) not in objects)
    candidates = [one for one in others if _may_be_left(one, known[one], connections)]
    if candidates:
        names = recalled.groups_then(candidates)
        candidates = [one for one in candidates if not wanted & _as_called_now(one, names.get(one, {}), asked)]
    found = traces(recalled.deeds(candidates)) if candidates else {}
    standing = [
        one.address
        for one in found.values()
        if ((one.made or one.adopted) and not one.gone) or one.fields or one.renamed
    ]
    marked = [
        Address(provider, name, EVERY)
        for provider in connections
        for name, kind in kinds(provider).items()
        if prune and kind.is_ours and kind.whole
    ]
    return Orphans(found, standing, marked)


def same_object(address: Address) -> Address:
    """Return one address for all names of the same object of a tenant."""
    kind = kinds(address.provider).get(address.kind)
    return replace(address, name=kind.names.same_object(address.name)) if kind else address


def _as_called_now(address: Address, then: Mapping[str, str], asked: DesiredState) -> set[Address]:
    """Return an object's addresses after its group or unit was renamed. `then` holds the earlier ids by name."""
    groups = asked.directories[address.provider].groups.values()
    there = {f"{address.provider}:{one.id}": one for one in groups}
    names = {
        name: called(name, there[f"{provider}:{found}"])
        for (provider, _, name), found in ((key.partition(":"), found) for key, found in then.items())
        if f"{provider}:{found}" in there
    }
    return {replace(address, name=address.name.replace(old, new)) for old, new in names.items()}


def without_gone(seen: ObservedState, found: Orphans) -> ObservedState:
    """Leave out orphans of people who have left, because nothing of ours is left there."""
    unasked_for = {*found.addresses}
    unknown = tuple(one for one in seen.unknown if not (one.gone and one.address in unasked_for))
    return replace(seen, unknown=unknown)


def _may_be_left(address: Address, known: Known, connections: Mapping[str, Connection]) -> bool:
    """Return whether an object is in a connected tenant and does not end automatically."""
    if address.provider not in connections:
        return False
    kind = kinds(address.provider).get(address.kind)
    if kind is None or kind.read_only:
        return False
    return kind.temporary is None or kind.temporary.is_lasting(known.sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """The facts that separate our objects from others'."""

    playbooks: Playbooks
    asked: DesiredState
    recalled: LedgerState
    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    manner: Manner
    now: datetime
    prune: bool
    origin: Origin


def settled(plan: Plan, seen: ObservedState, found: Orphans, pruning: Pruning) -> Plan:
    """Separate our objects from others', and plan to take back orphans if a person prunes.

    Nothing is taken back while the objects of a control are unknown.
    """
    own = pruning.recalled.own
    left = leftovers(plan, seen, pruning.kinds, found.traces, own)
    plan = with_owners(plan, left)
    plan = _give_back(plan, left, seen, pruning)
    if not left:
        return told_apart(plan, (), seen, pruning.kinds, own)
    spoken, unknown = _playbook_references(pruning)
    left = [one for one in left if not spoken.of(one.observed)]
    plan = told_apart(plan, left, seen, pruning.kinds, own)
    if not left or (unknown and not pruning.prune):
        return plan
    if unknown:
        reason = f"nothing is pruned while it is not known what {unknown[0].kind} asks for: "
        reason += admin_text(unknown[0].reason)
        return plan.add(UNKNOWN, [Unknown("--prune", AS_RECORDED(text=reason))])
    if waiting := pruning.playbooks.waiting:
        return _keep_waiting(plan, left, waiting[0]) if pruning.prune else plan
    named, unnamed = _label_people(left, pruning)
    if not pruning.prune:
        return plan.add(ORPHANED, [replace(one.observed, address=one.trace.address) for one in named])
    plan = plan.add(UNKNOWN, unnamed)
    manners = Manners(manner=pruning.manner, origin=pruning.origin, owned=True, keeps_others=True)
    return pruned(plan, named, seen, pruning.kinds, manners)


def _give_back(plan: Plan, left: Sequence[Leftover], seen: ObservedState, pruning: Pruning) -> Plan:
    """Plan that withdrawn controls give the objects which they changed the values in the ledger from before.

    An object that this ledger never changed has nothing to get back. Without any change in the ledger, each stays.
    """
    kept, known = pruning.asked.expansion.kept, pruning.recalled.known
    if not kept or not known:
        return plan
    asked = [(refusal, Spoken(*_names_and_ids([refusal.address], known))) for refusal in kept]
    withdrawn = {one.trace.address: refusal for one in left for refusal, spoken in asked if spoken.of(one.observed)}
    named, unread = _label_people([one for one in left if one.trace.address in withdrawn], pruning)
    plan = plan.replace(KEPT, [refusal for refusal in plan.kept if refusal not in kept]).add(UNKNOWN, unread)
    refused, makers = plan.refused, dict[Address, frozenset[str]]()
    for one in named:
        refusal = withdrawn[one.trace.address]
        origin = refusal.origin or pruning.origin
        manners = Manners(manner=pruning.manner, origin=origin, keeps_others=True)
        plan = pruned(plan, [one], seen, pruning.kinds, manners)
        makers[one.trace.address] = frozenset(refusal.made_by)
    stays = [refusal for refusal in plan.refused if refusal not in refused]  # such as a log that would record less
    return replace(plan.replace(REFUSED, refused).add(KEPT, stays), wanted={**plan.wanted, **makers})


def _names_and_ids(
    addresses: Collection[Address], known: Mapping[Address, Known]
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    ids = ((one.of_kind, known[one].remote_id or "") for one in addresses if one in known)
    return frozenset(map(spoken_name, addresses)), frozenset(ids)


def _playbook_references(pruning: Pruning) -> tuple[Spoken, Sequence[Unknown]]:
    """Write out everything that the playbooks speak of, that which is off too."""
    playbooks, expansion, names = pruning.playbooks, pruning.asked.expansion, list(pruning.connections)
    addresses, unknown = spoken_of(playbooks, trades(names), controls(), pruning.asked.directories, pruning.now)
    everything = {*addresses, *(one.address for one in expansion.wanted), *(one.address for one in expansion.kept)}
    known = pruning.recalled.known
    wanted = [one for one in expansion.wanted if isinstance(one, Desired)]
    others = [(one.address, name) for one in wanted for name in (one.renamed_from, one.handling.adopt) if name]
    return Spoken(
        frozenset([*map(spoken_name, everything), *(spoken_name(*one) for one in others)]),
        frozenset((one.of_kind, known[one].remote_id or "") for one in everything if one in known),
    ), (*expansion.unknown, *unknown)


def _keep_waiting(plan: Plan, left: Sequence[Leftover], waiting: WaitingControl) -> Plan:
    """Keep objects that may belong to a control whose objects are unknown."""
    reason = f"stays: it may be of {waiting.name}, which waits for {' and '.join(waiting.decisions)}"
    return plan.add(KEPT, [Refusal(one.trace.address, reason, waiting.origin) for one in left])


def _label_people(left: Sequence[Leftover], pruning: Pruning) -> tuple[Sequence[Leftover], Sequence[Unknown]]:
    """Label people's objects with their addresses, so that protected accounts are recognised."""
    personal = {one.trace.address for one in left if pruning.kinds[one.trace.address.of_kind].per_person}
    labels, unread = labels_of(personal, pruning.connections)
    named = [
        replace(one, trace=relabelled(one.trace, labels.get(one.trace.address, one.trace.address.label)))
        for one in left
        if one.trace.address not in unread
    ]
    return named, [Unknown(one.of_kind, COULD_NOT_BE_READ(text=reason), one) for one, reason in unread.items()]


def labels_of(
    personal: Collection[Address], connections: Mapping[str, Connection]
) -> tuple[Mapping[Address, str], Mapping[Address, str]]:
    """Return the addresses of the objects' owners, or the reason why they are unknown."""
    labels: dict[Address, str] = {}
    unread: dict[Address, str] = {}
    for provider in {address.provider for address in personal}:
        directory = read_directories({provider: connections[provider]}, {}, people=True)[provider]
        own = [address for address in personal if address.provider == provider]
        if reason := directory.unknown.get("people"):
            unread |= dict.fromkeys(own, f"whose it is could not be read: {reason}")
            continue
        labels |= {one: directory.people[one.name].address for one in own if one.name in directory.people}
    return labels, unread
