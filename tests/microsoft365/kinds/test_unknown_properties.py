"""What somebody added to an object that no setting shows: it is known by name, and whether it narrows."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.facts.real_tenant import domain, exchange_row
from tests.leaves import changes, unnoticed_paths
from toolkit.sdk.form import UnknownProperty
from toolkit.sdk.providers import kinds

TARGET = {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}
UNFILTERED = {**TARGET, "deviceAndAppManagementAssignmentFilterType": "none"}
FILTER = "assignments[].target.deviceAndAppManagementAssignmentFilter"
ACTIONS = "scheduledActionsForRule[].scheduledActionConfigurations[]"
EDGE = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge_urlblocklist"
HOME = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge_homepagelocation"


def assigned(**more: Any) -> Mapping[str, Any]:
    return {"id": "1", "assignments": [{"target": UNFILTERED}], **more}


def judged(*actions: tuple[str, int]) -> Mapping[str, Any]:
    said = [{"id": "2", "actionType": name, "gracePeriodHours": hours} for name, hours in actions]
    return assigned(scheduledActionsForRule=[{"ruleName": "PasswordRequired", "scheduledActionConfigurations": said}])


def chosen(definition: str, *children: Mapping[str, Any]) -> Mapping[str, Any]:
    value = {"value": f"{definition}_1", "children": list(children), "settingValueTemplateReference": None}
    return {"settingInstance": {"settingDefinitionId": definition, "choiceSettingValue": value}}


def timeouts(*applications: tuple[str, str]) -> Mapping[str, Any]:
    listed = [{"ApplicationId": name, "WebSessionIdleTimeout": span} for name, span in applications]
    return {
        "isOrganizationDefault": True,
        "definition": [json.dumps({"ActivityBasedTimeoutPolicy": {"Version": 1, "ApplicationPolicies": listed}})],
    }


def unknown_of(kind: str, body: Mapping[str, Any]) -> list[UnknownProperty]:
    return list(kinds("microsoft365")[kind].spec.unknown(body))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("windows_compliance_policy", judged(("block", 24), ("pushNotification", 0), ("wipe", 720))),
        ("windows_configuration", assigned(safeSearchFilter="userDefined", cellularData="blocked")),
        ("browser_url_policy", assigned(settings=[chosen(EDGE)], technologies="mdm", platforms="windows10")),
        ("web_idle_timeout", timeouts(("default", "01:00:00"))),
        ("defender_indicator", {"action": "Audit", "generateAlert": True}),
        ("password_expiry", {"authenticationType": "Managed", "isRoot": True, "supportedServices": ["Email"]}),
        ("compliance_settings", {"secureByDefault": True, "isScheduledActionEnabled": True}),
        ("retention_policy", {"Mode": "Enforce", "Rule": {"Mode": "Enforce", "Disabled": False, "Policy": "1"}}),
    ],
)
def test_what_settings_show_and_what_no_one_set_is_not_unknown(kind: str, body: Mapping[str, Any]) -> None:
    assert unknown_of(kind, body) == []


@pytest.mark.parametrize(
    ("kind", "body", "path", "value", "narrows"),
    [
        ("windows_configuration", {"assignments": [{"target": {**TARGET, f"{FILTER.rpartition('.')[2]}Id": "7"}}]},
         f"{FILTER}Id", "7", True),
        ("windows_configuration", assigned(assignments=[{"intent": "remove"}]), "assignments[].intent", "remove", True),
        ("windows_configuration", assigned(lockScreenTimeoutOfTomorrow=5), "lockScreenTimeoutOfTomorrow", 5, False),
        ("windows_configuration", assigned(deviceManagementApplicabilityRuleOsEdition={"ruleType": "exclude"}),
         "deviceManagementApplicabilityRuleOsEdition.ruleType", "exclude", True),
        ("windows_compliance_policy", judged(("block", 0), ("remoteLock", 48)), f"{ACTIONS}.actionType",
         "remoteLock after 48 hours", True),
        ("windows_compliance_policy", assigned(demandOfTomorrow=True), "demandOfTomorrow", True, False),
        ("browser_url_policy", assigned(settings=[chosen(EDGE), chosen(HOME)]), HOME, [f"{HOME}_1"], False),
        ("managed_app_removal", {"assignments": [{"intent": "uninstall", "settings": {"restartSettings": {"a": 1}}}]},
         "assignments[].settings.restartSettings.a", 1, True),
        ("retention_policy", {"Rule": {"Disabled": True}}, "Rule.Disabled", True, True),
        ("retention_policy", {"PublicFolderLocation": [{"Name": "All"}]}, "PublicFolderLocation[].Name", "All", True),
        ("web_idle_timeout", timeouts(("default", "01:00:00"), ("portal", "00:15:00")),
         "definition.ActivityBasedTimeoutPolicy.ApplicationPolicies[].WebSessionIdleTimeout", "00:15:00", True),
        ("defender_indicator", {"action": "Block", "application": "chrome.exe"}, "application", "chrome.exe", True),
        ("defender_indicator", {"action": "Block", "generateAlert": True}, "generateAlert", True, False),
        ("password_expiry", {"authenticationType": "OfTomorrow"}, "authenticationType", "OfTomorrow", True),
        ("compliance_settings", {"isScheduledActionEnabled": False}, "isScheduledActionEnabled", False, True),
        ("malware_filter_policy", {"OfTomorrow": "on"}, "OfTomorrow", "on", False),
    ],
)  # fmt: skip
def test_what_no_setting_shows_is_unknown_by_its_name(
    kind: str, body: Mapping[str, Any], path: str, value: object, *, narrows: bool
) -> None:
    found = {one.path: one for one in unknown_of(kind, body)}

    assert (found[path].value, found[path].narrows) == (value, narrows)


def test_a_definition_of_which_there_are_two_is_not_read_by_its_first() -> None:
    body = timeouts(("default", "01:00:00"))
    spec = kinds("microsoft365")["web_idle_timeout"].spec

    assert unnoticed_paths(spec, body) == []
    assert unnoticed_paths(spec, {**body, "definition": None}) == []


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("password_expiry", domain()),
        ("remote_domain", exchange_row("remote_domains")),
        ("transport_rule", exchange_row("transport_rule")),
    ],
    ids=["password_expiry", "remote_domain", "transport_rule"],
)
def test_every_property_of_a_real_object_is_noticed_or_ignored_by_name(kind: str, body: Mapping[str, Any]) -> None:
    spec = kinds("microsoft365")[kind].spec

    assert list(changes(body))
    assert unnoticed_paths(spec, body) == []
    assert spec.unknown(body) == []


def test_the_mark_of_a_rule_changed_by_hand_is_not_a_setting() -> None:
    assert unknown_of("transport_rule", {"Guid": "1", "Name": "Rule", "ManuallyModified": True}) == []
    assert [one.path for one in unknown_of("transport_rule", {"Guid": "1", "Another": True})] == ["Another"]
