"""What somebody else made is left alone, and not made a second time."""

import pytest

from tests.cases import newest, writes
from tests.contract.rules import add_rule_by_hand, apply, planned_changes, rule, rule_order, stored_rule, write_rules
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

TEXT = "<p>Sent from Example Primary School</p>"
THEIRS = "Disclaimer (DO NOT DELETE)"


@pytest.fixture
def messy(bare_door: Door) -> tuple[Door, str]:
    """Open a school in which somebody made a disclaimer by hand; give its Guid too."""
    guid = add_rule_by_hand(
        bare_door, THEIRS, FromScope="InOrganization", ApplyHtmlDisclaimerText="<p>Old</p>", StopRuleProcessing=True
    )
    return bare_door, guid


def _disclaimer(**handling: object) -> str:
    return rule("School disclaimer", from_scope="InOrganization", apply_html_disclaimer_text=TEXT, **handling)


def test_a_look_alike_is_named_and_nothing_is_made_beside_it(messy: tuple[Door, str]) -> None:
    door, _ = messy
    write_rules(door, _disclaimer())
    before = newest(door)

    answers = [door.toolkit("plan"), door.toolkit("apply", "--yes")]

    assert [answer.exit for answer in answers] == [5, 5]
    assert all(f"adopt: '{THEIRS}'`, `beside: true` or `leave: true`" in answer.out for answer in answers)
    assert door.toolkit("plan", "--json").json["look_alikes"][0]["name"] == THEIRS
    assert writes(door, before) == []


def test_what_has_no_look_alike_is_done_all_the_same(messy: tuple[Door, str]) -> None:
    door, _ = messy
    write_rules(door, _disclaimer(), rule("Tag"))

    assert door.toolkit("apply", "--yes").exit == 5
    assert rule_order(door)[-2:] == [THEIRS, "Tag"]


def test_an_adopted_rule_keeps_its_id_and_becomes_what_the_playbook_says(messy: tuple[Door, str]) -> None:
    door, guid = messy
    write_rules(door, _disclaimer(adopt=THEIRS))

    first = apply(door)

    assert planned_changes(first) == [("update", "School disclaimer")]
    ours = stored_rule(door, "School disclaimer")
    assert (ours["Guid"], ours["ApplyHtmlDisclaimerText"], ours["StopRuleProcessing"]) == (guid, TEXT, False)
    assert THEIRS not in rule_order(door)
    assert door.toolkit("plan").exit == 0
    door.forget()
    assert door.toolkit("plan").exit == 0


def test_an_adopted_rule_that_somebody_deletes_is_made_again(messy: tuple[Door, str]) -> None:
    door, guid = messy
    write_rules(door, _disclaimer(adopt=THEIRS))
    apply(door)
    door.tenant.delete("exchange.transportRules", guid)

    drift = door.toolkit("drift", "--json")
    apply(door)

    assert (drift.exit, planned_changes(drift)) == (3, [("create", "School disclaimer")])
    assert stored_rule(door, "School disclaimer")["ApplyHtmlDisclaimerText"] == TEXT
    assert door.toolkit("plan").exit == 0


def test_a_rule_to_adopt_that_is_not_there_is_refused_at_its_line(bare_door: Door) -> None:
    write_rules(bare_door, _disclaimer(adopt="Nothing"))

    plan = bare_door.toolkit("plan")

    assert plan.exit == 5
    assert "no microsoft365.transport_rule named 'Nothing'" in plan.out
    assert "10-rules.yaml:6" in plan.out


def test_beside_makes_ours_and_leaves_theirs(messy: tuple[Door, str]) -> None:
    door, guid = messy
    theirs = stored_rule(door, THEIRS)
    write_rules(door, _disclaimer(beside=True))

    apply(door)

    assert rule_order(door)[-2:] == [THEIRS, "School disclaimer"]
    assert door.tenant.read_object("exchange.transportRules", guid) == theirs
    assert door.toolkit("plan").exit == 0


def test_leave_makes_nothing_and_says_so(messy: tuple[Door, str]) -> None:
    door, _ = messy
    write_rules(door, _disclaimer(leave=True))
    before = newest(door)

    answer = door.toolkit("apply", "--yes")

    assert answer.exit == 0
    assert f"'{THEIRS}' is left in place, as the playbook says" in answer.out
    assert writes(door, before) == []


def test_a_rule_of_others_above_ours_that_stops_processing_is_drift_and_named(messy: tuple[Door, str]) -> None:
    door, _ = messy
    write_rules(door, rule("Tag", prepend_subject="[Tag] "))
    apply(door)

    drift = door.toolkit("drift")

    assert drift.exit == 3
    assert THEIRS in drift.out
    assert "stops the processing of later rules" in drift.out


def test_what_appeared_since_the_last_apply_is_told_as_new(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))
    apply(bare_door)
    add_rule_by_hand(bare_door, "Somebody's", SetAuditSeverity="Low")

    drift = bare_door.toolkit("drift")

    assert drift.exit == 0
    assert "microsoft365.transport_rule[Somebody's]: unmanaged: new since the last apply" in drift.out


def test_a_rule_is_renamed_where_the_playbook_says_what_it_was_called(bare_door: Door) -> None:
    write_rules(bare_door, rule("Old", prepend_subject="[Tag] "))
    apply(bare_door)
    guid = stored_rule(bare_door, "Old")["Guid"]
    bare_door.forget()
    write_rules(bare_door, rule("New", prepend_subject="[Tag] ", renamed_from="Old"))

    first = apply(bare_door)

    assert planned_changes(first) == [("update", "New")]
    assert stored_rule(bare_door, "New")["Guid"] == guid
    assert "Old" not in rule_order(bare_door)
    assert bare_door.toolkit("plan").exit == 0


def test_a_rule_that_somebody_renamed_is_remembered_and_gets_its_name_back(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))
    apply(bare_door)
    guid = stored_rule(bare_door, "Tag")["Guid"]
    bare_door.tenant.patch("exchange.transportRules", guid, Name="Somebody's name")

    drift = bare_door.toolkit("drift", "--json")
    apply(bare_door)

    assert [(one["path"], one["before"]) for one in drift.json["changes"][0]["fields"]] == [("name", "Somebody's name")]
    assert stored_rule(bare_door, "Tag")["Guid"] == guid
    assert bare_door.toolkit("plan").exit == 0
