"""Managed devices and their compliance in Graph."""

from collections import Counter

from tests.emulated import Tenant

DEVICES = "/v1.0/deviceManagement/managedDevices"


def test_there_is_a_device_for_every_answer(tenant: Tenant) -> None:
    rows = tenant.graph(DEVICES).json()["value"]

    assert Counter(row["complianceState"] for row in rows) == {
        "compliant": 6, "noncompliant": 2, "unknown": 2, "inGracePeriod": 1, "conflict": 1, "error": 1,
    }  # fmt: skip
    assert not any("deviceCompliancePolicyStates" in row for row in rows)


def test_one_device_was_not_seen_for_forty_days(tenant: Tenant) -> None:
    rows = tenant.graph(f"{DEVICES}?$select=deviceName,lastSyncDateTime").json()["value"]

    unseen = [row["deviceName"] for row in rows if row["lastSyncDateTime"] < "2026-10-11"]
    assert unseen == ["STAFF-LT-08"]
    assert set(rows[0]) == {"id", "deviceName", "lastSyncDateTime"}


def test_devices_are_found_by_what_they_run(tenant: Tenant) -> None:
    rows = tenant.graph(f"{DEVICES}?$filter=operatingSystem eq 'iOS'").json()["value"]

    assert [row["deviceCategoryDisplayName"] for row in rows] == ["Shared", "Shared"]
    assert all(row["userId"] == "" and row["isSupervised"] for row in rows)


def test_a_device_that_no_policy_reaches_counts_as_compliant_and_says_nothing_more(tenant: Tenant) -> None:
    devices = {one["deviceName"]: key for key, one in tenant.objects("intune.managedDevices").items()}

    states = tenant.graph(f"{DEVICES}/{devices['RECEPTION-IPAD-1']}/deviceCompliancePolicyStates").json()["value"]
    reached = tenant.graph(f"{DEVICES}/{devices['STAFF-LT-04']}/deviceCompliancePolicyStates").json()["value"]

    assert states == []
    assert [(one["displayName"], one["state"]) for one in reached] == [("Trust baseline", "nonCompliant")]


def test_a_device_that_is_not_there_is_not_found(tenant: Tenant) -> None:
    assert tenant.graph(f"{DEVICES}/nothing").status_code == 404
