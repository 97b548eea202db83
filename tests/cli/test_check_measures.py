"""`toolkit check`: what the tenants themselves tell of controls, asked in the same run."""

from typing import Any

import pytest

from tests.door import GOOGLE, Door
from tests.emulated import Tenant
from tests.schools import with_people
from toolkit.controls.control import controls
from toolkit.sdk.providers import checks, providers

pytestmark = with_people(users=24, staff=10)

PLAYBOOK = """\
playbook: devices
clauses: [SEC-15]
controls:
  - device.compliance: {for: staff}
"""
LIST = "GET /deviceManagement/managedDevices"
DEVICES = "managed devices"
SAID = (
    "3 of 10 compliant, 9 of the 10 owned by the school: 2 not evaluated, 1 in conflict, 1 in error, 1 in grace, "
    "1 not compliant, 1 unseen for 30 days; counted separately: 3 shared or used for presentations"
)


def _write_devices(door: Door, playbook: str = PLAYBOOK) -> Door:
    door.write("40-devices.yaml", playbook)
    return door


def _measured_statuses(answer: Any) -> list[tuple[str, str]]:
    """Give the subjects and statuses of what the tenants told: it has evidence, or could not be read."""
    told = [one for one in answer["findings"] if one["evidence"] or one["status"] == "unknown"]
    return sorted((one["subject"], one["status"]) for one in told)


@pytest.mark.parametrize("provider", sorted(providers()))
def test_what_a_provider_is_asked_belongs_to_a_control(provider: str) -> None:
    assert set(checks(provider)) <= set(controls())
    assert checks(provider)


def test_what_a_tenant_tells_stands_below_its_control_with_numbers(bare_door: Door) -> None:
    answered = _write_devices(bare_door).toolkit("check")

    assert answered.exit == 3
    heading, told = answered.out.splitlines()[3:5]
    assert heading == "device.compliance on microsoft365   (SEC-15)"
    assert told == f"! {DEVICES}: {SAID}"


def test_the_answer_for_programs_holds_the_numbers(bare_door: Door) -> None:
    told = _write_devices(bare_door).toolkit("check", "--json").json

    (finding,) = [one for one in told["findings"] if one["subject"] == DEVICES]
    assert (finding["control"], finding["provider"], finding["status"]) == ("device.compliance", "microsoft365", "fail")
    assert (finding["reason"], finding["clauses"]) == (SAID, ["SEC-15"])
    assert (finding["evidence"]["fine"], finding["evidence"]["devices"], finding["evidence"]["owned"]) == (3, 10, 9)


def test_what_cannot_be_read_is_unknown_and_ends_with_four(bare_door: Door, tenant: Tenant) -> None:
    tenant.fault("refused", LIST, times=1000)

    answered = _write_devices(bare_door).toolkit("check")

    assert answered.exit == 4
    assert f"? {DEVICES}: {LIST}" in answered.out
    assert "DeviceManagement" in answered.out  # the permission that is missing


@pytest.mark.parametrize("fault", ["unavailable", "throttled", "dropped", "expired_token"])
def test_a_fault_that_passes_changes_nothing(bare_door: Door, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, LIST, times=1)

    answered = _write_devices(bare_door).toolkit("check")

    assert answered.exit == 3
    assert SAID in answered.out


def test_one_cloud_that_does_not_answer_leaves_the_other_as_it_is(wide_door: Door, tenant: Tenant) -> None:
    tenant.fault("refused", LIST, times=1000)

    answered = _write_devices(wide_door).toolkit("check", "--json")

    assert answered.exit == 3  # a failure outranks what is not known
    assert _measured_statuses(answered.json) == [
        ("ChromeOS devices", "fail"),
        (DEVICES, "unknown"),
        ("phones and tablets", "fail"),
    ]


def test_a_control_that_is_off_is_not_asked_about(bare_door: Door, tenant: Tenant) -> None:
    answered = _write_devices(bare_door, PLAYBOOK.replace("staff", "staff, mode: off")).toolkit("check")

    assert answered.exit == 0
    assert LIST not in tenant.operations()


def test_a_control_is_asked_about_in_check_mode_too(bare_door: Door) -> None:
    answered = _write_devices(bare_door, PLAYBOOK.replace("staff", "staff, mode: check")).toolkit("check")

    assert SAID in answered.out


def test_a_control_that_was_not_asked_for_costs_no_request(bare_door: Door, tenant: Tenant) -> None:
    other = PLAYBOOK + "  - mail.external_tag: {for: everyone}\n"

    _write_devices(bare_door, other).toolkit("check", "--only", "mail.external_tag")

    assert LIST not in tenant.operations()


def test_one_cloud_alone_is_asked_where_only_that_is_wanted(tenant: Tenant, wide_door: Door) -> None:
    answered = _write_devices(wide_door).toolkit("check", "--provider", GOOGLE, "--json")

    assert {one["provider"] for one in answered.json["findings"]} == {GOOGLE}
    assert LIST not in tenant.operations()


def test_an_audience_that_is_not_known_is_not_asked_about(bare_door: Door, tenant: Tenant) -> None:
    school = (bare_door.playbooks / "00-school.yaml").read_text()
    bare_door.write("00-school.yaml", school.replace("all-staff@", "nobody@"))

    answered = _write_devices(bare_door).toolkit("check", "--json")

    assert answered.exit == 4
    assert _measured_statuses(answered.json) == [("for whom", "unknown")]
    assert LIST not in tenant.operations()


def test_a_control_that_is_asked_for_twice_says_for_whom(bare_door: Door) -> None:
    twice = PLAYBOOK + "  - device.compliance: {for: leadership, platforms: [windows]}\n"

    answered = _write_devices(bare_door, twice).toolkit("check", "--json")

    assert _measured_statuses(answered.json) == [(f"{DEVICES} (leadership)", "fail"), (f"{DEVICES} (staff)", "fail")]


def test_what_is_well_passes_and_ends_with_nought(tenant: Tenant, bare_door: Door) -> None:
    devices = tenant.objects("intune.managedDevices")
    for key in [key for key, one in devices.items() if one["deviceName"] not in ("STAFF-LT-01", "STAFF-LT-02")]:
        tenant.delete("intune.managedDevices", key)

    answered = _write_devices(bare_door).toolkit("check")

    assert answered.exit == 0
    assert f"= {DEVICES}: 2 of 2 compliant, 2 of the 2 owned by the school" in answered.out


def test_asking_writes_nothing_and_is_remembered(wide_door: Door, tenant: Tenant) -> None:
    _write_devices(wide_door).toolkit("check")

    (run,) = wide_door("audit", "log", "--json").json["runs"]
    assert (run["command"], run["exit"], run["steps"], run["summary"]["fail"]) == ("check", 3, [], 3)
    writes = ("POST /", "PATCH", "PUT", "DELETE", "create", "patch", "update", "delete", "approve", "block")
    assert not [name for name in tenant.operations() if name.rpartition(".")[2].startswith(writes)]


def test_the_reader_alone_is_enough(tenant: Tenant, wide_door: Door) -> None:
    tenant.grant("writer", roles=[])

    answered = _write_devices(wide_door).toolkit("check", "--json")

    assert ("unknown" not in [one["status"] for one in answered.json["findings"]], answered.exit) == (True, 3)
