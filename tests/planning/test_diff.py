"""What differs between an object as it is wanted and as it was seen, and what is sent for it."""

from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planning.building import Thing, desired, observed
from toolkit.planning.change import Field
from toolkit.planning.diff import fields_of_new_object, find_differences, settings_to_send
from toolkit.planning.matching import LastApplied
from toolkit.values import AtLeast, Settings, Value, effective, satisfied, unique

LISTS = st.lists(st.sampled_from("abcd"), max_size=4).map(unique)
SEEN: st.SearchStrategy[Settings] = st.fixed_dictionaries(
    {
        "words": st.none() | LISTS,
        "entries": st.none() | LISTS,
        "most": st.none() | st.integers(0, 3),
        "text": st.none() | st.text(max_size=3),
    }
)
WANTED: st.SearchStrategy[Settings] = st.fixed_dictionaries(
    {},
    optional={
        "words": st.none() | LISTS | LISTS.map(AtLeast),
        "entries": LISTS.map(AtLeast),
        "most": st.none() | st.integers(0, 3),
        "text": st.none() | st.text(max_size=3),
    },
)


@given(WANTED, SEEN)
def test_exactly_the_settings_that_are_not_as_wanted_differ(wanted: Settings, seen: Settings) -> None:
    found = find_differences(desired("A", wanted), observed("A", seen), Thing)

    assert {one.path for one in found} == {path for path, value in wanted.items() if not satisfied(value, seen[path])}


@given(WANTED, SEEN)
def test_once_the_fields_are_sent_nothing_differs(wanted: Settings, seen: Settings) -> None:
    found = find_differences(desired("A", wanted), observed("A", seen), Thing)
    after = {**seen, **settings_to_send(found, desired("A", wanted), observed("A", seen), Thing)}

    assert find_differences(desired("A", wanted), observed("A", after), Thing) == ()


@given(WANTED)
def test_a_new_object_is_created_as_wanted(wanted: Settings) -> None:
    created: dict[str, Value] = {one.path: one.after for one in fields_of_new_object(wanted)}

    assert all(satisfied(value, created.get(path)) or effective(value, None) == () for path, value in wanted.items())


def test_another_name_is_the_first_difference() -> None:
    found = find_differences(desired("New", {"text": "b"}), observed("Old", {"text": "a"}), Thing)

    assert found == (Field("name", "Old", "New"), Field("text", "a", "b"))


@pytest.mark.parametrize(
    ("known", "differs"),
    [
        (None, True),
        (LastApplied(sent={"html": "<b>us</b>"}, returned={"html": "<strong>us</strong>"}), False),
        (LastApplied(sent={"html": "<b>older</b>"}, returned={"html": "<strong>us</strong>"}), True),
        (LastApplied(sent={"html": "<b>us</b>"}, returned={"html": "<strong>them</strong>"}), True),
    ],
    ids=["never sent", "as it came back", "another text was sent", "another text came back"],
)
def test_a_text_in_the_service_s_own_writing_differs_unless_that_came_back_for_ours(
    known: LastApplied | None, *, differs: bool
) -> None:
    wanted, seen = desired("A", {"html": "<b>us</b>"}), observed("A", {"html": "<strong>us</strong>"})

    assert bool(find_differences(wanted, seen, Thing, known)) is differs


def test_a_text_that_the_service_dropped_differs_whatever_came_back() -> None:
    known = LastApplied(sent={"html": "<b>us</b>"}, returned={"html": None})

    assert find_differences(desired("A", {"html": "<b>us</b>"}), observed("A", {"html": None}), Thing, known)


class Paired(Thing):
    """Two settings that a service takes only together."""

    together: ClassVar = (frozenset({"most", "least"}),)


@pytest.mark.parametrize(
    ("wanted", "seen", "expected"),
    [
        ({"most": 2}, {"most": 3, "least": 1}, {"most": 2, "least": 1}),
        ({"most": 2, "least": 0}, {"most": 3, "least": 0}, {"most": 2, "least": 0}),
        ({"most": 2}, {"most": 3, "least": None}, {"most": 2}),
        ({"text": "b"}, {"text": "a", "most": 3, "least": 1}, {"text": "b"}),
    ],
    ids=["the other as it was", "the other as it is wanted", "the other is unset", "neither changes"],
)
def test_settings_that_go_together_are_sent_together(wanted: Settings, seen: Settings, expected: Settings) -> None:
    found = find_differences(desired("A", wanted), observed("A", seen), Paired)

    assert settings_to_send(found, desired("A", wanted), observed("A", seen), Paired) == expected
