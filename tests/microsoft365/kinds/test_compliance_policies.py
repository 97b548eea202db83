"""Compliance policies over the wire: made with a block action, assigned with filters kept, unknown where not shown."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.intune.policy import is_ours
from connectors.microsoft365.kinds import (
    android_fully_managed_compliance_policy,
    android_work_profile_compliance_policy,
    ios_compliance_policy,
    macos_compliance_policy,
    windows_compliance_policy,
)
from tests.emulated import Tenant
from toolkit.errors import BadAnswer, NotFound, Refused, ServiceError
from toolkit.planning.look_alikes import ObjectWithJobs
from toolkit.sdk.endpoint import Everything
from toolkit.sdk.ownership import MARK
from toolkit.sdk.resource import Address, Desired, Origin, Remote, Unreadable
from toolkit.values import Settings

KINDS = [
    module.KIND
    for module in (
        windows_compliance_policy,
        ios_compliance_policy,
        macos_compliance_policy,
        android_work_profile_compliance_policy,
        android_fully_managed_compliance_policy,
    )
]
KIND = windows_compliance_policy.KIND
STORED = "intune.compliancePolicies"
PATH = "/deviceManagement/deviceCompliancePolicies"
TRUST, STAFF = "Trust baseline", "all-staff@example-primary.example"
LEADERS = "leadership@example-primary.example"
FILTER, FILTER_TYPE = "deviceAndAppManagementAssignmentFilterId", "deviceAndAppManagementAssignmentFilterType"
LAPTOPS: Mapping[str, Any] = {"password_required": True, "password_minimum_length": 8, "assigned_to": [STAFF]}


def create_policy(connection: Microsoft365, name: str = "Laptops", **more: Any) -> Remote:
    settings = {key: value for key, value in KIND.spec.desired({**LAPTOPS, **more}).items() if value is not None}
    KIND.endpoint.create(connection, name, KIND.spec.body(settings))
    return read_policy(connection, name)


def changed(connection: Microsoft365, remote: Remote, *, name: str = "", **to: Any) -> Remote:
    KIND.endpoint.update(connection, remote, name or remote.name, KIND.spec.body(to))
    return read_policy(connection, name or remote.name)


def everything(connection: Microsoft365) -> list[Remote | Unreadable]:
    return list(KIND.endpoint.read(connection, Everything()))


def read_policy(connection: Microsoft365, name: str) -> Remote:
    (found,) = [one for one in everything(connection) if isinstance(one, Remote) and one.name == name]
    return found


def shown(connection: Microsoft365, name: str) -> Settings:
    return KIND.spec.observed(read_policy(connection, name).body)


def stored(tenant: Tenant, name: str = "Laptops") -> dict[str, Any]:
    (found,) = [one for one in tenant.objects(STORED).values() if one["displayName"] == name]
    return found


def writes(tenant: Tenant, after: int = 0) -> list[str]:
    """List the writes to policies so far, each with the version of Graph; assigning left out, which is beta's alone."""
    sent = [(request["method"], request["url"].partition("/deviceManagement/")) for request in tenant.requests(after)]
    policies = [(method, url) for method, url in sent if method != "GET" and url[1] and not url[2].endswith("/assign")]
    return [f"{method} {url[0].rpartition('/')[2]}" for method, url in policies]


def targets(tenant: Tenant, name: str = "Laptops") -> set[tuple[str, str]]:
    """List the targets of a policy, each with the kind of its filter."""
    found = [one["target"] for one in stored(tenant, name)["assignments"]]
    return {(one["@odata.type"].removeprefix("#microsoft.graph."), one[FILTER_TYPE]) for one in found}


def actions(tenant: Tenant, name: str = "Laptops") -> list[tuple[str, int]]:
    (rule,) = stored(tenant, name)["scheduledActionsForRule"]
    return [(one["actionType"], one["gracePeriodHours"]) for one in rule["scheduledActionConfigurations"]]


