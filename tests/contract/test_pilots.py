"""A pilot: until its day a control reaches one group alone, from then on all whom it is for."""

import pytest

from tests.contract.rules import apply
from tests.door import Door
from tests.schools import Schools

PLAYBOOK = """\
playbook: chat
title: Chat
owner: Head Teacher
controls:
  - device.removable_storage:
      for: staff
      pilot: {for: trip_leaders, until: 2026-11-16}
  - web.chat_im_block:
      for: everyone
      block: [signal]
      adopt: {"School web: everyone": LA Edge baseline}
      pilot: {for: trip_leaders, until: 2026-11-16}
"""
FIRST = "pilot until 16 November 2026: trip_leaders, 3 people"
WAITS = "applies to no one until 16 November 2026"


@pytest.fixture
def school(schools: Schools) -> Door:
    """A school that is to close sticks and a chat app, for those who lead trips first."""
    return schools.build({"users": 40, "staff": 16}, files={"40-chat.yaml": PLAYBOOK})


def _chrome(door: Door) -> set[tuple[str, str]]:
    """List where Chrome policies of these controls are set: at a group or a unit, and which."""
    words = ("ExternalStorage", "UrlBlocking", "InstallType/android")
    keys = door.tenant.objects("google.chromePolicies")
    return {(key.partition("/")[0], word) for key in keys for word in words if word in key}


def _assigned(door: Door) -> set[str]:
    """Name the groups to which Intune's configurations of these controls are assigned; "" for everybody."""
    ours = ("School storage: staff", "School apps: everyone")
    found = [one for one in door.tenant.objects("intune.deviceConfigurations").values() if one["displayName"] in ours]
    names = {key: one["mailNickname"] for key, one in door.tenant.objects("groups").items()}
    targets = [each["target"] for one in found for each in one["assignments"]]
    return {names.get(target.get("groupId", ""), "") for target in targets}


def test_a_pilot_has_a_control_first_and_on_its_day_due_gives_it_to_all(school: Door) -> None:
    before = _chrome(school)
    school.tenant.set_now("2026-11-10T09:00:00Z")

    plan = school.toolkit("plan")
    for control in ("device.removable_storage", "web.chat_im_block"):
        assert f"  {control} on microsoft365: {FIRST}" in plan.out.splitlines()
        assert f"  {control} on google_workspace: {FIRST}" in plan.out.splitlines()
    assert f"Defender indicators: {WAITS}: this part cannot be limited to a group" in plan.out
    assert f"browser lists: {WAITS}: it adopts 'LA Edge baseline', which also applies to other people" in plan.out
    applied = apply(school)
    assert {one["reach"]["people"] for one in applied.json["changes"]} == {3}
    assert {one["pilot"]["until"] for one in applied.json["controls"] if one["pilot"]} == {"2026-11-16"}
    assert {where for where, _ in _chrome(school) - before} == {"groups"}
    assert _assigned(school) == {"trip-leaders"}
    seeded = len(school.tenant.objects("defender.indicators"))
    school.tenant.set_now("2026-11-15T23:55:00Z")
    written = school.write(
        "40-chat.yaml", PLAYBOOK.replace("      pilot: {for: trip_leaders, until: 2026-11-16}\n", "")
    )
    early = school.toolkit("apply", "--yes", "--only", "device.removable_storage")
    assert early.exit == 5
    assert "13 more people than the pilot. Nothing was written." in early.err
    written.write_text(PLAYBOOK)
    assert school.toolkit("plan").exit == 0

    school.tenant.set_now("2026-11-16T00:20:00Z")
    drift = school.toolkit("drift")
    assert drift.exit == 3
    for of in ("device.removable_storage for staff", "web.chat_im_block for everyone"):
        assert f"! 20 minutes overdue: pilot of {of} ended 2026-11-16 on google_workspace" in drift.out
        assert f"! 20 minutes overdue: pilot of {of} ended 2026-11-16 on microsoft365" in drift.out
    assert {line.partition("[")[0].strip() for line in drift.out.splitlines() if "new, " in line} == {
        "new, because of the date"
    }

    wide = school.toolkit("due", "--yes")
    assert (wide.exit, _assigned(school)) == (5, {"trip-leaders"})
    assert "the plan reaches 41 more people than before. Nothing was written." in wide.err
    assert "--reach 41" in wide.err
    done = school.toolkit("due", "--yes", "--json", "--reach", "41")
    assert done.exit == 0, done.out
    assert {where for where, _ in _chrome(school)} == {"orgunits"}
    assert _assigned(school) == {"all-staff", ""}
    assert len(school.tenant.objects("defender.indicators")) == seeded + 2
    assert (school.toolkit("plan").exit, school.toolkit("drift").exit) == (0, 0)
    for collection, address in (("groups", "mail"), ("google.groups", "email")):
        (key,) = [k for k, one in school.tenant.objects(collection).items() if "trip-leaders@" in str(one[address])]
        school.tenant.delete(collection, key)
    again = school.toolkit("due", "--yes", "--json")
    assert (again.exit, again.json["outcomes"], again.json["due"]) == (0, [], [])
