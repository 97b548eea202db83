"""A group that was renamed is the group that it was: nothing differs, and the line that names it is told."""

from tests.contract.rules import apply
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

BLOCKS = """\
playbook: chat
title: Chat
owner: Head Teacher
controls:
  - web.chat_im_block: {for: trip_leaders, block: [whatsapp]}
"""
OLD, NEW = "trip-leaders@example-primary.example", "trips@example-primary.example"


def test_a_renamed_group_is_gone_on_with_and_its_new_name_can_be_written(google_door: Door) -> None:
    door, tenant = google_door, google_door.tenant
    door.write("40-chat.yaml", BLOCKS)
    apply(door)
    group = next(key for key, one in tenant.objects("google.groups").items() if one["email"] == OLD)
    tenant.patch("google.groups", group, email=NEW, name="Trips")
    school = door.playbooks / "00-school.yaml"
    lines = school.read_text().splitlines()
    line = next(number for number, one in enumerate(lines, start=1) if f"google_workspace: {OLD}" in one)

    plan, drift, again = door.toolkit("plan", "--json"), door.toolkit("drift"), apply(door)
    school.write_text(school.read_text().replace(OLD, NEW))
    rewritten = door.toolkit("plan", "--json")
    tenant.delete("google.groups", group)
    gone = door.toolkit("plan", "--json")

    assert (plan.exit, plan.json["changes"], plan.json["leftover"], plan.json["unknown"]) == (0, [], [], [])
    assert [(one["name"], one["now"], one["line"]) for one in plan.json["renamed"]] == [(OLD, NEW, line)]
    assert drift.exit == 0
    assert f"! the group {OLD} is called {NEW} now: write the new name in {school}:{line}" in drift.out
    assert again.json["outcomes"] == []
    assert (rewritten.exit, rewritten.json["renamed"], rewritten.json["unknown"]) == (0, [], [])
    assert gone.exit == 4
    assert f"there is no group {NEW}" in [one["reason"] for one in gone.json["unknown"]]
