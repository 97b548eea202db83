"""Who gets Intune's policies and apps: assignments, their filters, and the apps themselves."""

from typing import Any

import pytest

from tests.emulated import Tenant

COMPLIANCE = "/deviceManagement/deviceCompliancePolicies"
CATALOGUE = "/deviceManagement/configurationPolicies"
APPS = "/deviceAppManagement/mobileApps"
_PREFIX = "#microsoft.graph."
_EVERY_DEVICE = {"@odata.type": _PREFIX + "allDevicesAssignmentTarget"}
_EVERYBODY = {"@odata.type": _PREFIX + "allLicensedUsersAssignmentTarget"}
_STAFF = "11111111-2222-3333-4444-555555555555"
_FILTER = "deviceAndAppManagementAssignmentFilterId"


def _group(kind: str = "groupAssignmentTarget", **more: object) -> dict[str, object]:
    return {"@odata.type": _PREFIX + kind, "groupId": _STAFF, **more}


def _key(tenant: Tenant, collection: str, name: str) -> str:
    names = {one.get("displayName") or one["name"]: key for key, one in tenant.objects(collection).items()}
    return names[name]


def _assign(tenant: Tenant, path: str, *targets: object, parameter: str = "assignments", **more: object) -> Any:
    body = {parameter: [{"target": target, **more} for target in targets]}
    return tenant.graph(path, method="POST", application="writer", body=body)


def test_a_filter_is_seen_in_beta_alone(tenant: Tenant) -> None:
    path = f"{COMPLIANCE}/{_key(tenant, 'intune.compliancePolicies', 'Trust baseline')}/assignments"

    (beta,), (plain,) = (tenant.graph(f"/{version}{path}").json()["value"] for version in ("beta", "v1.0"))

    filters = tenant.graph("/beta/deviceManagement/assignmentFilters").json()["value"]
    names = {one["id"]: one["displayName"] for one in filters}
    assert names[beta["target"][_FILTER]] == "School-owned Windows"
    assert plain["target"] == _EVERY_DEVICE
    assert set(plain) == {"id", "target"}


def test_assigning_without_a_filter_lets_the_filter_go(tenant: Tenant) -> None:
    path = f"{COMPLIANCE}/{_key(tenant, 'intune.compliancePolicies', 'Trust baseline')}"
    (before,) = tenant.graph(f"/v1.0{path}/assignments").json()["value"]

    _assign(tenant, f"/v1.0{path}/assign", before["target"])

    (after,) = tenant.graph(f"/beta{path}/assignments").json()["value"]
    assert (after["target"][_FILTER], after["target"][_FILTER.replace("Id", "Type")]) == (None, "none")


def test_a_filter_is_taken_in_beta_and_refused_in_the_other_version(tenant: Tenant) -> None:
    path = f"{COMPLIANCE}/{_key(tenant, 'intune.compliancePolicies', 'Trust baseline')}"
    filtered = _group(**{_FILTER: _STAFF, _FILTER.replace("Id", "Type"): "exclude"})

    refused = _assign(tenant, f"/v1.0{path}/assign", filtered)
    taken = _assign(tenant, f"/beta{path}/assign", filtered)

    assert (refused.status_code, taken.status_code) == (400, 200)
    assert taken.json()["value"][0]["target"] == filtered


def test_assigning_replaces_everything(tenant: Tenant) -> None:
    path = f"/v1.0{COMPLIANCE}/{_key(tenant, 'intune.compliancePolicies', 'Trust baseline')}"

    _assign(tenant, f"{path}/assign", _group(), _group("exclusionGroupAssignmentTarget"))
    answer = _assign(tenant, f"{path}/assign", _EVERYBODY)

    assert [one["target"] for one in answer.json()["value"]] == [_EVERYBODY]
    assert _assign(tenant, f"{path}/assign").json()["value"] == []


@pytest.mark.parametrize(
    "target",
    [
        None,
        {"groupId": _STAFF},
        {"@odata.type": _PREFIX + "groupAssignmentTarget"},
        {"@odata.type": _PREFIX + "groupAssignmentTarget", "groupId": "All staff"},
        {"@odata.type": _PREFIX + "allUsersAssignmentTarget"},
        {**_EVERY_DEVICE, "groupId": _STAFF},
    ],
)
def test_a_target_that_is_none_is_refused(tenant: Tenant, target: object) -> None:
    path = f"/v1.0{COMPLIANCE}/{_key(tenant, 'intune.compliancePolicies', 'Trust baseline')}"
    before = tenant.objects("intune.compliancePolicies")

    answer = _assign(tenant, f"{path}/assign", target)

    assert answer.status_code == 400
    assert tenant.objects("intune.compliancePolicies") == before


def test_a_parameter_that_assigning_does_not_have_is_refused(tenant: Tenant) -> None:
    path = f"/v1.0{COMPLIANCE}/{_key(tenant, 'intune.compliancePolicies', 'Trust baseline')}"

    answer = _assign(tenant, f"{path}/assign", _EVERYBODY, parameter="deviceCompliancePolicyAssignments")

    assert "is not a valid parameter for the operation 'assign'" in answer.json()["error"]["message"]


