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
    return [policy(one) for one in YAML(typ="safe").load(_FILE.read_text(encoding="utf-8"))["policies"]]


def policy(told: Mapping[str, Any], name: str = "") -> Row:
    """Return one policy in the form of Graph beta."""
    called = name or told["name"]
    settings = [{"id": str(place), "settingInstance": _instance(one)} for place, one in enumerate(told["settings"])]
    return {
        "id": str(uuid5(NAMESPACE_URL, called)),
        "name": called,
        "description": "",
        "createdDateTime": WHEN,
        "lastModifiedDateTime": WHEN,
        "creationSource": None,
        "priorityMetaData": None,
        "isAssigned": False,
        "platforms": told.get("platforms", "windows10"),
        "technologies": told.get("technologies", "mdm"),
        "roleScopeTagIds": ["0"],
        "templateReference": {
            "templateId": told.get("template", ""),
            "templateFamily": "endpointSecurityAccountProtection" if "template" in told else "none",
            "templateDisplayName": None,
            "templateDisplayVersion": None,
        },
        "settingCount": len(settings),
        "settings": settings,
        "assignments": [],
    }


def _instance(told: Mapping[str, Any]) -> Row:
    own = {"settingInstanceTemplateId": told["part"]} if "part" in told else None
    sort, holder, value = _held(told)
    return {
        "@odata.type": f"{_TYPE}{sort}Instance",
        "settingDefinitionId": told["id"],
        "settingInstanceTemplateReference": own,
        holder: value,
        **told.get("extra", {}),
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


def _held(told: Mapping[str, Any]) -> tuple[str, str, Any]:
    """Return the type of a setting instance, the property of its value, and the value."""
    word = next(word for word in _HOLDERS if word in told)
    value, several = told[word], word.endswith("s")
    made = [_value(told, word.removesuffix("s"), one) for one in (value if several else [value])]
    return (*_HOLDERS[word], made if several else made[0])


def _value(told: Mapping[str, Any], word: str, value: Any) -> Row:
    part = {"settingValueTemplateId": told.get("value_part"), "useTemplateDefault": told.get("default", False)}
    common = {"settingValueTemplateReference": part if "value_part" in told else None}
    if word == "group":
        return {**common, "children": [_instance(one) for one in value]}
    if word in _MORE:
        return {**common, **_MORE[word], "value": value}
    inside = [_instance(one) for one in told.get("inside", ())]
    return {**common, "value": value if word == "full_option" else told["id"] + value, "children": inside}
