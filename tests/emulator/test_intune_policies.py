"""Intune's policies in Graph: made, read, changed and removed, each refused as the service refuses it."""

from typing import Any

import pytest

from tests.emulated import Tenant

COMPLIANCE = "/deviceManagement/deviceCompliancePolicies"
CONFIGURATION = "/deviceManagement/deviceConfigurations"
CATALOGUE = "/deviceManagement/configurationPolicies"
EXPAND = "$expand=assignments,scheduledActionsForRule($expand=scheduledActionConfigurations)"
ZERO = "00000000-0000-0000-0000-000000000000"
_BLOCK = {"actionType": "block", "gracePeriodHours": 24, "notificationTemplateId": "", "notificationMessageCCList": []}
_RULES = [{"ruleName": "PasswordRequired", "scheduledActionConfigurations": [_BLOCK]}]
_WINDOWS = {"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "displayName": "Ours"}
_EDGE = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge_urlblocklist"


def _body(**changes: object) -> dict[str, object]:
    return {**_WINDOWS, "passwordRequired": True, "scheduledActionsForRule": _RULES, **changes}


def _write(tenant: Tenant, method: str, path: str, body: object) -> Any:
    return tenant.graph(path, method=method, application="writer", body=body)


def _create_policy(tenant: Tenant, path: str, body: object, version: str = "v1.0") -> dict[str, Any]:
    answer = _write(tenant, "POST", f"/{version}{path}", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _stored_policy(tenant: Tenant, name: str) -> dict[str, Any]:
    everything = tenant.objects("intune.compliancePolicies").values()
    return next(one for one in everything if one["displayName"] == name)


def _setting(*hosts: str) -> dict[str, object]:
    kind = "#microsoft.graph.deviceManagementConfiguration"
    listed = {
        "@odata.type": kind + "SimpleSettingCollectionInstance",
        "settingDefinitionId": _EDGE + "_urlblocklistdesc",
        "simpleSettingCollectionValue": [{"@odata.type": kind + "StringSettingValue", "value": host} for host in hosts],
    }
    chosen = {"@odata.type": kind + "ChoiceSettingValue", "value": _EDGE + "_1", "children": [listed]}
    instance = {
        "@odata.type": kind + "ChoiceSettingInstance",
        "settingDefinitionId": _EDGE,
        "choiceSettingValue": chosen,
    }
    return {"@odata.type": kind + "Setting", "settingInstance": instance}


def _catalogue(*hosts: str, **changes: object) -> dict[str, object]:
    whole = {"name": "Ours", "platforms": "windows10", "technologies": "mdm", "settings": [_setting(*hosts)]}
    return {**whole, **changes}


def test_a_policy_that_is_made_shows_what_nobody_set(tenant: Tenant) -> None:
    tenant.set_now("2026-11-12T10:00:00+00:00")

    made = _create_policy(tenant, COMPLIANCE, _body(passwordMinimumLength=None))

    assert (made["passwordRequired"], made["bitLockerEnabled"], made["passwordMinimumLength"]) == (True, False, None)
    assert (made["passwordRequiredType"], made["description"], made["version"]) == ("deviceDefault", None, 1)
    assert made["createdDateTime"] == made["lastModifiedDateTime"] == "2026-11-12T10:00:00Z"
    assert not {"assignments", "scheduledActionsForRule", "roleScopeTagIds", "tpmRequired"} & set(made)


def test_expanding_shows_assignments_and_what_happens_to_a_device(tenant: Tenant) -> None:
    made = _create_policy(tenant, COMPLIANCE, _body())

    shown = tenant.graph(f"/v1.0{COMPLIANCE}/{made['id']}?{EXPAND}").json()

    (rule,) = shown["scheduledActionsForRule"]
    (action,) = rule["scheduledActionConfigurations"]
    assert shown["assignments"] == []
    assert made["id"] in shown["assignments@odata.context"]
    assert rule["ruleName"] is None
    assert (action["gracePeriodHours"], action["notificationTemplateId"]) == (24, ZERO)


@pytest.mark.parametrize(
    "path",
    [f"{COMPLIANCE}/?{EXPAND}", f"{COMPLIANCE}??{EXPAND}", f"//deviceManagement//deviceCompliancePolicies?{EXPAND}"],
)
def test_the_shapes_that_programs_send_are_understood(tenant: Tenant, path: str) -> None:
    rows = tenant.graph(f"/beta{path}").json()["value"]

    assert [row["displayName"] for row in rows] == ["Trust baseline", "Staff phones (work profile)"]
    assert all(row["scheduledActionsForRule"][0]["scheduledActionConfigurations"] for row in rows)


def test_rules_that_are_expanded_alone_hide_their_actions(tenant: Tenant) -> None:
    (row, *_) = tenant.graph(f"/v1.0{COMPLIANCE}?$expand=scheduledActionsForRule").json()["value"]

    assert set(row["scheduledActionsForRule"][0]) == {"id", "ruleName"}


@pytest.mark.parametrize(
    "rules",
    [
        None,
        [],
        [{"ruleName": "x", "scheduledActionConfigurations": []}],
        [{"scheduledActionConfigurations": [{"actionType": "notification", "gracePeriodHours": 0}]}],
        [{"scheduledActionConfigurations": [_BLOCK, _BLOCK]}],
        _RULES * 2,
    ],
)
def test_a_policy_needs_exactly_one_action_that_blocks(tenant: Tenant, rules: object) -> None:
    answer = _write(tenant, "POST", f"/v1.0{COMPLIANCE}", _body(scheduledActionsForRule=rules))

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "BadRequest")
    assert '"Message": "Compliance policy must have one and only one block scheduled action' in error["message"]


_NAMESPACE = "microsoft.management.services.api"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"@odata.type": None}, "Cannot create an abstract class."),
        (
            {"@odata.type": "#microsoft.graph.windows11Policy"},
            "'microsoft.graph.windows11Policy' could not be resolved",
        ),
        (
            {"@odata.type": "#microsoft.graph.windows10GeneralConfiguration"},
            "it is not assignable to the expected type",
        ),
        ({"passwordLength": 8}, f"'passwordLength' does not exist on type '{_NAMESPACE}.windows10CompliancePolicy'"),
        ({"tpmRequired": True}, "The property 'tpmRequired' does not exist"),
        ({"passwordRequired": "true"}, "Cannot convert the literal 'true' to the expected type 'Edm.Boolean'"),
        ({"passwordMinimumLength": True}, "Cannot convert the literal 'true' to the expected type 'Edm.Int32'"),
        ({"osMinimumVersion": 11}, "Cannot convert the literal '11' to the expected type 'Edm.String'"),
        ({"passwordRequiredType": "complex"}, f"'complex' to the expected type '{_NAMESPACE}.requiredPasswordType'"),
        ({"scheduledActionsForRule": {}}, "A 'StartArray' node was expected."),
        ({"displayName": ["Ours"]}, "A 'PrimitiveValue' node was expected."),
        ({"scheduledActionsForRule": [{"rule": "x"}]}, "The property 'rule' does not exist"),
    ],
)
def test_a_body_that_does_not_fit_its_type_is_refused(tenant: Tenant, changes: dict[str, Any], words: str) -> None:
    answer = _write(tenant, "POST", f"/v1.0{COMPLIANCE}", _body(**changes))

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "ModelValidationFailure")
    assert words in answer.json()["error"]["message"]


