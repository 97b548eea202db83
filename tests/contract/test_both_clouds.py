"""One playbook, both clouds: one plan, and what goes wrong with one of them stays there."""

import re
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.door import GOOGLE, MICROSOFT, CommandResult, Door
from tests.emulated import SIGN_IN
from tests.schools import few_people

pytestmark = few_people

_OF_MICROSOFT = {"graph", "exchange"}
TAG = """\
playbook: tag
title: Tag
owner: Head Teacher
controls:
  - mail.personal_label: {for: staff, labels: [personal]}
"""


@pytest.fixture
def school(wide_door: Door) -> Door:
    """Open a school that has both clouds and asks the same of them."""
    wide_door.write("10-tag.yaml", TAG)
    return wide_door


def _providers(answer: CommandResult, part: str) -> set[str]:
    return {one["address"].partition(".")[0] for one in answer.json[part]}


def _clouds(door: Door, after: int) -> set[str]:
    """Say which clouds were asked for more than a token."""
    asked = {request["service"] for request in door.tenant.requests(after) if request["service"] not in SIGN_IN}
    return {MICROSOFT if service in _OF_MICROSOFT else GOOGLE for service in asked}


def _parts(answer: CommandResult) -> dict[str, Any]:
    return {
        one["provider"]: (one["level"], [(part["part"], part["level"]) for part in one["parts"]])
        for one in answer.json["controls"]
    }


def test_one_plan_is_for_both_and_shows_the_parts_of_each(school: Door) -> None:
    plan = school.toolkit("plan", "--json")

    assert plan.exit == 3
    assert _providers(plan, "changes") == {GOOGLE, MICROSOFT}
    both = ("manual", [("labelled mail", "enforced"), ("mail without the label", "manual")])
    assert _parts(plan) == {GOOGLE: both, MICROSOFT: both}


@pytest.mark.parametrize("provider", [GOOGLE, MICROSOFT])
def test_a_run_for_one_cloud_asks_the_other_nothing(school: Door, provider: str) -> None:
    before = newest(school)

    applied = school.toolkit("apply", "--yes", "--json", "--provider", provider)

    assert applied.exit == 0
    assert _providers(applied, "outcomes") == {provider}
    assert _clouds(school, before) == {provider}


@pytest.mark.parametrize("wrong", [GOOGLE, MICROSOFT])
def test_a_wrong_tenant_in_one_cloud_stops_both(school: Door, wrong: str) -> None:
    path = school.playbooks / "00-school.yaml"
    domain = re.compile(rf"({wrong}: .*)domain: example-primary.example")
    path.write_text(domain.sub(r"\1domain: other.example", path.read_text()))
    before = newest(school)

    applied = school.toolkit("apply", "--yes")

    assert applied.exit == 2
    assert "wrong tenant" in applied.err
    assert writes(school, before) == []
    assert "Get-TransportRule" not in school.tenant.operations(before)
    assert "cloudidentity.policies.list" not in school.tenant.operations(before)


@pytest.mark.parametrize(
    ("operation", "lost", "other"),
    [
        ("directory.customers.get", GOOGLE, MICROSOFT),
        ("GET /organization", MICROSOFT, GOOGLE),
        ("cloudidentity.policies.list", GOOGLE, MICROSOFT),
        ("Get-TransportRule", MICROSOFT, GOOGLE),
    ],
)
def test_what_is_unknown_in_one_cloud_does_not_stop_the_other(
    school: Door, operation: str, lost: str, other: str
) -> None:
    school.tenant.fault("refused", operation, times=100)

    applied = school.toolkit("apply", "--yes", "--json")

    assert applied.exit == 4
    assert {one["kind"].partition(".")[0] for one in applied.json["unknown"]} == {lost}
    assert _providers(applied, "outcomes") == {other}


def test_a_check_says_what_it_does_not_know_of_the_cloud_that_does_not_answer(school: Door) -> None:
    school.tenant.fault("refused", "directory.customers.get", times=100)

    check = school.toolkit("check", "--json")

    assert check.exit == 4
    assert {(one["provider"], one["status"]) for one in check.json["findings"]} == {
        (GOOGLE, "unknown"),
        (MICROSOFT, "manual"),
    }


def test_a_doctor_says_which_cloud_does_not_answer_and_examines_the_other(school: Door) -> None:
    school.tenant.fault("refused", "directory.customers.get", times=100)

    answer = school.toolkit("doctor", "-v")

    assert "missing  tenant: directory.customers.get" in answer.out
    assert "ok       tenant: signed in to" in answer.out
    assert "ok       transport_rule" in answer.out


def test_steps_left_half_done_in_one_cloud_wait_for_a_run_that_asks_it(school: Door) -> None:
    school.tenant.fault("unavailable", "New-TransportRule", times=100)
    lost = school.toolkit("apply", "--yes", TOOLKIT_PATIENCE="0.2")
    school.tenant.disarm()

    google = school.toolkit("apply", "--yes", "--json", "--provider", GOOGLE)
    both = school.toolkit("apply", "--yes", "--json")

    assert [lost.exit, google.exit, both.exit] == [4, 0, 0]
    assert google.json["half_done"] == []
    assert [one["address"] for one in both.json["half_done"]] == ["microsoft365.transport_rule[School personal label]"]
