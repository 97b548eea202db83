"""Policies that others made: the trust's baseline, the local authority's, and one of the school's own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import cast

from connectors.emulator.microsoft365.graph.bodies import complete
from connectors.emulator.microsoft365.graph.intune.families import CATALOGUE, COMPLIANCE, RULES
from connectors.emulator.microsoft365.graph.intune.family import ZERO, Family
from connectors.emulator.microsoft365.graph.intune.policies import assignments
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.school import School
from connectors.emulator.wire import Body, Json

_TYPE, _PREFIX = "@odata.type", "#microsoft.graph.deviceManagementConfiguration"


def baseline() -> Iterator[tuple[Body, bool]]:
    """Make the properties of each policy, with whether it is assigned."""
    text = (files(__package__) / "trust_baseline.json").read_text(encoding="utf-8")
    for row in cast("Sequence[Mapping[str, Json]]", json.loads(text)):
        yield _policy_baseline(row), bool(row["assigned"])


def _policy_baseline(row: Body) -> Body:
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


TRUST_BASELINE, LA_BASELINE, OWN_ANDROID = "Trust baseline", "LA Edge baseline", "Staff phones (work profile)"
_MADE, _CHANGED = "2023-06-12T14:05:00Z", "2025-08-28T09:30:00Z"
_TRUST_TAG = "1"
_EDGE = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge_urlblocklist"
_BLOCKED = (
    "*.bet365.com",
    "*.coral.co.uk",
    "*.paddypower.com",
    "*.skybet.com",
    "*.williamhill.com",
    "thepiratebay.org",
)
_SETTING = "#microsoft.graph.deviceManagementConfiguration"


def compliance_policies(school: School) -> Iterator[Body]:
    """Make the compliance policies: the baseline reaches every device that its filter lets through."""
    yield _compliance(
        school,
        TRUST_BASELINE,
        "windows10CompliancePolicy",
        {
            "description": "Managed by Example Trust IT. Do not change.",
            "passwordRequired": True,
            "passwordRequiredType": "alphanumeric",
            "passwordMinimumLength": 10,
            "passwordMinutesOfInactivityBeforeLock": 15,
            "storageRequireEncryption": True,
            "bitLockerEnabled": True,
            "secureBootEnabled": True,
            "osMinimumVersion": "10.0.19045",
            "antivirusRequired": True,
            "antiSpywareRequired": True,
            "defenderEnabled": True,
            "rtpEnabled": True,
            "signatureOutOfDate": True,
            "activeFirewallRequired": True,
            "tpmRequired": True,
            "roleScopeTagIds": [_TRUST_TAG],
        },
        {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget", **_filter(school, "School-owned Windows")},
    )
    yield _compliance(
        school,
        OWN_ANDROID,
        "androidWorkProfileCompliancePolicy",
        {
            "passwordRequired": True,
            "passwordRequiredType": "atLeastNumeric",
            "passwordMinimumLength": 6,
            "securityBlockJailbrokenDevices": True,
        },
        {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": school.identifier("group", "all-staff")},
    )


def catalogue_policies(school: School) -> Iterator[Body]:
    """Make the settings-catalogue policies: one closes gambling sites in Edge for staff, the others are the trust's."""
    hosts: list[Json] = [{"@odata.type": _SETTING + "StringSettingValue", "value": host} for host in _BLOCKED]
    listed = {
        "@odata.type": _SETTING + "SimpleSettingCollectionInstance",
        "settingDefinitionId": _EDGE + "_urlblocklistdesc",
        "settingInstanceTemplateReference": None,
        "simpleSettingCollectionValue": [{**host, "settingValueTemplateReference": None} for host in _mappings(hosts)],
    }
    instance = {
        "@odata.type": _SETTING + "ChoiceSettingInstance",
        "settingDefinitionId": _EDGE,
        "settingInstanceTemplateReference": None,
        "choiceSettingValue": {
            "settingValueTemplateReference": None,
            "value": _EDGE + "_1",
            "children": [listed],
        },
    }
    itself: Body = {
        "name": LA_BASELINE,
        "description": "Example Council schools' ICT",
        "platforms": "windows10",
        "technologies": "mdm",
        "templateReference": {
            "templateId": "",
            "templateFamily": "none",
            "templateDisplayName": None,
            "templateDisplayVersion": None,
        },
        "settings": [{"id": "0", "settingInstance": instance}],
        "settingCount": 1,
        "isAssigned": True,
    }
    staff = {
        "@odata.type": "#microsoft.graph.groupAssignmentTarget",
        "groupId": school.identifier("group", "all-staff"),
    }
    yield _policy(school, CATALOGUE, LA_BASELINE, type_name=CATALOGUE.type_name, properties=itself, target=staff)
    every_device: Body = {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}
    for properties, assigned in baseline():
        name, target = str(properties["name"]), every_device if assigned else None
        yield _policy(school, CATALOGUE, name, type_name=CATALOGUE.type_name, properties=properties, target=target)


def assignment_filters(school: School) -> Iterator[Body]:
    """Make the filters that the trust and the local authority assign by."""
    for name, rule in (
        ("School-owned Windows", '(device.deviceOwnership -eq "Corporate")'),
        ("Staff laptops", '(device.enrollmentProfileName -eq "Staff laptop")'),
    ):
        yield {
            "id": filter_id(school, name),
            "createdDateTime": _MADE,
            "lastModifiedDateTime": _MADE,
            "displayName": name,
            "description": "",
            "platform": "windows10AndLater",
            "rule": rule,
            "roleScopeTags": ["0", _TRUST_TAG],
            "payloads": [],
            "assignmentFilterManagementType": "devices",
        }


def scope_tags() -> Iterator[Body]:
    """Make the scope tags: the built-in one, and the trust's."""
    yield {"id": "0", "displayName": "Default", "description": "Scope tag for all objects.", "isBuiltIn": True}
    yield {"id": _TRUST_TAG, "displayName": "Example Trust", "description": "", "isBuiltIn": False}


def filter_id(school: School, name: str) -> str:
    return school.identifier("assignment filter", name)


def policy_id(school: School, name: str) -> str:
    return school.identifier("intune policy", name)


def _compliance(school: School, name: str, type_name: str, properties: Body, target: Body) -> Body:
    block: Body = {
        "id": school.identifier("scheduled action", name),
        "gracePeriodHours": 72,
        "actionType": "block",
        "notificationTemplateId": ZERO,
        "notificationMessageCCList": [],
    }
    rule: Body = {
        "id": school.identifier("scheduled rule", name),
        "ruleName": None,
        "scheduledActionConfigurations": [block],
    }
    itself: Body = {"@odata.type": f"#microsoft.graph.{type_name}", "displayName": name, **properties, "version": 4}
    made = _policy(school, COMPLIANCE, name, type_name=type_name, properties=itself, target=target)
    return {**made, RULES: [rule]}


def _policy(
    school: School, family: Family, name: str, *, type_name: str, properties: Body, target: Body | None
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


def _filter(school: School, name: str) -> Body:
    return {
        "deviceAndAppManagementAssignmentFilterId": filter_id(school, name),
        "deviceAndAppManagementAssignmentFilterType": "include",
    }


def _mappings(hosts: list[Json]) -> Iterator[Body]:
    yield from (host for host in hosts if isinstance(host, dict))
