"""Mail rules are judged in the order that the plan leaves, before anything is written."""

import random

import pytest

from tests.cases import newest, writes
from tests.contract.rules import (
    KIND,
    add_rule_by_hand,
    apply,
    arrange_rules,
    planned_changes,
    rule,
    rule_order,
    stored_rule,
    write_rules,
)
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

STOP = "Stop here"
INSIDE = {"FromScope": "InOrganization"}


@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_rules_created_below_one_that_stops_are_named_before_they_are_written(command: str, bare_door: Door) -> None:
    add_rule_by_hand(bare_door, STOP, StopRuleProcessing=True)
    write_rules(bare_door, *(rule(name) for name in "ABCD"))

    answer = bare_door.toolkit(command, *(["--yes"] if command == "apply" else []))

    text = (
        f"! unmanaged {KIND}[{STOP}] runs first and overrides 4 managed objects: it stops the processing of later rules"
    )
    assert f"{text} for every message" in answer.out
    assert "would be created below it: A, B, C, D" in answer.out
    assert bare_door.toolkit("drift").exit == 3


def test_a_conditional_stop_is_named_with_its_condition(bare_door: Door) -> None:
    add_rule_by_hand(bare_door, STOP, StopRuleProcessing=True, SenderDomainIs=["example.org"])
    write_rules(bare_door, rule("A"))

    (remark,) = bare_door.toolkit("plan", "--json").json["remarks"]

    condition = "it stops the processing of later rules for messages with sender_domain_is example.org"
    assert (remark["reason"], remark["whole"]) == (condition, False)


def test_a_move_that_takes_a_rule_above_the_stop_frees_it_and_one_that_takes_it_below_is_said(bare_door: Door) -> None:
    write_rules(bare_door, rule("A"), rule("B"))
    apply(bare_door)
    add_rule_by_hand(bare_door, STOP, StopRuleProcessing=True)
    arrange_rules(bare_door, ["A", STOP, "B"])
    write_rules(bare_door, rule("B"), rule("A"))

    plan = bare_door.toolkit("plan", "--json")
    apply(bare_door)

    left = rule_order(bare_door)
    below = [name for name in "AB" if left.index(name) > left.index(STOP)]
    assert [remark["address"] for remark in plan.json["remarks"]] == [f"{KIND}[{name}]" for name in below]


@pytest.mark.parametrize("edit", [{"State": "Disabled"}, {"Mode": "Audit"}, {"ExpiryDate": "2026-01-01T00:00:00Z"}])
def test_a_stop_that_is_off_or_only_reports_is_no_finding(edit: dict[str, str], bare_door: Door) -> None:
    add_rule_by_hand(bare_door, STOP, StopRuleProcessing=True, **edit)
    write_rules(bare_door, rule("A"))
    apply(bare_door)

    assert bare_door.toolkit("drift").exit == 0


def test_two_of_ours_of_which_one_would_do_nothing_are_refused_with_both_lines(bare_door: Door) -> None:
    stop = rule("First", prepend_subject="[f] ", stop_rule_processing=True)
    write_rules(bare_door, stop, rule("Later"), rule("Other", prepend_subject="[o] ", enabled=False))
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert "'First' (" in answer.out
    assert "10-rules.yaml:6) runs before 'Later' (" in answer.out
    assert "every message: put 'Later' first in the playbooks, or change 'First'" in answer.out
    assert writes(bare_door, before) == ["New-TransportRule"]
    assert "Other" in rule_order(bare_door)


def test_two_of_ours_of_which_one_takes_some_messages_are_written_and_noted(bare_door: Door) -> None:
    stop = rule("First", sender_domain_is=["example.org"], stop_rule_processing=True)
    write_rules(bare_door, stop, rule("Later"), rule("Third"))

    plan = bare_door.toolkit("plan")
    apply(bare_door)

    assert f"* {KIND}[Later], {KIND}[Third]: {KIND}[First] runs first (" in plan.out
    assert "10-rules.yaml:6), and it stops the processing of later rules for messages with" in plan.out
    assert bare_door.toolkit("drift").exit == 0


def test_a_rule_of_ours_that_begins_to_stop_is_judged_as_it_will_be(bare_door: Door) -> None:
    write_rules(bare_door, rule("First", prepend_subject="[f] "), rule("Later"))
    apply(bare_door)
    write_rules(bare_door, rule("First", prepend_subject="[f] ", stop_rule_processing=True), rule("Later"))

    assert bare_door.toolkit("apply", "--yes").exit == 5
    assert stored_rule(bare_door, "First").get("StopRuleProcessing") in {None, False}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 4))])
def test_the_plan_judges_the_order_that_the_apply_leaves(seed: int, bare_door: Door) -> None:
    draw = random.Random(seed)
    names = list("ABCDEF")
    there = draw.sample(names, 4)
    write_rules(bare_door, *(rule(name) for name in there))
    apply(bare_door)
    for name in ("Stop 1", "Stop 2"):
        add_rule_by_hand(bare_door, name, StopRuleProcessing=True, Enabled=True)
    arrange_rules(bare_door, draw.sample([*there, "Stop 1", "Stop 2"], 6))
    write_rules(bare_door, *(rule(name) for name in draw.sample(names, 6)))

    plan = bare_door.toolkit("plan", "--json")
    apply(bare_door)

    left = rule_order(bare_door)
    below = {
        (f"{KIND}[{name}]", stop)
        for name in names
        for stop in ("Stop 1", "Stop 2")
        if left.index(name) > left.index(stop)
    }
    assert {(remark["address"], remark["defeated_by"]) for remark in plan.json["remarks"]} == below
    assert planned_changes(plan)


@pytest.mark.parametrize(
    ("sender", "whole"), [("leadership@example-primary.example", True), ("all-pupils@example-primary.example", None)]
)
def test_a_stop_for_a_group_is_judged_by_whom_that_holds(sender: str, *, whole: bool | None, bare_door: Door) -> None:
    add_rule_by_hand(bare_door, STOP, StopRuleProcessing=True, FromMemberOf=["all-staff@example-primary.example"])
    write_rules(bare_door, rule("A", from_member_of=[sender], prepend_subject="[A] "))

    remarks = bare_door.toolkit("plan", "--json").json["remarks"]

    assert [remark["whole"] for remark in remarks] == ([] if whole is None else [whole])
