"""Reads the policies that take effect at units and groups. A namespace is read once for each target.

If a policy is set at a target itself, the unit above is read too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from connectors.google_workspace.chrome_policy import GROUPS
from connectors.google_workspace.kinds.chrome_policy.state import State
from connectors.google_workspace.kinds.chrome_policy.table import PolicyName
from connectors.google_workspace.people import for_each
from connectors.google_workspace.units import ROOT
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, NotFound, ServiceError
from toolkit.records import dataclass
from toolkit.sdk import mapping, text
from toolkit.values import Body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.google_workspace.kinds.chrome_policy.table import Schema

APP = "app_id"
_THREADS = 4
_UNIT = "orgunits/"


@dataclass(frozen=True, slots=True)
class Place:
    """A policy at a unit or a group. Both have Google's names and ids."""

    schema: Schema
    app: str
    target: str
    parent: str | None  # the unit above, or a group's unit; "" for a group without a unit; None for the top unit

    @property
    def key(self) -> Body:
        """Return the key of the target in Google's API, with the app if the policy is for a single app."""
        more: Body = {"additionalTargetKeys": {APP: self.app}} if self.app else {}
        return {"targetResource": self.target, **more}


class GroupGone(NotFound):
    """The target of a group that does not exist. No policy is set for the group."""


def place_of(via: GoogleWorkspace, named: PolicyName) -> Place:
    """Return the target and the schema for the name of a policy.

    Raise NotFound or BadAnswer, with advice, if the unit or the group in the name is wrong.
    """
    way = _list_targets_down_to(via, named.unit) if named.unit else ()
    if named.group:
        return Place(named.schema, named.app, _find_group_target(via, named), way[-1] if way else "")
    return Place(named.schema, named.app, way[-1], way[-2] if len(way) > 1 else None)


def _list_targets_down_to(via: GoogleWorkspace, path: str) -> Sequence[str]:
    """Return the targets of the units from the top unit down to the unit with this path."""
    try:
        way = via.units.path_to(path)
    except NotFound as gone:
        raise NotFound(f"{gone}{_describe_moved_units(via, path)}") from gone
    if way[-1].path != path:
        raise BadAnswer(f"the organisational unit's path is {way[-1].path}, not {path}")
    return [_UNIT + unit.id for unit in way]


def states(via: GoogleWorkspace, places: Iterable[Place]) -> Mapping[Place, State | ServiceError]:
    """Return the state of the policy at each place.

    If a request fails, only the policies in that request are unknown.
    """
    distinct_places = list(dict.fromkeys(places))
    rows_by_target = _read_targets(via, {(place.target, place.schema.namespace) for place in distinct_places})
    rows = {
        place: _find_policy(rows_by_target[place.target, place.schema.namespace], place) for place in distinct_places
    }
    own = [
        place
        for place, row in rows.items()
        if not isinstance(row, ServiceError) and _read_source_target(row) == place.target
    ]
    below = [place for place in distinct_places if place in own or place.target.startswith(GROUPS)]
    rows_of_parents = _read_targets(via, {(place.parent, place.schema.namespace) for place in below if place.parent})
    return {place: _to_state(place, row, rows_of_parents, own=place in own) for place, row in rows.items()}


def other_app_settings(via: GoogleWorkspace, place: Place) -> Sequence[str]:
    """Return the names in Google's API of the other settings of an app that are set at the target itself."""
    rows = via.chrome.effective_policies(place.target, place.schema.namespace)
    own = [row for row in rows if _read_app_id(row) == place.app and _read_source_target(row) == place.target]
    return sorted({_read_schema_name(row) for row in own} - {place.schema.full_name})


@dataclass(frozen=True, slots=True)
class ResolvedPolicy:
    """A policy as it takes effect at a target. `source` is the target that sets it, or "" for Google's default."""

    schema: str
    app: str
    source: str
    value: Body


def read_resolved(row: Body) -> ResolvedPolicy:
    """Return the policy in a row of a target's effective policies."""
    return ResolvedPolicy(_read_schema_name(row), _read_app_id(row), _read_source_target(row), _read_policy_value(row))


_Resolved = Mapping["tuple[str, str]", "Sequence[Body] | ServiceError"]


def _to_state(
    place: Place,
    row: Body | ServiceError,
    rows_of_parents: _Resolved,
    *,
    own: bool,
) -> State | ServiceError:
    if isinstance(row, ServiceError):
        return row
    value = _read_policy_value(row)
    if place.parent is None:
        return State(value, None, set_here=own)
    if not place.parent:  # for a group without settings, Google shows its default, which applies to no one
        return State(value if own else {}, {}, set_here=own)
    if not own and not place.target.startswith(GROUPS):
        return State(value, value, set_here=False)
    row_above = _find_policy(rows_of_parents[place.parent, place.schema.namespace], place)
    if isinstance(row_above, ServiceError):
        return row_above
    return State(value if own else _read_policy_value(row_above), _read_policy_value(row_above), set_here=own)


def _read_targets(via: GoogleWorkspace, requests: Iterable[tuple[str, str]]) -> _Resolved:
    keys = sorted(requests)
    return dict(
        zip(keys, for_each(keys, lambda key: via.chrome.effective_policies(*key), threads=_THREADS), strict=True)
    )


def _find_policy(rows: Sequence[Body] | ServiceError, place: Place) -> Body | ServiceError:
    """Return the row of the policy at a place. The row is empty if no one has ever set the policy."""
    if isinstance(rows, ServiceError):
        return rows
    return next(
        (row for row in rows if _read_schema_name(row) == place.schema.full_name and _read_app_id(row) == place.app), {}
    )


def _read_app_id(row: Body) -> str:
    return text(mapping(mapping(row.get("targetKey")).get("additionalTargetKeys")).get(APP))


def _read_schema_name(row: Body) -> str:
    return text(mapping(row.get("value")).get("policySchema"))


def _read_policy_value(row: Body) -> Body:
    return mapping(mapping(row.get("value")).get("value"))


def _read_source_target(row: Body) -> str:
    return text(mapping(row.get("sourceKey")).get("targetResource"))


def _find_group_target(via: GoogleWorkspace, named: PolicyName) -> str:
    try:
        target = via.chrome.group(named.group)
    except NotFound as gone:
        advice = "" if "@" in named.group else ". Use the group's address"
        raise GroupGone(f"there is no group {named.group}{advice}") from gone
    if "GROUP" not in _list_allowed_targets(via.chrome.schema(named.schema.full_name)):
        raise BadAnswer(f"Google sets {named.schema.name} for organisational units, not for groups")
    return target


def _list_allowed_targets(described: Body) -> Sequence[str]:
    resources = described.get("validTargetResources")
    return [str(resource) for resource in resources] if isinstance(resources, list) else ()


def _describe_moved_units(via: GoogleWorkspace, path: str) -> str:
    """Return advice for a missing unit: the paths of units with the same name, because the unit may have been moved."""
    last = path.rpartition(ROOT)[2].casefold()
    moved = [other for other in via.units.all() if other.rpartition(ROOT)[2].casefold() == last and last]
    if moved:
        return f". Was it moved? There is {' and '.join(sorted(moved))}"
    return ". Use a unit that the admin console lists under Directory > Organizational units"
