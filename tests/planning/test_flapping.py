"""What others change back each time: when it is contested, and what the playbook can say to that."""

from dataclasses import replace

import pytest

from tests.planning.building import Thing, desired, observed
from toolkit.planning.change import Create, Move, Update
from toolkit.planning.diff import fields_of_new_object, find_differences
from toolkit.planning.flapping import (
    PLACE,
    WHOLE,
    PastChange,
    count_moves_back,
    count_repairs,
    find_contested_settings,
    mark_contested_settings,
)
from toolkit.planning.plan import Plan, to_rows
from toolkit.planning.plan_details import SettingsOfOthers
from toolkit.planning.plan_states import CEDED, CHANGED, CONTESTED
from toolkit.sdk.resource import Handling
from toolkit.values import AtLeast, Settings, Value

OURS: Settings = {"text": "ours", "most": 1}
MADE = PastChange(1, None, OURS, OURS)


def _repaired(n: int, *, text: str = "theirs") -> PastChange:
    return PastChange(n, {"text": text, "most": 1}, OURS, OURS)


def _update(wanted: Settings | None = None, **seen: Value) -> Update:
    want, there = desired("A", wanted or OURS), observed("A", {**OURS, **seen})
    return Update(want, there, find_differences(want, there, Thing))


@pytest.mark.parametrize(
    ("acts", "count"),
    [
        ([], 0),
        ([MADE], 0),
        ([_repaired(2)], 0),  # the first time that we set it
        ([MADE, _repaired(2)], 1),
        ([MADE, _repaired(2), _repaired(3, text="another's")], 2),
        ([MADE, _repaired(2), PastChange(3, OURS, {"text": "new", "most": 1}, None)], 0),  # the playbook changed
        ([MADE, _repaired(2), PastChange(3, OURS, {**OURS, "most": 2}, None), _repaired(4)], 2),  # of another setting
        ([MADE, _repaired(2), PastChange(3, OURS, None, None), MADE, _repaired(5)], 1),  # we deleted it between
    ],
)
def test_a_repair_puts_back_what_we_had_sent_before(acts: list[PastChange], count: int) -> None:
    assert count_repairs("text", acts) == count


def test_of_a_list_that_several_fill_a_repair_puts_our_entries_back() -> None:
    made = PastChange(1, None, {"entries": ("a",)}, {"entries": ("a",)})
    repaired = PastChange(2, {"entries": ("b",)}, {"entries": ("a", "b")}, {"entries": ("a", "b")})

    assert count_repairs("entries", [made, repaired, replace(repaired, n=3, before={"entries": ("b", "c")})]) == 2
    change = _update({"entries": AtLeast(("a",))}, entries=("b",))
    assert find_contested_settings(change, [made, repaired, repaired]) == {"entries"}


def test_two_repairs_that_did_not_last_make_a_setting_contested_and_no_other() -> None:
    twice = [MADE, _repaired(2), _repaired(3)]

    assert find_contested_settings(_update(text="theirs", most=2), twice) == {"text"}
    assert find_contested_settings(_update(text="theirs"), twice[:2]) == frozenset()
    assert find_contested_settings(_update({"text": "wanted now", "most": 1}, text="theirs"), twice) == frozenset()


def test_an_object_that_is_deleted_again_and_again_is_contested() -> None:
    create = Create(desired("A", OURS), fields_of_new_object(OURS))

    assert find_contested_settings(create, [MADE, MADE]) == frozenset()
    assert find_contested_settings(create, [MADE, MADE, MADE]) == {WHOLE}


_PUT = PastChange(1, None, OURS, OURS, "X")
_MOVED = PastChange(2, OURS, None, None, "X")


@pytest.mark.parametrize(
    ("acts", "count"),
    [
        ([], 0),
        ([_PUT], 0),
        ([_MOVED], 0),  # the first time that we put it there
        ([_PUT, _MOVED, _repaired(3), _MOVED], 2),  # what is set in between counts by itself
        ([_PUT, _MOVED, replace(_MOVED, after="Y"), _MOVED], 0),  # the playbook had it elsewhere between
        ([_PUT, _MOVED, _MOVED, replace(_MOVED, after="Y")], 0),
        ([_PUT, _MOVED, PastChange(3, OURS, None, None), _PUT, _MOVED], 1),  # we deleted it between
    ],
)
def test_a_move_puts_an_object_back_to_where_we_had_put_it(acts: list[PastChange], count: int) -> None:
    assert count_moves_back("X", acts) == count
    assert count_repairs("text", [MADE, _MOVED, _repaired(3)]) == 1  # a move is no delete


def test_what_is_moved_and_changed_again_and_again_is_contested_in_both() -> None:
    acts = [replace(MADE, after=""), _repaired(2), _repaired(3), *[replace(_MOVED, after="")] * 2]
    update, where = _update(text="theirs", most=2), PLACE
    move = Move(update.desired, update.observed, None)

    plan = mark_contested_settings(Plan(rows=to_rows(CHANGED, (update, move))), {update.address: acts})

    assert plan.select(CONTESTED) == (SettingsOfOthers(update.address, frozenset({"text", where})),)
    assert "contested: its place in the order" in plan.changes[1].remark
    assert find_contested_settings(replace(move, after=desired("B").address), acts) == frozenset()


def test_the_playbook_leaves_what_is_contested_or_says_that_it_is_ours() -> None:
    acts = [MADE, _repaired(2), _repaired(3)]
    change = _update(text="theirs", most=2)
    address = change.address

    def plan(handling: Handling) -> Plan:
        said = replace(change, desired=replace(change.desired, handling=handling))
        return mark_contested_settings(Plan(rows=to_rows(CHANGED, (said,))), {address: acts})

    disputed, ours, left = plan(Handling()), plan(Handling(ours=True)), plan(Handling(leave=True))
    text = (SettingsOfOthers(address, frozenset({"text"})),)
    assert (disputed.select(CONTESTED), disputed.select(CEDED)) == (text, ())
    assert "contested: text" in disputed.changes[0].remark
    assert [len(one.changes) for one in (disputed, ours, left)] == [1, 1, 1]
    assert (ours.select(CONTESTED), ours.select(CEDED), ours.changes[0].remark) == ((), (), "")
    assert (left.select(CONTESTED), left.select(CEDED)) == ((), text)
    (rest,) = left.changes
    assert isinstance(rest, Update)
    assert [field.path for field in rest.fields] == ["most"]
    assert "text" not in rest.desired.settings
