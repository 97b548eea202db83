"""Predict which objects will exist after a run, from the objects that exist now and from the changes that the run
will write.
"""

from collections.abc import Collection, Iterator, Mapping

from toolkit.planning.change import Change, Create, Delete, changed_fields
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import Refusal, Unknown
from toolkit.planning.plan_states import ACCEPTED, GROUP_EMPTY, LOOK_ALIKE, MATCHING, UNAVAILABLE, UNVERIFIED
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.presupposition import Presupposition
from toolkit.sdk.reason import COULD_NOT_BE_READ, admin_text
from toolkit.sdk.resource import EVERY, Address


@dataclass(frozen=True, slots=True)
class ProjectedState:
    """The desired objects that will exist after a run, and the desired objects that will not exist, each with
    the reason.
    """

    in_place: frozenset[Address]
    missing: Mapping[Address, str]  # the reason for each other object, unless it exists or its group is empty


def predict_state(plan: Plan, existing_objects: Collection[Address] = ()) -> ProjectedState:
    """Predict which desired objects will exist after a plan.

    `existing_objects` are the objects that existed before the plan was limited to a part of the playbooks.
    """
    reasons, of_kinds = dict(_missing_objects_with_reasons(plan)), dict(_missing_kinds_with_reasons(plan))
    written = {change.address for change in plan.changes if not isinstance(change, Delete)}
    in_place = {*existing_objects, *plan.select(MATCHING), *written} - reasons.keys()
    there = {change.address for change in plan.checked_changes if not isinstance(change, Create)}
    there |= {accepted.address for accepted in plan.select(ACCEPTED) if accepted.path}
    for_nobody = {unknown.address for unknown in plan.select(GROUP_EMPTY)}
    missing = {
        address: reasons.get(address) or of_kinds.get(address.kind_path, "this run does not include it")
        for address in plan.desired_controls.keys() - in_place - (there - reasons.keys()) - for_nobody
    }
    return ProjectedState(frozenset(in_place), missing)


def _missing_objects_with_reasons(plan: Plan) -> Iterator[tuple[Address, str]]:
    """Yield each desired object that will not exist after the run, with the reason why not."""
    yield from ((refusal.address, refusal.reason) for refusal in plan.refused)
    yield from ((unknown.address, admin_text(unknown.reason)) for unknown in plan.unknown if unknown.address)
    yield from (
        (look_alike.desired.address, f'"{look_alike.observed.remote.name}" may already do the same job')
        for look_alike in plan.select(LOOK_ALIKE)
    )
    yield from (
        (change.address, "it relies on a fact that the tenant has not confirmed yet")
        for change in plan.select(UNVERIFIED)
    )


def _missing_kinds_with_reasons(plan: Plan) -> Iterator[tuple[str, str]]:
    yield from ((unknown.kind, admin_text(unknown.reason)) for unknown in plan.unknown if not unknown.address)
    yield from ((kind.kind, kind.reason) for kind in plan.select(UNAVAILABLE))


def find_missing_requirements(
    change: Change, kind: Kind[Connection], missing: Collection[Address]
) -> Iterator[tuple[Presupposition, Address]]:
    """Yield each missing object that a change needs, with the reason why the change needs the object."""
    if isinstance(change, Delete):
        return
    written = {field.path: field.after for field in changed_fields(change)}
    for presupposition in kind.lifecycle.presupposes:
        setting = presupposition.setting
        names = set(presupposition.names(written[setting])) if setting in written else set()
        for address in missing:
            of_kind = address.provider == change.address.provider and address.kind in presupposition.kinds
            if of_kind and names & {address.name, EVERY} and address != change.address:
                yield presupposition, address


def refuse_blocked_changes(
    plan: Plan, kinds: Mapping[str, Kind[Connection]], missing: Mapping[Address, str]
) -> list[Refusal | Unknown]:
    """Return a refusal for each change that needs an object which will not exist.

    `missing` contains the reason why each object is missing. If the needed object could not be read, the change becomes
    unknown and is not refused.
    """
    refusals: dict[Address, Refusal | Unknown] = {}
    unread = {unknown.address or unknown.kind for unknown in plan.unknown}
    for change in plan.changes:
        for presupposition, address in find_missing_requirements(change, kinds[change.address.kind_path], missing):
            refusal = _refusal_until_in_place(change, presupposition, address, missing[address])
            if unread & {address, address.kind_path, address.provider}:
                reason = COULD_NOT_BE_READ(text=refusal.reason)
                refusals.setdefault(change.address, Unknown(change.address.kind_path, reason, change.address))
            refusals.setdefault(change.address, refusal)
    return list(refusals.values())


def _refusal_until_in_place(
    change: Change, presupposition: Presupposition, address: Address, reason_missing: str
) -> Refusal:
    assert not isinstance(change, Delete)
    desired = change.desired
    reason = (
        f"it needs {address.display_text}, which is not in place ({reason_missing}). "
        f"Without it, {presupposition.consequence}. Put it in place first, and apply again"
    )
    return Refusal(change.address, reason, desired.origins.get(presupposition.setting, desired.origin))
