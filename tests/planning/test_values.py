"""Whether what is there is what is wanted, and what is sent where it is not."""

from hypothesis import given
from hypothesis import strategies as st

from toolkit.values import AtLeast, Value, effective, from_plain, plain, satisfied, unique

WORDS = st.lists(st.sampled_from("abcdef"), max_size=5).map(unique)
AT_LEAST = WORDS.map(AtLeast)
SINGLE = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
OBSERVED: st.SearchStrategy[Value] = SINGLE | WORDS
WANTED: st.SearchStrategy[Value] = OBSERVED | AT_LEAST


@given(WANTED, OBSERVED)
def test_what_is_sent_is_what_was_wanted(wanted: Value, observed: Value) -> None:
    assert satisfied(wanted, effective(wanted, observed))


@given(WANTED, OBSERVED)
def test_nothing_is_sent_twice(wanted: Value, observed: Value) -> None:
    sent = effective(wanted, observed)

    assert effective(wanted, sent) == sent


@given(AT_LEAST, WORDS)
def test_a_list_wanted_at_least_keeps_what_others_put_there(wanted: AtLeast, observed: tuple[str, ...]) -> None:
    assert set(effective(wanted, observed) or ()) == {*wanted.items, *observed}  # type: ignore[arg-type]


@given(WORDS, WORDS)
def test_a_list_wanted_exactly_is_equal_or_is_not_there(wanted: tuple[str, ...], observed: tuple[str, ...]) -> None:
    assert satisfied(wanted, observed) is (wanted == observed)


@given(AT_LEAST, WORDS)
def test_a_list_wanted_at_least_may_be_longer_and_not_shorter(wanted: AtLeast, observed: tuple[str, ...]) -> None:
    assert satisfied(wanted, observed) is (set(wanted.items) <= set(observed))


@given(WANTED)
def test_a_setting_survives_being_written_down(wanted: Value) -> None:
    assert from_plain(plain(wanted)) == wanted
