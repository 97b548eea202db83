"""Mail rules are judged in the order that the plan leaves, before anything is written."""

import random

import pytest

from tests.cases import newest, writes
from tests.contract.rules import KIND, apply, arrange, ask, by_hand, changes, order, rule, stored
from tests.door import Door

STOP = "Stop here"
INSIDE = {"FromScope": "InOrganization"}


@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_rules_created_below_one_that_stops_are_named_before_they_are_written(command: str, bare_door: Door) -> None:
    by_hand(bare_door, STOP, StopRuleProcessing=True)
    ask(bare_door, *(rule(name) for name in "ABCD"))

    answer = bare_door.toolkit(command, *(["--yes"] if command == "apply" else []))

    text = (
        f"! unmanaged {KIND}[{STOP}] runs first and overrides 4 objects of ours: it stops the processing of the rules "
    )
    assert f"{text}after it for every message" in answer.out
    assert "would be created below it: A, B, C, D" in answer.out
    assert bare_door.toolkit("drift").exit == 3


def test_a_conditional_stop_is_named_with_its_condition(bare_door: Door) -> None:
    by_hand(bare_door, STOP, StopRuleProcessing=True, SenderDomainIs=["example.org"])
    ask(bare_door, rule("A"))

    (remark,) = bare_door.toolkit("plan", "--json").json["remarks"]

    condition = "it stops the processing of the rules after it for messages with sender_domain_is example.org"
    assert (remark["reason"], remark["whole"]) == (condition, False)


def test_a_move_that_takes_a_rule_above_the_stop_frees_it_and_one_that_takes_it_below_is_said(bare_door: Door) -> None:
    ask(bare_door, rule("A"), rule("B"))
    apply(bare_door)
    by_hand(bare_door, STOP, StopRuleProcessing=True)
    arrange(bare_door, ["A", STOP, "B"])
    ask(bare_door, rule("B"), rule("A"))

    plan = bare_door.toolkit("plan", "--json")
    apply(bare_door)

    left = order(bare_door)
    below = [name for name in "AB" if left.index(name) > left.index(STOP)]
    assert [remark["address"] for remark in plan.json["remarks"]] == [f"{KIND}[{name}]" for name in below]


@pytest.mark.parametrize("edit", [{"State": "Disabled"}, {"Mode": "Audit"}, {"ExpiryDate": "2026-01-01T00:00:00Z"}])
def test_a_stop_that_is_off_or_only_reports_is_no_finding(edit: dict[str, str], bare_door: Door) -> None:
    by_hand(bare_door, STOP, StopRuleProcessing=True, **edit)
    ask(bare_door, rule("A"))
    apply(bare_door)

    assert bare_door.toolkit("drift").exit == 0


def test_two_of_ours_of_which_one_would_do_nothing_are_refused_with_both_lines(bare_door: Door) -> None:
    stop = rule("First", prepend_subject="[f] ", stop_rule_processing=True)
    ask(bare_door, stop, rule("Later"), rule("Other", prepend_subject="[o] ", enabled=False))
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert "'First' (" in answer.out
    assert "10-rules.yaml:6) runs before 'Later' (" in answer.out
    assert "every message: put 'Later' first in the playbooks, or change 'First'" in answer.out
    assert writes(bare_door, before) == ["New-TransportRule"]
    assert "Other" in order(bare_door)


def test_two_of_ours_of_which_one_takes_some_messages_are_written_and_noted(bare_door: Door) -> None:
    stop = rule("First", sender_domain_is=["example.org"], stop_rule_processing=True)
    ask(bare_door, stop, rule("Later"), rule("Third"))

    plan = bare_door.toolkit("plan")
    apply(bare_door)

    assert f"* {KIND}[Later], {KIND}[Third]: {KIND}[First] runs first (" in plan.out
    assert "10-rules.yaml:6), and it stops the processing of the rules after it for messages with" in plan.out
    assert bare_door.toolkit("drift").exit == 0


def test_a_rule_of_ours_that_begins_to_stop_is_judged_as_it_will_be(bare_door: Door) -> None:
    ask(bare_door, rule("First", prepend_subject="[f] "), rule("Later"))
    apply(bare_door)
    ask(bare_door, rule("First", prepend_subject="[f] ", stop_rule_processing=True), rule("Later"))

    assert bare_door.toolkit("apply", "--yes").exit == 5
    assert stored(bare_door, "First").get("StopRuleProcessing") in {None, False}


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 4))])
def test_the_plan_judges_the_order_that_the_apply_leaves(seed: int, bare_door: Door) -> None:
    draw = random.Random(seed)
    names = list("ABCDEF")
    there = draw.sample(names, 4)
    ask(bare_door, *(rule(name) for name in there))
    apply(bare_door)
    for name in ("Stop 1", "Stop 2"):
        by_hand(bare_door, name, StopRuleProcessing=True, Enabled=True)
    arrange(bare_door, draw.sample([*there, "Stop 1", "Stop 2"], 6))
    ask(bare_door, *(rule(name) for name in draw.sample(names, 6)))

    plan = bare_door.toolkit("plan", "--json")
    apply(bare_door)

    left = order(bare_door)
    below = {
        (f"{KIND}[{name}]", stop)
        for name in names
        for stop in ("Stop 1", "Stop 2")
        if left.index(name) > left.index(stop)
    }
    assert {(remark["address"], remark["defeated_by"]) for remark in plan.json["remarks"]} == below
    assert changes(plan)


@pytest.mark.parametrize(
    ("sender", "whole"), [("leadership@example-primary.example", True), ("all-pupils@example-primary.example", None)]
)
def test_a_stop_for_a_group_is_judged_by_whom_that_holds(sender: str, *, whole: bool | None, bare_door: Door) -> None:
    by_hand(bare_door, STOP, StopRuleProcessing=True, FromMemberOf=["all-staff@example-primary.example"])
    ask(bare_door, rule("A", from_member_of=[sender], prepend_subject="[A] "))

    remarks = bare_door.toolkit("plan", "--json").json["remarks"]

    assert [remark["whole"] for remark in remarks] == ([] if whole is None else [whole])
