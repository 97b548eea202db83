"""Edits by hand of the settings of a stored object, and whether they are drift."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.contract.sampled import Steps, at, with_at
from toolkit.values import AtLeast, Settings, Value, entries

Body = Mapping[str, Any]

FOREIGN = "by.hand.example"
"""An entry that no playbook asks for, and that is not the address of a blocked site."""


@dataclass(frozen=True)
class HandEdit:
    """One edit of an object by hand."""

    description: str
    body: Body
    shows: frozenset[str]  # the settings that drift must report
    restores: Steps | None = None  # the path whose value must be restored by a repair


@dataclass(frozen=True)
class SettingPlace:
    """One setting of a kind: its path and its desired value."""

    kind: str
    setting: str
    path: Steps
    desired: Value


def setting_edits(body: Body, spot: SettingPlace, others: Sequence[Any]) -> Iterator[HandEdit]:
    """Yield edits of a setting that has a path of its own; `others` are the values of the cases."""
    value, shows = at(body, spot.path), frozenset({spot.setting})
    exact = None if isinstance(spot.desired, AtLeast) else spot.path
    ways = [] if spot.kind in CHECKED else [*_values(value, spot.desired)]
    if spot.kind.startswith("google") and ways and _is_set(spot.desired):
        ways.append(("gone", ..., True))
    if spot.kind in CHECKED and not isinstance(at(body, spot.path[:-1]), Mapping):
        return  # the rule does not have this action
    if spot.kind in CHECKED or not (spot.desired or isinstance(spot.desired, AtLeast)):
        ways += [(f"set to {other}", other, True) for other in others if other and other != value]
    for label, other, drifts in ways:
        changed = with_at(body, spot.path, other)
        yield HandEdit(f"{spot.setting}: {label}", changed, shows if drifts else frozenset(), exact)


CHECKED = ("google_workspace.detector", "google_workspace.dlp_rule", "microsoft365.web_idle_timeout")
"""Kinds whose objects the service validates, so that an edit can only use accepted values."""


def _is_set(desired: Value) -> bool:
    return bool(entries(desired)) if isinstance(desired, AtLeast) else bool(desired)


def _values(value: Any, desired: Value) -> Iterator[tuple[str, Any, bool]]:
    """Yield other values for a setting, with a label and whether the value is drift."""
    ours = {entry.casefold() for entry in entries(desired)}
    match value:
        case bool():
            yield "the other way", not value, True
        case int():
            yield "one more", value + 1, True
        case str() if number := re.fullmatch(r"(\d+)(s?)", value):
            yield "one more", f"{int(number[1]) + 1}{number[2]}", True
        case str() if value and value not in ACTIONS:
            yield "other words", f"{value} by hand", True
        case [*items] if items and all(isinstance(entry, str) for entry in items):
            yield "turned round", items[::-1], False
            yield "one entry more", [*items, FOREIGN], not isinstance(desired, AtLeast)
            for entry in items if len(items) < MANY else (items[0], items[-1]):
                yield f"without {entry}", [other for other in items if other != entry], entry.casefold() in ours
    if value and _is_set(desired):
        yield "null", None, True
        if isinstance(value, str | list):
            yield "empty", type(value)(), True


MANY = 5
ACTIONS = ("Keep", "Delete", "KeepAndDelete")
"""Actions of a retention policy. A policy with an unknown action is reported as unknown."""


def assignment_edits(body: Body, desired: Settings, groups: Sequence[str]) -> Iterator[HandEdit]:
    """Yield edits of the assignments of an Intune policy or of the removal of an app."""
    names = {"assigned_to", "uninstall_for", "excluded"} & desired.keys()
    there = body.get("assignments") or []
    if not names or not there:
        return
    used = {assignment["target"].get("groupId") for assignment in there}
    other = next(group for group in groups if group not in used)
    included = next(iter(names - {"excluded"}))
    for label, kind, setting in (("for more", "groupAssignment", included), ("not for all", EXCLUSION, "excluded")):
        entry = {**there[0], "id": FOREIGN, "target": _target(there[0]["target"], kind, other)}
        exact = setting in desired and not isinstance(desired[setting], AtLeast)
        shows = frozenset({setting} if exact else ())
        yield HandEdit(f"{setting}: {label}", {**body, "assignments": [*there, entry]}, shows)
    replaced = {**there[0], "target": _target(there[0]["target"], "groupAssignment", other)}
    yield HandEdit(f"{included}: for others", {**body, "assignments": [replaced, *there[1:]]}, frozenset({included}))
    if len(there) == 1:
        yield HandEdit(f"{included}: for nobody", {**body, "assignments": []}, frozenset({included}))


EXCLUSION = "exclusionGroupAssignment"


def _target(target: Body, kind: str, group: str) -> Body:
    return {**target, "@odata.type": f"#microsoft.graph.{kind}Target", "groupId": group}


def action_edits(body: Body, desired: Settings) -> Iterator[HandEdit]:
    """Yield edits of the actions on a device that does not comply."""
    for rule in body.get("scheduledActionsForRule") or ():
        there = rule["scheduledActionConfigurations"]
        later = [{**action, "gracePeriodHours": action["gracePeriodHours"] + 24} for action in there]
        more = {
            setting: [*there, {**there[0], "id": FOREIGN, "actionType": action, "gracePeriodHours": 720}]
            for setting, action in (("retire_or_wipe", "retire"), ("notify_after_hours", "pushNotification"))
        }
        for setting, actions in {"block_after_hours": later, **more}.items():
            changed = [{**rule, "scheduledActionConfigurations": actions}]
            shows = frozenset({setting} & desired.keys())
            yield HandEdit(f"{setting}: other", {**body, "scheduledActionsForRule": changed}, shows)


def list_edits(body: Body, desired: Settings) -> Iterator[HandEdit]:
    """Yield edits of each list of addresses in a browser policy."""
    for number, row in enumerate(body["settings"]):
        instance = row["settingInstance"]
        browser = "edge" if "edge" in instance["settingDefinitionId"] else "chrome"
        setting = f"{browser}_url_{instance['settingDefinitionId'].rpartition('_url')[2]}"
        (child,) = instance["choiceSettingValue"]["children"]
        there = child["simpleSettingCollectionValue"]
        ours = set(entries(desired.get(setting)))
        mine = next(entry for entry in there if entry["value"] in ours)
        for label, values, drifts in (
            ("one entry more", [*there, {**there[0], "value": FOREIGN}], False),
            ("turned round", there[::-1], False),
            (f"without {mine['value']}", [other for other in there if other != mine], True),
        ):
            inside = {**child, "simpleSettingCollectionValue": values}
            choice = {**instance["choiceSettingValue"], "children": [inside]}
            lists = [*body["settings"]]
            lists[number] = {**row, "settingInstance": {**instance, "choiceSettingValue": choice}}
            yield HandEdit(f"{setting}: {label}", {**body, "settings": lists}, frozenset({setting} if drifts else ()))
        rest = [other for other in body["settings"] if other != row]
        yield HandEdit(f"{setting}: gone", {**body, "settings": rest, "settingCount": len(rest)}, frozenset({setting}))


def mark_edits(body: Body, path: Steps, desired: Settings) -> Iterator[HandEdit]:
    """Yield edits of the text that names the owner of an object."""
    said = at(body, path)
    if isinstance(said, str):
        shows = {"managed_by", "description", "comment"} & desired.keys()
        yield HandEdit("managed_by: other words", with_at(body, path, "Set by hand"), frozenset(shows))
        yield HandEdit("managed_by: empty", with_at(body, path, ""), frozenset(shows))


NAMES = (("displayName",), ("name",), ("Name",), ("setting", "value", "displayName"))


def name_edits(body: Body) -> Iterator[HandEdit]:
    """Rename an object."""
    for path in NAMES:
        if isinstance(name := at(body, path), str) and "/" not in name:
            yield HandEdit("name: another", with_at(body, path, f"{name} by hand"), frozenset({"name"}), path)
            return
