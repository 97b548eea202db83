"""The unfinished plan for the objects of a single kind: its deletions, and the objects that cannot be created."""

import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from toolkit.messages import one_of
from toolkit.planning.change import Change, Create, Delete, Update, settings_before_and_after
from toolkit.planning.entries_of_others import find_entries_of_others, refuse_deletion, remove_our_part
from toolkit.planning.look_alikes import (
    ObjectWithJobs,
    find_duplicates,
    find_look_alikes,
    object_with_current_jobs,
    object_with_planned_jobs,
)
from toolkit.planning.matching import LastApplied, Pair, belongs_to_other_ledger, refuse_object_of_other_ledger
from toolkit.planning.ownership import Ownership, refuse_object_of_other_school
from toolkit.planning.plan import PlanRow, to_rows
from toolkit.planning.plan_details import LookAlike, PlannedOrder, Refusal, Remark
from toolkit.planning.plan_states import (
    ACCEPTED_LOOK_ALIKE,
    CHANGED,
    DUPLICATE,
    KEPT,
    LOOK_ALIKE,
    NOTED,
    REFUSED,
    PlanState,
)
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed

AnyKind = Kind[Connection]
Detail = TypeVar("Detail")


@dataclass(slots=True)
class Draft:
    """The unfinished plan for the objects of a single kind."""

    rows: list[PlanRow[Any]] = field(default_factory=list)
    rivals: Sequence[ObjectWithJobs] = ()  # unmanaged objects, with their jobs
    our_objects: list[ObjectWithJobs] = field(default_factory=list)  # our objects after the run, with their jobs
    there: Sequence[Observed] = ()  # everything that was read, managed or not
    unmanaged: Sequence[Observed] = ()  # the observed objects that no playbook names
    order: PlannedOrder | None = None
    controls_of: dict[Address, frozenset[str]] = field(default_factory=dict)

    def add(self, state: PlanState[Detail], *details: Detail) -> None:
        """Add a row with the given state for each detail."""
        self.rows += to_rows(state, details)

    def select(self, *states: PlanState[Detail]) -> list[Detail]:
        """Return the details of all rows that are in one of the given states."""
        return [row.detail for row in self.rows if row.state in states]

    def remove_rows(self, state: PlanState[Any], addresses: Collection[Address]) -> None:
        """Remove the rows that have a given state and one of the given addresses."""
        self.rows = [row for row in self.rows if row.state is not state or row.address not in addresses]

    def replace(self, state: PlanState[Detail], details: Iterable[Detail]) -> None:
        """Replace all rows in a state by rows with the given details."""
        self.rows = [*(row for row in self.rows if row.state is not state), *to_rows(state, details)]


def plan_deletions(
    draft: Draft,
    kind: AnyKind,
    absent: Sequence[Absent],
    observed_objects: Sequence[Observed],
    last_applied: Mapping[Address, LastApplied],
    *,
    ownership: Ownership,
    approvers: Sequence[str] = (),
) -> None:
    """Add to the draft plan the deletion of objects that must not exist.

    An object is deleted only if toolkit certainly created it and it keeps no evidence.
    """
    for entry in absent:
        draft.controls_of[entry.address] = frozenset(entry.made_by)
        before = last_applied.get(entry.address)
        last_id = before.remote_id if before else None
        same_name = [
            observed
            for observed in observed_objects
            if observed.remote.name.casefold() == entry.address.name.casefold()
        ]
        ours = [
            observed
            for observed in same_name
            if observed.remote.id == last_id or (kind.is_ours and kind.is_ours(observed.remote))
        ]
        for observed in ours:
            deletion = Delete(entry, observed, entry.reason)
            if other := ownership.other_school_owning(kind, observed, before):
                draft.add(REFUSED, refuse_object_of_other_school(other, entry.address, entry.origin, entry.reason))
            elif observed.remote.id != last_id and belongs_to_other_ledger(kind, observed, ownership.ledger_objects):
                draft.add(REFUSED, refuse_object_of_other_ledger(entry.address, entry.origin, entry.reason))
            elif reason := explain_evidence_refusal(kind, deletion, approvers):
                draft.add(REFUSED, Refusal(entry.address, f"{entry.reason}, but {reason}", entry.origin, deletion))
            elif before and before.added and (others := find_entries_of_others(kind, observed, before.added)):
                draft.add(KEPT, refuse_deletion(entry, others))
                change = remove_our_part(kind, entry, observed, others, before.sent)
                draft.add(CHANGED, *([change] if change else []))
            else:
                draft.add(CHANGED, deletion)
        if same_name and not ours:
            reason = f"{entry.reason}, but neither the ledger nor a marker proves that toolkit created it"
            draft.add(REFUSED, Refusal(entry.address, f"{reason}. Delete the object by hand", entry.origin))