def schedule(tenant: Tenant, *written: tuple[str, int]) -> None:
    """Replace the actions of a policy by hand."""
    body = [{"actionType": action, "gracePeriodHours": hours} for action, hours in written]
    rules = [{"id": "1", "ruleName": None, "scheduledActionConfigurations": body}]
    tenant.patch(STORED, stored(tenant)["id"], scheduledActionsForRule=rules)


def narrow(tenant: Tenant, name: str) -> None:
    """Add a filter to every target of a policy by hand."""
    policy = stored(tenant, name)
    filtered = {FILTER: next(iter(tenant.objects("intune.assignmentFilters"))), FILTER_TYPE: "include"}
    assignments = [{**one, "target": {**one["target"], **filtered}} for one in policy["assignments"]]
    tenant.patch(STORED, policy["id"], assignments=assignments)


def wanted(name: str = "Laptops", **more: Any) -> Desired:
    address = Address("microsoft365", KIND.name, name)
    return Desired(address, KIND.spec.desired({**LAPTOPS, **more}), {}, Origin("10.yaml", 6))


def doubts(connection: Microsoft365, **more: Any) -> list[tuple[str, str]]:
    return [(doubt.setting, doubt.reason) for doubt in KIND.doubts(connection, [wanted(**more)])]


def test_a_policy_is_made_with_one_block_action_marked_and_assigned_to_its_group_alone(
    connection: Microsoft365, tenant: Tenant
) -> None:
    remote = create_policy(connection)

    policy = stored(tenant)
    assert (policy["passwordRequired"], policy["passwordMinimumLength"], policy["description"]) == (True, 8, f"{MARK}.")
    assert actions(tenant) == [("block", 0)]
    assert targets(tenant) == {("groupAssignmentTarget", "none")}
    assert is_ours(remote)


def test_making_a_policy_takes_two_writes_and_none_where_it_is_for_nobody_yet(
    connection: Microsoft365, tenant: Tenant
) -> None:
    create_policy(connection)
    create_policy(connection, "Nobody's", assigned_to=[])

    assert [name for name in tenant.operations() if name.startswith("POST")] == [
        f"POST {PATH}",
        f"POST {PATH}/{{id}}/assign",
        f"POST {PATH}",
    ]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_sees_the_policies_of_its_own_type_alone(kind: Any, connection: Microsoft365) -> None:
    for one in KINDS:
        one.endpoint.create(connection, f"A {one.name}", one.spec.body({"block_after_hours": 0}))

    ours = [one.name for one in kind.endpoint.read(connection, Everything()) if one.name.startswith("A ")]

    assert ours == [f"A {kind.name}"]


def test_five_kinds_are_read_in_one_request_and_one_for_the_groups(connection: Microsoft365, tenant: Tenant) -> None:
    for kind in KINDS:
        list(kind.endpoint.read(connection, Everything()))

    assert sorted(tenant.operations()) == [f"GET {PATH}", "GET /groups"]


def test_what_nobody_set_is_no_drift(connection: Microsoft365) -> None:
    create_policy(connection)

    settings = shown(connection, "Laptops")

    assert (settings["bit_locker_enabled"], settings["password_required_type"]) == (False, "deviceDefault")
    assert (settings["password_expiration_days"], settings["os_minimum_version"]) == (None, None)
    assert (settings["block_after_hours"], settings["retire_or_wipe"], settings["excluded"]) == (0, None, None)


def test_a_change_of_properties_is_one_patch_without_actions(connection: Microsoft365, tenant: Tenant) -> None:
    remote, before = create_policy(connection), tenant.last_request()

    changed(connection, remote, password_minimum_length=10)

    writes = [name for name in tenant.operations(before) if not name.startswith("GET")]
    assert writes == [f"PATCH {PATH}/{{id}}"]
    assert stored(tenant)["passwordMinimumLength"] == 10


def test_a_policy_is_renamed_and_keeps_what_people_wrote_about_it(connection: Microsoft365, tenant: Tenant) -> None:
    remote = create_policy(connection, description="Agreed by the governors")

    changed(connection, remote, name="Computers")

    assert stored(tenant, "Computers")["id"] == remote.id
    assert stored(tenant, "Computers")["description"] == f"Agreed by the governors\n\n{MARK}."


