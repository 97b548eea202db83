"""Devices are counted where a write reaches all of them; groups that follow a rule are as of its last evaluation."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import playbook, protect_nobody, resource
from tests.door import Door
from tests.schools import Schools, few_people

pytestmark = few_people

WINDOWS, DEVICES = "microsoft365.windows_configuration", "intune.managedDevices"


def _reach(door: Door) -> Mapping[str, Any]:
    settings = {"password_minimum_length": 8, "assigned_to": ["all devices"]}
    door.write("10-ours.yaml", playbook(resource(WINDOWS, "Ours", settings)))
    (change,) = door.toolkit("plan", "--json").json["changes"]
    return {**(change["reach"] or {}), "all_devices": change["all_devices"]}


def test_a_write_for_all_devices_counts_them(bare_door: Door) -> None:
    devices = len(bare_door.tenant.objects(DEVICES))

    assert _reach(bare_door) == {"people": None, "devices": devices, "all_devices": True}


@pytest.mark.parametrize("whom", ["all devices", pytest.param("all users", marks=pytest.mark.soak)])
def test_in_a_small_school_too_a_write_goes_from_a_few_to_everyone_with_a_flag_alone(
    schools: Schools, whom: str
) -> None:
    door = schools.build({"users": 10, "staff": 8})
    protect_nobody(door)
    settings = {"password_minimum_length": 8, "assigned_to": ["leadership@example-primary.example"]}
    door.write("10-ours.yaml", playbook(resource(WINDOWS, "Ours", settings)))
    assert door.toolkit("apply", "--yes").exit == 0
    door.write("10-ours.yaml", playbook(resource(WINDOWS, "Ours", {**settings, "assigned_to": [whom]})))

    refused, allowed = (door.toolkit("apply", "--yes", *flag) for flag in ([], ["--reach", "25"]))

    assert (refused.exit, allowed.exit) == (5, 0), refused.err + allowed.err
    assert "the plan reaches everyone, " in refused.err


def test_devices_that_cannot_be_counted_are_everybody(bare_door: Door) -> None:
    bare_door.tenant.fault("refused", "GET /deviceManagement/managedDevices", times=100)

    assert _reach(bare_door) == {"all_devices": True}


COUNTED_BY = {
    "microsoft365": "GET /deviceManagement/managedDevices",
    "google_workspace": "directory.chromeosdevices.list",
}


def test_a_control_about_devices_is_unknown_where_they_cannot_be_counted(wide_door: Door) -> None:
    wide_door.write("20-devices.yaml", "playbook: devices\ncontrols:\n  - device.removable_storage: {for: staff}\n")
    assert wide_door.toolkit("apply", "--yes").exit == 0
    counted = wide_door.toolkit("plan", "--json")
    assert counted.exit == 0, counted.out

    for provider, operation in COUNTED_BY.items():
        wide_door.tenant.fault("refused", operation, times=1000)
        answers = {name: wide_door.toolkit(name) for name in ("plan", "check", "drift")}
        plan = wide_door.toolkit("plan", "--json").json
        wide_door.tenant.disarm()

        assert {name: answer.exit for name, answer in answers.items()} == {"plan": 4, "check": 4, "drift": 4}, provider
        parts = [part for one in plan["controls"] if one["provider"] == provider for part in one["parts"]]
        assert {part["outcome"] for part in parts if part["level"] == "enforced"} == {"unknown"}, provider
        assert "unknown whether anyone in the audience has a device" in answers["plan"].out, provider


@pytest.mark.parametrize(
    ("state", "words"),
    [("On", "from the rule's last evaluation"), ("Paused", "from before the pause")],
)
def test_a_group_that_follows_a_rule_is_as_of_its_last_evaluation(bare_door: Door, state: str, words: str) -> None:
    control = "playbook: devices\ncontrols:\n  - device.removable_storage: {for: staff}\n"
    bare_door.write("20-devices.yaml", control)
    groups = bare_door.tenant.objects("groups")
    key = next(key for key, one in groups.items() if one["displayName"] == "All staff")

    by_hand = _limits(bare_door)
    rule = {"groupTypes": ["DynamicMembership"], "membershipRule": "user.department -ne null"}
    bare_door.tenant.patch("groups", key, **rule, membershipRuleProcessingState=state)
    by_rule = _limits(bare_door)

    assert by_rule - by_hand == {limit for limit in by_rule if limit.endswith(words)}
    assert len(by_rule - by_hand) == 1


def _limits(door: Door) -> set[str]:
    """Give the limits of the parts of a control, as its plan has them."""
    (control,) = [one for one in door.toolkit("plan", "--json").json["controls"] if one["provider"] == "microsoft365"]
    return {limit for part in control["parts"] for limit in part["limits"]}
