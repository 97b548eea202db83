"""Taking apps off devices: what others assigned stays, and what would not work is told before it is written."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.kinds.managed_app_removal import KIND
from tests.cases import playbook, resource
from tests.door import CommandResult, Door
from tests.emulated import Tenant
from toolkit.errors import Rejected
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.resource import Remote, Unreadable

APPS = "intune.mobileApps"
WHATSAPP = "com.whatsapp"
_PREFIX = "#microsoft.graph."
_FILTER, _FILTER_TYPE = (f"deviceAndAppManagementAssignmentFilter{name}" for name in ("Id", "Type"))


def ask_for(door: Door, name: str = WHATSAPP, **settings: Any) -> None:
    door.write("10-apps.yaml", playbook(resource("microsoft365.managed_app_removal", name, settings)))


def key_of(tenant: Tenant, package: str = WHATSAPP) -> str:
    (key,) = [key for key, app in tenant.objects(APPS).items() if app.get("packageId") == package]
    return key


def target(of_type: str, *, group: str | None = None, only: str | None = None) -> Mapping[str, Any]:
    of_group = {"groupId": group} if group else {}
    return {"@odata.type": _PREFIX + of_type, **of_group, _FILTER: only, _FILTER_TYPE: "include" if only else "none"}


def assigned(tenant: Tenant, *rows: tuple[str, Mapping[str, Any]], package: str = WHATSAPP) -> None:
    """Have somebody assign an app."""
    made = [{"id": str(n), "intent": intent, "target": to, "settings": None} for n, (intent, to) in enumerate(rows)]
    tenant.patch(APPS, key_of(tenant, package), assignments=made)


def shown(tenant: Tenant, package: str = WHATSAPP) -> Sequence[tuple[str, str, str | None]]:
    """List whom an app is assigned to: the intent, the target's type, its filter."""
    rows = tenant.objects(APPS)[key_of(tenant, package)]["assignments"]
    return [(row["intent"], row["target"]["@odata.type"].removeprefix(_PREFIX), row["target"][_FILTER]) for row in rows]


def group(tenant: Tenant, name: str) -> str:
    (key,) = [key for key, one in tenant.objects("groups").items() if one["displayName"] == name]
    return key


def applied(door: Door) -> CommandResult:
    return door.toolkit("apply", "--yes")


def test_apps_are_known_by_their_package_or_the_stores_identifier(connection: Microsoft365, tenant: Tenant) -> None:
    everything = [one.name for one in KIND.endpoint.read(connection, Everything())]
    (named,) = KIND.endpoint.read(connection, NamedOnly(frozenset({WHATSAPP})))

    assert everything == [
        "com.microsoft.teams", "com.android.chrome", WHATSAPP, "9WZDNCRFJ3PZ", "9NKSQGP7F2NH",
    ]  # fmt: skip
    assert named.id == key_of(tenant)


def test_what_others_assigned_stays_with_its_filters(bare_door: Door) -> None:
    tenant, staff = bare_door.tenant, group(bare_door.tenant, "All staff")
    assigned(
        tenant,
        ("available", target("allLicensedUsersAssignmentTarget", only="a-filter")),
        ("uninstall", target("groupAssignmentTarget", group=staff, only="another-filter")),
    )
    ask_for(bare_door, uninstall_for=["all devices"])

    answer = applied(bare_door)

    assert answer.exit == 0, answer.out + answer.err
    assert sorted(shown(tenant)) == [
        ("available", "allLicensedUsersAssignmentTarget", "a-filter"),
        ("uninstall", "allDevicesAssignmentTarget", None),
        ("uninstall", "groupAssignmentTarget", "another-filter"),
    ]


def test_what_somebody_assigned_after_the_plan_was_made_stays(connection: Microsoft365, tenant: Tenant) -> None:
    (before,) = KIND.endpoint.read(connection, NamedOnly(frozenset({WHATSAPP})))
    assert isinstance(before, Remote)
    assigned(tenant, ("available", target("allLicensedUsersAssignmentTarget")))

    KIND.endpoint.update(connection, before, WHATSAPP, {"uninstall_for": ["all devices"]})

    assert sorted(intent for intent, *_ in shown(tenant)) == ["available", "uninstall"]


