"""Converts assignments of Intune objects between names in a playbook and targets in Graph.

Assignment filters are kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from connectors.microsoft365.intune.client import Via
from connectors.microsoft365.intune.effects import ASSIGNED_EFFECTS
from toolkit.errors import Conflict, NotFound
from toolkit.sdk import Desired, Doubt, Form, GroupNesting, Setting, Spec, Targets, declare, texts
from toolkit.values import Body, Json, Settings, Value, entries, unique

ALL_DEVICES, ALL_USERS = "all devices", "all users"
SETTINGS = ("assigned_to", "excluded")

_TYPE = "@odata.type"
_PREFIX = "#microsoft.graph."
_GROUP, _EXCLUDED = f"{_PREFIX}groupAssignmentTarget", f"{_PREFIX}exclusionGroupAssignmentTarget"
_EVERYBODY: Mapping[str, str] = {
    ALL_DEVICES: f"{_PREFIX}allDevicesAssignmentTarget",
    ALL_USERS: f"{_PREFIX}allLicensedUsersAssignmentTarget",
}
_NAMES = {target: word for word, target in _EVERYBODY.items()}
FILTER_TYPE = "deviceAndAppManagementAssignmentFilterType"


NESTING = GroupNesting.TRANSITIVE
"""An assignment or an exclusion of a group also covers the members of nested groups.

Follows https://learn.microsoft.com/intune/intune-service/fundamentals/groups-add
"""


def targets_of(row: Body) -> Sequence[Body] | None:
    """Return an object's assignment targets, or None if Intune did not return the targets with their filters."""
    assignments = row.get("assignments")
    if not isinstance(assignments, list):
        return None
    targets = [assignment.get("target") for assignment in assignments if isinstance(assignment, Mapping)]
    complete_targets = [target for target in targets if isinstance(target, Mapping) and FILTER_TYPE in target]
    return complete_targets if len(complete_targets) == len(assignments) else None


def group_ids_in(targets: Sequence[Body]) -> list[str]:
    """Return the group ids in a list of targets."""
    return [str(target["groupId"]).lower() for target in targets if target.get("groupId")]


def target_settings(targets: Sequence[Body], name_of: Callable[[str], str]) -> Body:
    """Return the settings `assigned_to` and `excluded` for an object's targets."""
    return {
        "assigned_to": [_find_target_name(target, name_of) for target in targets if target.get(_TYPE) != _EXCLUDED],
        "excluded": [_find_target_name(target, name_of) for target in targets if target.get(_TYPE) == _EXCLUDED],
    }


def assignments(before: Sequence[Body], settings: Body, id_of: Callable[[str], str]) -> list[Body]:
    """Return the complete assignments to send for an object.

    Filters, and settings that the playbook leaves out, keep their present values.
    """
    targets_before = {_find_target_type_and_group(target): target for target in before}
    included = [target for target in before if target.get(_TYPE) != _EXCLUDED]
    excluded = [target for target in before if target.get(_TYPE) == _EXCLUDED]
    if "assigned_to" in settings:
        included = [_make_target(word, _GROUP, id_of) for word in _to_list(settings["assigned_to"])]
    if "excluded" in settings:
        excluded = [_make_target(word, _EXCLUDED, id_of) for word in _to_list(settings["excluded"])]
    return [
        {"target": targets_before.get(_find_target_type_and_group(target), target)} for target in (*included, *excluded)
    ]


def reaches(_name: str, settings: Settings) -> Targets:
    """Return the people and devices to which an object is assigned."""
    return assigned_targets(settings, "assigned_to")


def assigned_targets(settings: Settings, setting: str) -> Targets:
    """Return the people and devices that one setting of an object names, without the excluded groups."""
    names = frozenset(entries(settings.get(setting)))
    return Targets(
        everyone=ALL_USERS in names,
        all_devices=ALL_DEVICES in names,
        groups=names - _EVERYBODY.keys(),
        excluded=frozenset(entries(settings.get("excluded"))),
    )


def doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each group that is missing, empty, ambiguous or not written as Intune writes it."""
    named_groups: list[tuple[str, str, str, str]] = []
    for resource in desired:
        for setting in SETTINGS:
            for word in entries(resource.settings.get(setting)):
                if word in _EVERYBODY:
                    continue
                try:
                    identifier = via.intune.groups.find_id(word)
                except (NotFound, Conflict) as error:
                    yield Doubt(resource.address.name, setting, str(error))
                    continue
                if (written := via.intune.groups.name_of(identifier)) != word:
                    yield Doubt(resource.address.name, setting, f"write the group {word} as {written}")
                elif setting == "assigned_to":  # an empty excluded group is not a problem
                    named_groups.append((resource.address.name, setting, word, identifier))
    empty = via.intune.groups.find_empty(identifier for *_, identifier in named_groups)
    for name, setting, word, identifier in named_groups:
        if identifier in empty:
            yield Doubt(name, setting, f"the group {word} is empty, so the assignment would apply to no one")


def _find_target_name(target: Body, name_of: Callable[[str], str]) -> str:
    type_name, group = str(target.get(_TYPE)), target.get("groupId")
    if group and type_name in (_GROUP, _EXCLUDED):
        return name_of(str(group).lower())
    identifier = group or target.get("collectionId") or ""
    return _NAMES.get(type_name, f"{type_name.removeprefix(_PREFIX)} {identifier}".strip())


def _find_target_type_and_group(target: Body) -> tuple[str, str]:
    return str(target.get(_TYPE)), str(target.get("groupId") or target.get("collectionId") or "").lower()


def _make_target(group_or_everyone: str, type_name: str, id_of: Callable[[str], str]) -> Body:
    if group_or_everyone in _EVERYBODY:
        return {_TYPE: _EVERYBODY[group_or_everyone]}
    return {_TYPE: type_name, "groupId": id_of(group_or_everyone)}


def _to_list(value: Json) -> list[str]:
    return texts(value)


def _to_canonical_name(word: str) -> str:
    """Return an address in lower case, also `all devices` or `all users`. A display name is returned unchanged."""
    word, lower = word.strip(), word.strip().lower()
    return lower if "@" in word or lower in _EVERYBODY else word


def _normalise_audience(value: Json) -> Value:
    return unique(map(_to_canonical_name, _to_list(value))) or None


AUDIENCE = Form("list, compared without regard to order", _normalise_audience)


def _check_entries(values: list[str] | None) -> list[str] | None:
    if values is not None and not all(word.strip() for word in values):
        raise ValueError("an entry is empty. Write a group's address, or its name if it has no address")
    return values


def _check_only_groups(values: list[str] | None) -> list[str] | None:
    if values and (everybody := [word for word in map(_to_canonical_name, values) if word in _EVERYBODY]):
        raise ValueError(f"{everybody[0]} cannot be excluded, because only groups can")
    return _check_entries(values)


class Assigned(Spec):
    """The settings for the audience of a policy. Existing assignments keep their filters."""

    effects = ASSIGNED_EFFECTS

    assigned_to: Annotated[
        list[str] | None, AfterValidator(_check_entries), Setting(AUDIENCE, wire="assignments.target")
    ] = declare(
        "The complete list of the policy's audience: groups by address, or by name if they have no address, "
        f"{ALL_DEVICES}, {ALL_USERS}. An empty list is no one.",
        ["all-staff@example-primary.example"],
    )
    excluded: Annotated[
        list[str] | None, AfterValidator(_check_only_groups), Setting(AUDIENCE, wire="assignments.target")
    ] = declare("The complete list of the groups to exclude.", ["Presentation devices"])

    @model_validator(mode="after")
    def _check_no_overlap(self) -> Self:
        """Raise ValueError if a group is both included and excluded."""
        overlap = {*entries(_normalise_audience(self.assigned_to))} & {*entries(_normalise_audience(self.excluded))}
        if overlap:
            raise ValueError(
                f"{min(overlap)} is in assigned_to and in excluded. Remove the group from one of the two lists"
            )
        return self
