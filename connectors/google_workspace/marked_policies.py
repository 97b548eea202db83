"""How policies that bear our mark are read, made, changed whole, moved to another unit and removed."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from connectors.google_workspace.ownership_marker import UNIT, mark_of, with_description
from connectors.google_workspace.policies import in_camel_case, type_of, value_of
from connectors.google_workspace.units import ROOT
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, NotFound
from toolkit.records import dataclass
from toolkit.sdk import (
    Desired,
    Doubt,
    GroupNesting,
    Remote,
    Targets,
    Unreadable,
    Wanted,
    before_a_change,
    in_groups,
    mapping,
    text,
)
from toolkit.values import Body, Settings

SETTLES = 10.0
"""Seconds in which a list may not show our own write yet; not published."""

NAME = 200
"""Characters in a name; not published."""


class Values(Protocol):
    """The settings of one kind in the value of a policy; settings are by their own names."""

    types: str  # a regular expression for the types of the kind's policies

    def type_of(self, settings: Body) -> str:
        """Give the type of a new policy."""

    def put(self, via: GoogleWorkspace, value: Body, settings: Body) -> Body:
        """Give a value with settings put in; all else in it stays. Rejected says what cannot be put in."""

    def related_values(self, via: GoogleWorkspace, policy: Body) -> Body:
        """Give what is to be known beside a policy to understand it."""

    def check_move(self, via: GoogleWorkspace, policy: Body) -> None:
        """Raise Rejected where a policy cannot be replaced by one of another unit."""


@dataclass(frozen=True, slots=True)
class MarkedPolicies:
    """The policies of one kind."""

    values: Values

    def read(self, via: GoogleWorkspace, selection: Wanted) -> Iterable[Remote | Unreadable]:
        """Read all of them from one list, which kinds share."""
        return selection.among(self._to_remote(via, policy) for policy in via.policies.list_by_type(self.values.types))

    def read_by_id(self, via: GoogleWorkspace, identifier: str, name: str) -> Remote | Unreadable:
        """Read one policy, and forget a list that may lack it. NotFound if it is gone, or of another kind."""
        policy = via.policies.get(identifier)
        if not re.fullmatch(self.values.types, type_of(policy)):
            raise NotFound(f"cloudidentity.policies.get: {name!r} is not the policy {identifier} any more")
        via.policies.doubt_lists(type_of(policy))
        return self._to_remote(via, policy)

    def create(self, via: GoogleWorkspace, name: str, body: Body) -> Remote:
        value = self._value(via, {}, name, body)
        return self._remote(via, self._created(via, self.values.type_of(body), name, _path(body), value))

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote | None:
        """Set the whole value, as it is at this moment with the settings of the body put in."""
        policy = before_a_change(lambda: via.policies.get(remote.id))
        value = self._value(via, value_of(policy), name, body)
        if UNIT in body and _path(body) != unit_path(via, policy):
            return self._remote(via, self._move(via, policy, name, _path(body), value))
        changed = via.policies.patch(policy, value)
        return self._remote(via, changed) if changed else None

    def delete(self, via: GoogleWorkspace, remote: Remote) -> None:
        via.policies.delete(remote.id)

    def _value(self, via: GoogleWorkspace, value: Body, name: str, settings: Body) -> Body:
        return {**with_description(self.values.put(via, value, settings), settings), "displayName": name}

    def _created(self, via: GoogleWorkspace, setting: str, name: str, path: str, value: Body) -> Body:
        target = {"orgUnit": via.units.at(path).policy_id}
        return via.policies.create(setting, target, value, is_it=_is_this_at(via, name, path, value), settles=SETTLES)

    def _move(self, via: GoogleWorkspace, policy: Body, name: str, path: str, value: Body) -> Body:
        """Replace a policy by one of another unit, which an earlier run may have made before it was ended."""
        self.values.check_move(via, policy)
        setting = type_of(policy)
        replacement = before_a_change(lambda: via.policies.find(setting, _is_this_at(via, name, path, value)))
        if replacement is None:
            replacement = self._created(via, setting, name, path, value)
        elif value_of(replacement) != value:
            replacement = via.policies.patch(replacement, value) or via.policies.get(str(replacement["name"]))
        via.policies.delete(str(policy["name"]))
        return replacement

    def _to_remote(self, via: GoogleWorkspace, policy: Body) -> Remote | Unreadable:
        if not text(policy.get("name")):
            raise BadAnswer(f"the Policy API answered with a {type_of(policy)} that has no name")
        if not text(value_of(policy).get("displayName")):
            return Unreadable(text(policy["name"]), text(policy["name"]), "it has no display name")
        return self._remote(via, policy)

    def _remote(self, via: GoogleWorkspace, policy: Body) -> Remote:
        body = {**in_camel_case(policy), UNIT: unit_path(via, policy), **self.values.related_values(via, policy)}
        return Remote(text(policy.get("name")), text(value_of(policy).get("displayName")), body)


NESTING = GroupNesting.TRANSITIVE
"""What is for a unit is for the units below it too.

Follows https://support.google.com/a/answer/4352075
"""


def reaches(_name: str, settings: Settings) -> Targets:
    """Return the people of the unit that a policy is for."""
    return in_groups([str(settings.get(UNIT) or ROOT)])


def unit_path(via: GoogleWorkspace, policy: Body) -> str:
    """Give the path of the unit that a policy is for; the id where it is no unit any more, or a group."""
    query = mapping(policy.get("policyQuery"))
    if group := text(query.get("group")):
        return group
    unit = text(query.get("orgUnit"))
    try:
        return via.units.by_id(unit).path if unit else ROOT
    except NotFound:
        return unit


def unit_doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Look for the units that objects name; Google writes each in one way."""
    for resource in desired:
        path = str(resource.settings.get(UNIT) or ROOT)
        try:
            actual_path = via.units.at(path).path
        except NotFound as missing:
            yield Doubt(resource.address.name, UNIT, str(missing))
            continue
        if actual_path != path:
            yield Doubt(resource.address.name, UNIT, f"the organisational unit is written {actual_path}, not {path}")


def check_name(name: str) -> str | None:
    """Say what is wrong with a display name, None if nothing is."""
    if not name.strip():
        return "it needs a name"
    if name.startswith("policies/"):
        return f"{name!r} looks like an id of Google's; give it a name that people read"
    return f"{name[:20]!r}... has {len(name)} characters; {NAME} are enough" if len(name) > NAME else None


def _path(settings: Body) -> str:
    return text(settings.get(UNIT)) or ROOT


def _is_this_at(via: GoogleWorkspace, name: str, path: str, expected: Body) -> Callable[[Body], bool]:
    """Know a policy again that was just made: by its name, its unit and whose mark it bears."""

    def is_it(policy: Body) -> bool:
        value = value_of(policy)
        same = value.get("displayName") == name and mark_of(value) == mark_of(expected)
        return same and mark_of(value) is not None and unit_path(via, policy) == path

    return is_it
