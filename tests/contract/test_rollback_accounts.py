"""Each change of a run is in the plan of its rollback exactly once, and with nothing in the way all of it goes back."""

from collections import Counter
from typing import Any

import pytest

from tests.cases import resource
from tests.contract.rules import KIND, STORED, add_rule_by_hand, apply, rule, rule_order, stored_rule, write_rules
from tests.door import CommandResult, Door
from tests.schools import TWENTY_PEOPLE, Schools

LIFTED = ("--allow-deletes", "999", "--reach", "9999")


@pytest.fixture
def school(schools: Schools) -> Door:
    return schools.build(TWENTY_PEOPLE)


def _run(door: Door) -> str:
    return str(door("audit", "log", "--json").json["runs"][0]["run"])


def _back(door: Door, run: str, *options: str) -> CommandResult:
    return door("rollback", run, door.playbooks, "--yes", "--json", *LIFTED, *options)


def _count_addresses(plan: Any) -> Counter[str]:
    """Count how often a rollback's answer names each object of the run; conflicts are by setting."""
    objects = [one["address"] for part in ("changes", "refused", "kept") for one in plan[part]]
    objects += {one["address"] for one in plan["conflicts"]}
    objects += [one["address"] for one in plan["unknown"] if "address" in one]
    return Counter([*objects, *plan["as_before"]])


def _adopt(door: Door) -> str:
    """Adopt a rule of others that stops the rules after it, and make three more; give the run."""
    add_rule_by_hand(door, "Theirs", PrependSubject="[theirs] ", StopRuleProcessing=True)
    theirs = resource(KIND, "Theirs", {"prepend_subject": "[ours] ", "adopt": "Theirs"})
    write_rules(door, theirs, rule("A"), rule("B"), rule("C"))
    apply(door)
    assert stored_rule(door, "Theirs").get("StopRuleProcessing") is not True
    return _run(door)


def test_an_adopted_rule_that_stops_the_others_is_given_back_and_what_was_made_after_it_goes(school: Door) -> None:
    run = _adopt(school)

    back = _back(school, run)

    assert back.exit == 0, back.out + back.err
    assert (back.json["refused"], back.json["kept"]) == ([], [])
    assert {"A", "B", "C"}.isdisjoint(rule_order(school))
    theirs = stored_rule(school, "Theirs")
    assert (theirs["StopRuleProcessing"], theirs["PrependSubject"]) == (True, "[theirs] ")


def test_one_rule_of_such_a_run_goes_alone(school: Door) -> None:
    run = _adopt(school)

    back = _back(school, run, "--only", "B")

    assert back.exit == 0, back.out + back.err
    assert [(one["action"], one["address"]) for one in back.json["changes"]] == [("delete", f"{KIND}[B]")]
    assert rule_order(school)[-3:] == ["Theirs", "A", "C"]


def test_a_rule_that_a_later_run_made_stays_in_force_and_the_refusal_names_both(school: Door) -> None:
    run = _adopt(school)
    write_rules(school, rule("Later"), file="20-later")
    apply(school)

    back = _back(school, run)

    assert back.exit == 5, back.out + back.err
    (refused,) = back.json["refused"]
    assert refused["address"] == f"{KIND}[Theirs]"
    assert "'Later'" in refused["reason"]
    assert _count_addresses(back.json) == {f"{KIND}[{name}]": 1 for name in ("Theirs", "A", "B", "C")}
    assert rule_order(school)[-2:] == ["Theirs", "Later"]


def test_two_rules_that_were_adopted_together_go_back_to_the_order_in_which_one_stopped_the_other(
    school: Door,
) -> None:
    add_rule_by_hand(school, "Stops", PrependSubject="[1] ", StopRuleProcessing=True)
    add_rule_by_hand(school, "Stopped", PrependSubject="[2] ")
    before = _in_order(school)
    own = [resource(KIND, name, {"prepend_subject": "[x] ", "adopt": name}) for name in ("Stops", "Stopped")]
    write_rules(school, *own)
    apply(school)

    back = _back(school, "last")

    assert back.exit == 0, back.out + back.err
    assert _in_order(school) == before


def test_an_object_that_was_renamed_is_asked_for_by_the_name_that_the_run_gave_it(school: Door) -> None:
    add_rule_by_hand(school, "Theirs", PrependSubject="[theirs] ")
    write_rules(school, resource(KIND, "Ours", {"prepend_subject": "[ours] ", "adopt": "Theirs"}), rule("A"))
    apply(school)

    back = _back(school, "last", "--only", f"{KIND}[Ours]")

    assert [(one["action"], one["address"]) for one in back.json["changes"]] == [("update", f"{KIND}[Theirs]")]
    assert stored_rule(school, "Theirs")["PrependSubject"] == "[theirs] "


def _in_order(door: Door) -> list[tuple[str, str, bool]]:
    return [
        (one["Name"], one.get("PrependSubject") or "", bool(one.get("StopRuleProcessing")))
        for one in door.tenant.objects(STORED).values()
    ]
