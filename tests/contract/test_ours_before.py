"""What an earlier apply made under another name or for another role is ours, and never called someone else's."""

from tests.contract.rules import add_rule_by_hand, apply, arrange_rules, rule, rule_order, write_rules
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

TEXT = {
    "apply_html_disclaimer_text": "<p>School notice</p>",
    "apply_html_disclaimer_location": "Append",
    "apply_html_disclaimer_fallback_action": "Wrap",
}
STOP = {"prepend_subject": "[stop] ", "stop_rule_processing": True}


def test_a_look_alike_of_an_earlier_apply_is_ours_and_can_be_kept(bare_door: Door) -> None:
    write_rules(bare_door, rule("Notice: staff", **TEXT))
    apply(bare_door)
    write_rules(bare_door, rule("Notice: leadership", **TEXT))

    plan, told = bare_door.toolkit("plan"), bare_door.toolkit("plan", "--json").json

    assert plan.exit == 5
    assert "'Notice: staff' does the same job and is managed, from an earlier apply" in plan.out
    assert "set `renamed_from: 'Notice: staff'` to keep it under the new name" in plan.out
    assert [one["ours"] for one in told["look_alikes"]] == [True]


def test_a_look_alike_of_someone_else_is_not_ours(bare_door: Door) -> None:
    add_rule_by_hand(bare_door, "Theirs", ApplyHtmlDisclaimerText="<p>Theirs</p>", ApplyHtmlDisclaimerLocation="Append")
    write_rules(bare_door, rule("Notice: leadership", **TEXT))

    assert "'Theirs' does the same job and is unmanaged" in bare_door.toolkit("plan").out


def test_a_rule_of_an_earlier_apply_that_stops_ours_is_ours(bare_door: Door) -> None:
    write_rules(bare_door, rule("First", **STOP))
    apply(bare_door)
    write_rules(bare_door, rule("Second", prepend_subject="[second] "))
    arrange_rules(bare_door, ["First", *[name for name in rule_order(bare_door) if name != "First"]])

    plan = bare_door.toolkit("plan")

    assert "microsoft365.transport_rule[First], from an earlier apply, runs first and overrides" in plan.out
    assert "unmanaged microsoft365.transport_rule[First]" not in plan.out


def test_what_was_adopted_and_given_back_is_unmanaged_again(bare_door: Door) -> None:
    text = {"ApplyHtmlDisclaimerText": "<p>Theirs</p>", "ApplyHtmlDisclaimerFallbackAction": "Wrap"}
    add_rule_by_hand(bare_door, "Theirs", ApplyHtmlDisclaimerLocation="Append", **text)
    write_rules(bare_door, rule("Notice: staff", adopt="Theirs", **TEXT))
    apply(bare_door)
    write_rules(bare_door, rule("Mark", prepend_subject="[mark] "))
    apply(bare_door, "--prune")
    write_rules(bare_door, rule("Notice: leadership", **TEXT), rule("Mark", prepend_subject="[mark] "))

    for command in ("plan", "drift"):
        answer = bare_door.toolkit(command)

        assert "'Theirs' does the same job and is unmanaged" in answer.out, command
        assert "set `adopt: 'Theirs'`, `beside: true` or `leave: true`" in answer.out, command


def test_what_was_given_back_and_stops_ours_is_unmanaged_again(bare_door: Door) -> None:
    add_rule_by_hand(bare_door, "Theirs", PrependSubject="[stop] ", StopRuleProcessing=True)
    write_rules(bare_door, rule("First", adopt="Theirs", **STOP))
    apply(bare_door)
    write_rules(bare_door, rule("Second", prepend_subject="[second] "))
    apply(bare_door, "--prune")

    assert "unmanaged microsoft365.transport_rule[Theirs] runs first and overrides" in bare_door.toolkit("drift").out
    assert "microsoft365.transport_rule[Theirs], from an earlier apply" not in bare_door.toolkit("plan").out


def test_a_double_of_an_earlier_apply_is_ours(bare_door: Door) -> None:
    write_rules(bare_door, rule("Notice: staff", **TEXT))
    apply(bare_door)
    write_rules(bare_door, rule("Notice: leadership", beside=True, **TEXT))
    apply(bare_door)
    write_rules(bare_door, rule("Notice: leadership", **TEXT))

    plan, told = bare_door.toolkit("plan"), bare_door.toolkit("plan", "--json").json

    assert "microsoft365.transport_rule[Notice: staff], from an earlier apply, also does the same job" in plan.out
    assert [one["ours"] for one in told["doubles"]] == [True]
