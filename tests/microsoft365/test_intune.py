"""Intune over the wire: collections read once, filters kept, nothing made twice, groups by what people call them."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365, connect
from connectors.microsoft365.intune import Groups
from connectors.microsoft365.intune.assignments import targets_of
from connectors.microsoft365.intune.client import CONFIGURATIONS, OF_SETTINGS
from tests.emulated import Tenant
from tests.microsoft365.connected import target_of
from toolkit.errors import Conflict, NotFound, Refused, ServiceError, WriteInReadOnlyRun
from toolkit.school.school import Tenant as School
from toolkit.sdk.connector import Identity
from toolkit.values import Body

COMPLIANCE = "/deviceManagement/deviceCompliancePolicies"
STORED = "intune.compliancePolicies"
ANDROID = "#microsoft.graph.androidWorkProfileCompliancePolicy"
BLOCK = {"actionType": "block", "gracePeriodHours": 0}
IPADS: Mapping[str, Any] = {
    "@odata.type": "#microsoft.graph.iosCompliancePolicy",
    "displayName": "iPads",
    "scheduledActionsForRule": [{"scheduledActionConfigurations": [BLOCK]}],
}
LIST, POST = f"GET {COMPLIANCE}", f"POST {COMPLIANCE}"
STAFF, STAFF_ADDRESS = "All staff", "all-staff@example-primary.example"


def is_ipads(row: Body) -> bool:
    return row.get("displayName") == "iPads"


def at_once(tenant: Tenant) -> Microsoft365:
    """Open a connection to a service whose reads do not lag."""
    school = School(tenant.tenant_id, tenant.domain)
    target = replace(target_of(tenant), settles=0.0)
    return connect(target, school, identity=Identity.WRITE, read_only=False)


def key(tenant: Tenant, name: str) -> str:
    (found,) = [key for key, one in tenant.objects(STORED).items() if one["displayName"] == name]
    return found


def group_id(tenant: Tenant, name: str) -> str:
    (found,) = [key for key, one in tenant.objects("groups").items() if one["displayName"] == name]
    return found


def lists(tenant: Tenant) -> int:
    """Count how often the collection was listed."""
    return tenant.operations().count(LIST)


def test_a_collection_is_read_once_for_all_who_ask_at_the_same_time(connection: Microsoft365, tenant: Tenant) -> None:
    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(lambda _: connection.intune.all(COMPLIANCE), range(5)))

    assert {len(rows) for rows in found} == {len(tenant.objects(STORED))}
    assert lists(tenant) == 1


def test_assignments_come_with_their_filters(connection: Microsoft365) -> None:
    (baseline,) = [row for row in connection.intune.all(COMPLIANCE) if row["displayName"] == "Trust baseline"]

    (target,) = targets_of(baseline) or []
    assert target["deviceAndAppManagementAssignmentFilterType"] == "include"


@pytest.mark.parametrize(
    "write",
    [
        lambda intune, _: intune.create(COMPLIANCE, IPADS, is_ipads),
        lambda intune, of: intune.patch(COMPLIANCE, of, {"@odata.type": ANDROID, "passwordMinimumLength": 8}),
        lambda intune, of: intune.assign(COMPLIANCE, of, []),
        lambda intune, of: intune.delete(COMPLIANCE, of),
    ],
    ids=["create", "patch", "assign", "delete"],
)
def test_a_collection_is_read_again_after_a_write_to_it(
    write: Callable[[Any, str], object], connection: Microsoft365, tenant: Tenant
) -> None:
    connection.intune.all(COMPLIANCE)
    write(connection.intune, key(tenant, "Staff phones (work profile)"))
    connection.intune.all(COMPLIANCE)

    assert lists(tenant) == 2


def test_another_collection_is_remembered_over_a_write(connection: Microsoft365, tenant: Tenant) -> None:
    apps = "/deviceAppManagement/mobileApps"
    connection.intune.all(apps)
    connection.intune.create(COMPLIANCE, IPADS, is_ipads)
    connection.intune.all(apps)

    assert tenant.operations() == [f"GET {apps}", POST]


def test_the_two_lists_of_settings_are_read_together_and_alone_once_one_of_them_is_written(
    connection: Microsoft365, tenant: Tenant
) -> None:
    (catalogue, expand), (configurations, _) = OF_SETTINGS
    connection.intune.all(catalogue, expand=expand)
    connection.intune.all(configurations)
    once = tenant.operations()
    ours = {"@odata.type": "#microsoft.graph.windows10GeneralConfiguration", "displayName": "Ours"}
    connection.intune.create(CONFIGURATIONS, ours, lambda row: row.get("displayName") == "Ours")
    connection.intune.all(catalogue, expand=expand)

    assert sorted(once) == ["GET /deviceManagement/configurationPolicies", "GET /deviceManagement/deviceConfigurations"]
    assert tenant.operations()[2:] == [f"POST {CONFIGURATIONS}"]


def test_a_read_that_failed_is_not_remembered_as_empty(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("refused", LIST)
    with pytest.raises(ServiceError):
        connection.intune.all(COMPLIANCE)

    assert len(connection.intune.all(COMPLIANCE)) == len(tenant.objects(STORED))


@pytest.mark.parametrize("fault", ["throttled_after", "unavailable_after", "dropped_after"])
def test_what_was_made_without_an_answer_is_found_and_not_made_again(
    fault: str, connection: Microsoft365, tenant: Tenant
) -> None:
    tenant.fault(fault, POST, seconds=0.01)

    made = connection.intune.create(COMPLIANCE, IPADS, is_ipads)

    assert made["id"] == key(tenant, "iPads")


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "dropped"])
def test_what_was_not_made_is_looked_for_and_made_in_the_end(fault: str, tenant: Tenant) -> None:
    tenant.fault(fault, POST, seconds=0.01)
    connection = at_once(tenant)

    connection.intune.create(COMPLIANCE, IPADS, is_ipads)
    connection.close()

    assert key(tenant, "iPads")
    assert tenant.operations() == [POST, LIST, POST]


def test_the_missing_permission_is_named(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", roles=["GroupMember.Read.All"])

    with pytest.raises(Refused) as raised:
        connection.intune.all(COMPLIANCE)

    assert raised.value.missing == "DeviceManagementConfiguration.Read.All"


def test_a_run_that_only_reads_writes_nothing(reading: Microsoft365, tenant: Tenant) -> None:
    before = tenant.objects(STORED)
    with pytest.raises(WriteInReadOnlyRun):
        reading.intune.create(COMPLIANCE, IPADS, is_ipads)
    with pytest.raises(WriteInReadOnlyRun):
        reading.intune.assign(COMPLIANCE, key(tenant, "Trust baseline"), [])
    with pytest.raises(WriteInReadOnlyRun):
        reading.intune.delete(COMPLIANCE, key(tenant, "Trust baseline"))

    assert tenant.objects(STORED) == before


@pytest.mark.parametrize("name", [STAFF, "all STAFF", STAFF_ADDRESS, "ALL-STAFF@example-primary.example"])
def test_a_group_is_found_by_its_address_or_name_in_any_case(
    name: str, connection: Microsoft365, tenant: Tenant
) -> None:
    assert connection.intune.groups.find_id(name) == group_id(tenant, STAFF)


def test_a_group_is_found_by_its_id(connection: Microsoft365, tenant: Tenant) -> None:
    identifier = group_id(tenant, "Teachers")

    assert connection.intune.groups.find_id(identifier.upper()) == identifier


def test_the_word_for_a_group_is_its_address_or_else_its_name(connection: Microsoft365, tenant: Tenant) -> None:
    words = [connection.intune.groups.name_of(group_id(tenant, name)) for name in (STAFF, "Teachers")]

    assert words == [STAFF_ADDRESS, "Teachers"]


def test_groups_are_read_once_and_only_where_one_is_asked_for(connection: Microsoft365, tenant: Tenant) -> None:
    groups: Groups = connection.intune.groups
    assert tenant.operations() == []

    groups.find_id(STAFF)
    groups.name_of(groups.find_id("Teachers"))

    assert tenant.operations() == ["GET /groups"]


def test_a_group_that_is_not_there_is_not_found_and_named_by_its_id(connection: Microsoft365) -> None:
    with pytest.raises(NotFound, match="there is no group Nobody at all"):
        connection.intune.groups.find_id("Nobody at all")

    assert connection.intune.groups.name_of("0000-gone") == "0000-gone"


def test_of_two_groups_of_one_name_neither_is_meant_and_each_goes_by_its_id(
    connection: Microsoft365, tenant: Tenant
) -> None:
    one, other = group_id(tenant, "Teachers"), group_id(tenant, "IT support")
    tenant.patch("groups", other, displayName="teachers")

    with pytest.raises(Conflict, match="there are 2 groups called Teachers"):
        connection.intune.groups.find_id("Teachers")

    assert [connection.intune.groups.name_of(group) for group in (one, other)] == [one, other]


def test_empty_groups_are_told_in_one_request(connection: Microsoft365, tenant: Tenant) -> None:
    empty, full = group_id(tenant, "Presentation devices"), group_id(tenant, STAFF)
    connection.intune.groups.find_id(STAFF)
    before = connection.requests()

    assert connection.intune.groups.find_empty([empty, full]) == {empty}
    assert connection.requests() - before == 1


def test_a_group_whose_members_are_hidden_is_not_taken_for_empty(connection: Microsoft365, tenant: Tenant) -> None:
    hidden = group_id(tenant, "Presentation devices")
    tenant.patch("groups", hidden, visibility="HiddenMembership")

    assert connection.intune.groups.find_empty([hidden]) == frozenset()
