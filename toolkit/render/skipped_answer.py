"""Return as JSON the objects and settings that a run leaves unchanged."""

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
from toolkit.render.undecided_text import open_choices_json
from toolkit.render.values_text import conflict_values, group_by
from toolkit.sdk.lending import without_names
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Address, Observed, Origin
from toolkit.values import Body, Json, plain


def unchanged_objects_json(plan: Plan) -> Body:
    """Return as JSON the objects and settings that a run leaves unchanged, by their state."""
    return {
        key: write(plan.select(*(state for state in PLAN_STATES if state.key == key))) for key, write in LISTS.items()
    }


def identity_json(address: Address | None) -> Body:
    """Return the JSON keys that identify an object.

    If the object's name is the id of a person, the keys include its owner.
    """
    if address is None:
        return {}
    return {"address": to_json(address), **({"of": address.label} if address.label else {})}


def _addresses_json(objects: Sequence[Observed]) -> Json:
    return to_json([observed.address for observed in objects])


def _refusals_json(refusals: Sequence[Refusal]) -> Json:
    return [
        {**identity_json(refusal.address), **row(refusal, "reason", "effects"), "origin": _origin_text(refusal.origin)}
        for refusal in refusals
    ]


def _origin_text(origin: Origin | None) -> str | None:
    return str(origin) if origin else None


def _unread_properties_json(properties: Sequence[UnreadProperty]) -> Json:
    return [
        {"kind": kind, "property": path, "objects": to_json([unread.address for unread in alike])}
        for (kind, path), alike in group_by(properties, lambda unread: (unread.kind, unread.path)).items()
    ]


def _accepted_drift_json(accepted: Sequence[AcceptedDrift]) -> Json:
    columns = ("address", "path?", "until=ends", "reason", "by")
    return [{**row(drift, *columns), "origin": _origin_text(drift.origin)} for drift in accepted]


def _columns(*columns: str) -> Callable[[Sequence[Any]], Json]:
    return lambda details: rows(details, *columns)


def _paths_json(settings: Sequence[SettingsOfOthers]) -> Json:
    return [{"address": to_json(setting.address), "paths": sorted(setting.paths)} for setting in settings]


def unread_objects_json(unread: Sequence[Unknown]) -> Sequence[Body]:
    return [
        {
            "kind": subject.kind,
            **identity_json(subject.address),
            "reason": without_names(subject.address, admin_text(subject.reason), subject.kind),
            **({"people_before": subject.people_before} if subject.people_before is not None else {}),
        }
        for subject in unread
    ]


def _conflicts_json(conflicts: Sequence[RollbackConflict]) -> Json:
    rows = []
    for conflict in conflicts:
        now, left, before = conflict_values(conflict)
        values = {"now": plain(now), "left": plain(left), "before": plain(before)}
        rows.append({**identity_json(conflict.address), "path": conflict.path, **values})
    return rows


LISTS: Mapping[str, Callable[[Sequence[Any]], Json]] = {
    "unknown": unread_objects_json,
    "unused": unread_objects_json,
    "look_alikes": _columns(
        "address=desired.address", "name=observed.remote.name", "id=observed.remote.id", "ours=is_ours", "reason?=why"
    ),
    "doubles": _columns("address=desired.address", "other=observed.address", "job", "ours=is_ours"),
    "refused": _refusals_json,
    "unread_properties": _unread_properties_json,
    "remarks": _columns("address", "defeated_by=by", "reason=text", "whole"),
    "maybes": _columns("address", "other?=by", "reason=text", "whole"),
    "notes": _columns("address", "other=by", "reason=text"),
    "unmanaged": _addresses_json,
    "leftover": _addresses_json,
    "dropped": _columns("address", "path"),
    "elsewhere": _addresses_json,
    "conflicts": _conflicts_json,
    "contested": _paths_json,
    "left": _paths_json,
    "accepted": _accepted_drift_json,
    "not_protected": list,
    "unavailable": _columns("kind", "reason"),
    "undecided": open_choices_json,
    "kept": _columns("address", "reason"),
}
"""The function that writes the rows of each state that a run does not change, by the key of the list."""
