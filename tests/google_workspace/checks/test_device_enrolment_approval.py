"""Which phones and tablets wait for approval: how many of which model, and never whose."""

from typing import Any

from tests.door import Door
from tests.emulated import Tenant

DEVICES, USES = "google.devices", "google.deviceUsers"
SUBJECT = "devices that wait for approval"


def _check(door: Door, audience: str = "staff") -> Any:
    """Check the control and give what was found of the devices."""
    door.write("40.yaml", f"playbook: approval\ncontrols:\n  - device.enrolment_approval: {{for: {audience}}}\n")
    answered = door.toolkit("check", "--json")
    return next(one for one in answered.json["findings"] if one["subject"] == SUBJECT)


def _waiting(tenant: Tenant) -> str:
    """Give the key of the one use that waits."""
    (key,) = [key for key, one in tenant.objects(USES).items() if one["managementState"] == "PENDING_APPROVAL"]
    return key


def test_a_device_that_waits_is_told_with_its_model_and_where_to_approve_it(google_door: Door) -> None:
    found = _check(google_door)

    assert found["status"] == "fail"
    assert found["reason"] == (
        "1 device waits for approval: approve or block each device in the admin console, under Devices > Mobile & "
        "endpoints > Devices"
    )
    assert found["evidence"] == {"waiting": 1, "models": {"iPad (10th generation)": 1}}


def test_several_are_counted_by_model(google_door: Door, tenant: Tenant) -> None:
    for key in [key for key, one in tenant.objects(USES).items() if one["managementState"] == "BLOCKED"]:
        tenant.patch(USES, key, managementState="PENDING_APPROVAL")

    found = _check(google_door)

    assert found["reason"].startswith("2 devices wait for approval")
    assert found["evidence"]["models"] == {"Pixel 8a": 1, "iPad (10th generation)": 1}


def test_where_none_waits_it_passes(google_door: Door, tenant: Tenant) -> None:
    tenant.patch(USES, _waiting(tenant), managementState="APPROVED")

    found = _check(google_door)

    assert (found["status"], found["reason"]) == ("pass", "no device waits for approval")


def test_a_device_of_somebody_else_is_not_asked_about(google_door: Door, tenant: Tenant) -> None:
    tenant.patch(USES, _waiting(tenant), userEmail="nobody@example-primary.example")

    assert (_check(google_door)["status"], _check(google_door, "everyone")["status"]) == ("pass", "fail")


def test_a_list_that_cannot_be_read_is_unknown(google_door: Door, tenant: Tenant) -> None:
    tenant.fault("refused", "cloudidentity.devices.deviceUsers.list", times=1000)

    assert _check(google_door)["status"] == "unknown"


def test_a_check_approves_nothing(google_door: Door, tenant: Tenant) -> None:
    before = tenant.objects(USES)

    _check(google_door)

    assert tenant.objects(USES) == before