def test_a_change_counts_the_version_and_keeps_the_rest(tenant: Tenant) -> None:
    made = _create_policy(tenant, COMPLIANCE, _body(passwordMinimumLength=8))

    answer = _write(tenant, "PATCH", f"/v1.0{COMPLIANCE}/{made['id']}", {**_WINDOWS, "passwordMinimumLength": None})

    after = tenant.graph(f"/v1.0{COMPLIANCE}/{made['id']}").json()
    assert answer.status_code == 204
    assert (after["version"], after["passwordMinimumLength"], after["passwordRequired"]) == (2, None, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (_body(), "Cannot apply PATCH to navigation property 'scheduledActionsForRule'"),
        ({**_WINDOWS, "@odata.type": "#microsoft.graph.iosCompliancePolicy"}, "The type of a policy cannot be changed"),
        ({"displayName": "No type"}, "Cannot create an abstract class."),
    ],
)
def test_a_change_that_is_none_is_refused(tenant: Tenant, body: object, words: str) -> None:
    made = _create_policy(tenant, COMPLIANCE, _body())

    answer = _write(tenant, "PATCH", f"/v1.0{COMPLIANCE}/{made['id']}", body)

    assert answer.status_code == 400
    assert words in answer.json()["error"]["message"]


def test_what_happens_to_a_device_is_replaced_by_an_action_of_its_own(tenant: Tenant) -> None:
    path = f"/v1.0{COMPLIANCE}/{_stored_policy(tenant, 'Trust baseline')['id']}"
    changed = [{**_BLOCK, "gracePeriodHours": 6}, {"actionType": "notification"}]
    body = {"deviceComplianceScheduledActionForRules": [{"scheduledActionConfigurations": changed}]}

    answer = _write(tenant, "POST", f"{path}/scheduleActionsForRules", body)
    refused = _write(tenant, "POST", f"{path}/scheduleActionsForRules", {"scheduledActionsForRule": _RULES})

    (rule,) = _stored_policy(tenant, "Trust baseline")["scheduledActionsForRule"]
    actions = [(one["actionType"], one["gracePeriodHours"]) for one in rule["scheduledActionConfigurations"]]
    assert (answer.ok, refused.status_code) == (True, 400)
    assert actions == [("block", 6), ("notification", 0)]


