"""What an earlier apply made under another name or for another role is ours, and never called someone else's."""

from tests.contract.rules import apply, arrange, ask, by_hand, order, rule
from tests.door import Door

TEXT = {
    "apply_html_disclaimer_text": "<p>School notice</p>",
    "apply_html_disclaimer_location": "Append",
    "apply_html_disclaimer_fallback_action": "Wrap",
}
STOP = {"prepend_subject": "[stop] ", "stop_rule_processing": True}


def test_a_look_alike_of_an_earlier_apply_is_ours_and_can_be_kept(bare_door: Door) -> None:
    ask(bare_door, rule("Notice: staff", **TEXT))
    apply(bare_door)
    ask(bare_door, rule("Notice: leadership", **TEXT))

    plan, told = bare_door.toolkit("plan"), bare_door.toolkit("plan", "--json").json

    assert plan.exit == 5
    assert "'Notice: staff' does the same job and is managed, from an earlier apply" in plan.out
    assert "say renamed_from: 'Notice: staff' to keep it under the new name" in plan.out
    assert [one["ours"] for one in told["look_alikes"]] == [True]


def test_a_look_alike_of_someone_else_is_not_ours(bare_door: Door) -> None:
    by_hand(bare_door, "Theirs", ApplyHtmlDisclaimerText="<p>Theirs</p>", ApplyHtmlDisclaimerLocation="Append")
    ask(bare_door, rule("Notice: leadership", **TEXT))

    assert "'Theirs' does the same job and is unmanaged" in bare_door.toolkit("plan").out


def test_a_rule_of_an_earlier_apply_that_stops_ours_is_ours(bare_door: Door) -> None:
    ask(bare_door, rule("First", **STOP))
    apply(bare_door)
    ask(bare_door, rule("Second", prepend_subject="[second] "))
    arrange(bare_door, ["First", *[name for name in order(bare_door) if name != "First"]])

    plan = bare_door.toolkit("plan")

    assert "microsoft365.transport_rule[First], from an earlier apply, runs first and overrides" in plan.out
    assert "unmanaged microsoft365.transport_rule[First]" not in plan.out