def test_a_list_that_is_exact_takes_others_away_and_one_that_lacks_takes_ours_back(bare_door: Door) -> None:
    tenant = bare_door.tenant
    assigned(tenant, ("uninstall", target("allLicensedUsersAssignmentTarget")))
    ask_for(bare_door, uninstall_for={"exactly": ["all devices"]})
    exact = applied(bare_door)
    first = shown(tenant)
    ask_for(bare_door, uninstall_for={"lacks": ["all devices"]})
    back = bare_door.toolkit("apply", "--yes", "--lose", "63")

    assert (exact.exit, back.exit) == (0, 0), back.out + back.err
    assert first == [("uninstall", "allDevicesAssignmentTarget", None)]
    assert shown(tenant) == []


@pytest.mark.parametrize("written", [["all devices"], {"lacks": ["all devices"]}])
def test_a_package_that_is_not_in_the_tenant_is_on_no_device(bare_door: Door, written: Any) -> None:
    before = bare_door.tenant.objects(APPS)
    ask_for(bare_door, "com.snapchat.android", uninstall_for=written)

    codes = [bare_door.toolkit(*command).exit for command in (["plan"], ["drift"], ["apply", "--yes"])]

    assert codes == [0, 0, 0]
    assert bare_door.tenant.objects(APPS) == before


def test_a_store_app_that_is_not_in_the_tenant_may_be_on_any_computer(bare_door: Door) -> None:
    ask_for(bare_door, "9NZTWSQNTD0S", uninstall_for=["all devices"])

    answer = bare_door.toolkit("plan")

    assert answer.exit == 4
    assert "toolkit cannot tell who has it. Add it in the Intune admin centre" in answer.out + answer.err


def test_an_entry_for_every_app_is_for_those_that_are_there(bare_door: Door) -> None:
    ask_for(bare_door, "*", excluded={"lacks": ["Trip leaders"]})

    assert bare_door.toolkit("plan").exit == 0


def test_neither_adding_nor_removing_an_app_is_sent(connection: Microsoft365) -> None:
    with pytest.raises(Rejected, match="Approve it in managed Google Play"):
        KIND.endpoint.create(connection, "com.snapchat.android", {})
    with pytest.raises(Rejected, match="toolkit does not delete"):
        KIND.endpoint.delete(connection, Remote("1", WHATSAPP, {}))
    assert connection.requests() == 0


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"uninstall_for": ["nobody@example.org"]}, "there is no group nobody@example.org"),
        ({"uninstall_for": ["All users"], "excluded": ["No such group"]}, "there is no group no such group"),
        ({"uninstall_for": ["All staff"]}, "the app is required for all staff, so Intune would not remove it"),
    ],
)
def test_what_would_not_work_is_refused_with_its_reason(
    bare_door: Door, settings: Mapping[str, Any], reason: str
) -> None:
    tenant = bare_door.tenant
    tenant.patch("groups", group(tenant, "All staff"), mail=None)
    assigned(tenant, ("required", target("groupAssignmentTarget", group=group(tenant, "All staff"))))
    ask_for(bare_door, **settings)

    answer = bare_door.toolkit("plan")

    assert (answer.exit, reason in answer.out) == (5, True), answer.out + answer.err


def test_a_group_without_members_is_refused(bare_door: Door) -> None:
    tenant = bare_door.tenant
    empty = group(tenant, "Presentation devices")
    tenant.put("groupMembers", empty, {})
    ask_for(bare_door, uninstall_for=["Presentation devices"])

    answer = bare_door.toolkit("plan")

    assert (answer.exit, "is empty, so this would affect no device" in answer.out) == (5, True), answer.out + answer.err


def test_an_app_whose_assignments_are_not_shown_is_unknown(connection: Microsoft365, tenant: Tenant) -> None:
    bare = {"@odata.type": f"{_PREFIX}allDevicesAssignmentTarget"}
    tenant.patch(APPS, key_of(tenant), assignments=[{"id": "1", "intent": "uninstall", "target": bare}])

    (seen,) = KIND.endpoint.read(connection, NamedOnly(frozenset({WHATSAPP})))

    assert isinstance(seen, Unreadable)


def test_what_is_taken_back_leaves_what_others_put_there() -> None:
    written: Mapping[str, Any] = {"uninstall_for": {"contains": ["all devices"]}, "excluded": ["Trip leaders"]}

    assert KIND.lifecycle.withdrawn(written) == {
        "uninstall_for": {"lacks": ["all devices"]},
        "excluded": {"lacks": ["Trip leaders"]},
    }
    assert KIND.lifecycle.withdrawn({}) is None


@pytest.mark.parametrize("name", ["WhatsApp", "9nksqgp7f2nh", "com whatsapp", "5319275A.WhatsAppDesktop_cv1g1gvanyjgm"])
def test_a_name_that_is_no_package_and_no_identifier_is_refused(name: str) -> None:
    assert "is not an app" in str(KIND.names.check(name))
