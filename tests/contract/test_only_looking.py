"""What only looks writes nothing, and what is asked for in part is done in part."""

import pytest

from tests.cases import newest, writes
from tests.contract.rules import STORED, apply, planned_changes, rule, rule_order, stored_rule, write_rules
from tests.door import Door, keep_mail
from tests.schools import few_people

pytestmark = few_people


def test_in_check_mode_it_is_compared_and_never_written(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"), mode="check")
    before = newest(bare_door)

    answers = {command: bare_door.toolkit(command, "--json") for command in ("plan", "drift")}
    applied = bare_door.toolkit("apply", "--yes")

    assert {command: answer.exit for command, answer in answers.items()} == {"plan": 0, "drift": 3}
    assert [one["address"] for one in answers["drift"].json["checked"]] == ["microsoft365.transport_rule[Tag]"]
    assert applied.exit == 0
    assert writes(bare_door, before) == []


def test_in_check_mode_an_edit_shows_in_drift_alone(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))
    apply(bare_door)
    write_rules(bare_door, rule("Tag"), mode="check")
    assert bare_door.toolkit("drift").exit == 0
    bare_door.tenant.patch(STORED, stored_rule(bare_door, "Tag")["Guid"], PrependSubject="[Other] ")
    before = newest(bare_door)

    codes = [bare_door.toolkit(*command).exit for command in (["plan"], ["apply", "--yes"], ["drift"])]

    assert codes == [0, 0, 3]
    assert writes(bare_door, before) == []


def test_a_plan_leaves_no_trace_in_the_ledger_and_a_drift_does(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))

    bare_door.toolkit("plan")
    assert not list((bare_door.state / "emulator").glob("ledger*"))

    bare_door.toolkit("drift")
    assert list((bare_door.state / "emulator").glob("ledger*"))


def test_what_is_off_is_not_even_read(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"), mode="off")
    before = newest(bare_door)

    assert bare_door.toolkit("drift").exit == 0
    assert "Get-TransportRule" not in [
        one["name"] for request in bare_door.tenant.requests(before) for one in request["operations"]
    ]


@pytest.mark.parametrize("command", [pytest.param("plan", marks=pytest.mark.soak), "drift"])
def test_what_only_looks_signs_in_as_the_application_that_cannot_write(command: str, small_door: Door) -> None:
    door = small_door
    keep_mail(door)
    door.tenant.grant("writer", roles=[], directory_roles=[])
    before = newest(door)

    answer = door.toolkit(command)

    assert answer.exit == 3, answer.out + answer.err
    assert writes(door, before) == []


def test_an_application_that_may_only_read_is_told_what_it_lacks(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))
    bare_door.tenant.grant("writer", directory_roles=["Global Reader", "Security Reader"])

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 1
    assert "create failed: New-TransportRule: this app may not run it. It needs Exchange Administrator" in answer.out
    assert "Tag" not in rule_order(bare_door)


@pytest.mark.parametrize("word", ["microsoft365.transport_rule[B]", "B"])
def test_only_what_is_named_is_done(word: str, bare_door: Door) -> None:
    write_rules(bare_door, rule("A"), rule("B"), rule("C"))

    first = apply(bare_door, "--only", word)

    assert planned_changes(first) == [("create", "B")]
    assert rule_order(bare_door)[-1] == "B"
    apply(bare_door)
    assert rule_order(bare_door)[-3:] == ["A", "B", "C"]


def test_only_a_control_takes_all_its_objects(small_door: Door) -> None:
    keep_mail(small_door)
    plan = small_door.toolkit("plan", "--json", "--only", "mail.autoforward_block")

    makers = [one["control"].split(", ") for one in plan.json["changes"]]  # an outbound policy has another control too
    assert all("mail.autoforward_block" in names for names in makers)
    assert len(plan.json["changes"]) > 3


def test_a_name_that_no_playbook_has_is_a_mistake(bare_door: Door) -> None:
    write_rules(bare_door, rule("A"))

    answer = bare_door.toolkit("apply", "--yes", "--only", "Z")

    assert answer.exit == 2
    assert "--only Z" in answer.err


def test_a_cloud_that_the_school_has_is_done_alone(bare_door: Door) -> None:
    write_rules(bare_door, rule("A"))

    assert apply(bare_door, "--provider", "microsoft365").json["summary"]["create"] == 1


def test_a_cloud_that_the_school_has_not_is_a_mistake(bare_door: Door) -> None:
    write_rules(bare_door, rule("A"))

    answer = bare_door.toolkit("plan", "--provider", "nowhere")

    assert answer.exit == 2
    assert "the school file names microsoft365" in answer.err
