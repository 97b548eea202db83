"""For whom an object of Intune is: its targets as words, and words as targets that keep the filters they have."""

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
"""What is assigned to a group is assigned to the members of groups inside it too, and so is what leaves one out.

Follows https://learn.microsoft.com/intune/intune-service/fundamentals/groups-add
"""


def targets_of(row: Body) -> Sequence[Body] | None:
    """List the targets of an object; None where they, or their filters, were not shown."""
    assignments = row.get("assignments")
    if not isinstance(assignments, list):
        return None
    targets = [assignment.get("target") for assignment in assignments if isinstance(assignment, Mapping)]
    shown = [target for target in targets if isinstance(target, Mapping) and FILTER_TYPE in target]
    return shown if len(shown) == len(assignments) else None


def groups_in(targets: Sequence[Body]) -> list[str]:
    """List the ids of the groups among some targets."""
    return [str(target["groupId"]).lower() for target in targets if target.get("groupId")]


def shown_targets(targets: Sequence[Body], name_of: Callable[[str], str]) -> Body:
    """Give the settings of Assigned as targets show them."""
    return {
        "assigned_to": [_target_name(target, name_of) for target in targets if target.get(_TYPE) != _EXCLUDED],
        "excluded": [_target_name(target, name_of) for target in targets if target.get(_TYPE) == _EXCLUDED],
    }


def assignments(before: Sequence[Body], settings: Body, id_of: Callable[[str], str]) -> list[Body]:
    """Give all assignments that an object is to have: what settings do not name stays, and so do filters."""
    targets_before = {_key(target): target for target in before}
    included = [target for target in before if target.get(_TYPE) != _EXCLUDED]
    excluded = [target for target in before if target.get(_TYPE) == _EXCLUDED]
    if "assigned_to" in settings:
        included = [_target(word, _GROUP, id_of) for word in _entries(settings["assigned_to"])]
    if "excluded" in settings:
        excluded = [_target(word, _EXCLUDED, id_of) for word in _entries(settings["excluded"])]
    return [{"target": targets_before.get(_key(target), target)} for target in (*included, *excluded)]


def reaches(_name: str, settings: Settings) -> Targets:
    """Return whom an object is assigned to."""
    return assigned_targets(settings, "assigned_to")


def assigned_targets(settings: Settings, setting: str) -> Targets:
    """Return whom the setting of an object names, less the groups that are excluded."""
    words = frozenset(entries(settings.get(setting)))
    return Targets(
        everyone=ALL_USERS in words,
        all_devices=ALL_DEVICES in words,
        groups=words - _EVERYBODY.keys(),
        excluded=frozenset(entries(settings.get("excluded"))),
    )


def doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Look for the groups that objects name: each must be there, meant alone, written in one way, and not empty."""
    named_groups: list[tuple[str, str, str, str]] = []
    for resource in desired:
        for setting in SETTINGS:
            for word in entries(resource.settings.get(setting)):
                if word in _EVERYBODY:
                    continue
                try:
                    identifier = via.intune.groups.named(word)
                except (NotFound, Conflict) as error:
                    yield Doubt(resource.address.name, setting, str(error))
                    continue
                if (written := via.intune.groups.name_of(identifier)) != word:
                    yield Doubt(resource.address.name, setting, f"the group {word} is written {written} here")
                elif setting == "assigned_to":  # an exception that nobody has at the moment is none
                    named_groups.append((resource.address.name, setting, word, identifier))
    empty = via.intune.groups.empty(identifier for *_, identifier in named_groups)
    for name, setting, word, identifier in named_groups:
        if identifier in empty:
            yield Doubt(name, setting, f"the group {word} is empty, so this would be for no one")


def _target_name(target: Body, name_of: Callable[[str], str]) -> str:
    type_name, group = str(target.get(_TYPE)), target.get("groupId")
    if group and type_name in (_GROUP, _EXCLUDED):
        return name_of(str(group).lower())
    identifier = group or target.get("collectionId") or ""
    return _NAMES.get(type_name, f"{type_name.removeprefix(_PREFIX)} {identifier}".strip())


def _key(target: Body) -> tuple[str, str]:
    return str(target.get(_TYPE)), str(target.get("groupId") or target.get("collectionId") or "").lower()


def _target(word: str, of_type: str, id_of: Callable[[str], str]) -> Body:
    if word in _EVERYBODY:
        return {_TYPE: _EVERYBODY[word]}
    return {_TYPE: of_type, "groupId": id_of(word)}


def _entries(value: Json) -> list[str]:
    return texts(value)


def _canonical(word: str) -> str:
    """Write addresses and the two words for everybody in lower case; a display name stands as it is."""
    word, lower = word.strip(), word.strip().lower()
    return lower if "@" in word or lower in _EVERYBODY else word


def _audience(value: Json) -> Value:
    return unique(map(_canonical, _entries(value))) or None


AUDIENCE = Form("list, compared without regard to order", _audience)


def _check_entries(values: list[str] | None) -> list[str] | None:
    if values is not None and not all(word.strip() for word in values):
        raise ValueError("an entry is empty; write a group by its address, or by its name where it has none")
    return values


def _check_only_groups(values: list[str] | None) -> list[str] | None:
    if values and (everybody := [word for word in map(_canonical, values) if word in _EVERYBODY]):
        raise ValueError(f"{everybody[0]} cannot be excluded; only groups can")
    return _check_entries(values)


class Assigned(Spec):
    """For whom it is; an assignment that was narrowed by a filter keeps its filter."""

    effects = ASSIGNED_EFFECTS

    assigned_to: Annotated[
        list[str] | None, AfterValidator(_check_entries), Setting(AUDIENCE, wire="assignments.target")
    ] = declare(
        "Lists for whom it is, whole: groups by their addresses, or by names where they have none, "
        f"{ALL_DEVICES}, {ALL_USERS}; an empty list is no one.",
        ["all-staff@example-primary.example"],
    )
    excluded: Annotated[
        list[str] | None, AfterValidator(_check_only_groups), Setting(AUDIENCE, wire="assignments.target")
    ] = declare("Lists the groups that are left out, whole.", ["Presentation devices"])

    @model_validator(mode="after")
    def _check_no_overlap(self) -> Self:
        """Refuse a group that is to be in and out."""
        both = {*entries(_audience(self.assigned_to))} & {*entries(_audience(self.excluded))}
        if both:
            raise ValueError(f"{min(both)} is in assigned_to and in excluded; decide for one")
        return self
