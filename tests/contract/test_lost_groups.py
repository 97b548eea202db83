"""A group or unit that is emptied, gone or renamed: one line with the number of last time, and where to look."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from tests.cases import newest, writes
from tests.door import Checkpoint, Door
from tests.schools import Schools

STAFF, UNIT = "all-staff@example-primary.example", "/Staff"


def _group(door: Door) -> str:
    return next(key for key, row in door.tenant.objects("groups").items() if row["mail"] == STAFF)


def _unit(door: Door) -> str:
    return next(key for key, row in door.tenant.objects("google.orgunits").items() if row["orgUnitPath"] == UNIT)


def _move_all(door: Door) -> None:
    people = door.tenant.objects("google.users")
    moved = {
        key: {**row, "orgUnitPath": "/Service accounts"} if row["orgUnitPath"] == UNIT else row
        for key, row in people.items()
    }
    door.tenant.control("PUT", "/objects/google.users", moved)


WAYS: Mapping[str, tuple[Callable[[Door], None], str, str]] = {
    "an emptied group": (
        lambda door: door.tenant.patch("members", _group(door), members=[]),
        "? the group 'All staff' is empty (14 people at the last apply): ",
        STAFF,
    ),
    "an emptied unit": (_move_all, "? the group '/Staff' is empty (14 people at the last apply): ", UNIT),
    "a group that is gone": (
        lambda door: door.tenant.delete("groups", _group(door)),
        f"? there is no group {STAFF} (14 people at the last apply): ",
        STAFF,
    ),
    "a unit that is gone": (
        lambda door: door.tenant.delete("google.orgunits", _unit(door)),
        "? there is no organisational unit /Staff (14 people at the last apply): ",
        UNIT,
    ),
}


@pytest.mark.parametrize(
    ("command", "ways"),
    [
        pytest.param("plan", ("an emptied group", "a unit that is gone"), marks=pytest.mark.soak),
        ("drift", ("a group that is gone", "an emptied unit")),
    ],
)
def test_each_lost_group_is_one_line_with_its_number_and_leads_to_rollover(
    applied_samples: Checkpoint, command: str, ways: Sequence[str]
) -> None:
    """One is lost on each cloud."""
    door = applied_samples.restore()
    for way in ways:
        WAYS[way][0](door)

    answer = door.toolkit(command)
    told = door.toolkit("drift", "--json").json

    for way in ways:
        about = [text for text in answer.out.splitlines() if WAYS[way][1] in text]
        assert len(about) == 1, answer.out
        assert "objects and controls left as they are" in about[0]
    assert f"`toolkit rollover {door.playbooks}` shows each place and what to write" in answer.out
    assert "name it by its address" not in answer.out
    assert "could not be looked at" not in answer.out  # said of the group
    assert {WAYS[way][2] for way in ways} == set(told["lost_groups"])
    assert max(one["people_before"] for one in told["unknown"] if "people_before" in one) == 14
    assert door.toolkit("rollover").exit == 3


@pytest.mark.parametrize(
    ("way", "cloud"),
    [
        pytest.param("an emptied group", "microsoft365", marks=pytest.mark.soak),
        ("an emptied unit", "google_workspace"),
    ],
)
def test_check_doubts_only_the_cloud_whose_group_is_lost(applied_samples: Checkpoint, way: str, cloud: str) -> None:
    door = applied_samples.restore()
    lose, _, _ = WAYS[way]
    lose(door)

    findings = door.toolkit("check", "--json").json["findings"]

    assert {one["provider"] for one in findings if one["subject"] == "for whom"} == {cloud}


def test_the_number_of_a_lost_group_is_its_own_and_not_that_of_an_object_for_others(
    applied_samples: Checkpoint,
) -> None:
    door = applied_samples.restore()
    leaders = next(k for k, one in door.tenant.objects("groups").items() if one["displayName"] == "Trip leaders")
    door.tenant.delete("groups", leaders)
    door.tenant.set_now("2026-11-25T09:00:00Z")  # the trip has begun

    plan = door.toolkit("plan")

    assert "? there is no group trip-leaders@example-primary.example: " in plan.out
    assert "people at the last apply" not in plan.out


def test_a_renamed_group_leads_to_rollover_too(applied_samples: Checkpoint) -> None:
    door = applied_samples.restore()
    new = {"mail": "staff-2027@example-primary.example", "displayName": "Staff 2027", "proxyAddresses": []}
    door.tenant.patch("groups", _group(door), **new)

    drift = door.toolkit("drift")

    assert "! groups and units of the playbooks: 1 renamed; `toolkit rollover" in drift.out


def test_a_narrow_run_says_nothing_of_groups_that_only_others_are_for(applied_samples: Checkpoint) -> None:
    door = applied_samples.restore()
    door.tenant.delete("groups", _group(door))

    plan = door.toolkit("plan", "--only", "mail.external_tag", "--json")

    assert (plan.exit, plan.json["lost_groups"], plan.json["unknown"]) == (0, [], [])


CONTROLS = """\
playbook: devices
title: Devices
owner: Head Teacher
controls:
  - device.removable_storage: {for: staff}
  - identity.idle_lock: {for: staff, minutes: 5}
"""


def test_every_command_ends_alike_for_a_group_that_was_emptied_and_for_one_that_never_had_anyone(
    schools: Schools,
) -> None:
    """What was read is known: an emptied group differs from the last apply, and of a new one there is nothing to do."""
    door = schools.build({"users": 24, "staff": 16})
    door.write("10-devices.yaml", CONTROLS)
    door.tenant.control(
        "PUT", "/objects/google.vaultHolds", {}
    )  # one of a unit would miss those who are moved out of it
    members = door.tenant.read_object("members", _group(door))["members"]
    people = door.tenant.objects("google.users")

    _empty(door)
    new = [door.toolkit(*command) for command in COMMANDS]
    door.tenant.patch("members", _group(door), members=members)
    door.tenant.control("PUT", "/objects/google.users", people)
    full = [door.toolkit(*command) for command in COMMANDS]
    _empty(door)
    before = newest(door)
    emptied = [door.toolkit(*command) for command in COMMANDS]

    assert [answer.exit for answer in new] == [0, 0, 0, 0], [answer.out for answer in new]
    assert [answer.exit for answer in full] == [0, 0, 0, 0], [answer.out for answer in full]
    assert [answer.exit for answer in emptied] == [3, 3, 3, 3], [answer.out for answer in emptied]
    assert all("is empty (16 people at the last apply)" in answer.out for answer in emptied)
    assert writes(door, before) == []


COMMANDS = (["apply", "--yes"], ["plan"], ["drift"], ["check"])


def _empty(door: Door) -> None:
    door.tenant.patch("members", _group(door), members=[])
    _move_all(door)