def test_the_navigation_to_what_happens_is_no_route(tenant: Tenant) -> None:
    answer = tenant.graph(f"/v1.0{COMPLIANCE}/{_stored_policy(tenant, 'Trust baseline')['id']}/scheduledActionsForRule")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "No method match route template")


def test_a_policy_is_gone_once_deleted(tenant: Tenant) -> None:
    made = _create_policy(tenant, COMPLIANCE, _body())
    path = f"/v1.0{COMPLIANCE}/{made['id']}"

    answers = [_write(tenant, "DELETE", path, None).status_code, _write(tenant, "DELETE", path, None).status_code]

    assert answers == [204, 404]
    assert tenant.graph(path).json()["error"]["code"] == "ResourceNotFound"


@pytest.mark.parametrize(
    ("path", "kind", "properties"),
    [
        (COMPLIANCE, "iosCompliancePolicy", {"passcodeMinimumLength": 8, "passcodeRequiredType": "alphanumeric"}),
        (COMPLIANCE, "macOSCompliancePolicy", {"storageRequireEncryption": True, "firewallEnabled": True}),
        (COMPLIANCE, "androidCompliancePolicy", {"securityBlockJailbrokenDevices": True}),
        (COMPLIANCE, "androidWorkProfileCompliancePolicy", {"passwordRequiredType": "alphanumericWithSymbols"}),
        (CONFIGURATION, "windows10GeneralConfiguration", {"appsAllowTrustedAppsSideloading": "blocked"}),
        (CONFIGURATION, "iosGeneralDeviceConfiguration", {"appsVisibilityListType": "appsNotInListCompliant"}),
        (CONFIGURATION, "androidGeneralDeviceConfiguration", {"passwordRequired": True}),
        (CONFIGURATION, "androidWorkProfileGeneralDeviceConfiguration", {"passwordMinimumLength": 8}),
    ],
)
def test_each_platform_has_a_type_in_both_versions(
    tenant: Tenant, path: str, kind: str, properties: dict[str, object]
) -> None:
    rules = {"scheduledActionsForRule": _RULES} if path == COMPLIANCE else {}

    made = _create_policy(
        tenant, path, {"@odata.type": f"#microsoft.graph.{kind}", "displayName": "x", **properties, **rules}
    )

    assert {name: made[name] for name in properties} == properties
    assert tenant.graph(f"/beta{path}/{made['id']}").json()["roleScopeTagIds"] == ["0"]


