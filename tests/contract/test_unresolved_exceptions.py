"""An exception whose group is empty, gone or not readable: it alone is unknown, and everyone else is looked after."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.contract.rules import apply
from tests.contract.test_whole_groups import HIDE
from tests.door import Checkpoint, Door
from tests.schools import Schools
from toolkit.sdk.providers import providers, realisations

CONTROLS = {
    "device.antimalware": ("audit_from: 2026-09-07, block_from: 2026-10-12", "off"),
    "device.compliance": ("platforms: [windows, ios], password_length: 8", "off"),
    "device.removable_storage": ("act: block", "{act: read_only}"),
    "device.software_restriction": ("", "off"),
    "identity.idle_lock": ("minutes: 5", "{minutes: 10}"),
    "web.chat_im_block": (
        'block: [whatsapp, signal], adopt: {"School web: staff": LA Edge baseline}',
        "{without: [whatsapp]}",
    ),
    "web.gambling_p2p_block": ("block: [category: gambling]", "off"),
    "web.social_block": ("block: [tiktok, snapchat]", "{without: [snapchat]}"),
    "web.streaming_block": ("block: [netflix, spotify]", "{without: [spotify]}"),
    "web.webmail_block": ("block: [category: webmail]", "off"),
}
"""Controls that keep what they ask for away from a group, and how it is changed for the group."""

LEADERS = "trip-leaders@example-primary.example"
POLICIES, DEVICES = "intune.configurationPolicies", "intune.deviceConfigurations"
COMPLIANCE = "intune.compliancePolicies"


def _playbook() -> str:
    entries = "\n".join(
        f"  - {name}: {{{', '.join(filter(None, ['for: staff', settings]))}}}"
        for name, (settings, _) in CONTROLS.items()
    )
    return f"playbook: all\ntitle: All\nowner: Head Teacher\ncontrols:\n{entries}\n"


def _exceptions(starts: str) -> str:
    entries = "".join(
        f"  - exception: trip-{number}\n    control: {name}\n    for: trip_leaders\n"
        f"    change: {change}\n    reason: Residential trip\n    starts: {starts}\n"
        "    ends: 2026-11-20\n    by: Head Teacher\n    on: 2026-11-06\n    dpia: DPIA-2026-11\n"
        for number, (name, (_, change)) in enumerate(CONTROLS.items())
    )
    return f"exceptions: trips\napproved:\n{entries}"


def _group(door: Door) -> str:
    return next(key for key, row in door.tenant.objects("groups").items() if row["mail"] == LEADERS)


def _google_group(door: Door) -> str:
    return next(key for key, row in door.tenant.objects("google.groups").items() if row["email"] == LEADERS)


def _empty(door: Door) -> None:
    door.tenant.patch("members", _group(door), members=[])
    google = _google_group(door)
    for key in door.tenant.objects("google.members"):
        if key.startswith(f"{google}/"):
            door.tenant.delete("google.members", key)


def _remove(door: Door) -> None:
    door.tenant.delete("groups", _group(door))
    door.tenant.delete("google.groups", _google_group(door))


def _hide(door: Door) -> None:
    for hide in HIDE.values():
        hide(door.tenant)


LOSE: Mapping[str, Callable[[Door], None]] = {"empty": _empty, "gone": _remove, "not readable": _hide}


READ = ("empty", "gone")
"""Ways in which everyone else is compared: of a group that cannot be read, precedence over others is not known."""


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """Apply every control that makes exceptions, with an exception from each."""
    door = module_schools.build(
        files={"40-all.yaml": _playbook(), "95-trips.yaml": _exceptions("2026-11-09")}, own_snapshot=True
    )
    apply(door)
    return module_schools.checkpoint(door)


@pytest.fixture(scope="module")
def before_trips(module_schools: Schools) -> Checkpoint:
    """Apply the same without any exception."""
    door = module_schools.build(files={"40-all.yaml": _playbook()}, own_snapshot=True)
    apply(door)
    return module_schools.checkpoint(door)


def test_the_controls_here_are_all_that_make_exceptions() -> None:
    of_clouds = (realisations(provider) for provider in providers())

    assert set(CONTROLS) == {name for found in of_clouds for name, control in found.items() if control.excepts}


def _name(row: Mapping[str, Any]) -> str:
    return str(row.get("displayName") or row.get("name"))


def _of_staff(door: Door) -> dict[str, str]:
    """Return each policy for staff by its key, with its collection."""
    return {
        key: collection
        for collection in (POLICIES, DEVICES, COMPLIANCE)
        for key, row in door.tenant.objects(collection).items()
        if "staff" in _name(row) and row["assignments"]
    }


def _excluded(row: Mapping[str, Any]) -> list[str]:
    targets = [one["target"] for one in row["assignments"]]
    return [one["groupId"] for one in targets if one["@odata.type"].endswith("exclusionGroupAssignmentTarget")]


def _of_trip(door: Door) -> dict[str, Mapping[str, Any]]:
    """Return everything that is for the group alone."""
    google = door.tenant.objects("google.chromePolicies")
    policies = {
        key: row
        for collection in (POLICIES, DEVICES, COMPLIANCE)
        for key, row in door.tenant.objects(collection).items()
        if "trip_leaders" in _name(row)
    }
    return {**policies, **{key: row for key, row in google.items() if key.startswith("groups/")}}


@pytest.mark.parametrize("way", [READ[0], pytest.param(READ[1], marks=pytest.mark.soak)])
def test_everyone_else_is_compared_and_written_and_the_spared_people_are_not(applied: Checkpoint, way: str) -> None:
    door = applied.restore()
    group, of_staff, of_trip = _group(door), _of_staff(door), _of_trip(door)
    stored = {key: door.tenant.read_object(collection, key) for key, collection in of_staff.items()}
    units = [key for key in door.tenant.objects("google.chromePolicies") if "users.ExternalStorage" in key]
    unit = next(key for key in units if key.startswith("orgunits/"))
    assert sum(group in _excluded(row) for row in stored.values()) >= 10
    LOSE[way](door)
    quiet = door.toolkit("drift", "--json").json
    for key, collection in of_staff.items():
        door.tenant.delete(collection, key)
    door.tenant.delete("google.chromePolicies", unit)

    drift = door.toolkit("drift", "--json").json
    apply_answer = door.toolkit("apply", "--yes")

    names = {_name(row) for row in stored.values()}
    assert quiet["findings"] == []
    assert names <= {one["address"].partition("[")[2][:-1] for one in drift["findings"]}
    assert any("users.ExternalStorage @ /Staff" in one["address"] for one in drift["findings"])
    assert apply_answer.exit == {"empty": 3, "gone": 4}[way], apply_answer.out
    again = {
        _name(row): row
        for row in (door.tenant.read_object(collection, key) for key, collection in _of_staff(door).items())
    }
    assert names <= again.keys()
    assert unit in door.tenant.objects("google.chromePolicies")
    assert _of_trip(door) == of_trip
    if way == "empty":
        before = {_name(row): group in _excluded(row) for row in stored.values()}
        assert {name: group in _excluded(again[name]) for name in names} == before


@pytest.mark.parametrize("way", [pytest.param(READ[0], marks=pytest.mark.soak), READ[1]])
def test_an_exclusion_stays_while_something_else_of_its_object_is_put_right(applied: Checkpoint, way: str) -> None:
    door = applied.restore()
    group = _group(door)
    of_staff = {key: collection for key, collection in _of_staff(door).items() if collection == DEVICES}
    excluded = {key: _excluded(door.tenant.read_object(collection, key)) for key, collection in of_staff.items()}
    LOSE[way](door)
    (apps,) = [key for key in of_staff if door.tenant.read_object(DEVICES, key)["displayName"] == "School apps: staff"]
    door.tenant.patch(DEVICES, apps, appsVisibilityListType="none")

    door.toolkit("apply", "--yes")

    assert door.tenant.read_object(DEVICES, apps)["appsVisibilityListType"] != "none"
    assert {key: _excluded(door.tenant.read_object(DEVICES, key)) for key in of_staff} == excluded
    assert group in excluded[apps]


COMMANDS = (["drift"], ["plan"], ["apply", "--yes"], ["check", "--only", "device.removable_storage"], ["due", "--yes"])


@pytest.mark.parametrize(
    ("way", "code"), [("empty", 3), pytest.param("gone", 4, marks=pytest.mark.soak), ("not readable", 4)]
)
def test_no_command_ends_well_while_an_exception_that_was_applied_is_unresolved(
    applied: Checkpoint, way: str, code: int
) -> None:
    door = applied.restore()
    LOSE[way](door)
    before = newest(door)

    answers = [door.toolkit(*command) for command in COMMANDS]

    assert [answer.exit for answer in answers] == [code] * len(COMMANDS), [answer.out for answer in answers]
    assert all("is for trip_leaders: " in answer.out for answer in answers)
    assert writes(door, before) == []


@pytest.mark.parametrize("way", ["gone", *(pytest.param(way, marks=pytest.mark.soak) for way in LOSE if way != "gone")])
def test_no_command_ends_well_while_an_exception_that_began_unresolved_is_so(
    before_trips: Checkpoint, way: str
) -> None:
    door = before_trips.restore()
    LOSE[way](door)
    door.write("95-trips.yaml", _exceptions("2026-11-09"))
    before = newest(door)

    answers = [door.toolkit(*command) for command in COMMANDS]

    assert [answer.exit for answer in answers] == [4] * len(COMMANDS), [answer.out for answer in answers]
    assert all("is for trip_leaders: " in answer.out for answer in answers)
    assert writes(door, before) == []


@pytest.mark.parametrize("control", CONTROLS)
def test_only_of_a_control_shows_its_unresolved_exception(applied: Checkpoint, control: str) -> None:
    door = applied.restore()
    LOSE["gone"](door)

    drift = door.toolkit("drift", "--only", control, "--json")

    reasons = {one["reason"] for one in drift.json["unknown"] if one["kind"] == control}
    assert drift.exit == 4
    assert any(reason.startswith("the exception trip-") for reason in reasons)
