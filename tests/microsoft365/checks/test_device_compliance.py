"""How many devices comply, as Intune says: each is counted once, and what says nothing passes nothing."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.door import Door
from tests.emulated import Tenant

DEVICES = "intune.managedDevices"
SUBJECT, POLICIES = "managed devices", "policies of managed devices"
LIST, STATES = "GET /deviceManagement/managedDevices", "*deviceCompliancePolicyStates"


@pytest.fixture
def devices(tenant: Tenant) -> Mapping[str, str]:
    """Give the keys of the devices by their names."""
    return {str(one["deviceName"]): key for key, one in tenant.objects(DEVICES).items()}


def _check(door: Door, settings: str = "for: staff") -> dict[str, Any]:
    """Check the control and give what was found by its subject."""
    door.write("40-devices.yaml", f"playbook: devices\ncontrols:\n  - device.compliance: {{{settings}}}\n")
    found = door.toolkit("check", "--json").json["findings"]
    return {one["subject"]: one for one in found}


def _leave(tenant: Tenant, devices: Mapping[str, str], *names: str) -> None:
    """Remove every device but these."""
    for name, key in devices.items():
        if name not in names:
            tenant.delete(DEVICES, key)


def test_each_device_is_counted_once_by_how_it_stands(bare_door: Door) -> None:
    found = _check(bare_door)[SUBJECT]

    assert found["status"] == "fail"
    assert found["reason"] == (
        "3 of 10 compliant, 9 of the 10 owned by the school: 2 not evaluated, 1 in conflict, 1 in error, 1 in grace, "
        "1 not compliant, 1 unseen for 30 days; counted separately: 3 shared or used for presentations"
    )
    evidence = found["evidence"]
    assert sum(evidence["states"].values()) == evidence["devices"] == 10
    assert evidence["models"]["in grace"] == {"Latitude 5440": 1}


def test_devices_that_are_all_well_pass(bare_door: Door, tenant: Tenant, devices: Mapping[str, str]) -> None:
    _leave(tenant, devices, "STAFF-LT-01", "STAFF-LT-02", "HEAD-PHONE", "HALL-WHITEBOARD")

    found = _check(bare_door)[SUBJECT]

    assert (found["status"], found["evidence"]["owned"]) == ("pass", 2)
    assert found["reason"] == (
        "3 of 3 compliant, 2 of the 3 owned by the school; counted separately: 1 shared or used for presentations"
    )


def test_a_device_that_no_policy_reaches_is_not_compliant_whatever_intune_says(
    bare_door: Door, tenant: Tenant, devices: Mapping[str, str]
) -> None:
    _leave(tenant, devices, "STAFF-LT-01", "RECEPTION-IPAD-1")
    tenant.patch(DEVICES, devices["RECEPTION-IPAD-1"], deviceCategoryDisplayName="Office")

    strict = _check(bare_door)[SUBJECT]
    lenient = _check(bare_door, "for: staff, without_policy_fails: false")[SUBJECT]

    assert (strict["status"], lenient["status"]) == ("fail", "pass")
    assert strict["reason"].endswith("owned by the school: 1 without a policy")
    assert lenient["reason"].endswith("1 of the 1 owned by the school; counted separately: 1 without a policy")


def test_the_policy_that_every_device_has_is_no_policy(
    bare_door: Door, tenant: Tenant, devices: Mapping[str, str]
) -> None:
    _leave(tenant, devices, "STAFF-LT-01")
    states = [{"id": "1", "displayName": "Default Device Compliance Policy", "state": "compliant"}]
    tenant.patch(DEVICES, devices["STAFF-LT-01"], deviceCompliancePolicyStates=states)

    assert _check(bare_door)[SUBJECT]["evidence"]["states"] == {"without a policy": 1}


def test_devices_of_other_people_and_other_platforms_are_counted_apart(bare_door: Door, tenant: Tenant) -> None:
    leadership = _check(bare_door, "for: leadership, platforms: [windows]")[SUBJECT]
    everyone = _check(bare_door, "for: everyone, platforms: [android_work_profile]")[SUBJECT]

    apart = leadership["evidence"]["apart"]
    assert (apart["of people outside the audience"], apart["on a platform that was not requested"]) == (6, 1)
    assert everyone["evidence"]["states"] == {"compliant": 1}
    assert everyone["status"] == "pass"


@pytest.mark.parametrize("last", ["0001-01-01T00:00:00Z", "", "some day", "2026-11-10T08:00:00"])
def test_a_device_that_does_not_say_when_it_was_seen_was_not_seen(
    bare_door: Door, tenant: Tenant, devices: Mapping[str, str], last: str
) -> None:
    _leave(tenant, devices, "STAFF-LT-01")
    tenant.patch(DEVICES, devices["STAFF-LT-01"], lastSyncDateTime=last)

    assert _check(bare_door)[SUBJECT]["evidence"]["states"] == {"unseen for 30 days": 1}


def test_a_state_that_is_new_to_us_is_not_taken_for_compliant(
    bare_door: Door, tenant: Tenant, devices: Mapping[str, str]
) -> None:
    _leave(tenant, devices, "STAFF-LT-01")
    tenant.patch(DEVICES, devices["STAFF-LT-01"], complianceState="unknownFutureValue")

    assert _check(bare_door)[SUBJECT]["evidence"]["states"] == {"in a state that toolkit does not know": 1}


def test_where_no_device_is_managed_the_cloud_is_not_used_for_it(
    bare_door: Door, tenant: Tenant, devices: Mapping[str, str]
) -> None:
    _leave(tenant, devices)

    found = _check(bare_door)[SUBJECT]

    assert (found["outcome"], found["evidence"]) == ("not used", {"in_scope": 0})
    assert found["reason"] == "none of the 46 people in its audience has a device here"


def test_where_the_only_devices_are_others_nothing_passes(
    bare_door: Door, tenant: Tenant, devices: Mapping[str, str]
) -> None:
    _leave(tenant, devices, "HALL-WHITEBOARD")

    found = _check(bare_door)[SUBJECT]

    assert found["status"] == "fail"
    assert found["reason"].startswith("0 of 0 compliant, 0 of the 0 owned by the school")


def test_devices_that_cannot_be_listed_are_unknown(bare_door: Door, tenant: Tenant) -> None:
    tenant.fault("refused", LIST, times=1000)

    found = _check(bare_door)

    assert found[SUBJECT]["status"] == "unknown"
    assert "managedDevices" in found[SUBJECT]["reason"]
    assert found[SUBJECT]["evidence"] == {}


def test_policies_that_cannot_be_read_make_what_rests_on_them_unknown(
    bare_door: Door, tenant: Tenant, devices: Mapping[str, str]
) -> None:
    _leave(tenant, devices, "STAFF-LT-01", "STAFF-LT-02")
    tenant.fault("refused", STATES, times=1000)

    found = _check(bare_door)

    assert found[POLICIES]["status"] == "unknown"
    assert found[POLICIES]["reason"].startswith("of 2 devices: GET /deviceManagement/managedDevices/")
    assert (found[SUBJECT]["status"], found[SUBJECT]["evidence"]["fine"]) == ("unknown", 0)


def test_what_fails_fails_where_policies_of_other_devices_cannot_be_read(bare_door: Door, tenant: Tenant) -> None:
    tenant.fault("refused", STATES, times=1000)

    found = _check(bare_door)

    assert (found[SUBJECT]["status"], found[POLICIES]["status"]) == ("fail", "unknown")


def test_nothing_names_a_person_or_a_device(bare_door: Door, tenant: Tenant, devices: Mapping[str, str]) -> None:
    told = str(_check(bare_door))

    people = [one["displayName"] for one in tenant.objects("users").values()]
    assert len(people) > 40
    assert not [name for name in (*people, *devices) if name in told]


def test_devices_are_listed_page_by_page_and_their_policies_asked_for_twenty_in_a_request(
    bare_door: Door, tenant: Tenant, devices: Mapping[str, str]
) -> None:
    model = tenant.read_object(DEVICES, devices["STAFF-LT-01"])
    for number in range(45):
        tenant.put(DEVICES, f"more-{number}", {**model, "id": f"more-{number}"})
    seen = tenant.last_request()

    found = _check(bare_door)[SUBJECT]

    asked = [one for one in tenant.requests(seen) if any("managedDevices" in op["name"] for op in one["operations"])]
    assert found["evidence"]["fine"] == 48
    assert len(asked) == 1 + 3
