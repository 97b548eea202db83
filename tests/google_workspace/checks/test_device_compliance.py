"""How the school's devices stand in Google: each is counted once, and what says nothing passes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.door import Door
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods, delegate

DEVICES, USES, CHROMEBOOKS = "google.devices", "google.deviceUsers", "google.chromeosDevices"
CHROMEOS, PHONES = "ChromeOS devices", "phones and tablets"


def _check(door: Door, settings: str = "for: staff") -> dict[str, Any]:
    """Check the control and give what was found by its subject."""
    door.write("40-devices.yaml", f"playbook: devices\ncontrols:\n  - device.compliance: {{{settings}}}\n")
    found = door.toolkit("check", "--json").json["findings"]
    return {one["subject"]: one for one in found}


def _remove(tenant: Tenant, collection: str, keys: list[str]) -> None:
    for key in keys:
        tenant.delete(collection, key)


def _leave_one_phone(tenant: Tenant) -> Mapping[str, str]:
    """Remove every phone but one that is in use and as it should be; give its keys by their collections."""
    use = next(key for key, one in tenant.objects(USES).items() if one["managementState"] == "APPROVED")
    device = use.partition("/")[0]
    _remove(tenant, USES, [key for key in tenant.objects(USES) if key != use])
    _remove(tenant, DEVICES, [key for key in tenant.objects(DEVICES) if key != device])
    return {DEVICES: device, USES: use}


def test_chromebooks_are_counted_by_status(google_door: Door) -> None:
    found = _check(google_door)[CHROMEOS]

    assert found["status"] == "fail"
    assert found["reason"] == (
        "13 of 14 in service were seen in the last 30 days: 1 unseen for 30 days; "
        "counted separately: 1 deprovisioned, 1 disabled"
    )
    assert found["evidence"]["models"] == {"unseen for 30 days": {"Example Chromebook 11 G9": 1}}


def test_phones_are_counted_by_what_they_report(google_door: Door) -> None:
    found = _check(google_door)[PHONES]

    assert found["status"] == "fail"
    assert found["reason"] == (
        "36 of 41 have a password, are encrypted and not compromised, 1 of the 41 owned by the school: "
        "2 not encrypted, 1 compromised, 1 unseen for 30 days, 1 without a password; "
        "counted separately: 1 being wiped, 1 blocked, 1 unenrolled, 1 waiting for approval, 1 wiped"
    )
    assert sum(found["evidence"]["states"].values()) == found["evidence"]["devices"]


def test_devices_that_are_all_well_pass(google_door: Door, tenant: Tenant) -> None:
    unseen = [key for key, one in tenant.objects(CHROMEBOOKS).items() if one["lastSync"] < "2026-10"]
    _remove(tenant, CHROMEBOOKS, unseen)
    _leave_one_phone(tenant)

    found = _check(google_door)

    assert (found[CHROMEOS]["status"], found[PHONES]["status"]) == ("pass", "pass")
    assert found[PHONES]["reason"].startswith("1 of 1 have a password")


MATTERS: Sequence[tuple[str, dict[str, object], str]] = (
    (USES, {"passwordState": "PASSWORD_NOT_SET"}, "without a password"),
    (USES, {"passwordState": "PASSWORD_STATE_UNSPECIFIED"}, "that do not report all of this"),
    (USES, {"compromisedState": "COMPROMISED"}, "compromised"),
    (USES, {"compromisedState": None}, "that do not report all of this"),
    (DEVICES, {"compromisedState": "COMPROMISED"}, "compromised"),
    (DEVICES, {"encryptionState": "NOT_ENCRYPTED"}, "not encrypted"),
    (DEVICES, {"encryptionState": "UNSUPPORTED_BY_DEVICE"}, "not encrypted"),
    (DEVICES, {"encryptionState": "ENCRYPTION_STATE_UNSPECIFIED"}, "that do not report all of this"),
    (DEVICES, {"lastSyncTime": None}, "unseen for 30 days"),
    (DEVICES, {"lastSyncTime": "2026-10-10T08:00:00Z"}, "unseen for 30 days"),
    (DEVICES, {"lastSyncTime": "2026-10-12T08:00:00Z"}, "in order"),
)


def test_one_thing_that_is_the_matter_of_each_phone_is_enough(google_door: Door, tenant: Tenant) -> None:
    keys = _leave_one_phone(tenant)
    device, use = (tenant.read_object(collection, keys[collection]) for collection in (DEVICES, USES))
    _remove(tenant, USES, [keys[USES]])
    _remove(tenant, DEVICES, [keys[DEVICES]])
    for number, (collection, changes, _) in enumerate(MATTERS):
        name = f"devices/{number}"
        whose = {"name": f"{name}/deviceUsers/{number}"}
        of_device, of_use = (changes if there == collection else {} for there in (DEVICES, USES))
        tenant.put(DEVICES, str(number), {**device, "name": name, **of_device})
        tenant.put(USES, f"{number}/{number}", {**use, **whose, **of_use})

    assert _check(google_door)[PHONES]["evidence"]["states"] == Counter(state for *_, state in MATTERS)


@pytest.mark.soak
@pytest.mark.parametrize(("collection", "changes", "state"), MATTERS)
def test_one_thing_that_is_the_matter_is_enough(
    google_door: Door, tenant: Tenant, collection: str, changes: dict[str, object], state: str
) -> None:
    keys = _leave_one_phone(tenant)
    tenant.patch(collection, keys[collection], **changes)

    assert _check(google_door)[PHONES]["evidence"]["states"] == {state: 1}


def test_encryption_counts_where_it_is_asked_for(google_door: Door, tenant: Tenant) -> None:
    tenant.patch(DEVICES, _leave_one_phone(tenant)[DEVICES], encryptionState="NOT_ENCRYPTED")

    found = _check(google_door, "for: staff, encryption: false")[PHONES]

    assert found["status"] == "pass"
    assert found["reason"] == "1 of 1 have a password and are not compromised, 0 of the 1 owned by the school"


def test_what_the_school_owns_and_nobody_uses_was_not_seen(google_door: Door, tenant: Tenant) -> None:
    key = _leave_one_phone(tenant)[DEVICES]
    other = {
        **tenant.read_object(DEVICES, key),
        "name": "devices/other",
        "serialNumber": "OTHER",
        "ownerType": "COMPANY",
    }
    tenant.put(DEVICES, "other", other)

    found = _check(google_door)[PHONES]

    assert found["status"] == "fail"
    assert found["reason"].endswith("1 of the 2 owned by the school: 1 used by no one")


def test_phones_of_other_people_and_other_platforms_are_counted_apart(google_door: Door) -> None:
    found = _check(google_door, "for: leadership, platforms: [android_work_profile]")[PHONES]

    apart = found["evidence"]["apart"]
    assert apart["on a platform that was not requested"] > 0
    assert apart["of people outside the audience"] > 0
    assert 0 < found["evidence"]["devices"] <= 3


def test_a_phone_of_an_account_that_is_gone_belongs_to_nobody_of_a_group(google_door: Door, tenant: Tenant) -> None:
    tenant.patch(USES, _leave_one_phone(tenant)[USES], userEmail="gone@example-primary.example")

    assert PHONES not in _check(google_door)
    assert _check(google_door, "for: everyone")[PHONES]["evidence"]["states"] == {"in order": 1}


def test_computers_are_no_phones(google_door: Door, tenant: Tenant) -> None:
    tenant.patch(DEVICES, _leave_one_phone(tenant)[DEVICES], deviceType="WINDOWS")

    assert PHONES not in _check(google_door)


def test_where_no_device_is_managed_the_cloud_is_not_used(google_door: Door, tenant: Tenant) -> None:
    for collection in (USES, DEVICES, CHROMEBOOKS):
        _remove(tenant, collection, list(tenant.objects(collection)))

    found = _check(google_door)["devices"]

    assert (found["status"], found["evidence"]) == ("pass", {"in_scope": 0})
    assert found["reason"] == "none of the 46 people in its audience has a device here"


def test_what_is_out_of_use_altogether_is_not_used_beside_what_is_in_use(google_door: Door, tenant: Tenant) -> None:
    for key in tenant.objects(CHROMEBOOKS):
        tenant.patch(CHROMEBOOKS, key, status="DEPROVISIONED")
    _leave_one_phone(tenant)

    found = _check(google_door)

    assert (found[CHROMEOS]["outcome"], found[CHROMEOS]["evidence"]["in_scope"]) == ("not used", 0)
    assert found[PHONES]["status"] == "pass"


@pytest.mark.parametrize(
    ("scope", "unknown", "known"),
    [
        ("admin.directory.device.chromeos.readonly", CHROMEOS, PHONES),
        ("cloud-identity.devices.readonly", PHONES, CHROMEOS),
    ],
)
def test_a_list_that_cannot_be_read_is_unknown_and_the_other_is_told(
    google_door: Door, tenant: Tenant, scope: str, unknown: str, known: str
) -> None:
    delegate(tenant, "reader", without=scope)

    found = _check(google_door)

    assert (found[unknown]["status"], found[known]["status"]) == ("unknown", "fail")
    assert scope in found[unknown]["reason"]


def test_a_list_that_is_cut_short_is_unknown(google_door: Door, tenant: Tenant) -> None:
    tenant.fault("refused", "cloudidentity.devices.deviceUsers.list", nth=2, times=1000)

    assert _check(google_door)[PHONES]["status"] == "unknown"


def test_nothing_names_a_person(google_door: Door, tenant: Tenant) -> None:
    told = str(_check(google_door))

    people = [one["primaryEmail"] for one in tenant.objects("google.users").values()]
    assert len(people) > 40
    assert not [address for address in people if address in told]


def test_each_list_is_read_once_for_two_controls(google_door: Door, tenant: Tenant) -> None:
    google_door.write(
        "41-approval.yaml", "playbook: approval\ncontrols:\n  - device.enrolment_approval: {for: staff}\n"
    )
    _check(google_door)

    operations = called_methods(tenant)
    assert operations.count("directory.chromeosdevices.list") == 1
    assert operations.count("cloudidentity.devices.list") == 2
    assert operations.count("cloudidentity.devices.deviceUsers.list") == 3
