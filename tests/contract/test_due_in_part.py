"""Due after an apply of a part of the playbooks: that part is due, and nothing else is."""

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.contract.rules import apply, rule, write_rules
from tests.contract.test_due import BLOCKS, TRIP
from tests.contract.test_replies import AWAY, CLOSED, CLOUDS, IN_TURN, ONLY_MICROSOFT
from tests.door import CommandResult, Door
from tests.hook import Hook, run_hook
from tests.schools import Schools, few_people
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor

pytestmark = few_people

ONLY_REPLIES = ("--only", "mail.out_of_office")
ONLY_CHAT = ("--only", "web.chat_im_block")


@pytest.fixture
def school(schools: Schools) -> Door:
    """Open a small school that asks for replies of two controls and for a rule."""
    door = schools.build(files={"33-away.yaml": AWAY.replace("ACT", "set"), "34-closed.yaml": CLOSED})
    write_rules(door, rule("Tag"))
    return door


def _due(door: Door, *options: str) -> CommandResult:
    return door.toolkit("due", "--yes", "--json", *options)


def _actions(answer: CommandResult) -> list[str]:
    return [outcome["action"] for outcome in answer.json["outcomes"]]


def test_before_the_first_apply_nothing_is_overdue_due_or_written(school: Door) -> None:
    school.tenant.set_now("2026-11-11T09:00:00Z")

    plan, drift = (school.toolkit(command, *ONLY_MICROSOFT) for command in ("plan", "drift"))
    due = _due(school, *ONLY_MICROSOFT)

    assert "overdue" not in plan.out + drift.out
    assert "never applied" not in plan.out + drift.out
    assert (due.exit, due.json["due"], due.json["refused"], due.json["outcomes"]) == (0, [], [], [])
    assert len(due.json["left"]) > 1
    assert writes(school, 0) == []


@pytest.mark.parametrize("cloud", IN_TURN)
def test_replies_that_a_partial_apply_set_are_given_back_and_nothing_else_is_written(school: Door, cloud: str) -> None:
    before = school.tenant.objects("exchange.transportRules")
    only_cloud = ("--provider", cloud)
    apply(school, *ONLY_REPLIES, *only_cloud)
    school.tenant.set_now("2026-11-14T09:00:00Z")

    drift, over = school.toolkit("drift", *only_cloud), _due(school, *only_cloud)
    again = _due(school, *only_cloud)

    assert f"! 21 hours overdue: 2 automatic replies to give back on {cloud}" in drift.out
    assert (over.exit, _actions(over), over.json["refused"]) == (0, ["update", "update"], [])
    assert (again.exit, again.json["outcomes"]) == (0, [])
    assert school.tenant.objects("exchange.transportRules") == before


def test_a_partial_apply_makes_later_replies_of_its_control_due_and_no_other_control(school: Door) -> None:
    apply(school, *ONLY_REPLIES, *ONLY_MICROSOFT)
    school.tenant.set_now("2026-12-14T09:00:00Z")  # the school closes within a week

    done = _due(school, *ONLY_MICROSOFT)

    assert done.exit == 0
    assert done.json["outcomes"]
    assert not [
        text for text in map(str, school.tenant.objects("outlook.mailboxSettings").values()) if "Christmas" in text
    ]
    assert any("automatic_reply" in address for address in done.json["left"])


def test_one_reply_that_was_applied_alone_is_given_back(school: Door) -> None:
    shown = next(
        one["address"]
        for one in school.toolkit("plan", "--json", *ONLY_MICROSOFT).json["changes"]
        if one.get("of", "").startswith("beth.")
    )
    apply(school, "--only", shown, *ONLY_MICROSOFT)
    school.tenant.set_now("2026-11-16T09:00:00Z")

    over = _due(school, *ONLY_MICROSOFT)

    assert (over.exit, _actions(over)) == (0, ["update"])


def test_an_edit_after_a_partial_apply_is_refused_until_that_part_is_applied_again(school: Door) -> None:
    """A reply that waits for that apply differs because of the date, and because of nothing in the tenant."""
    apply(school, *ONLY_REPLIES)
    write_rules(school, rule("Tag"), rule("Mark"))
    assert school.toolkit("drift").exit == 3
    school.tenant.set_now("2026-11-14T09:00:00Z")

    refused = _due(school)
    drift, later = school.toolkit("drift"), school.toolkit("drift", "--json").json
    apply(school, *ONLY_REPLIES)
    done = _due(school)

    assert (refused.exit, refused.json["outcomes"]) == (5, [])
    assert "these are not the playbooks that were applied last" in drift.out
    run = "! the due run of 2026-11-14 09:00 refused work that is due. `toolkit due` shows the reason"
    assert run in drift.out.splitlines()
    assert later["refused_runs"] == []  # the drift before has said it
    lent = [one for one in later["changes"] if one["address"].partition("[")[0].endswith(("reply", "vacation"))]
    assert [one["cause"] for one in lent] == ["time"] * 4
    assert (done.exit, _actions(done)) == (0, ["update"] * 4)