@pytest.mark.parametrize(
    ("path", "kind", "properties"),
    [
        (COMPLIANCE, "androidDeviceOwnerCompliancePolicy", {"passwordRequiredType": "numericComplex"}),
        (CONFIGURATION, "androidDeviceOwnerGeneralDeviceConfiguration", {"storageBlockUsbFileTransfer": True}),
    ],
)
def test_what_only_beta_knows_is_not_there_in_the_other_version(
    tenant: Tenant, path: str, kind: str, properties: dict[str, object]
) -> None:
    body = {"@odata.type": f"#microsoft.graph.{kind}", "displayName": "x", **properties}
    whole = {**body, "scheduledActionsForRule": _RULES} if path == COMPLIANCE else body

    refused = _write(tenant, "POST", f"/v1.0{path}", whole)
    made = _create_policy(tenant, path, whole, "beta")

    assert refused.status_code == 400
    assert {name: made[name] for name in properties} == properties
    assert tenant.graph(f"/v1.0{path}/{made['id']}").status_code == 404
    assert made["id"] not in [row["id"] for row in tenant.graph(f"/v1.0{path}").json()["value"]]


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("windows10CompliancePolicy", {"antivirusRequired": True, "tpmRequired": True, "defenderVersion": "4.18.1"}),
        ("macOSCompliancePolicy", {"gatekeeperAllowedAppSource": "macAppStore"}),
        ("iosCompliancePolicy", {"osMinimumBuildVersion": "22F82"}),
        ("androidWorkProfileCompliancePolicy", {"workProfileRequirePassword": True}),
    ],
)
def test_properties_that_only_beta_knows_are_neither_shown_nor_taken_in_the_other_version(
    tenant: Tenant, kind: str, properties: dict[str, object]
) -> None:
    itself = {"@odata.type": f"#microsoft.graph.{kind}", "displayName": "x"}
    whole = {**itself, "scheduledActionsForRule": _RULES, **properties}

    made = _create_policy(tenant, COMPLIANCE, whole, "beta")
    path = f"{COMPLIANCE}/{made['id']}"
    refused = _write(tenant, "PATCH", f"/v1.0{path}", {**itself, **properties})
    changed = _write(tenant, "PATCH", f"/v1.0{path}", {**itself, "description": "Ours"})

    assert (refused.status_code, changed.status_code) == (400, 204)
    assert {name: tenant.graph(f"/beta{path}").json()[name] for name in properties} == properties
    assert not properties.keys() & tenant.graph(f"/v1.0{path}").json().keys()


def test_an_enumeration_has_the_members_of_beta(tenant: Tenant) -> None:
    body = {
        "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
        "displayName": "Updates",
        "automaticUpdateMode": "windowsDefault",
    }

    assert _create_policy(tenant, CONFIGURATION, body, "beta")["automaticUpdateMode"] == "windowsDefault"


def test_apps_that_a_phone_may_not_have_are_a_matter_of_beta(tenant: Tenant) -> None:
    app = {"@odata.type": "#microsoft.graph.appListItem", "name": "WhatsApp", "appId": "net.whatsapp.WhatsApp"}
    body = {**_body(restrictedApps=[app]), "@odata.type": "#microsoft.graph.iosCompliancePolicy"}
    del body["passwordRequired"]

    refused = _write(tenant, "POST", f"/v1.0{COMPLIANCE}", body)
    made = _create_policy(tenant, COMPLIANCE, body, "beta")

    assert refused.status_code == 400
    assert made["restrictedApps"] == [app]
    assert "restrictedApps" not in tenant.graph(f"/v1.0{COMPLIANCE}/{made['id']}").json()


def test_custom_settings_keep_their_types(tenant: Tenant) -> None:
    setting = {
        "@odata.type": "#microsoft.graph.omaSettingInteger",
        "displayName": "Deny write",
        "omaUri": "./Device/Vendor/MSFT/Policy/Config/Storage/RemovableDiskDenyWriteAccess",
        "value": 1,
    }
    body = {
        "@odata.type": "#microsoft.graph.windows10CustomConfiguration",
        "displayName": "x",
        "omaSettings": [setting],
    }

    made = _create_policy(tenant, CONFIGURATION, body)
    refused = _write(tenant, "POST", f"/v1.0{CONFIGURATION}", {**body, "omaSettings": [{**setting, "value": "1"}]})

    assert made["omaSettings"] == [setting]
    assert refused.json()["error"]["message"] == "Cannot convert the literal '1' to the expected type 'Edm.Int32'."


def test_the_settings_catalogue_is_no_segment_of_the_other_version(tenant: Tenant) -> None:
    answer = tenant.graph(f"/v1.0{CATALOGUE}")

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Resource not found for the segment 'configurationPolicies'."


def test_a_catalogue_policy_shows_its_settings_where_they_are_asked_for(tenant: Tenant) -> None:
    made = _create_policy(tenant, CATALOGUE, _catalogue("web.whatsapp.com"), "beta")
    path = f"/beta{CATALOGUE}/{made['id']}"

    plain, expanded = tenant.graph(path).json(), tenant.graph(f"{path}?$expand=settings").json()
    listed = tenant.graph(f"{path}/settings?&top=1000").json()["value"]

    assert "settings" not in plain
    assert (plain["settingCount"], plain["isAssigned"], plain["templateReference"]["templateFamily"]) == (
        1,
        False,
        "none",
    )
    assert listed == expanded["settings"]
    assert listed[0]["settingInstance"]["settingInstanceTemplateReference"] is None


