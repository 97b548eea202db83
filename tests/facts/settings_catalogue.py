"""Policies of the settings catalogue in Graph's form, expanded from `settings_catalogue.yaml`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ruamel.yaml import YAML

_FILE = Path(__file__).with_suffix(".yaml")
_TYPE = "#microsoft.graph.deviceManagementConfiguration"
WHEN = "2026-11-01T09:00:00Z"

Row = dict[str, Any]


def policies() -> Sequence[Row]:
    """Return the policies of the file in the form of Graph beta, with settings and assignments."""
    return [policy(written) for written in YAML(typ="safe").load(_FILE.read_text(encoding="utf-8"))["policies"]]


def policy(written: Mapping[str, Any], name: str = "") -> Row:
    """Return one policy in the form of Graph beta."""
    called = name or written["name"]
    instances = [_instance(setting) for setting in written["settings"]]
    settings = [{"id": str(place), "settingInstance": instance} for place, instance in enumerate(instances)]
    return {
        "id": str(uuid5(NAMESPACE_URL, called)),
        "name": called,
        "description": "",
        "createdDateTime": WHEN,
        "lastModifiedDateTime": WHEN,
        "creationSource": None,
        "priorityMetaData": None,
        "isAssigned": False,
        "platforms": written.get("platforms", "windows10"),
        "technologies": written.get("technologies", "mdm"),
        "roleScopeTagIds": ["0"],
        "templateReference": {
            "templateId": written.get("template", ""),
            "templateFamily": "endpointSecurityAccountProtection" if "template" in written else "none",
            "templateDisplayName": None,
            "templateDisplayVersion": None,
        },
        "settingCount": len(settings),
        "settings": settings,
        "assignments": [],
    }


def _instance(setting: Mapping[str, Any]) -> Row:
    own = {"settingInstanceTemplateId": setting["part"]} if "part" in setting else None
    sort, holder, value = _value_of(setting)
    return {
        "@odata.type": f"{_TYPE}{sort}Instance",
        "settingDefinitionId": setting["id"],
        "settingInstanceTemplateReference": own,
        holder: value,
        **setting.get("extra", {}),
    }


_HOLDERS = {
    "option": ("ChoiceSetting", "choiceSettingValue"),
    "full_option": ("ChoiceSetting", "choiceSettingValue"),
    "options": ("ChoiceSettingCollection", "choiceSettingCollectionValue"),
    "texts": ("SimpleSettingCollection", "simpleSettingCollectionValue"),
    "numbers": ("SimpleSettingCollection", "simpleSettingCollectionValue"),
    "group": ("GroupSetting", "groupSettingValue"),
    "groups": ("GroupSettingCollection", "groupSettingCollectionValue"),
    **dict.fromkeys(("text", "number", "secret", "reference"), ("SimpleSetting", "simpleSettingValue")),
}
_MORE: Mapping[str, Row] = {
    "text": {"@odata.type": f"{_TYPE}StringSettingValue"},
    "number": {"@odata.type": f"{_TYPE}IntegerSettingValue"},
    "secret": {"@odata.type": f"{_TYPE}SecretSettingValue", "valueState": "encryptedValueToken"},
    "reference": {"@odata.type": f"{_TYPE}ReferenceSettingValue", "note": None},
}


def _value_of(setting: Mapping[str, Any]) -> tuple[str, str, Any]:
    """Return the type of a setting instance, the property of its value, and the value."""
    word = next(word for word in _HOLDERS if word in setting)
    value, several = setting[word], word.endswith("s")
    made = [_value(setting, word.removesuffix("s"), entry) for entry in (value if several else [value])]
    return (*_HOLDERS[word], made if several else made[0])


def _value(setting: Mapping[str, Any], word: str, value: Any) -> Row:
    part = {"settingValueTemplateId": setting.get("value_part"), "useTemplateDefault": setting.get("default", False)}
    common = {"settingValueTemplateReference": part if "value_part" in setting else None}
    if word == "group":
        return {**common, "children": [_instance(inner) for inner in value]}
    if word in _MORE:
        return {**common, **_MORE[word], "value": value}
    inside = [_instance(inner) for inner in setting.get("inside", ())]
    return {**common, "value": value if word == "full_option" else setting["id"] + value, "children": inside}
