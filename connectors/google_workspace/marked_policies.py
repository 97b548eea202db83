"""Reads, creates, replaces, moves and deletes policies that have toolkit's mark."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from connectors.google_workspace.ownership_marker import UNIT, mark_of, with_description
from connectors.google_workspace.policies import to_camel_case, type_of, value_of
from connectors.google_workspace.units import ROOT
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer, NotFound
from toolkit.records import dataclass
from toolkit.sdk import (
    Desired,
    Doubt,
    GroupNesting,
    ReadScope,
    Remote,
    Targets,
    Unreadable,
    in_groups,
    mapping,
    read_before_change,
    text,
)
from toolkit.values import Body, Settings

SETTLES = 10.0
"""Seconds in which a list may not show toolkit's own write yet. Google does not publish a figure."""

NAME = 200
"""Maximum length of a name. Google does not publish a figure."""


class Values(Protocol):
    """Converts a kind's settings to the value of a policy, and back."""

    types: str  # a regular expression for the types of the kind's policies

    def type_of(self, settings: Body) -> str:
        """Return the type of a new policy with these settings."""

    def put(self, via: GoogleWorkspace, value: Body, settings: Body) -> Body:
        """Return the value of a policy with the given settings. The rest of the value is not changed.

        Raise Rejected if a setting cannot be written.
        """

    def related_values(self, via: GoogleWorkspace, policy: Body) -> Body:
        """Return values that are not in a policy and are needed to read it, such as the names of detectors."""

    def check_move(self, via: GoogleWorkspace, policy: Body) -> None:
        """Raise Rejected if a policy must not be replaced by a policy in another unit."""


@dataclass(frozen=True, slots=True)
class MarkedPolicies:
    """Reads and changes the policies of a kind."""

    values: Values

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterable[Remote | Unreadable]:
        """Yield all policies of the kind, from a list that is read once for several kinds."""
        return selection.select_from(
            self._to_remote(via, policy) for policy in via.policies.list_by_type(self.values.types)
        )

    def read_by_id(self, via: GoogleWorkspace, identifier: str, name: str) -> Remote | Unreadable:
        """Return the policy with an id. Forget a cached list that may not contain it.

        Raise NotFound if the policy is deleted or belongs to another kind.
        """
        policy = via.policies.get(identifier)
        if not re.fullmatch(self.values.types, type_of(policy)):
            raise NotFound(f"cloudidentity.policies.get: {name!r} is no longer the policy {identifier}")
        via.policies.forget_lists(type_of(policy))
        return self._to_remote(via, policy)

    def create(self, via: GoogleWorkspace, name: str, body: Body) -> Remote:
        value = self._put_settings(via, {}, name, body)
        return self._make_remote(via, self._create(via, self.values.type_of(body), name, _find_unit_path(body), value))

    def update(self, via: GoogleWorkspace, remote: Remote, name: str, body: Body) -> Remote | None:
        """Send the complete value of a policy: the present value with the settings of the body."""
        policy = read_before_change(lambda: via.policies.get(remote.id))
        value = self._put_settings(via, value_of(policy), name, body)
        if UNIT in body and _find_unit_path(body) != unit_path(via, policy):
            return self._make_remote(via, self._move(via, policy, name, _find_unit_path(body), value))
        changed = via.policies.patch(policy, value)
        return self._make_remote(via, changed) if changed else None

    def delete(self, via: GoogleWorkspace, remote: Remote) -> None:
        via.policies.delete(remote.id)

    def _put_settings(self, via: GoogleWorkspace, value: Body, name: str, settings: Body) -> Body:
        return {**with_description(self.values.put(via, value, settings), settings), "displayName": name}

    def _create(self, via: GoogleWorkspace, setting: str, name: str, path: str, value: Body) -> Body:
        target = {"orgUnit": via.units.unit_at(path).policy_id}
        return via.policies.create(setting, target, value, is_it=_make_matcher(via, name, path, value), settles=SETTLES)

    def _move(self, via: GoogleWorkspace, policy: Body, name: str, path: str, value: Body) -> Body:
        """Replace a policy by a policy in another unit.

        An earlier run that was interrupted may already have created it.
        """
        self.values.check_move(via, policy)
        setting = type_of(policy)
        replacement = read_before_change(lambda: via.policies.find(setting, _make_matcher(via, name, path, value)))
        if replacement is None:
            replacement = self._create(via, setting, name, path, value)
        elif value_of(replacement) != value:
            replacement = via.policies.patch(replacement, value) or via.policies.get(str(replacement["name"]))
        via.policies.delete(str(policy["name"]))
        return replacement

    def _to_remote(self, via: GoogleWorkspace, policy: Body) -> Remote | Unreadable:
        if not text(policy.get("name")):
            raise BadAnswer(f"the Policy API returned a {type_of(policy)} without a name")
        if not text(value_of(policy).get("displayName")):
            return Unreadable(text(policy["name"]), text(policy["name"]), "the policy has no display name")
        return self._make_remote(via, policy)

    def _make_remote(self, via: GoogleWorkspace, policy: Body) -> Remote:
        body = {**to_camel_case(policy), UNIT: unit_path(via, policy), **self.values.related_values(via, policy)}
        return Remote(text(policy.get("name")), text(value_of(policy).get("displayName")), body)


NESTING = GroupNesting.TRANSITIVE
"""A policy for a unit also applies to the units below it.

Follows https://support.google.com/a/answer/4352075
"""


def reaches(_name: str, settings: Settings) -> Targets:
    """Return the people whom a policy reaches, who are the people of its unit."""
    return in_groups([str(settings.get(UNIT) or ROOT)])


def unit_path(via: GoogleWorkspace, policy: Body) -> str:
    """Return the path of a policy's unit. For a group, or a deleted unit, return the id."""
    query = mapping(policy.get("policyQuery"))
    if group := text(query.get("group")):
        return group
    unit = text(query.get("orgUnit"))
    try:
        return via.units.unit_by_id(unit).path if unit else ROOT
    except NotFound:
        return unit


def unit_doubts(via: GoogleWorkspace, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each unit that does not exist, or whose path is spelt differently."""
    for resource in desired:
        path = str(resource.settings.get(UNIT) or ROOT)
        try:
            actual_path = via.units.unit_at(path).path
        except NotFound as missing:
            yield Doubt(resource.address.name, UNIT, str(missing))
            continue
        if actual_path != path:
            yield Doubt(resource.address.name, UNIT, f"the organisational unit's path is {actual_path}, not {path}")


def check_name(name: str) -> str | None:
    """Return the problem with a display name, or None if the name is valid."""
    if not name.strip():
        return "the object needs a name"
    if name.startswith("policies/"):
        return f"{name!r} looks like one of Google's ids. Give it a readable name"
    return f"{name[:20]!r}... has {len(name)} characters. Use at most {NAME}" if len(name) > NAME else None


def _find_unit_path(settings: Body) -> str:
    return text(settings.get(UNIT)) or ROOT


def _make_matcher(via: GoogleWorkspace, name: str, path: str, expected: Body) -> Callable[[Body], bool]:
    """Return a function that recognises a policy that was just created, by its name, its unit and its mark."""

    def is_it(policy: Body) -> bool:
        value = value_of(policy)
        same = value.get("displayName") == name and mark_of(value) == mark_of(expected)
        return same and mark_of(value) is not None and unit_path(via, policy) == path

    return is_it