def test_the_mark_is_put_back_behind_what_somebody_wrote(connection: Microsoft365, tenant: Tenant) -> None:
    remote = create_policy(connection)
    tenant.patch(STORED, remote.id, description="Ours now")
    connection.intune._lists.clear()

    remote = read_policy(connection, "Laptops")
    assert not is_ours(remote)
    changed(connection, remote, managed_by="toolkit")

    assert stored(tenant)["description"] == f"Ours now\n\n{MARK}."


def test_a_filter_that_somebody_put_on_a_target_stays_when_another_target_comes(
    connection: Microsoft365, tenant: Tenant
) -> None:
    remote = create_policy(connection, assigned_to=["all devices"])
    narrow(tenant, "Laptops")

    changed(connection, remote, assigned_to=("all devices", LEADERS), excluded=("Teachers",))

    assert targets(tenant) == {
        ("allDevicesAssignmentTarget", "include"),
        ("groupAssignmentTarget", "none"),
        ("exclusionGroupAssignmentTarget", "none"),
    }


def test_exclusions_that_the_playbook_does_not_name_stay(connection: Microsoft365, tenant: Tenant) -> None:
    remote = create_policy(connection, excluded=["Teachers"])

    changed(connection, remote, assigned_to=("all users",))

    assert targets(tenant) == {
        ("allLicensedUsersAssignmentTarget", "none"),
        ("exclusionGroupAssignmentTarget", "none"),
    }


def test_scope_tags_of_others_stay(connection: Microsoft365, tenant: Tenant) -> None:
    remote = create_policy(connection)
    tenant.patch(STORED, remote.id, roleScopeTagIds=["0", "1"])

    changed(connection, remote, password_minimum_length=12, assigned_to=("all users",), block_after_hours=4)

    assert stored(tenant)["roleScopeTagIds"] == ["0", "1"]


def test_assignments_whose_filters_are_not_visible_make_a_policy_unknown(
    connection: Microsoft365, tenant: Tenant
) -> None:
    policy = stored(tenant, TRUST)
    bare = [{**one, "target": {"@odata.type": one["target"]["@odata.type"]}} for one in policy["assignments"]]
    tenant.patch(STORED, policy["id"], assignments=bare)

    (found,) = everything(connection)

    assert isinstance(found, Unreadable)
    assert (found.name, found.reason) == (TRUST, "its assignments were not shown with their filters")


