"""People who move between groups are in one of them at every moment, in whatever order a round is sent."""

from collections.abc import Iterable
from random import Random
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planning.building import address, desired, observed
from toolkit.planning.change import Field, Update
from toolkit.planning.member_moves import order_moves
from toolkit.values import entries, unique

WORDS = "words"
Lists: TypeAlias = list[tuple[frozenset[str], frozenset[str]]]
people = st.frozensets(st.sampled_from(["ann", "bob", "cat", "dan"]), max_size=4)


def _union(groups: Iterable[frozenset[str] | set[str]]) -> set[str]:
    return {person for group in groups for person in group}


def _change(name: str, before: frozenset[str], after: frozenset[str]) -> Update:
    wanted, there = {WORDS: unique(after)}, {WORDS: unique(before)}
    return Update(desired(name, wanted), observed(name, there), (Field(WORDS, unique(before), unique(after)),))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(people, people), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_no_one_who_moves_is_in_no_group_in_between(lists: Lists, drawn: Random) -> None:
    changes = [_change(f"{place}", before, after) for place, (before, after) in enumerate(lists)]
    moves = order_moves(changes, WORDS)
    held = {change.address: {*entries(change.fields[0].before)} for change in changes}
    stays = _union([before for before, _ in lists]) & _union([after for _, after in lists])

    for sent in (list(moves.first), list(moves.second)):
        drawn.shuffle(sent)
        for change in sent:
            assert held[change.address] == {*entries(change.fields[0].before)}
            held[change.address] = {*entries(change.fields[0].after)}
            assert stays <= _union(held.values())

    assert held == {address(f"{place}"): {*after} for place, (_, after) in enumerate(lists)}


def test_a_removal_waits_for_every_group_that_its_people_join() -> None:
    changes = [
        _change("old", frozenset(["ann", "bob"]), frozenset()),
        _change("new", frozenset(), frozenset(["ann"])),
        _change("other", frozenset(["cat"]), frozenset(["bob"])),
        _change("last", frozenset(["dan"]), frozenset()),
    ]

    moves = order_moves(changes, WORDS)

    assert [change.address.name for change in moves.first] == ["new", "other", "last"]
    assert [change.address.name for change in moves.second] == ["old"]
    assert moves.destinations == {address("old"): {address("new"), address("other")}}
