"""The trust's baseline: policies of the settings catalogue, as `trust_baseline.json` lists them.

Those that set what toolkit sets were copied into the tenant and are assigned to no one yet.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import cast

from connectors.emulator.wire import Body, Json

_TYPE, _PREFIX = "@odata.type", "#microsoft.graph.deviceManagementConfiguration"


def baseline() -> Iterator[tuple[Body, bool]]:
    """Make the properties of each policy, with whether it is assigned."""
    text = (files(__package__) / "trust_baseline.json").read_text(encoding="utf-8")
    for row in cast("Sequence[Mapping[str, Json]]", json.loads(text)):
        yield _policy(row), bool(row["assigned"])


def _policy(row: Body) -> Body:
    settings = [_instance(setting) for setting in _rows(row["settings"])]
    return {
        "name": row["name"],
        "description": "",
        "platforms": row["platforms"],
        "technologies": row["technologies"],
        "templateReference": {
            "templateId": row.get("template", ""),
            "templateFamily": row.get("family", "none"),
            "templateDisplayName": row.get("title"),
            "templateDisplayVersion": "Version 1" if "title" in row else None,
        },
        "settings": [{"id": str(number), "settingInstance": one} for number, one in enumerate(settings)],
        "settingCount": len(settings),
        "isAssigned": row["assigned"],
    }


def _instance(setting: Body) -> Body:
    """Make what Intune shows of a setting: a choice with what is inside it, a number, or a group of settings."""
    definition = setting["definition"]
    shown: Body = {"settingDefinitionId": definition, "settingInstanceTemplateReference": None}
    plain: Body = {"settingValueTemplateReference": None}
    if "group" in setting:
        inside = [{**plain, "children": [_instance(child) for child in _rows(setting["group"])]}]
        return {_TYPE: f"{_PREFIX}GroupSettingCollectionInstance", **shown, "groupSettingCollectionValue": inside}
    if "integer" in setting:
        number = {_TYPE: f"{_PREFIX}IntegerSettingValue", **plain, "value": setting["integer"]}
        return {_TYPE: f"{_PREFIX}SimpleSettingInstance", **shown, "simpleSettingValue": number}
    children = [_instance(child) for child in _rows(setting.get("children", []))]
    chosen = {**plain, "value": f"{definition}_{setting['choice']}", "children": children}
    return {_TYPE: f"{_PREFIX}ChoiceSettingInstance", **shown, "choiceSettingValue": chosen}


def _rows(held: Json) -> Sequence[Body]:
    return cast("Sequence[Body]", held)
