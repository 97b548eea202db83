"""Policies that others made, as `seed.json` lists them: the trust's, the local authority's, one of the school's.

Those of the catalogue that set what toolkit sets were copied into the tenant and are assigned to no one yet.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from connectors.emulator.data_files import each_text, fill, from_template, read_data
from connectors.emulator.microsoft365.graph.bodies import complete
from connectors.emulator.microsoft365.graph.intune.families import CATALOGUE, COMPLIANCE, RULES
from connectors.emulator.microsoft365.graph.intune.family import Family
from connectors.emulator.microsoft365.graph.intune.policies import assignments
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.school import School
from connectors.emulator.wire import Body, Json

_TYPE, _PREFIX = "@odata.type", "#microsoft.graph.deviceManagementConfiguration"
_MADE, _CHANGED = "2023-06-12T14:05:00Z", "2025-08-28T09:30:00Z"
_EVERY_DEVICE: Body = {_TYPE: "#microsoft.graph.allDevicesAssignmentTarget"}


def read_policies(school: School) -> Mapping[str, Any]:
    """Read the rows of policies, assignment filters, scope tags, apps and devices."""
    data = read_data(Path(__file__).parent / "seed.json")
    return cast("Mapping[str, Any]", each_text(data, lambda text: fill(text, school)))


def compliance_policies(school: School, rows: Sequence[Body]) -> Iterator[Body]:
    """Make the compliance policies, each with one action that blocks after three days."""
    for row in rows:
        name = str(row["name"])
        action, key = (school.identifier(kind, name) for kind in ("scheduled action", "scheduled rule"))
        rule = from_template(__file__, "rule", id=key, action=action)
        properties = cast("Body", row["properties"])
        itself: Body = {_TYPE: f"#microsoft.graph.{row['type']}", "displayName": name, **properties, "version": 4}
        made = _policy(school, COMPLIANCE, name, type_name=str(row["type"]), properties=itself, target=row["target"])
        yield {**made, RULES: [rule]}


def catalogue_policies(school: School, rows: Sequence[Body]) -> Iterator[Body]:
    """Make the policies of the settings catalogue."""
    for row in rows:
        target = row.get("target", _EVERY_DEVICE) if row["assigned"] else None
        kind = CATALOGUE.type_name
        yield _policy(school, CATALOGUE, str(row["name"]), type_name=kind, properties=_catalogue(row), target=target)


def _catalogue(row: Body) -> Body:
    settings = [_instance(setting) for setting in _rows(row["settings"])]
    return {
        "name": row["name"],
        "description": row.get("description", ""),
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
    """Make what Intune shows of a setting: a choice with what is inside it, a number, texts, or a group of settings."""
    definition = setting["definition"]
    shown: Body = {"settingDefinitionId": definition, "settingInstanceTemplateReference": None}
    plain: Body = {"settingValueTemplateReference": None}
    if "group" in setting:
        inside = [{**plain, "children": [_instance(child) for child in _rows(setting["group"])]}]
        return {_TYPE: f"{_PREFIX}GroupSettingCollectionInstance", **shown, "groupSettingCollectionValue": inside}
    if "integer" in setting:
        number = {_TYPE: f"{_PREFIX}IntegerSettingValue", **plain, "value": setting["integer"]}
        return {_TYPE: f"{_PREFIX}SimpleSettingInstance", **shown, "simpleSettingValue": number}
    if "texts" in setting:
        texts = cast("Sequence[str]", setting["texts"])
        values = [{_TYPE: f"{_PREFIX}StringSettingValue", **plain, "value": text} for text in texts]
        return {_TYPE: f"{_PREFIX}SimpleSettingCollectionInstance", **shown, "simpleSettingCollectionValue": values}
    children = [_instance(child) for child in _rows(setting.get("children", []))]
    chosen = {**plain, "value": f"{definition}_{setting['choice']}", "children": children}
    return {_TYPE: f"{_PREFIX}ChoiceSettingInstance", **shown, "choiceSettingValue": chosen}


def _rows(held: Json) -> Sequence[Body]:
    return cast("Sequence[Body]", held)


def policy_id(school: School, name: str) -> str:
    return school.identifier("intune policy", name)


def _policy(
    school: School, family: Family, name: str, *, type_name: str, properties: Body, target: Json
) -> Body:  # fmt: skip
    key, known = policy_id(school, name), model(type_name, BETA) or {}
    itself: Body = {
        "roleScopeTagIds": ["0"],
        **properties,
        "id": key,
        "createdDateTime": _MADE,
        "lastModifiedDateTime": _CHANGED,
    }
    hidden = family.navigation - {"settings"}
    return {
        **complete(itself, known, without=hidden),
        "assignments": assignments([{"target": target}] if target else [], key=key, declared=family.assignment),
    }