def explain_evidence_refusal(kind: AnyKind, change: Change, approvers: Sequence[str]) -> str | None:
    """Return why a run refuses a change that reduces evidence, with the command that makes the change.

    Return None for any other change. Evidence is reduced if the service would keep less of it, or keep it for less
    time.
    """
    weaker = kind.evidence.weaker(*settings_before_and_after(change))
    command = kind.evidence.weakened_by.replace("REF", shlex.quote(change.address.name))
    agreed = f", after approval by {one_of(approvers)}" if approvers else ""
    return f"{weaker}. Only {command} may do that{agreed}" if weaker else None


_MOST_NAMES = 12


def _describe_existing_names(draft: Draft, kind: AnyKind) -> str:
    """Return a text that lists the names of the tenant's objects.

    Return "" if some objects of the kind could not be read.
    """
    if not kind.whole:
        return ""
    names = sorted({observed.remote.name for observed in draft.there})
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f" (it has: {', '.join(names[:_MOST_NAMES]) or 'none'}{more})"


def find_obstacle_to_creation(
    draft: Draft, kind: AnyKind, desired: Desired, ownership: Ownership
) -> Refusal | LookAlike | None:
    """Return why a missing object cannot be created, for example because an unmanaged object already does the
    same job.
    """
    unmanaged = draft.unmanaged
    same_name = [
        observed for observed in unmanaged if observed.remote.name.casefold() == desired.address.name.casefold()
    ]
    if kind.per_person:
        return Refusal(
            desired.address, f"{desired.address.display_name} is not an account of this tenant", desired.origin
        )
    if kind.fixed:
        names = _describe_existing_names(draft, kind)
        reason = f"the tenant has no {kind.title} of this name, and toolkit cannot create it{names}"
        return Refusal(desired.address, reason, desired.origin)
    if refusal := ownership.refuse_taken_name(kind, desired, same_name):
        return refusal
    if desired.handling.beside:
        return None
    same_named = [LookAlike(desired, other) for other in same_name]
    ids = {alike.observed.remote.id for alike in same_named}
    others = find_look_alikes(object_with_planned_jobs(kind, desired, None), draft.rivals)
    all_alike = [*same_named, *(look_alike for look_alike in others if look_alike.observed.remote.id not in ids)]
    draft.add(ACCEPTED_LOOK_ALIKE if desired.handling.leave else LOOK_ALIKE, *all_alike)
    return all_alike[0] if all_alike else None


def starts_job_of_unmanaged_object(draft: Draft, kind: AnyKind, desired: Desired, observed: Observed) -> bool:
    """Return whether a built-in object would start a job that an unmanaged object already does.

    Enabling a built-in object has the same effect as creating an object, so the playbook must first say what to do
    about the unmanaged object.
    """
    if not kind.fixed or desired.handling.beside:
        return False
    planned = object_with_planned_jobs(kind, desired, observed)
    if not planned.jobs - object_with_current_jobs(kind, observed).jobs:
        return False
    look_alikes = [*find_duplicates(planned, draft.rivals)]
    draft.add(ACCEPTED_LOOK_ALIKE if desired.handling.leave else LOOK_ALIKE, *look_alikes)
    return bool(look_alikes)


