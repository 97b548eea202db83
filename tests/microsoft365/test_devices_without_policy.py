"""Devices that no compliance policy reaches count as the tenant's own setting says."""

import pytest

from tests.cases import playbook, resource
from tests.door import CommandResult, Door

DEVICES, POLICIES = "intune.managedDevices", "intune.compliancePolicies"
SETTINGS, WINDOWS = "microsoft365.compliance_settings", "microsoft365.windows_compliance_policy"
STAFF, LEADERS = "all-staff@example-primary.example", "leadership@example-primary.example"
DEVICE = "99999999-2222-3333-4444-555555555555"
WHY = "have no compliance policy and would be not compliant"


@pytest.fixture
def door(bare_door: Door) -> Door:
    """Give a school without compliance policies, in which every device runs Windows and is one person's."""
    for key in bare_door.tenant.objects(POLICIES):
        bare_door.tenant.delete(POLICIES, key)
    groups, members = bare_door.tenant.objects("groups"), bare_door.tenant.objects("members")
    (leaders,) = (key for key, group in groups.items() if group["displayName"] == "Senior leadership")
    for key in bare_door.tenant.objects(DEVICES):
        own = {"userId": members[leaders]["members"][0], "operatingSystem": "Windows"}
        bare_door.tenant.patch(DEVICES, key, **own)
    return bare_door


def _notes(door: Door, *policies: str) -> list[str]:
    settings = resource(SETTINGS, "organisation", {"secure_by_default": True})
    door.write("10-ours.yaml", playbook(settings, *policies))
    plan = door.toolkit("plan", "--json")
    assert plan.exit == 3, plan.out + plan.err
    return _note_reasons(plan)


def _note_reasons(plan: CommandResult) -> list[str]:
    return [note["reason"] for note in plan.json["notes"] if "have no compliance policy" in note["reason"]]


def _fill(door: Door, group: str) -> None:
    """Put a device into a group of devices."""
    key = next(key for key, one in door.tenant.objects("groups").items() if one["displayName"] == group)
    door.tenant.put("devices", DEVICE, {"id": DEVICE, "displayName": "A laptop", "deviceId": DEVICE})
    door.tenant.put("members", key, {"members": [DEVICE]})


def _policy(**assigned: list[str]) -> str:
    return resource(WINDOWS, "Ours", {"password_required": True, **assigned})


def test_devices_that_no_policy_reaches_are_counted_where_they_count_as_not_compliant(door: Door) -> None:
    every = len(door.tenant.objects(DEVICES))

    reached = _notes(door, _policy(assigned_to=[STAFF]))
    excluded = _notes(door, _policy(assigned_to=[STAFF], excluded=[LEADERS]))
    all_devices = _notes(door, _policy(assigned_to=["all devices"], excluded=[LEADERS]))
    _fill(door, "Presentation devices")
    by_devices = _notes(door, _policy(assigned_to=["Presentation devices"]))

    assert reached == all_devices == []
    assert excluded == [f"{every} of {every} devices {WHY}"]
    assert by_devices == [f"0 of {every} devices {WHY}. Of {every} other devices this is unknown"]


def test_a_policy_for_another_system_reaches_no_windows_device(door: Door) -> None:
    every = len(door.tenant.objects(DEVICES))
    of_macs = resource("microsoft365.macos_compliance_policy", "Macs", {"assigned_to": ["all devices"]})

    assert _notes(door, of_macs) == [f"{every} of {every} devices {WHY}"]


def test_where_the_setting_is_off_such_a_device_counts_as_compliant_and_nothing_is_said(door: Door) -> None:
    door.tenant.fault("refused", "GET /deviceManagement/managedDevices", times=100)
    settings = resource(SETTINGS, "organisation", {"secure_by_default": False})
    door.write("10-ours.yaml", playbook(settings))

    off = door.toolkit("plan", "--json")

    assert (off.exit, _note_reasons(off)) == (0, [])