def test_a_catalogue_policy_is_replaced_with_its_settings_and_renamed_without(tenant: Tenant) -> None:
    made = _create_policy(tenant, CATALOGUE, _catalogue("web.whatsapp.com"), "beta")
    path = f"/beta{CATALOGUE}/{made['id']}"

    refused = _write(tenant, "PATCH", path, {"settings": []})
    renamed = _write(tenant, "PATCH", path, {"name": "Renamed"})
    replaced = _write(tenant, "PUT", path, _catalogue("discord.com", name="Replaced"))

    after = tenant.graph(f"{path}?$expand=settings").json()
    children = after["settings"][0]["settingInstance"]["choiceSettingValue"]["children"]
    assert [refused.status_code, renamed.status_code, replaced.status_code] == [400, 204, 204]
    assert refused.json()["error"]["message"].startswith("Cannot apply PATCH to navigation property 'settings'")
    assert after["name"] == "Replaced"
    assert [one["value"] for one in children[0]["simpleSettingCollectionValue"]] == ["discord.com"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (COMPLIANCE, "$select=displayName", 200),
        (COMPLIANCE, "$select=passwordRequired", 400),
        (COMPLIANCE, "$expand=settings", 400),
        (COMPLIANCE, "$filter=displayName eq 'x'", 501),
        (COMPLIANCE, "$top=1000", 200),
        (COMPLIANCE, "$top=1001", 400),
    ],
)
def test_a_query_is_answered_as_far_as_intune_answers_it(tenant: Tenant, path: str, query: str, status: int) -> None:
    assert tenant.graph(f"/beta{path}?{query}").status_code == status


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", COMPLIANCE, "DeviceManagementConfiguration.Read.All"),
        ("POST", COMPLIANCE, "DeviceManagementConfiguration.ReadWrite.All"),
        ("GET", "/deviceAppManagement/mobileApps", "DeviceManagementApps.Read.All"),
        ("GET", "/deviceManagement/managedDevices", "DeviceManagementManagedDevices.Read.All"),
        ("GET", "/deviceManagement/settings", "DeviceManagementConfiguration.Read.All"),
        ("GET", "/deviceManagement/auditEvents", "DeviceManagementApps.Read.All"),
    ],
)
def test_without_its_permission_nothing_is_done(tenant: Tenant, method: str, path: str, needed: str) -> None:
    tenant.grant("reader", roles=["User.Read.All"])

    answer = tenant.graph(f"/v1.0{path}", method=method, body=_body() if method == "POST" else None)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "Forbidden")
    assert needed in answer.json()["error"]["message"]


def test_who_may_read_policies_may_not_read_devices(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["DeviceManagementConfiguration.Read.All"])

    assert tenant.graph(f"/v1.0{COMPLIANCE}").status_code == 200
    assert tenant.graph("/v1.0/deviceManagement/managedDevices").status_code == 403


def test_who_may_read_devices_may_not_read_what_the_tenant_set_for_them(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["DeviceManagementManagedDevices.ReadWrite.All"])

    assert tenant.graph("/v1.0/deviceManagement").status_code == 403
    written = tenant.graph("/v1.0/deviceManagement", method="PATCH", body={"settings": {"secureByDefault": True}})
    assert written.status_code == 403


def test_whether_a_device_without_a_policy_complies_is_a_setting(tenant: Tenant) -> None:
    before = tenant.graph("/v1.0/deviceManagement/settings").json()

    answer = _write(tenant, "PATCH", "/v1.0/deviceManagement", {"settings": {"secureByDefault": True}})
    refused = _write(tenant, "PATCH", "/v1.0/deviceManagement", {"settings": {"enhancedJailBreak": True}})

    after = tenant.graph("/v1.0/deviceManagement").json()["settings"]
    assert before["secureByDefault"] is False
    assert (answer.status_code, refused.status_code) == (204, 400)
    assert after == {
        "deviceComplianceCheckinThresholdDays": 30,
        "isScheduledActionEnabled": True,
        "secureByDefault": True,
    }


def test_a_school_that_has_not_bought_intune_is_told_so(tenant: Tenant) -> None:
    ((key, organization),) = tenant.objects("organization").items()
    tenant.patch("organization", key, assignedPlans=[p for p in organization["assignedPlans"] if p["service"] != "SCO"])

    answer = tenant.graph(f"/v1.0{COMPLIANCE}")

    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Request not applicable to target tenant.")
    assert tenant.graph("/v1.0/organization").status_code == 200
