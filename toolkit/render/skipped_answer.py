"""The resources that a run does not change, as JSON."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import (
    AcceptedDrift,
    Refusal,
    RollbackConflict,
    SettingsOfOthers,
    Unknown,
    UnreadProperty,
)
from toolkit.planning.plan_states import PLAN_STATES
from toolkit.render.line import row, rows, to_json
from toolkit.render.undecided_text import undecided_answer
from toolkit.render.values_text import grouped, shown_conflict
from toolkit.sdk.lending import without_names
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Address, Observed, Origin
from toolkit.values import Body, Json, plain


def skipped_answer(plan: Plan) -> Body:
    """Return the list of objects or settings in each state that a run does not change."""
    return {
        key: write(plan.select(*(state for state in PLAN_STATES if state.key == key))) for key, write in LISTS.items()
    }


def named_address(address: Address | None) -> Body:
    """Return the keys that name an object, with its owner if its name is a person's id."""
    if address is None:
        return {}
    return {"address": to_json(address), **({"of": address.label} if address.label else {})}


def _addresses(objects: Sequence[Observed]) -> Json:
    return to_json([one.address for one in objects])


def _refusals(refusals: Sequence[Refusal]) -> Json:
    return [
        {**named_address(one.address), **row(one, "reason", "effects"), "origin": _place(one.origin)}
        for one in refusals
    ]


def _place(origin: Origin | None) -> str | None:
    return str(origin) if origin else None


def _unread_properties(properties: Sequence[UnreadProperty]) -> Json:
    return [
        {"kind": kind, "property": path, "objects": to_json([one.address for one in alike])}
        for (kind, path), alike in grouped(properties, lambda one: (one.kind, one.path)).items()
    ]


def _accepted(accepted: Sequence[AcceptedDrift]) -> Json:
    columns = ("address", "path?", "until=ends", "reason", "by")
    return [{**row(one, *columns), "origin": _place(one.origin)} for one in accepted]


def _columns(*columns: str) -> Callable[[Sequence[Any]], Json]:
    return lambda details: rows(details, *columns)


def _paths(found: Sequence[SettingsOfOthers]) -> Json:
    return [{"address": to_json(one.address), "paths": sorted(one.paths)} for one in found]


def unread_answer(unread: Sequence[Unknown]) -> Sequence[Body]:
    return [
        {
            "kind": one.kind,
            **named_address(one.address),
            "reason": without_names(one.address, admin_text(one.reason), one.kind),
            **({"people_before": one.people_before} if one.people_before is not None else {}),
        }
        for one in unread
    ]


def _conflicts(conflicts: Sequence[RollbackConflict]) -> Json:
    found = []
    for conflict in conflicts:
        now, left, before = shown_conflict(conflict)
        told = {"now": plain(now), "left": plain(left), "before": plain(before)}
        found.append({**named_address(conflict.address), "path": conflict.path, **told})
    return found


LISTS: Mapping[str, Callable[[Sequence[Any]], Json]] = {
    "unknown": unread_answer,
    "unused": unread_answer,
    "look_alikes": _columns(
        "address=desired.address", "name=observed.remote.name", "id=observed.remote.id", "ours", "reason?=why"
    ),
    "doubles": _columns("address=desired.address", "other=observed.address", "job", "ours"),
    "refused": _refusals,
    "unread_properties": _unread_properties,
    "remarks": _columns("address", "defeated_by=by", "reason=text", "whole"),
    "maybes": _columns("address", "other?=by", "reason=text", "whole"),
    "notes": _columns("address", "other=by", "reason=text"),
    "unmanaged": _addresses,
    "leftover": _addresses,
    "dropped": _columns("address", "path"),
    "elsewhere": _addresses,
    "conflicts": _conflicts,
    "contested": _paths,
    "left": _paths,
    "accepted": _accepted,
    "not_protected": list,
    "unavailable": _columns("kind", "reason"),
    "undecided": undecided_answer,
    "kept": _columns("address", "reason"),
}
"""The function that writes the rows of each state that a run does not change, by the key of the list."""