def test_a_policy_whose_filters_are_hidden_by_the_time_it_is_assigned_is_not_changed(
    connection: Microsoft365, tenant: Tenant
) -> None:
    remote = create_policy(connection)
    bare = [{"id": "1", "target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}]
    tenant.patch(STORED, remote.id, assignments=bare)
    before = stored(tenant)

    with pytest.raises(BadAnswer, match="nothing was changed: its assignments"):
        changed(connection, remote, password_minimum_length=10, assigned_to=("all users",))

    assert stored(tenant) == before


def test_a_refused_look_before_assigning_changes_nothing(connection: Microsoft365, tenant: Tenant) -> None:
    remote = create_policy(connection)
    before = stored(tenant)
    tenant.fault("refused", f"GET {PATH}/{{id}}")

    with pytest.raises(BadAnswer, match="could not be read again first"):
        changed(connection, remote, password_minimum_length=10, assigned_to=("all users",))

    assert stored(tenant) == before


def test_groups_that_cannot_be_read_make_a_kind_unknown_where_a_policy_is_for_one(
    connection: Microsoft365, tenant: Tenant
) -> None:
    tenant.fault("refused", "GET /groups", times=2)

    with pytest.raises(Refused):
        list(android_work_profile_compliance_policy.KIND.endpoint.read(connection, Everything()))
    assert [one.name for one in everything(connection)] == [TRUST]


def test_a_group_that_is_gone_shows_as_its_id(connection: Microsoft365, tenant: Tenant) -> None:
    create_policy(connection)
    (target,) = [one["target"] for one in stored(tenant)["assignments"]]
    tenant.delete("groups", target["groupId"])
    connection.intune.groups._groups = None

    assert shown(connection, "Laptops")["assigned_to"] == (target["groupId"],)


def test_the_hours_until_a_device_is_marked_leave_other_actions_alone(connection: Microsoft365, tenant: Tenant) -> None:
    remote = create_policy(connection, notify_after_hours=2)
    schedule(tenant, ("block", 0), ("pushNotification", 2), ("notification", 12))

    changed(connection, remote, block_after_hours=24)

    assert sorted(actions(tenant)) == [("block", 24), ("notification", 12), ("pushNotification", 2)]


def test_an_action_that_erases_shows_and_is_taken_out(connection: Microsoft365, tenant: Tenant) -> None:
    remote = create_policy(connection, block_after_hours=24)
    schedule(tenant, ("block", 24), ("wipe", 720), ("retire", 360))
    connection.intune._lists.clear()

    assert shown(connection, "Laptops")["retire_or_wipe"] == ("retire after 360 hours", "wipe after 720 hours")
    changed(connection, remote, retire_or_wipe=None)

    assert actions(tenant) == [("block", 24)]


def test_people_are_told_no_more_where_the_playbook_says_null(connection: Microsoft365, tenant: Tenant) -> None:
    remote = create_policy(connection, notify_after_hours=2)

    changed(connection, remote, notify_after_hours=None)

    assert actions(tenant) == [("block", 0)]


def test_a_policy_is_deleted_with_its_assignments(connection: Microsoft365, tenant: Tenant) -> None:
    KIND.endpoint.delete(connection, create_policy(connection))

    assert [one["displayName"] for one in tenant.objects(STORED).values() if one["displayName"] == "Laptops"] == []


def test_a_policy_that_was_made_and_not_assigned_is_assigned_by_the_next_run(
    connection: Microsoft365, tenant: Tenant
) -> None:
    tenant.fault("refused", f"POST {PATH}/{{id}}/assign")
    with pytest.raises(ServiceError):
        create_policy(connection)

    remote = read_policy(connection, "Laptops")
    assert (is_ours(remote), shown(connection, "Laptops")["assigned_to"]) == (True, None)
    changed(connection, remote, assigned_to=(STAFF,))

    assert targets(tenant) == {("groupAssignmentTarget", "none")}


def test_a_type_that_v1_does_not_know_is_written_in_beta(connection: Microsoft365, tenant: Tenant) -> None:
    kind = android_fully_managed_compliance_policy.KIND
    kind.endpoint.create(connection, "Phones", kind.spec.body({"password_required": True}))
    (remote,) = [one for one in kind.endpoint.read(connection, Everything()) if isinstance(one, Remote)]

    kind.endpoint.update(connection, remote, "Phones", kind.spec.body({"password_minimum_length": 8}))
    assert stored(tenant, "Phones")["passwordMinimumLength"] == 8
    kind.endpoint.delete(connection, remote)

    assert list(kind.endpoint.read(connection, Everything())) == []


def test_a_property_that_only_beta_knows_is_written_in_beta_and_everything_else_in_v1(
    connection: Microsoft365, tenant: Tenant
) -> None:
    remote, made_plain = create_policy(connection), writes(tenant)
    start = tenant.last_request()
    remote = changed(connection, remote, password_minimum_length=10)
    changed_plain, start = writes(tenant, start), tenant.last_request()
    changed(connection, remote, password_minimum_length=12, antivirus_required=True)
    changed_protection, start = writes(tenant, start), tenant.last_request()
    create_policy(connection, "Protected", tpm_required=True, assigned_to=[])

    assert (made_plain[0], changed_plain) == ("POST v1.0", ["PATCH v1.0"])
    assert (changed_protection, writes(tenant, start)) == (["PATCH beta"], ["POST beta"])
    assert (stored(tenant)["passwordMinimumLength"], stored(tenant)["antivirusRequired"]) == (12, True)
    assert stored(tenant, "Protected")["tpmRequired"]


def test_what_only_beta_returns_is_read_and_its_lists_come_back_as_they_were_written(connection: Microsoft365) -> None:
    ranges = ("10.0.22631.1 to 10.0.22631.9999 (Windows 11 23H2 (or later))", "10.0.26100.1 to 10.0.26100.9999")
    create_policy(
        connection, valid_operating_system_build_ranges=list(ranges), wsl_distributions=["any to 24.04 (Ubuntu)"]
    )

    settings = shown(connection, "Laptops")

    assert settings["valid_operating_system_build_ranges"] == ranges
    assert settings["wsl_distributions"] == ("any to 24.04 (Ubuntu)",)
    assert (settings["antivirus_required"], settings["defender_version"]) == (False, None)


@pytest.mark.parametrize(
    ("assigned_to", "reason"),
    [
        ("Nobody at all", "there is no group Nobody at all"),
        ("Presentation devices", "the group Presentation devices is empty, so the assignment would apply to no one"),
        ("All staff", f"write the group All staff as {STAFF}"),
        ("teachers", "write the group teachers as Teachers"),
    ],
)
def test_a_group_that_is_not_there_or_empty_or_written_otherwise_is_doubted_at_its_setting(
    assigned_to: str, reason: str, connection: Microsoft365
) -> None:
    assert doubts(connection, assigned_to=[assigned_to]) == [("assigned_to", reason)]


def test_a_name_that_two_groups_have_is_doubted(connection: Microsoft365, tenant: Tenant) -> None:
    (other,) = [key for key, one in tenant.objects("groups").items() if one["displayName"] == "IT support"]
    tenant.patch("groups", other, displayName="Teachers")

    ((setting, reason),) = doubts(connection, excluded=["Teachers"])

    assert (setting, reason.partition(".")[0]) == ("excluded", "there are 2 groups called Teachers")


def test_an_empty_group_may_be_excluded_and_everybody_needs_no_group(connection: Microsoft365, tenant: Tenant) -> None:
    assert doubts(connection, assigned_to=["all devices", "All Users"], excluded=["Presentation devices"]) == []
    assert doubts(connection, assigned_to=[]) == []


def test_a_group_that_vanished_before_it_is_written_is_said(connection: Microsoft365) -> None:
    with pytest.raises(NotFound, match="there is no group Nobody at all"):
        create_policy(connection, assigned_to=["Nobody at all"])


@pytest.mark.parametrize(
    ("foreign", "alike"),
    [
        ({}, True),
        ({"password_minimum_length": 12, "bit_locker_enabled": True}, True),
        ({"password_minimum_length": None}, False),
        ({"password_required": False}, False),
        ({"assigned_to": [STAFF, LEADERS]}, False),
        ({"assigned_to": ["all users"]}, False),
        ({"excluded": ["Teachers"]}, False),
    ],
)
def test_only_a_policy_for_the_same_groups_that_judges_all_the_same_does_the_same_job(
    foreign: Mapping[str, Any], *, alike: bool
) -> None:
    observed = {**dict.fromkeys(KIND.spec.table()), **KIND.spec.desired({**LAPTOPS, **foreign})}

    assert _same_job(observed, wanted().settings) is alike


def test_a_policy_for_nobody_or_without_settings_is_nobody_s_twin() -> None:
    nobody = KIND.spec.desired({"password_required": True})
    nothing = KIND.spec.desired({"assigned_to": [STAFF]})

    assert not _same_job(nobody, nobody)
    assert not _same_job(nothing, nothing)


def _same_job(observed: Settings, desired: Settings) -> bool:
    worker = ObjectWithJobs("microsoft365.windows_compliance_policy", KIND.jobs, desired)
    return bool(ObjectWithJobs("microsoft365.windows_compliance_policy", KIND.jobs, observed).shared_job(worker))