def test_where_devices_cannot_be_counted_the_setting_is_not_known_and_not_written(door: Door) -> None:
    ours = _policy(assigned_to=[STAFF])
    door.write("10-ours.yaml", playbook(resource(SETTINGS, "organisation", {"secure_by_default": True}), ours))
    door.tenant.fault("refused", "GET /deviceManagement/managedDevices", times=100)

    unread = door.toolkit("apply", "--yes", "--json")

    assert unread.exit == 4
    assert [change["address"] for change in unread.json["changes"]] == [f"{WINDOWS}[Ours]"]
    assert f"{SETTINGS}[organisation]" in [one.get("address") for one in unread.json["unknown"]]


SWITCH = f"{SETTINGS}[organisation]"


def _secure(door: Door) -> object:
    return door.tenant.objects("intune.deviceManagement")["settings"]["secureByDefault"]


def _reason(answer: CommandResult) -> str:
    (reason,) = (one["reason"] for one in answer.json["refused"] if one["address"] == SWITCH)
    return str(reason)


def test_the_switch_is_held_back_where_no_policy_would_be_in_place(door: Door) -> None:
    every = len(door.tenant.objects(DEVICES))
    switch = resource(SETTINGS, "organisation", {"secure_by_default": True})
    door.write("10-ours.yaml", playbook(switch))
    none = door.toolkit("apply", "--yes", "--json")

    door.write("10-ours.yaml", playbook(switch, _policy(assigned_to=["No such group"])))
    refused = door.toolkit("apply", "--yes", "--json")

    door.write("10-ours.yaml", playbook(switch, _policy(assigned_to=[STAFF])))
    alone = door.toolkit("apply", "--yes", "--json", "--only", SWITCH)
    assert not _secure(door)
    whole = door.toolkit("apply", "--yes", "--json")

    assert (none.exit, _note_reasons(none)) == (5, [])
    assert _reason(none) == (f"no compliance policy would be in place, so all {every} devices would be not compliant")
    assert refused.exit == 5
    assert _note_reasons(refused) == []
    assert f"it needs {WINDOWS}[Ours], which is not in place (" in _reason(refused)
    assert alone.exit == 5
    assert f"it needs {WINDOWS}[Ours], which is not in place (this run does not include it)" in _reason(alone)
    assert (whole.exit, _secure(door)) == (0, True)


def test_the_switch_is_not_tried_after_a_policy_that_failed(door: Door) -> None:
    switch = resource(SETTINGS, "organisation", {"secure_by_default": True})
    door.write("10-ours.yaml", playbook(switch, _policy(assigned_to=[STAFF])))
    door.tenant.fault("refused", "POST /deviceManagement/deviceCompliancePolicies", times=100)

    failed = door.toolkit("apply", "--yes", "--json")

    results = {one["address"]: (one["result"], one["error"]) for one in failed.json["outcomes"]}
    assert failed.exit == 1
    assert results[SWITCH][0] == "not tried"
    assert f"because {WINDOWS}[Ours] failed" in results[SWITCH][1]
    assert not _secure(door)


def test_a_freeze_that_holds_a_policy_holds_the_switch_too(door: Door) -> None:
    school = door.playbooks / "00-school.yaml"
    freeze = f"freezes: [{{from: 2026-11-23, to: 2026-11-27, why: mock tests, controls: [{WINDOWS}]}}]\n"
    school.write_text(school.read_text() + freeze)
    door.tenant.set_now("2026-11-24T12:00:00+00:00")
    switch = resource(SETTINGS, "organisation", {"secure_by_default": True, "check_in_days": 20})
    door.write("10-ours.yaml", playbook(switch, _policy(assigned_to=[STAFF])))

    frozen = door.toolkit("apply", "--yes", "--json")

    assert frozen.exit == 5
    assert f"it needs {WINDOWS}[Ours], which is not in place (the freeze until 2026-11-27" in _reason(frozen)
    assert not _secure(door)
