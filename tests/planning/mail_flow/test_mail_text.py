"""Words and patterns of mail rules in texts: whole words, and patterns that can never take long."""

import pytest

from toolkit.sdk.mail_text import contains_word, matches_pattern


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("The Contoso.", "contoso", True),
        ("acontoso", "contoso", False),
        ("contosob, contoso", "contoso", True),
        ("governors@school.example", "governors@", None),
        ("a (trip) b", "(trip)", True),
        ("in  confidence", "in confidence", False),
        ("", "x", False),
        ("x", "", False),
    ],
)
def test_a_word_matches_as_typed_between_spaces_and_punctuation(text: str, word: str, expected: bool | None) -> None:  # noqa: FBT001
    assert contains_word(text, word).value is expected


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"^\W*personal(\W|$)", "Personal: trip", True),
        (r"\d{3}[ -]?\d{3}[ -]?\d{4}", "943 476 5919", True),
        (r"(a+)+$", "a" * 40 + "b", None),
        (r"(a|aa)*$", "a" * 40 + "b", None),
        (r".*.*.*.*x", "y" * 500, None),
        (r"(?<name>x)", "x", None),
        (r"(x)\1", "xx", None),
        (r"(?=x)x", "x", None),
        (r"[", "x", None),
        (r"\b(cat|dog)s?\b", "two dogs", True),
    ],
)
def test_a_pattern_is_decided_only_if_its_worst_case_is_short(pattern: str, text: str, expected: bool | None) -> None:  # noqa: FBT001
    assert matches_pattern(text, pattern, ignores_case=True).value is expected


def test_a_long_text_is_searched_with_simple_patterns_only() -> None:
    text = "a" * 1_000_000

    assert matches_pattern(text, r"b\d\d", ignores_case=True).value is False
    assert matches_pattern(text, r"a+b", ignores_case=True).value is None
