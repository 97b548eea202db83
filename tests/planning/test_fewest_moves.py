"""An order is kept with as few moves as can be, and what is not ours stays where it is."""

from collections.abc import Sequence
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from toolkit.planning.ordering import find_keys_to_move, find_position

OURS = "abcdefg"
FOREIGN = "12345"


@st.composite
def standings(draw: st.DrawFn, *, all_there: bool) -> tuple[list[str], list[str]]:
    """Draw an order that is wanted, and how ours and others' stand."""
    wanted = list(draw(st.permutations(OURS[: draw(st.integers(0, len(OURS)))])))
    there = wanted if all_there else [key for key in wanted if draw(st.booleans())]
    current = draw(st.permutations([*there, *FOREIGN[: draw(st.integers(0, len(FOREIGN)))]]))
    return wanted, list(current)


def _moved(wanted: Sequence[str], current: Sequence[str]) -> list[str]:
    """Make the moves one by one, as an apply does."""
    standing, moves = list(current), find_keys_to_move(wanted, current)
    for number, key in enumerate(moves):
        others = [other for other in standing if other != key]
        place = find_position(key, wanted, others, frozenset(moves[number + 1 :]))
        standing = [*others[:place], key, *others[place:]]
    return standing


def _ours(standing: Sequence[str]) -> list[str]:
    return [key for key in standing if key in OURS]


def _fewest(wanted: Sequence[str], current: Sequence[str]) -> int:
    """Count the moves that are needed, by trying which of ours can stay."""
    there = [key for key in wanted if key in current]
    in_order = (
        len(stay)
        for size in range(len(there), -1, -1)
        for stay in combinations(there, size)
        if [current.index(key) for key in stay] == sorted(current.index(key) for key in stay)
    )
    return len(there) - next(in_order)


@given(standings(all_there=False))
def test_the_moves_are_the_fewest_that_can_be(standing: tuple[list[str], list[str]]) -> None:
    wanted, current = standing

    assert len(find_keys_to_move(wanted, current)) == _fewest(wanted, current)


@given(standings(all_there=False))
def test_after_the_moves_ours_stand_as_wanted(standing: tuple[list[str], list[str]]) -> None:
    wanted, current = standing

    assert _ours(_moved(wanted, current)) == [key for key in wanted if key in current]


@given(standings(all_there=False))
def test_the_moves_leave_others_in_their_order(standing: tuple[list[str], list[str]]) -> None:
    wanted, current = standing

    assert [key for key in _moved(wanted, current) if key in FOREIGN] == [key for key in current if key in FOREIGN]


@given(standings(all_there=False))
def test_what_stands_in_order_is_not_moved(standing: tuple[list[str], list[str]]) -> None:
    wanted, current = standing

    assert find_keys_to_move(wanted, _moved(wanted, current)) == []


@given(standings(all_there=True), st.data())
def test_a_new_object_finds_the_place_that_needs_no_move(
    standing: tuple[list[str], list[str]], data: st.DataObject
) -> None:
    wanted, current = standing
    settled = _moved(wanted, current)
    grown = list(wanted)
    grown.insert(data.draw(st.integers(0, len(wanted))), "new")

    settled.insert(find_position("new", grown, settled), "new")

    assert find_keys_to_move(grown, settled) == []


def test_a_new_object_stands_directly_behind_its_predecessor() -> None:
    assert find_position("b", "abc", ["1", "a", "2", "3", "c"]) == 2


def test_a_new_object_without_predecessor_stands_directly_before_its_successor() -> None:
    assert find_position("a", "abc", ["1", "2", "b", "c"]) == 2


def test_the_first_object_of_ours_stands_last() -> None:
    assert find_position("a", "a", ["1", "2"]) == 2


def test_an_object_that_waits_for_its_own_move_gives_no_hint() -> None:
    assert find_position("b", "abc", ["a", "1", "c"], frozenset("a")) == 2
