"""Combine the unfinished plans for single kinds into one plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toolkit.planning.change import Change, Create
from toolkit.planning.draft import Draft
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan import Plan, PlanRow, rows_for_unknown, to_rows
from toolkit.planning.plan_details import ObservedState, UnavailableKind
from toolkit.planning.plan_states import CHANGED, CHECKED, DUPLICATE, LOOK_ALIKE, REFUSED, UNAVAILABLE, UNMANAGED
from toolkit.sdk.resource import Address, Desired


def join_drafts(
    drafts_by_kind: Mapping[str, Draft],
    desired_objects: Sequence[Desired],
    observed_state: ObservedState,
    ownership: Ownership,
) -> Plan:
    """Combine the unfinished plans of all kinds into one plan.

    The plan has no changes to objects that could not be read.
    """
    drafts = drafts_by_kind.values()
    unreadable = frozenset(
        _lower_case_address(unknown.address) for unknown in observed_state.unknown if unknown.address
    )
    # A change that adopts an unread object is unknown too, because the object may not exist.
    unsure = {
        _lower_case_address(desired.address)
        for desired in desired_objects
        if _addresses_of_desired(desired) & unreadable
    } | unreadable
    makers = {
        desired.address: frozenset(desired.made_by)
        for desired in desired_objects
        if desired.address.kind_path not in drafts_by_kind
    }
    planned = (row for draft in drafts for row in draft.rows if _was_certainly_read(row, unreadable, unsure))
    return Plan(
        rows=(
            *rows_for_unknown(observed_state.unknown),
            *(_add_owner(row, ownership) for row in planned),
            *to_rows(UNMANAGED, (observed for draft in drafts for observed in draft.unmanaged)),
            *to_rows(UNAVAILABLE, (UnavailableKind(*kind) for kind in observed_state.unavailable.items())),
        ),
        desired_controls={**makers, **{address: by for draft in drafts for address, by in draft.controls_of.items()}},
        desired_schools={desired.address: desired.schools for desired in desired_objects if desired.schools},
        orders={name: draft.order for name, draft in drafts_by_kind.items() if draft.order},
    )


def _was_certainly_read(
    row: PlanRow[Any], unreadable_addresses: frozenset[Address], uncertain_addresses: Collection[Address]
) -> bool:
    """Return whether the object of a plan row was certainly read."""
    if row.state in {CHANGED, CHECKED}:
        return not _possible_addresses_of_change(row.detail) & unreadable_addresses
    if row.state in {LOOK_ALIKE, DUPLICATE, REFUSED} and row.address:
        return _lower_case_address(row.address) not in uncertain_addresses
    return True


def _add_owner(row: PlanRow[Any], ownership: Ownership) -> PlanRow[Any]:
    if row.state is not LOOK_ALIKE:
        return row
    return replace(row, detail=replace(row.detail, is_ours=ownership.ledger_objects.contains(row.detail.observed)))


def _possible_addresses_of_change(change: Change) -> frozenset[Address]:
    """Return every address under which the object of a change may exist in a list that could not be read."""
    return (
        _addresses_of_desired(change.desired)
        if isinstance(change, Create)
        else frozenset({_lower_case_address(change.address)})
    )


def _addresses_of_desired(desired: Desired) -> frozenset[Address]:
    """Return every address under which a desired object may be found: its own address, its former address, and
    the address of an object that it adopts.
    """
    names = (desired.address.name, desired.renamed_from, desired.handling.adopt)
    return frozenset(_lower_case_address(replace(desired.address, name=name)) for name in names if name)


def _lower_case_address(address: Address) -> Address:
    """Return an address with its name in lower case, because services ignore case in names."""
    return replace(address, name=address.name.casefold())
