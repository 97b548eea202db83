"""A role that has a group on one of the school's clouds only: on the other cloud no one is meant, which is known."""

import pytest

from tests.cases import newest, writes
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

GOOGLE_LINE = "    google_workspace: trip-leaders@example-primary.example\n"
MICROSOFT_LINE = "    microsoft365: trip-leaders@example-primary.example\n"
TRIP = """\
exceptions: trips
approved:
  - exception: trip
    control: device.removable_storage
    for: trip_leaders
    change: {act: read_only}
    reason: Trip
    starts: 2026-11-09
    ends: 2026-11-20
    by: Head Teacher
    on: 2026-11-06
"""
WAYS = {
    "the audience of a control": (
        "  - device.removable_storage: {for: trip_leaders}\n  - identity.idle_lock: {for: trip_leaders, minutes: 5}\n",
        "",
    ),
    "the group of an exception": (
        "  - device.removable_storage: {for: staff}\n",
        TRIP,
    ),
    "a pilot": (
        "  - mail.personal_label: {for: staff, labels: [personal], pilot: {for: trip_leaders, until: 2027-01-11}}\n",
        "",
    ),
}
COMMANDS = (["apply", "--yes"], ["plan"], ["drift"], ["check"], ["due", "--yes"])


PLACES = {"not on Google": GOOGLE_LINE, "not on Microsoft": MICROSOFT_LINE}
A_PILOT = "a pilot"
"""Its role must have a group on each cloud on which the control can begin with one, which here is only Microsoft."""


@pytest.mark.parametrize(
    ("way", "place"),
    [(way, place) for way in WAYS for place in PLACES if (way, place) != (A_PILOT, "not on Microsoft")],
)
def test_a_role_without_a_group_on_one_cloud_is_no_unknown_there(wide_door: Door, way: str, place: str) -> None:
    line = PLACES[place]
    school = wide_door.playbooks / "00-school.yaml"
    text = school.read_text()
    assert line in text
    school.write_text(text.replace(line, ""))
    controls, exceptions = WAYS[way]
    wide_door.write("10-controls.yaml", f"playbook: all\ntitle: All\nowner: Head Teacher\ncontrols:\n{controls}")
    if exceptions:
        wide_door.write("95-trips.yaml", exceptions)

    answers = [wide_door.toolkit(*command) for command in COMMANDS]
    before = newest(wide_door)
    again = wide_door.toolkit("apply", "--yes")

    assert [answer.exit for answer in answers] == [0] * len(COMMANDS), [answer.out + answer.err for answer in answers]
    assert not [answer.out for answer in answers if "names no group" in answer.out]
    assert wide_door.toolkit("drift", "--json").json["unknown"] == []
    assert again.exit == 0
    assert writes(wide_door, before) == []


def test_a_control_says_on_which_cloud_its_role_has_no_group(wide_door: Door) -> None:
    school = wide_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace(GOOGLE_LINE, ""))
    controls, _ = WAYS["the audience of a control"]
    wide_door.write("10-controls.yaml", f"playbook: all\ntitle: All\nowner: Head Teacher\ncontrols:\n{controls}")

    verdicts = wide_door.toolkit("check", "--json").json["verdicts"]

    google = [one for one in verdicts if one["provider"] == "google_workspace"]
    assert google
    assert {one["outcome"] for one in google} == {"not used"}
    assert all("the role trip_leaders has a group only on another cloud" in str(one) for one in google)
