"""Canaries in `check` and `plan`: messages that fail today, and messages that a plan would treat differently."""

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

CANARIES = """\
canaries: mail
messages:
  - name: A form
    from: a@parents.example
    to: [office@example-primary.example]
    attachments: [f.pdf]
    must: get_through
  - name: A stranger
    from: a@people.example
    to: [all-pupils@example-primary.example]
    must: get_through
    cloud: microsoft365
  - name: A lost address
    from: a@people.example
    to: [nobody@example-primary.example]
    must: get_through
    cloud: microsoft365
"""


def test_a_check_names_the_canaries_that_fail_today(applied_door: Door) -> None:
    applied_door.write("92-canaries.yaml", CANARIES)

    answered = applied_door.toolkit("check")
    by_name = {(row["name"], row["provider"]): row for row in applied_door.toolkit("check", "--json").json["canaries"]}

    assert answered.exit == 3
    assert "! A stranger must get through (Microsoft 365" in answered.out
    assert "3 canaries, 4 results: 2 as they must be, 1 fail, 1 unknown" in answered.out
    assert by_name["A form", "microsoft365"]["state"] == "met"
    assert by_name["A form", "google_workspace"]["state"] == "met"
    assert by_name["A lost address", "microsoft365"]["state"] == "unknown"
    assert "there is no recipient" in by_name["A lost address", "microsoft365"]["reasons"][0]


def test_a_check_of_one_control_reads_no_canaries(applied_door: Door) -> None:
    assert applied_door.toolkit("check", "--only", "mail.disclaimer", "--json").json["canaries"] == []


def test_a_plan_names_the_canaries_that_it_would_change(door: Door) -> None:
    door.write("92-canaries.yaml", CANARIES)

    answered = door.toolkit("plan")
    rows = door.toolkit("plan", "--json").json["canaries"]

    assert "the plan changes the result of 1 of 3 canaries:" in answered.out
    assert (
        "! A stranger must get through (Microsoft 365): now no rule stops it; after the plan the mail rule School "
        "pupils: received mail rejects it"
    ) in answered.out
    assert [(row["name"], row["before"], row["after"]) for row in rows] == [("A stranger", "met", "failed")]


def test_a_plan_without_changes_asks_for_nothing_more(applied_door: Door) -> None:
    applied_door.write("92-canaries.yaml", "canaries: mail\nmessages: []\n")
    before = len(applied_door.tenant.requests())
    applied_door.toolkit("plan")
    without = len(applied_door.tenant.requests()) - before
    applied_door.write("92-canaries.yaml", CANARIES)

    answered = applied_door.toolkit("plan")

    assert len(applied_door.tenant.requests()) - before - without == without
    assert "canaries" not in answered.out
