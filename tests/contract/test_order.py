"""The order of mail rules is relative: a rule among many is one change, and what is not ours never moves."""

from collections.abc import Sequence

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
    write_rules,
)
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

SEEDED = ["Scanner mail bypass spam", "Copy governors mail to clerk", "Route MIS mail", "Large mail warning"]
THIRTY = [f"Rule {number:02}" for number in range(30)]


@pytest.mark.parametrize(
    "place", [pytest.param(0, marks=pytest.mark.soak), 15, pytest.param(30, marks=pytest.mark.soak)]
)
def test_a_rule_among_thirty_of_ours_is_one_create_and_no_other_write(place: int, bare_door: Door) -> None:
    write_rules(bare_door, *(rule(name) for name in THIRTY))
    apply(bare_door)
    names = [*THIRTY[:place], "New", *THIRTY[place:]]
    write_rules(bare_door, *(rule(name) for name in names))
    before = newest(bare_door)

    apply(bare_door)

    assert writes(bare_door, before) == ["New-TransportRule"]
    assert rule_order(bare_door) == [*SEEDED, *names]
    assert bare_door.toolkit("plan").exit == 0


@pytest.mark.parametrize(
    ("standing", "moves"),
    [
        pytest.param(["A", "B", "C", "D", "E"], [], marks=pytest.mark.soak),
        pytest.param(["E", "A", "B", "C", "D"], ["E"], marks=pytest.mark.soak),
        pytest.param(["B", "C", "D", "E", "A"], ["A"], marks=pytest.mark.soak),
        pytest.param(["B", "A", "C", "E", "D"], ["A", "D"], marks=pytest.mark.soak),
        (["E", "D", "C", "B", "A"], ["A", "B", "C", "D"]),
        pytest.param(["A", "Theirs", "B", "C", "D", "E"], [], marks=pytest.mark.soak),
        (["Theirs", "E", "A", "Also theirs", "B", "C", "D"], ["E"]),
    ],
)
def test_the_fewest_rules_move_and_never_those_of_others(
    standing: Sequence[str], moves: Sequence[str], bare_door: Door
) -> None:
    write_rules(bare_door, *(rule(name) for name in "ABCDE"))
    apply(bare_door)
    for name in ("Theirs", "Also theirs"):
        add_rule_by_hand(bare_door, name, SetAuditSeverity="Low")
    arrange_rules(bare_door, standing)
    others = [name for name in rule_order(bare_door) if name not in "ABCDE"]
    plan = bare_door.toolkit("plan", "--json")
    before = newest(bare_door)

    apply(bare_door)

    assert planned_changes(plan) == [("move", name) for name in moves]
    assert writes(bare_door, before) == ["Set-TransportRule"] * len(moves)
    assert [name for name in rule_order(bare_door) if name in "ABCDE"] == list("ABCDE")
    assert [name for name in rule_order(bare_door) if name not in "ABCDE"] == others
    assert bare_door.toolkit("plan").exit == 0


def test_rules_are_made_changed_and_moved_in_one_run(bare_door: Door) -> None:
    write_rules(bare_door, rule("A"), rule("B"), rule("C"))
    apply(bare_door)
    write_rules(bare_door, rule("C"), rule("New"), rule("A", prepend_subject="[changed] "), rule("B"))

    first = apply(bare_door)

    assert sorted(planned_changes(first)) == [("create", "New"), ("move", "C"), ("update", "A")]
    assert rule_order(bare_door) == [*SEEDED, "C", "New", "A", "B"]
    assert bare_door.toolkit("plan").exit == 0


def test_files_come_by_name_and_entries_as_they_are_written(bare_door: Door) -> None:
    write_rules(bare_door, rule("Third"), file="20-second")
    write_rules(bare_door, rule("First"), rule("Another"), file="10-first")

    apply(bare_door)

    assert rule_order(bare_door) == [*SEEDED, "First", "Another", "Third"]


def test_a_place_that_is_fought_over_is_contested_until_the_playbook_leaves_it(bare_door: Door) -> None:
    door = bare_door
    write_rules(door, rule("A"), rule("B"))
    apply(door)
    for _ in range(2):
        arrange_rules(door, ["B", "A"])
        assert door.toolkit("plan", "--json").json["contested"] == []
        assert planned_changes(apply(door)) == [("move", "A")]
    arrange_rules(door, ["B", "A"])

    first, second, plan = door.toolkit("drift", "--json").json, door.toolkit("drift"), door.toolkit("plan")
    write_rules(door, rule("A", prepend_subject="[A] ", leave=True), rule("B"))
    left, after = door.toolkit("apply", "--yes"), door.toolkit("drift", "--json").json

    assert first["contested"] == [{"address": f"{KIND}[A]", "paths": ["its place in the order"]}]
    assert [one["state"] for one in first["changes"]] == ["contested"]
    assert f"= {KIND}[A]: contested since " in second.out
    assert "contested: its place in the order, repaired 2 times or more and changed again each time" in plan.out
    assert (left.exit, rule_order(door)[:2]) == (0, ["B", "A"])
    assert f"= {KIND}[A]: its place in the order is left as others set it, as the playbook says" in left.out
    assert (after["exit"], after["changes"], [one["by"] for one in after["fixed"]]) == (0, [], ["playbook"])
