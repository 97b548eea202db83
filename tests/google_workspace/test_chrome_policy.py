"""The Chrome Policy API: what is in force is read once and whole, and anew after a write."""

import pytest

from connectors.google_workspace.api.services import CHROME_POLICY_WRITES
from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from tests.google_workspace.chrome_policies import BLOCKING, MODIFY, POLICIES, RESOLVE, set_by_hand, unit
from tests.google_workspace.connected import called_methods, delegate
from toolkit.errors import BadAnswer, NotFound, Refused, WriteInReadOnlyRun
from toolkit.values import Body

_APPS, _INSTALL = "chrome.users.apps", "chrome.users.apps.InstallType"
_MANY = 1100


def change(target: str, *urls: str) -> Body:
    """Write one part of a batch."""
    return {
        "policyTargetKey": {"targetResource": target},
        "policyValue": {"policySchema": BLOCKING, "value": {"urlBlocklist": list(urls)}},
        "updateMask": "urlBlocklist",
    }


def blocked(connection: GoogleWorkspace, target: str) -> list[str]:
    (found,) = [
        one["value"] for one in connection.chrome.effective_policies(target, "chrome.users") if BLOCKING in str(one)
    ]
    assert isinstance(found, dict)
    return list(found["value"]["urlBlocklist"])


@pytest.fixture
def many_apps(tenant: Tenant) -> Tenant:
    """Manage more apps at the top unit than a page holds."""
    top = unit(tenant, "/")
    ids = [f"android:com.example.a{number}" for number in range(_MANY)]
    policies = {
        f"{top}/{_INSTALL}/{app}": {
            "targetKey": {"targetResource": top, "additionalTargetKeys": {"app_id": app}},
            "policySchema": _INSTALL,
            "value": {"appInstallType": "BLOCKED"},
        }
        for app in ids
    }
    tenant.control("PUT", f"/objects/{POLICIES}", policies)
    return tenant


def test_a_namespace_at_a_target_is_read_to_its_end(reading: GoogleWorkspace, many_apps: Tenant) -> None:
    found = reading.chrome.effective_policies(unit(many_apps, "/Staff"), _APPS)

    assert len(found) == _MANY
    assert called_methods(many_apps) == [RESOLVE] * 2


def test_half_a_list_is_no_list(reading: GoogleWorkspace, many_apps: Tenant) -> None:
    many_apps.fault("refused", RESOLVE, nth=2)

    with pytest.raises(BadAnswer, match="the list ended too early, after 1000 policies"):
        reading.chrome.effective_policies(unit(many_apps, "/Staff"), _APPS)


def test_it_is_read_once_for_all_who_ask_until_something_is_written(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    staff = unit(tenant, "/Staff")
    assert blocked(connection, staff) == blocked(connection, staff)
    assert called_methods(tenant) == [RESOLVE]

    connection.chrome.modify(staff, [change(staff, "a.example")])

    assert blocked(connection, staff) == ["a.example"]
    assert called_methods(tenant) == [RESOLVE, MODIFY, RESOLVE]


def test_what_failed_to_be_written_is_read_anew_too(connection: GoogleWorkspace, tenant: Tenant) -> None:
    staff = unit(tenant, "/Staff")
    blocked(connection, staff)
    tenant.fault("refused", MODIFY)

    with pytest.raises(Refused):
        connection.chrome.modify(staff, [change(staff, "a.example")])
    set_by_hand(tenant, staff, BLOCKING, {"urlBlocklist": ["b.example"]})

    assert blocked(connection, staff) == ["b.example"]


def test_taking_back_gives_inheritance_back(connection: GoogleWorkspace, tenant: Tenant) -> None:
    staff, before = unit(tenant, "/Staff"), tenant.objects(POLICIES)
    connection.chrome.modify(staff, [change(staff, "a.example")])

    connection.chrome.take_back(staff, [{"policyTargetKey": {"targetResource": staff}, "policySchema": BLOCKING}])

    assert tenant.objects(POLICIES) == before


def test_a_schema_and_a_group_are_asked_for_once(reading: GoogleWorkspace, tenant: Tenant) -> None:
    for _ in range(2):
        assert reading.chrome.schema(BLOCKING)["schemaName"] == BLOCKING
        assert reading.chrome.group("dsl@example-primary.example").startswith("groups/")

    assert called_methods(tenant) == ["chromepolicy.customers.policySchemas.get", "directory.groups.get"]
    with pytest.raises(NotFound):
        reading.chrome.schema("chrome.users.NoSuchPolicy")
    with pytest.raises(NotFound):
        reading.chrome.group("nobody@example-primary.example")


def test_a_run_that_only_reads_sends_no_change(reading: GoogleWorkspace, tenant: Tenant) -> None:
    staff = unit(tenant, "/Staff")

    with pytest.raises(WriteInReadOnlyRun):
        reading.chrome.modify(staff, [change(staff, "a.example")])
    with pytest.raises(WriteInReadOnlyRun):
        reading.chrome.take_back(staff, [])
    assert called_methods(tenant) == []


def test_a_scope_that_is_not_delegated_is_named(reading: GoogleWorkspace, tenant: Tenant) -> None:
    delegate(tenant, "reader", without="chrome.management.policy.readonly")

    with pytest.raises(Refused) as refused:
        reading.chrome.effective_policies(unit(tenant, "/Staff"), "chrome.users")

    assert "chrome.management.policy.readonly" in refused.value.missing


def test_writes_are_held_to_thirty_a_minute() -> None:
    assert 60 / CHROME_POLICY_WRITES.pause <= 30
    assert CHROME_POLICY_WRITES.concurrent == 1
