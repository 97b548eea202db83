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
class Way:
    """One edit of an object by hand."""

    told: str
    body: Body
    shows: frozenset[str]  # the settings that drift must report
    restores: Steps | None = None  # the path whose value must be restored by a repair


@dataclass(frozen=True)
class Spot:
    """One setting of a kind: its path and its desired value."""

    kind: str
    setting: str
    path: Steps
    wanted: Value


def of_setting(body: Body, spot: Spot, others: Sequence[Any]) -> Iterator[Way]:
    """Yield edits of a setting that has a path of its own; `others` are the values of the cases."""
    value, shows = at(body, spot.path), frozenset({spot.setting})
    exact = None if isinstance(spot.wanted, AtLeast) else spot.path
    ways = [] if spot.kind in CHECKED else [*_values(value, spot.wanted)]
    if spot.kind.startswith("google") and ways and _is_set(spot.wanted):
        ways.append(("gone", ..., True))
    if spot.kind in CHECKED and not isinstance(at(body, spot.path[:-1]), Mapping):
        return  # the rule does not have this action
    if spot.kind in CHECKED or not (spot.wanted or isinstance(spot.wanted, AtLeast)):
        ways += [(f"set to {other}", other, True) for other in others if other and other != value]
    for told, other, drifts in ways:
        changed = with_at(body, spot.path, other)
        yield Way(f"{spot.setting}: {told}", changed, shows if drifts else frozenset(), exact)


CHECKED = ("google_workspace.detector", "google_workspace.dlp_rule", "microsoft365.web_idle_timeout")
"""Kinds whose objects the service validates, so that an edit can only use accepted values."""


def _is_set(wanted: Value) -> bool:
    return bool(entries(wanted)) if isinstance(wanted, AtLeast) else bool(wanted)


def _values(value: Any, wanted: Value) -> Iterator[tuple[str, Any, bool]]:
    """Yield other values for a setting, with a label and whether the value is drift."""
    ours = {one.casefold() for one in entries(wanted)}
    match value:
        case bool():
            yield "the other way", not value, True
        case int():
            yield "one more", value + 1, True
        case str() if number := re.fullmatch(r"(\d+)(s?)", value):
            yield "one more", f"{int(number[1]) + 1}{number[2]}", True
        case str() if value and value not in ACTIONS:
            yield "other words", f"{value} by hand", True
        case [*items] if items and all(isinstance(one, str) for one in items):
            yield "turned round", items[::-1], False
            yield "one entry more", [*items, FOREIGN], not isinstance(wanted, AtLeast)
            for one in items if len(items) < MANY else (items[0], items[-1]):
                yield f"without {one}", [other for other in items if other != one], one.casefold() in ours
    if value and _is_set(wanted):
        yield "null", None, True
        if isinstance(value, str | list):
            yield "empty", type(value)(), True


MANY = 5
ACTIONS = ("Keep", "Delete", "KeepAndDelete")
"""Actions of a retention policy. A policy with an unknown action is reported as unknown."""


def of_assignments(body: Body, wanted: Settings, groups: Sequence[str]) -> Iterator[Way]:
    """Yield edits of the assignments of an Intune policy or of the removal of an app."""
    names = {"assigned_to", "uninstall_for", "excluded"} & wanted.keys()
    there = body.get("assignments") or []
    if not names or not there:
        return
    used = {one["target"].get("groupId") for one in there}
    other = next(group for group in groups if group not in used)
    included = next(iter(names - {"excluded"}))
    for told, kind, setting in (("for more", "groupAssignment", included), ("not for all", EXCLUSION, "excluded")):
        entry = {**there[0], "id": FOREIGN, "target": _target(there[0]["target"], kind, other)}
        exact = setting in wanted and not isinstance(wanted[setting], AtLeast)
        shows = frozenset({setting} if exact else ())
        yield Way(f"{setting}: {told}", {**body, "assignments": [*there, entry]}, shows)
    replaced = {**there[0], "target": _target(there[0]["target"], "groupAssignment", other)}
    yield Way(f"{included}: for others", {**body, "assignments": [replaced, *there[1:]]}, frozenset({included}))
    if len(there) == 1:
        yield Way(f"{included}: for nobody", {**body, "assignments": []}, frozenset({included}))


EXCLUSION = "exclusionGroupAssignment"


def _target(target: Body, kind: str, group: str) -> Body:
    return {**target, "@odata.type": f"#microsoft.graph.{kind}Target", "groupId": group}


def of_actions(body: Body, wanted: Settings) -> Iterator[Way]:
    """Yield edits of the actions on a device that does not comply."""
    for rule in body.get("scheduledActionsForRule") or ():
        there = rule["scheduledActionConfigurations"]
        later = [{**one, "gracePeriodHours": one["gracePeriodHours"] + 24} for one in there]
        more = {
            setting: [*there, {**there[0], "id": FOREIGN, "actionType": action, "gracePeriodHours": 720}]
            for setting, action in (("retire_or_wipe", "retire"), ("notify_after_hours", "pushNotification"))
        }
        for setting, actions in {"block_after_hours": later, **more}.items():
            changed = [{**rule, "scheduledActionConfigurations": actions}]
            shows = frozenset({setting} & wanted.keys())
            yield Way(f"{setting}: other", {**body, "scheduledActionsForRule": changed}, shows)


def of_lists(body: Body, wanted: Settings) -> Iterator[Way]:
    """Yield edits of each list of addresses in a browser policy."""
    for number, one in enumerate(body["settings"]):
        instance = one["settingInstance"]
        browser = "edge" if "edge" in instance["settingDefinitionId"] else "chrome"
        setting = f"{browser}_url_{instance['settingDefinitionId'].rpartition('_url')[2]}"
        (child,) = instance["choiceSettingValue"]["children"]
        there = child["simpleSettingCollectionValue"]
        ours = set(entries(wanted.get(setting)))
        mine = next(one for one in there if one["value"] in ours)
        for told, values, drifts in (
            ("one entry more", [*there, {**there[0], "value": FOREIGN}], False),
            ("turned round", there[::-1], False),
            (f"without {mine['value']}", [other for other in there if other != mine], True),
        ):
            inside = {**child, "simpleSettingCollectionValue": values}
            choice = {**instance["choiceSettingValue"], "children": [inside]}
            lists = [*body["settings"]]
            lists[number] = {**one, "settingInstance": {**instance, "choiceSettingValue": choice}}
            yield Way(f"{setting}: {told}", {**body, "settings": lists}, frozenset({setting} if drifts else ()))
        rest = [other for other in body["settings"] if other != one]
        yield Way(f"{setting}: gone", {**body, "settings": rest, "settingCount": len(rest)}, frozenset({setting}))


def of_mark(body: Body, path: Steps, wanted: Settings) -> Iterator[Way]:
    """Yield edits of the text that names the owner of an object."""
    said = at(body, path)
    if isinstance(said, str):
        shows = {"managed_by", "description", "comment"} & wanted.keys()
        yield Way("managed_by: other words", with_at(body, path, "Set by hand"), frozenset(shows))
        yield Way("managed_by: empty", with_at(body, path, ""), frozenset(shows))


NAMES = (("displayName",), ("name",), ("Name",), ("setting", "value", "displayName"))


def of_name(body: Body) -> Iterator[Way]:
    """Rename an object."""
    for path in NAMES:
        if isinstance(name := at(body, path), str) and "/" not in name:
            yield Way("name: another", with_at(body, path, f"{name} by hand"), frozenset({"name"}), path)
            return
