"""Values and their differences in few words."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.planning.change import Field
from toolkit.render.values_text import OWN, format_difference, format_differing_words, format_duration
from toolkit.values import Value

LONG = "This e-mail is sent from Example Primary School and may be confidential to those it is addressed to."
TEXTS = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=12)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (None, "a", "(unset) -> a"),
        (True, False, "true -> false"),
        ("a b", "a\nb", "a b -> a\nb"),
        (("a", "b"), ("b", "c"), "- a  + c"),
        (None, ("a",), "+ a"),
        (LONG, LONG.replace("confidential", "private"), "… and may be [-confidential-] {+private+} to those it …"),
        (LONG, LONG.replace("may be ", ""), "… Primary School and [-may be-] confidential to those …"),
        (LONG, f"{LONG} Thank you.", "… is addressed to. {+Thank you.+}"),
        (LONG, LONG.replace(" sent", "\nsent"), "only white space"),
        (OWN, LONG, f"{OWN} -> {LONG[:59]}… ({len(LONG)} characters)"),
        (LONG, OWN, f"{LONG[:59]}… ({len(LONG)} characters) -> {OWN}"),
        (
            LONG,
            LONG.replace("This", "That").replace("to.", "to!"),
            "[-This-] {+That+} e-mail is sent … / … it is addressed [-to.-] {+to!+}",
        ),
    ],
)
def test_a_difference_shows_what_changes_and_a_little_around_it(before: Value, after: Value, shown: str) -> None:
    assert format_difference(Field("text", before, after)) == shown


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "1 minute"),
        (59, "59 minutes"),
        (60, "1 hour"),
        (95, "1 hour 35 minutes"),
        (179, "2 hours 59 minutes"),
        (181, "3 hours"),
        (960, "16 hours"),
        (2879, "47 hours"),
        (2880, "2 days"),
        (10_000, "6 days"),
    ],
)
def test_a_duration_reads_as_people_say_it(minutes: int, said: str) -> None:
    assert format_duration(minutes) == said


@given(TEXTS, TEXTS)
def test_two_texts_differ_in_words_exactly_when_something_is_shown(one: Sequence[str], other: Sequence[str]) -> None:
    assert (format_differing_words(" ".join(one), " ".join(other)) == "only white space") is (one == other)
