"""Find objects and settings for which no playbook asks any more, and plan their removal if the run prunes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from toolkit.controls.control import controls
from toolkit.engine.desired_state import DesiredState, cloud_catalogues
from toolkit.engine.ledger_state import LedgerState
from toolkit.engine.read_tenants import read_directories
from toolkit.planning.applied_change import Key, ObjectChange, sum_changes
from toolkit.planning.compare import PlanRules
from toolkit.planning.expand import find_referenced_objects
from toolkit.planning.matching import LastApplied
from toolkit.planning.names import current_group_name
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, Refusal, Unknown
from toolkit.planning.plan_states import KEPT, ORPHANED, REFUSED, UNKNOWN
from toolkit.planning.rollback.inverse import RollbackRules, with_label
from toolkit.planning.rollback.orphaned_objects import (
    OrphanedObject,
    PlaybookReferences,
    find_orphaned_objects,
    mark_our_orphans,
    plan_pruning,
    reference_key,
    separate_unmanaged,
)
from toolkit.playbook.entries import Playbooks, WaitingControl
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import broken_kind, kinds
from toolkit.sdk.reason import AS_RECORDED, COULD_NOT_BE_READ, admin_text
from toolkit.sdk.resource import EVERY, Address, Desired, Origin


@dataclass(frozen=True, slots=True)
class Orphans:
    """The addresses of orphaned objects, which are in the ledger and for which no playbook asks."""

    traces: Mapping[Key, ObjectChange] = field(default_factory=dict)
    addresses: Sequence[Address] = ()  # objects to read
    marked_kinds: Sequence[Address] = ()  # an address for each kind to read completely, because its objects have a mark


def find_orphans(
    desired_state: DesiredState, ledger_state: LedgerState, connections: Mapping[str, Connection], *, prune: bool
) -> Orphans:
    """Return the objects in the ledger for which no playbook asks.

    With `prune`, also include kinds whose objects have a marker, because a new ledger may lack such objects.
    """
    desired_addresses = {desired.address for desired in desired_state.expansion.wanted}
    objects = {main_address(address) for address in desired_addresses}
    known_objects = ledger_state.known_objects
    others = (
        address
        for address in known_objects
        if address not in desired_addresses and main_address(address) not in objects
    )
    candidates = [address for address in others if _may_still_exist(address, known_objects[address], connections)]
    if candidates:
        names = ledger_state.groups_then(candidates)
        candidates = [
            address
            for address in candidates
            if not desired_addresses & _current_addresses(address, names.get(address, {}), desired_state)
        ]
    object_changes = sum_changes(ledger_state.deeds(candidates)) if candidates else {}
    changed = [
        trace.address
        for trace in object_changes.values()
        if ((trace.is_created or trace.is_adopted) and not trace.is_deleted) or trace.fields or trace.renamed
    ]
    marked = [
        Address(provider, name, EVERY)
        for provider in connections
        for name, kind in kinds(provider).items()
        if prune and kind.is_ours and kind.whole
    ]
    return Orphans(object_changes, changed, marked)


def main_address(address: Address) -> Address:
    """Return the address that is used for an object whichever of its names is given."""
    kind = kinds(address.provider).get(address.kind)
    return replace(address, name=kind.names.same_object(address.name)) if kind else address


def _current_addresses(address: Address, earlier_ids: Mapping[str, str], desired_state: DesiredState) -> set[Address]:
    """Return the addresses that an object may have now, because its group or unit may have been renamed.

    `earlier_ids` contains the earlier ids of groups and units by name.
    """
    groups = desired_state.directories[address.provider].groups.values()
    groups_by_id = {f"{address.provider}:{group.id}": group for group in groups}
    names = {
        name: current_group_name(name, groups_by_id[f"{provider}:{identifier}"])
        for (provider, _, name), identifier in (
            (key.partition(":"), identifier) for key, identifier in earlier_ids.items()
        )
        if f"{provider}:{identifier}" in groups_by_id
    }
    return {replace(address, name=address.name.replace(old, new)) for old, new in names.items()}


def leave_out_departed_people(observed: ObservedState, orphans: Orphans) -> ObservedState:
    """Return the observed state without orphaned objects of people who have left.

    These objects contain no settings by toolkit.
    """
    orphan_addresses = {*orphans.addresses}
    unknown = tuple(
        unreadable
        for unreadable in observed.unknown
        if not (unreadable.is_owner_gone and unreadable.address in orphan_addresses)
    )
    return replace(observed, unknown=unknown)


def _may_still_exist(address: Address, known_object: LastApplied, connections: Mapping[str, Connection]) -> bool:
    """Return whether an object in the ledger may still exist in a connected tenant.

    An object with an end date is not expected after that date.
    """
    if address.provider not in connections:
        return False
    if broken_kind(address.provider, address.kind):
        return True
    kind = kinds(address.provider).get(address.kind)
    if kind is None or kind.read_only:
        return False
    return kind.temporary is None or kind.temporary.is_lasting(known_object.sent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruning:
    """The playbooks and ledger records from which orphaned objects are found and removed."""

    playbooks: Playbooks
    desired_state: DesiredState
    ledger_state: LedgerState
    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    plan_rules: PlanRules
    now: datetime
    prune: bool
    origin: Origin


def plan_orphans(plan: Plan, observed: ObservedState, orphans: Orphans, pruning: Pruning) -> Plan:
    """Return the plan with orphaned objects separated from unmanaged objects.

    If the run prunes, the plan deletes orphaned objects. Nothing is deleted while the objects of any control are
    unknown.
    """
    own = pruning.ledger_state.own_objects
    candidates = find_orphaned_objects(plan, observed, pruning.kinds, orphans.traces, own)
    plan = mark_our_orphans(plan, candidates)
    plan = _restore_earlier_values(plan, candidates, observed, pruning)
    if not candidates:
        return separate_unmanaged(plan, (), observed, pruning.kinds, own)
    spoken, unknown = _collect_playbook_references(pruning)
    candidates = [leftover for leftover in candidates if not spoken.includes(leftover.observed)]
    plan = separate_unmanaged(plan, candidates, observed, pruning.kinds, own)
    if not candidates or (unknown and not pruning.prune):
        return plan
    if unknown:
        reason = f"nothing is pruned while the objects of {unknown[0].kind} are unknown: "
        reason += admin_text(unknown[0].reason)
        return plan.add(UNKNOWN, [Unknown("--prune", AS_RECORDED(text=reason))])
    if waiting := pruning.playbooks.waiting:
        return _keep_undecided_objects(plan, candidates, waiting[0]) if pruning.prune else plan
    named, unnamed = _add_owner_addresses(candidates, pruning)
    if not pruning.prune:
        return plan.add(ORPHANED, [replace(leftover.observed, address=leftover.trace.address) for leftover in named])
    plan = plan.add(UNKNOWN, unnamed)
    rollback_rules = RollbackRules(
        plan_rules=pruning.plan_rules, origin=pruning.origin, deletes_changed=True, keeps_others=True
    )
    return plan_pruning(plan, named, observed, pruning.kinds, rollback_rules)


def _restore_earlier_values(
    plan: Plan, orphans: Sequence[OrphanedObject], observed: ObservedState, pruning: Pruning
) -> Plan:
    """Return a plan that gives settings their values from before a withdrawn control changed them.

    Objects that this ledger never changed are left unchanged, because their earlier values are unknown.
    """
    kept, known_objects = pruning.desired_state.expansion.not_restored, pruning.ledger_state.known_objects
    if not kept or not known_objects:
        return plan
    references = [
        (refusal, PlaybookReferences(*_names_and_ids_of_objects([refusal.address], known_objects))) for refusal in kept
    ]
    withdrawn = {
        leftover.trace.address: refusal
        for leftover in orphans
        for refusal, spoken in references
        if spoken.includes(leftover.observed)
    }
    named, unread = _add_owner_addresses(
        [leftover for leftover in orphans if leftover.trace.address in withdrawn], pruning
    )
    plan = plan.replace(KEPT, [refusal for refusal in plan.objects_kept if refusal not in kept]).add(UNKNOWN, unread)
    refused, makers = plan.refused, dict[Address, frozenset[str]]()
    for leftover in named:
        refusal = withdrawn[leftover.trace.address]
        origin = refusal.origin or pruning.origin
        rollback_rules = RollbackRules(plan_rules=pruning.plan_rules, origin=origin, keeps_others=True)
        plan = plan_pruning(plan, [leftover], observed, pruning.kinds, rollback_rules)
        makers[leftover.trace.address] = frozenset(refusal.made_by)
    stays = [refusal for refusal in plan.refused if refusal not in refused]  # such as a log that would record less
    return replace(
        plan.replace(REFUSED, refused).add(KEPT, stays), desired_controls={**plan.desired_controls, **makers}
    )


def _names_and_ids_of_objects(
    addresses: Collection[Address], known_objects: Mapping[Address, LastApplied]
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    ids = (
        (address.kind_path, known_objects[address].remote_id or "") for address in addresses if address in known_objects
    )
    return frozenset(map(reference_key, addresses)), frozenset(ids)


def _collect_playbook_references(pruning: Pruning) -> tuple[PlaybookReferences, Sequence[Unknown]]:
    """Return every object that the playbooks mention, including in entries that are turned off, and
    the unknown kinds.
    """
    playbooks, expansion, names = pruning.playbooks, pruning.desired_state.expansion, list(pruning.connections)
    addresses, unknown = find_referenced_objects(
        playbooks, cloud_catalogues(names), controls(), pruning.desired_state.directories, pruning.now
    )
    everything = {
        *addresses,
        *(desired.address for desired in expansion.wanted),
        *(refusal.address for refusal in expansion.not_restored),
    }
    known_objects = pruning.ledger_state.known_objects
    desired_objects = [desired for desired in expansion.wanted if isinstance(desired, Desired)]
    others = [
        (desired.address, name)
        for desired in desired_objects
        for name in (desired.renamed_from, desired.handling.adopt)
        if name
    ]
    return PlaybookReferences(
        frozenset([*map(reference_key, everything), *(reference_key(*other) for other in others)]),
        frozenset(
            (address.kind_path, known_objects[address].remote_id or "")
            for address in everything
            if address in known_objects
        ),
    ), (*expansion.unknown, *unknown)


def _keep_undecided_objects(plan: Plan, orphans: Sequence[OrphanedObject], waiting_control: WaitingControl) -> Plan:
    """Return a plan that keeps objects that may belong to a control which waits for a decision."""
    decisions = " and ".join(waiting_control.decisions)
    reason = f"stays, because it may belong to {waiting_control.name}, which waits for {decisions}"
    return plan.add(KEPT, [Refusal(leftover.trace.address, reason, waiting_control.origin) for leftover in orphans])


def _add_owner_addresses(
    orphans: Sequence[OrphanedObject], pruning: Pruning
) -> tuple[Sequence[OrphanedObject], Sequence[Unknown]]:
    """Return the orphaned objects with their owners' email addresses, so that protected accounts are recognised."""
    personal = {
        leftover.trace.address for leftover in orphans if pruning.kinds[leftover.trace.address.kind_path].per_person
    }
    labels, unread = read_owner_addresses(personal, pruning.connections)
    named = [
        replace(
            leftover, trace=with_label(leftover.trace, labels.get(leftover.trace.address, leftover.trace.address.label))
        )
        for leftover in orphans
        if leftover.trace.address not in unread
    ]
    return named, [
        Unknown(address.kind_path, COULD_NOT_BE_READ(text=reason), address) for address, reason in unread.items()
    ]


def read_owner_addresses(
    personal_objects: Collection[Address], connections: Mapping[str, Connection]
) -> tuple[Mapping[Address, str], Mapping[Address, str]]:
    """Read the owners of personal objects.

    Return the email address of each object's owner, and the reason for each owner who is unknown.
    """
    labels: dict[Address, str] = {}
    unread: dict[Address, str] = {}
    for provider in {address.provider for address in personal_objects}:
        directory = read_directories({provider: connections[provider]}, {}, people=True)[provider]
        own = [address for address in personal_objects if address.provider == provider]
        if reason := directory.unknown.get("people"):
            unread |= dict.fromkeys(own, f"its owner could not be read: {reason}")
            continue
        labels |= {
            address: directory.people[address.name].address for address in own if address.name in directory.people
        }
    return labels, unread
