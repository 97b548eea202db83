"""Entra settings that other programs read: methods, devices, other organisations, and who has which role."""

from typing import Any

import pytest

from connectors.emulator.microsoft365.graph.models import properties
from tests.emulated import Tenant

DEVICES = "/v1.0/policies/deviceRegistrationPolicy"
SINGLE = {
    "authenticationMethodsPolicy": ("authenticationMethodsPolicy", "Policy.Read.AuthenticationMethod"),
    "deviceRegistrationPolicy": ("deviceRegistrationPolicy", "Policy.Read.DeviceConfiguration"),
    "crossTenantAccessPolicy": ("crossTenantAccessPolicy", "Policy.Read.All"),
    "crossTenantAccessPolicy/default": ("crossTenantAccessPolicyConfigurationDefault", "Policy.Read.All"),
    "authenticationFlowsPolicy": ("authenticationFlowsPolicy", "Policy.Read.All"),
}
ROLES = "/v1.0/roleManagement/directory"


@pytest.mark.parametrize(("path", "expected"), SINGLE.items(), ids=SINGLE)
def test_a_policy_has_the_properties_of_its_type_and_needs_its_permission(
    tenant: Tenant, path: str, expected: tuple[str, str]
) -> None:
    type_name, permission = expected
    tenant.grant("reader", roles=[permission])
    shown = tenant.graph(f"/v1.0/policies/{path}")
    tenant.grant("reader", roles=["User.Read.All"])
    blind = tenant.graph(f"/v1.0/policies/{path}")

    names = {name for name in shown.json() if not name.startswith("@")}
    assert shown.status_code == 200, shown.text
    assert names <= properties(type_name)
    assert len(names) > 1
    assert blind.status_code == 403


def test_only_it_support_may_join_computers_in_a_new_school(tenant: Tenant) -> None:
    joiners = tenant.graph(DEVICES).json()["azureADJoin"]["allowedToJoin"]

    (group,) = joiners["groups"]
    assert joiners["@odata.type"] == "#microsoft.graph.enumeratedDeviceRegistrationMembership"
    assert tenant.read_object("groups", group)["displayName"] == "IT support"


def test_the_permission_to_read_every_policy_does_not_include_the_settings_of_devices(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["Policy.Read.All"])

    assert tenant.graph(DEVICES).status_code == 403


def test_authentication_methods_are_read_together_and_one_by_one(tenant: Tenant) -> None:
    path = "/v1.0/policies/authenticationMethodsPolicy"
    policy = tenant.graph(path).json()
    listed = tenant.graph(f"{path}/authenticationMethodConfigurations").json()["value"]
    sms = tenant.graph(f"{path}/authenticationMethodConfigurations/sms").json()

    assert policy["authenticationMethodConfigurations"] == listed
    assert (sms["id"], sms["state"]) == ("Sms", "disabled")
    assert tenant.graph(f"{path}/authenticationMethodConfigurations/none").status_code == 404


def test_roles_are_assigned_to_the_same_people_as_in_the_directory(tenant: Tenant) -> None:
    definitions = {row["id"]: row["displayName"] for row in _rows(tenant, f"{ROLES}/roleDefinitions")}
    assignments = _rows(tenant, f"{ROLES}/roleAssignments")

    administrators = {
        row["principalId"] for row in assignments if definitions.get(row["roleDefinitionId"]) == "Global Administrator"
    }
    (role,) = [row for row in tenant.objects("directoryRoles").values() if row["displayName"] == "Global Administrator"]
    members = _rows(tenant, f"/v1.0/directoryRoles/{role['id']}/members")
    assert administrators == {member["id"] for member in members} != set()
    assert len({row["id"] for row in assignments}) == len(assignments)


def test_one_assignment_is_read_by_its_id_and_one_of_a_person_is_found(tenant: Tenant) -> None:
    first, *_ = _rows(tenant, f"{ROLES}/roleAssignments")

    one = tenant.graph(f"{ROLES}/roleAssignments/{first['id']}").json()
    found = _rows(tenant, f"{ROLES}/roleAssignments?$filter=principalId eq '{first['principalId']}'")

    assert one["principalId"] == first["principalId"]
    assert first in found


def test_eligible_roles_need_a_licence_that_the_school_does_not_have(tenant: Tenant) -> None:
    refused = tenant.graph(f"{ROLES}/roleEligibilityScheduleInstances")

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "AadPremiumLicenseRequired")


def test_a_named_location_is_read_by_its_id(tenant: Tenant) -> None:
    place = {"id": "aa000000-0000-4000-8000-000000000001", "displayName": "School", "isTrusted": True}
    tenant.put("entra.namedLocations", str(place["id"]), {"@odata.type": "#microsoft.graph.ipNamedLocation", **place})
    path = "/v1.0/identity/conditionalAccess/namedLocations"

    assert tenant.graph(f"{path}/{place['id']}").json()["displayName"] == "School"
    assert tenant.graph(f"{path}/bb000000-0000-4000-8000-000000000001").status_code == 404


def test_a_policy_of_health_monitoring_is_found_by_its_type_and_only_in_beta(tenant: Tenant) -> None:
    kind = "#microsoft.graph.windowsHealthMonitoringConfiguration"
    path = "/deviceManagement/deviceConfigurations"
    body = {"@odata.type": kind, "displayName": "Health", "allowDeviceHealthMonitoring": "enabled",
            "configDeviceHealthMonitoringScope": "bootPerformance"}  # fmt: skip
    made = tenant.graph(f"/beta{path}", method="POST", application="writer", body=body)

    found = _rows(tenant, f"/beta{path}?$filter=isof('microsoft.graph.windowsHealthMonitoringConfiguration')")

    assert made.status_code == 201, made.text
    assert [(row["displayName"], row["allowDeviceHealthMonitoring"]) for row in found] == [("Health", "enabled")]
    assert tenant.graph(f"/beta{path}?$filter=displayName eq 'Health'").status_code == 501


def _rows(tenant: Tenant, path: str) -> list[dict[str, Any]]:
    answer = tenant.graph(path)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["value"])
