"""Exceptions: for their group and their time a control is different, for everybody else and afterwards it is not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.contract.rules import apply
from tests.door import Checkpoint, Door
from tests.schools import Schools

BLOCKS = """\
playbook: chat
title: Chat
owner: Head Teacher
controls:
  - web.chat_im_block: {for: staff, block: [whatsapp, signal], adopt: {"School web: staff": LA Edge baseline}}
  - web.social_block: {for: staff, block: [tiktok]}
"""
TRIP = """\
exceptions: trips
approved:
  - exception: trip-november
    control: web.chat_im_block
    for: trip_leaders
    change: {without: [whatsapp]}
    reason: Residential trip; parents are told when the coach arrives
    starts: 2026-11-09
    ends: 2026-11-13
    by: Head Teacher
    on: 2026-11-06
    dpia: DPIA-2026-11
"""


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """Apply two blocks once, at a small school."""
    door = module_schools.build(files={"40-chat.yaml": BLOCKS}, own_snapshot=True)
    apply(door)
    return module_schools.checkpoint(door)


@pytest.fixture
def school(applied: Checkpoint) -> Door:
    """A school with two blocks applied."""
    return applied.restore()


def _objects(door: Door) -> dict[str, Mapping[str, Any]]:
    """Give everything that a block of apps can shape, by collection and key."""
    names = (
        "google.chromePolicies",
        "intune.configurationPolicies",
        "intune.deviceConfigurations",
        "intune.mobileApps",
    )
    return {f"{name}/{key}": one for name in names for key, one in door.tenant.objects(name).items()}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def _names(objects: Mapping[str, Any], keys: set[str]) -> set[str]:
    return {str(objects[key].get("displayName") or objects[key].get("name") or key) for key in keys if key in objects}


def test_an_exception_changes_only_what_its_group_has_and_afterwards_everything_is_as_it_was(school: Door) -> None:
    before = _objects(school)
    school.write("95-trips.yaml", TRIP)

    apply(school)
    after = _objects(school)
    changed = _differing(before, after)

    group = next(
        key for key, one in school.tenant.objects("google.groups").items() if one["email"].startswith("trip-leaders@")
    )
    google = {key for key in changed if key.startswith("google.")}
    assert google
    assert all(f"/groups/{group}/" in key for key in google)
    (lists,) = [after[key]["value"] for key in google if "UrlBlocking" in key]
    assert "whatsapp.com" in lists["urlAllowlist"]
    assert {"signal.org", "tiktok.com"} <= set(lists["urlBlocklist"])
    assert _names(after, changed - google) == {
        "School web: trip_leaders, by exception",
        "School apps: staff",  # has the group excluded
        "School apps: trip_leaders",
        "WhatsApp Messenger",
    }
    assert school.toolkit("plan").exit == 0

    school.tenant.set_now("2026-11-14T09:00:00Z")
    answer = apply(school)
    seen = newest(school)

    assert {one["action"] for one in answer.json["outcomes"]} == {"update", "delete"}
    assert {one["result"] for one in answer.json["outcomes"]} == {"done"}
    assert _differing(before, _objects(school)) == set()
    assert school.toolkit("apply", "--yes").exit == 0
    assert writes(school, seen) == []


def test_one_that_is_taken_out_of_the_playbooks_is_taken_back_with_what_it_added_to_lists(school: Door) -> None:
    before = _objects(school)
    school.write("95-trips.yaml", TRIP)
    apply(school)
    (school.playbooks / "95-trips.yaml").unlink()

    shown = {one["address"] for one in school.toolkit("drift", "--json").json["changes"]}
    apply(school, "--prune", "--lose", "2")

    assert "microsoft365.managed_app_removal[com.whatsapp]" in shown  # keeps the group out of it
    assert _differing(before, _objects(school)) == set()
    assert school.toolkit("plan").exit == 0


def test_before_it_starts_nothing_is_different(school: Door) -> None:
    school.write("95-trips.yaml", TRIP.replace("starts: 2026-11-09", "starts: 2026-11-11"))

    plan = school.toolkit("plan", "--json")

    assert (plan.exit, plan.json["summary"]["create"]) == (0, 0)


def test_what_cannot_be_different_for_a_group_is_said(school: Door) -> None:
    school.write(
        "40-chat.yaml",
        BLOCKS.replace("for: staff", "for: everyone").replace("School web: staff", "School web: everyone"),
    )
    school.write("95-trips.yaml", TRIP)

    answer = school.toolkit("plan", "--provider", "microsoft365")

    assert (
        "no exception for trip_leaders: sites stay blocked here because an indicator cannot be limited to a group"
        in answer.out
    )


def test_the_table_says_which_ways_an_exception_opens_and_nothing_else_of_its_group(school: Door) -> None:
    school.write("95-trips.yaml", TRIP)

    tables = school.toolkit("plan", "--json").json["coverage"]

    (opened,) = [one for one in tables if one["exception"]]
    assert (opened["for"], opened["apps"], opened["exception"]) == ("trip_leaders", ["WhatsApp"], "trip-november")
    states = {one["surface"]: one["state"] for one in opened["surfaces"]}
    assert states["Chrome or Edge, signed in with a school account"] == "open"
    assert states["supervised iPads in this Intune"] == "open"


def test_the_table_says_that_an_exception_which_is_refused_opens_nothing(school: Door) -> None:
    policies = "intune.configurationPolicies"
    ours = school.tenant.objects(policies).keys()
    school.write("95-trips.yaml", TRIP)
    apply(school)
    lists = {key: one for key, one in school.tenant.objects(policies).items() if key not in ours}
    (school.playbooks / "95-trips.yaml").unlink()
    apply(school, "--prune", "--lose", "2")
    for key, one in lists.items():
        settings = json.loads(json.dumps(one["settings"]).replace("whatsapp", "elsewhere"))
        theirs = {**one, "name": "Somebody's list", "description": "", "settings": settings}
        school.tenant.put(policies, f"other-{key}", theirs)
    school.write("95-trips.yaml", TRIP)

    plan = school.toolkit("plan", "--provider", "microsoft365", "--json").json

    (opened,) = [one for one in plan["coverage"] if one["exception"]]
    others = next(one for one in plan["coverage"] if "WhatsApp" in one["apps"] and not one["exception"])
    browser = "Chrome or Edge, signed in with a school account"
    states = [{one["surface"]: one["state"] for one in table["surfaces"]}[browser] for table in (opened, others)]
    assert [one["address"] for one in plan["refused"]] == [
        "microsoft365.browser_url_policy[School web: trip_leaders, by exception]"
    ]
    assert states == ["written, not proven"] * 2


POLICY = """\
policy: rules
section: Rules
owner: Head Teacher
clauses:
  - clause: SYS-10
    says: Messengers are closed, and sticks are not used.
    class: settable
    place: {paragraph: 4, begins: Messengers}
    controls: [web.chat_im_block, device.removable_storage]