def test_the_council_closes_hosts_in_edge_for_staff(tenant: Tenant) -> None:
    rows = tenant.graph(f"/beta{CATALOGUE}?$expand=assignments,settings").json()["value"]
    (policy,) = [row for row in rows if not row["name"].startswith("Trust - ")]

    staff = next(key for key, group in tenant.objects("groups").items() if group["displayName"] == "All staff")
    (assignment,) = policy["assignments"]
    (setting,) = policy["settings"]
    (child,) = setting["settingInstance"]["choiceSettingValue"]["children"]
    hosts = [one["value"] for one in child["simpleSettingCollectionValue"]]
    assert (policy["name"], policy["isAssigned"]) == ("LA Edge baseline", True)
    assert assignment["target"]["groupId"] == staff
    assert _FILTER not in assignment["target"] or assignment["target"][_FILTER] is None
    assert "thepiratebay.org" in hosts


def test_the_trusts_baseline_is_assigned_but_for_what_schools_set_themselves(tenant: Tenant) -> None:
    rows = tenant.graph(f"/beta{CATALOGUE}?$expand=assignments,settings").json()["value"]

    trust = [row for row in rows if row["name"].startswith("Trust - ")]
    assert len(trust) == 13
    assert {row["name"] for row in trust if not row["isAssigned"]} == {
        f"Trust - {name}"
        for name in (
            "Windows - Device lock", "Windows - Removable storage", "Windows - Apps", "Windows - Microsoft accounts",
            "iPad - Restrictions",
        )
    }  # fmt: skip
    assert all(row["isAssigned"] == bool(row["assignments"]) for row in trust)
    assert all(row["settingCount"] == len(row["settings"]) for row in trust)


def test_every_setting_of_the_baseline_is_one_that_the_catalogue_takes(tenant: Tenant) -> None:
    rows = tenant.graph(f"/beta{CATALOGUE}?$expand=settings").json()["value"]

    for row in rows:
        body = {key: row[key] for key in ("name", "platforms", "technologies", "settings")}
        made = tenant.graph(f"/beta{CATALOGUE}", method="POST", application="writer", body=body)
        shown = tenant.graph(f"/beta{CATALOGUE}/{made.json()['id']}?$expand=settings").json()
        assert (made.status_code, _without_nulls(shown["settings"])) == (201, _without_nulls(row["settings"]))


def _without_nulls(value: Any) -> Any:
    """Return a value without the properties that Graph shows as null."""
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


def test_scope_tags_of_others_are_told(tenant: Tenant) -> None:
    path = f"/beta{COMPLIANCE}/{_key(tenant, 'intune.compliancePolicies', 'Trust baseline')}"

    tags = {
        one["id"]: one["displayName"] for one in tenant.graph("/beta/deviceManagement/roleScopeTags").json()["value"]
    }

    assert [tags[key] for key in tenant.graph(path).json()["roleScopeTagIds"]] == ["Example Trust"]


def test_an_app_is_taken_from_phones_by_assigning_it_so(tenant: Tenant) -> None:
    key = _key(tenant, "intune.mobileApps", "WhatsApp Messenger")

    answer = _assign(
        tenant, f"/v1.0{APPS}/{key}/assign", _group(), parameter="mobileAppAssignments", intent="uninstall"
    )

    (shown,) = tenant.graph(f"/v1.0{APPS}/{key}/assignments").json()["value"]
    assert answer.status_code == 204
    assert (shown["intent"], shown["target"]["groupId"]) == ("uninstall", _STAFF)
    assert tenant.graph(f"/beta{APPS}/{key}").json()["isAssigned"] is True


def test_apps_are_found_by_their_type(tenant: Tenant) -> None:
    rows = tenant.graph(f"/beta{APPS}?$filter=isof('microsoft.graph.androidManagedStoreApp')").json()["value"]
    plain = tenant.graph(f"/v1.0{APPS}").json()["value"]

    assert [row["packageId"] for row in rows] == ["com.microsoft.teams", "com.android.chrome", "com.whatsapp"]
    assert len(plain) == 5
    assert not any("packageId" in row for row in plain)


def test_collections_that_backups_ask_for_are_there_and_empty(tenant: Tenant) -> None:
    answer = tenant.graph("/beta/deviceManagement/deviceHealthScripts/?$filter=isGlobalScript eq false")

    assert answer.json()["value"] == []


def test_a_batch_reads_assignments_by_paths_without_a_slash(tenant: Tenant) -> None:
    keys = list(tenant.objects("intune.compliancePolicies"))
    parts = [
        {"id": number, "method": "GET", "url": f"deviceManagement/deviceCompliancePolicies/{key}/assignments"}
        for number, key in enumerate(keys)
    ]

    answer = tenant.graph("/beta/$batch", method="POST", body={"requests": parts}).json()

    contexts = {part["id"]: part["body"]["@odata.context"] for part in answer["responses"]}
    assert all(key in contexts[str(number)] for number, key in enumerate(keys))