def add_duplicates(draft: Draft, kind: AnyKind, pairs: Sequence[Pair]) -> None:
    """Add a row for each unmanaged object that does the same job as a managed object."""
    if not kind.jobs.names:
        return
    written = {change.address for change in draft.select(CHANGED) if isinstance(change, Create | Update)}
    refused = {row.address for row in draft.rows if row.state in {REFUSED, LOOK_ALIKE, ACCEPTED_LOOK_ALIKE}}
    for desired, observed in ((pair.desired, pair.observed) for pair in pairs):
        if desired.mode is not Mode.ENFORCE or desired.address in refused:
            continue
        if observed or desired.address in written:
            worker = object_with_planned_jobs(kind, desired, observed)
            draft.our_objects.append(worker)
            _add_duplicate(draft, desired, find_duplicates(worker, draft.rivals))


def _add_duplicate(draft: Draft, desired: Desired, look_alikes: Iterable[LookAlike]) -> None:
    for double in look_alikes:
        if desired.handling.beside or desired.handling.leave:
            text = f"also does the job {double.job}, which the playbook allows ({desired.origin})"
            draft.add(NOTED, Remark(desired.address, double.observed.address.display_text, text))
        else:
            draft.add(DUPLICATE, double)


def refuse_late_adoption(pair: Pair, observed_objects: Sequence[Observed]) -> Refusal | None:
    """Return a refusal if the playbook adopts an existing object although toolkit already manages a different
    object for the entry.
    """
    desired, ours, name = pair.desired, pair.observed, pair.desired.handling.adopt
    if not name or ours is None or ours.remote.name.casefold() == name.casefold():
        return None
    if all(other.remote.name.casefold() != name.casefold() for other in observed_objects):
        return None
    reason = (
        f"adopt: {name!r} exists, but the playbook already manages {ours.remote.name!r}. To adopt {name!r}, "
        f"delete {ours.remote.name!r} in the service's console and apply again. To keep {ours.remote.name!r}, delete "
        f"{name!r} there or write `beside: true`, and remove `adopt`"
    )
    return Refusal(desired.address, reason, desired.origin)


def refuse_beyond_maximum(draft: Draft, kind: AnyKind, existing_count: int) -> list[Refusal]:
    """Take new objects that exceed the tenant's maximum out of the draft plan, and return a refusal for each of
    them.
    """
    creates = [change for change in draft.select(CHANGED) if isinstance(change, Create)]
    room = (kind.lifecycle.most or existing_count + len(creates)) - existing_count
    over = creates[max(room, 0) :]
    draft.remove_rows(CHANGED, [change.address for change in over])
    reason = f"the tenant has {existing_count} of the {kind.lifecycle.most} {kind.title}s that it can have"
    return [Refusal(change.address, reason, change.desired.origin) for change in over]


def refuse_beyond_size(draft: Draft, kind: AnyKind, observed_objects: Sequence[Observed]) -> list[Refusal]:
    """Remove from the draft the changes beyond a size that all objects share, and return a refusal for each of them."""
    limit = kind.lifecycle.shared_size
    changes = [change for change in draft.select(CHANGED) if isinstance(change, Create | Update)] if limit else []
    if limit is None or not changes:
        return []
    used, refused = sum(limit.measure(observed.settings) for observed in observed_objects), list[Refusal]()
    for change in changes:
        before, after = settings_before_and_after(change)
        growth = limit.measure(after or {}) - limit.measure(before or {})
        if growth > 0 and used + growth > limit.most:
            reason = (
                f"all {kind.plural} of the tenant can have {limit.most} {limit.unit}, and would have {used + growth}"
            )
            refused.append(Refusal(change.address, reason, change.desired.origin))
        else:
            used += growth
    draft.remove_rows(CHANGED, [refusal.address for refusal in refused])
    return refused
