"""How a finding is told in one line among many."""

import pytest

from toolkit.render.check_text import shorten_after_punctuation


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("licences of leavers: 1 of 8", "licences of leavers: 1 of 8"),
        ("licences of leavers: none, 1 of 8 accounts with a licence", "licences of leavers: none …"),
        ("accounts without a mailbox of their own and 12 of 13", "accounts without a mailbox of their own …"),
    ],
)
def test_a_long_finding_ends_where_a_clause_of_it_ends(text: str, shown: str) -> None:
    assert shorten_after_punctuation(text, 42) == shown
