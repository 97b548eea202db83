"""A pilot in a playbook: which role has a control first, and until when; what is wrong is told with its line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.errors import PlaybookError
from toolkit.playbook.load import load

SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
  google_workspace: {customer_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: all-staff@example-primary.example, google_workspace: /Staff}
  trial: {microsoft365: trial@example-primary.example, google_workspace: trial@example-primary.example}
  one_cloud: {microsoft365: trial@example-primary.example}
"""
STICKS = """\
playbook: sticks
controls:
  - device.removable_storage:
      for: staff
      pilot: {for: trial, until: 2027-06-14}
"""
TRIP = """\
exceptions: trips
approved:
  - exception: trip
    control: device.removable_storage
    for: trial
    change: "off"
    reason: Residential trip
    starts: 2027-06-13
    ends: 2027-06-20
    by: Head Teacher
    on: 2027-06-01
"""


def _write_playbooks(path: Path, sticks: str = STICKS, trip: str = "") -> Path:
    for name, text in {"00-school.yaml": SCHOOL, "10-sticks.yaml": sticks, "95-trips.yaml": trip}.items():
        if text:
            (path / name).write_text(text)
    return path


def _problems(path: Path) -> list[str]:
    with pytest.raises(PlaybookError) as caught:
        load(path)
    return [f"{Path(one.path).name}:{one.line}: {one.message}" for one in caught.value.problems]


def test_a_pilot_is_over_when_its_day_begins_by_the_school_s_clock(tmp_path: Path) -> None:
    (one,) = load(_write_playbooks(tmp_path)).pilots

    assert (one.name, one.audience) == ("pilot of device.removable_storage for staff", "trial")
    assert one.live(datetime(2027, 6, 13, 22, 59, tzinfo=UTC))  # in summer the clock is an hour on
    assert not one.live(datetime(2027, 6, 13, 23, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        (
            "for: trial",
            "for: trail",
            "10-sticks.yaml:5: unknown role `trail`: did you mean `trial`?: add it to `roles:`",
        ),
        (
            "for: trial",
            "for: staff",
            "10-sticks.yaml:5: the role of a pilot must be smaller than the control's audience",
        ),
        (
            "for: trial",
            "for: everyone",
            "10-sticks.yaml:5: the role of a pilot must be smaller than the control's audience",
        ),
        (
            "for: trial",
            "for: one_cloud",
            "10-sticks.yaml:5: the role `one_cloud` does not have a group on google_workspace",
        ),
        ("until: 2027-06-14", "until: soon", "10-sticks.yaml:5: `pilot.until` must be a date such as 2026-11-25"),
        (
            "until: 2027-06-14",
            "until: 2027-06-31",
            "10-sticks.yaml:5: `pilot.until`: the calendar has no 2027-06-31",
        ),
        (", until: 2027-06-14", "", "10-sticks.yaml:5: `pilot` needs `until`"),
        ("until:", "util:", "10-sticks.yaml:5: unknown setting `util`: did you mean `until`?"),
        (
            "device.removable_storage",
            "mail.external_tag",
            "10-sticks.yaml:5: mail.external_tag cannot start with a group, because on Microsoft 365 and",
        ),
    ],
)
def test_a_wrong_pilot_is_told_with_its_line(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    (only,) = _problems(_write_playbooks(tmp_path, STICKS.replace(right, wrong)))

    assert only.startswith(told)


def test_there_is_no_exception_from_a_control_that_few_have_yet(tmp_path: Path) -> None:
    (early,) = _problems(_write_playbooks(tmp_path, trip=TRIP))
    assert early.startswith("95-trips.yaml:8: until 14 June 2027 only trial have device.removable_storage. Remove")

    assert (
        len(load(_write_playbooks(tmp_path, trip=TRIP.replace("starts: 2027-06-13", "starts: 2027-06-14"))).departures)
        == 1
    )