"""
STICKS = """\
playbook: sticks
title: Sticks
owner: Head Teacher
controls:
  - device.removable_storage: {for: staff}
"""
OFF = (
    TRIP.partition("approved:\n")[2]
    .replace("trip-november", "sticks-november")
    .replace("web.chat_im_block", "device.removable_storage")
    .replace("{without: [whatsapp]}", "off")
)
"""An exception that makes nothing of its own: its group is only kept out of what others have."""


def test_each_that_ended_and_was_not_taken_back_is_named_by_policy_and_on_page_one(
    school: Door, tmp_path: Path
) -> None:
    school.write("05-policy.yaml", POLICY)
    school.write("45-sticks.yaml", STICKS)
    school.write("95-trips.yaml", TRIP + OFF)
    apply(school)
    running = school.toolkit("policy")
    school.tenant.set_now("2026-11-14T09:00:00Z")

    ended = school.toolkit("policy")
    school("audit", "export", school.playbooks, "-o", tmp_path / "report")
    apply(school)
    over = school.toolkit("policy")

    told = json.loads(next((tmp_path / "report").glob("*_governors_*.json")).read_text())
    for name, clouds in (
        ("trip-november", ("Microsoft 365", "Google Workspace")),
        ("sticks-november", ("Microsoft 365",)),
    ):
        for cloud in clouds:
            named = f"the exception {name} ended on 13 November 2026 and is still in place on {cloud}"
            assert named in ended.out
            assert named not in running.out + over.out
        where = " and ".join(clouds)
        asked = f"Ask for the exception “{name}” to be removed on {where}, because it ended on 13 November 2026."
        assert asked in told["needs"], told["needs"]