def test_a_job_that_refuses_replies_is_notified_once_and_when_it_is_over(school: Door) -> None:
    with (school.playbooks / "00-school.yaml").open("a") as file:
        file.write("\nnotifications: {channels: {office: {by: url}}}\n")
    only_cloud = ("--provider", "microsoft365")
    apply(school, *only_cloud)
    write_rules(school, rule("Tag"), rule("Mark"))
    school.tenant.set_now("2026-11-14T09:00:00Z")

    with run_hook() as hook:
        exits = [_notified(school, hook) for _ in range(2)]
        refused = [one["message"] for one in hook.messages]
        apply(school, *only_cloud)
        exits.append(_notified(school, hook))
        over = [one["message"] for one in hook.messages[len(refused) :]]

    assert exits == [5, 5, 0]
    assert len(refused) == 1
    said = "automatic replies on microsoft365: due, but refused: these are not the playbooks that were applied last"
    assert said in refused[0]
    assert len(over) == 1
    assert "automatic replies on microsoft365: done, or no longer due" in over[0]


def _notified(door: Door, hook: Hook) -> int:
    job = ("due", "--yes", "--notify", "--provider", "microsoft365")
    return door.toolkit(*job, TOOLKIT_NOTIFY_OFFICE=hook.url).exit


def test_a_job_that_finds_another_run_writing_waits_for_it(school: Door) -> None:
    apply(school, *ONLY_REPLIES, *ONLY_MICROSOFT)
    with Ledger(school.state / "emulator", redactor=Redactor()) as ledger, Lease(ledger, run="another"):
        waiting, applying = _due(school, *ONLY_MICROSOFT), school.toolkit("apply", "--yes", *ONLY_MICROSOFT)

    assert (waiting.exit, applying.exit) == (3, 5)
    assert waiting.err == applying.err
    assert _due(school, *ONLY_MICROSOFT).exit == 0


def test_a_partial_apply_of_other_things_sends_no_reminder(wide_door: Door) -> None:
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "remind"))
    write_rules(wide_door, rule("Tag"))

    other = apply(wide_door, "--only", "Tag")
    sent = wide_door.tenant.objects("outlook.sentMessages")
    own = apply(wide_door, *ONLY_REPLIES)

    assert (other.json["reminders"], sent) == (0, {})
    assert own.json["reminders"] == 3


@pytest.fixture
def trip(schools: Schools) -> Door:
    """Open a small school with blocked chat apps, a trip before it, and a rule that was never applied."""
    door = schools.build({"users": 24, "staff": 16}, files={"40-chat.yaml": BLOCKS, "95-trips.yaml": TRIP})
    tag = resource("microsoft365.external_in_outlook", "organisation", {"enabled": True})
    door.write("30-mail.yaml", playbook(tag, slug="mail"))
    door.tenant.set_now("2026-11-10T09:00:00Z")
    return door


def test_an_exception_of_a_control_that_was_applied_alone_begins_and_ends(trip: Door) -> None:
    apply(trip, *ONLY_CHAT)
    collections = ("intune.deviceConfigurations", "google.chromePolicies")
    before = [trip.tenant.objects(name) for name in collections]
    trip.tenant.set_now("2026-11-11T07:20:00Z")
    begun = _due(trip)
    during = [trip.tenant.objects(name) for name in collections]
    trip.tenant.set_now("2026-11-13T17:00:00Z")
    ended = _due(trip)

    assert [begun.exit, ended.exit] == [0, 0]
    assert {one["provider"] for one in begun.json["turned"]} == set(CLOUDS)
    assert during != before
    assert [trip.tenant.objects(name) for name in collections] == before
    assert begun.json["left"] == ended.json["left"] == ["microsoft365.external_in_outlook[organisation]"]


def test_an_exception_of_a_control_that_was_never_applied_is_not_due(trip: Door) -> None:
    apply(trip, "--only", "microsoft365.external_in_outlook[organisation]")
    trip.tenant.set_now("2026-11-11T07:20:00Z")
    seen = newest(trip)

    due = _due(trip)

    assert (due.exit, due.json["due"], due.json["refused"], writes(trip, seen)) == (0, [], [], [])


def test_an_exception_of_which_a_part_was_applied_is_refused_whole(trip: Door) -> None:
    apply(trip, "--only", "microsoft365.ios_configuration[School apps: staff]")
    trip.tenant.set_now("2026-11-11T07:20:00Z")
    seen = newest(trip)

    due = _due(trip)

    assert (due.exit, writes(trip, seen)) == (5, [])
    assert {one["provider"] for one in due.json["due"]} == {"microsoft365"}
    assert all("never applied" in one["blocked"] for one in due.json["due"])
