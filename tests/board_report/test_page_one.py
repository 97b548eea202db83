"""What a board must know in five minutes: all of it on the first leaf, and nothing at length twice."""

import re
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.board_report.reading import seen
from toolkit.board_report.page import as_html, as_pdf, lines
from toolkit.errors import UsageError

MFA = "Does everybody need more than a password to sign in?"
ANSWERS = [
    {"about": "people who registered on Microsoft 365", "answer": "no", "detail": "43 of 46 have registered"},
    {"about": "people who registered on Google Workspace", "answer": "yes", "detail": "46 of 46 have registered"},
    {"about": "people who are asked on Google Workspace", "answer": "yes", "detail": "46 of 46"},
]
CHANGED = "SEC-09 was “not checked” and is “evidence on file” now: A walk at lunch found one open screen of fourteen."
DEVICES = (
    "laptops: 3 of 10",
    "phones: 4 of 9",
    "tablets: 1",
)


def test_all_that_a_board_must_know_stands_on_the_first_leaf(told: Any) -> None:
    told["questions"][1] = {"question": MFA, "also": "", "answers": ANSWERS}
    told["changes"]["clauses"][0]["sentence"] = CHANGED
    try:
        drawn = PdfReader(BytesIO(as_pdf(told)))
    except UsageError as missing:
        pytest.skip(str(missing))
    first, second = (re.sub(r"\s+", " ", leaf.extract_text()) for leaf in drawn.pages[:2])

    for heading in (
        "Status of the policy", "What needs attention", "What boards ask first", "What we need from you",
        "Received by", "What changed since", "What this report does not cover", "Personal phones on mobile data",
        "Evidence begins", "Review overdue",
    ):  # fmt: skip
        assert heading in first, heading
    assert "What boards ask first, in full" in second


def test_page_one_says_in_words_what_is_not_so_and_the_rest_stands_below(told: Any) -> None:
    told["questions"][1] = {"question": MFA, "also": "", "answers": ANSWERS}
    first, full = seen(as_html(told)).split("What boards ask first, in full")

    assert "registered on Microsoft 365: no. 43 of 46 have registered." in first
    assert "2 other answers are yes, told in full below." in first
    assert "46 of 46" not in first
    assert "People who registered on Google Workspace: yes. 46 of 46 have registered." in full


def test_reasons_at_length_are_told_once_and_named_by_their_clause_afterwards() -> None:
    reasons = [{"subject": "Devices are locked", "found": found} for found in DEVICES]
    lost = {"subject": "", "found": "Not yet checked: whether a lost one is wiped"}
    clauses = [
        {"clause": "SEC-07", "reasons": reasons},
        {"clause": "SEC-15", "reasons": [*reasons, lost]},
        {"clause": "SEC-16", "reasons": reasons[:2]},
    ]
    first, again, shorter = (line.reasons for line in lines(clauses))

    assert [(one.subject, len(one.found), one.under) for one in first] == [("Devices are locked", 3, "")]
    assert [one.under for one in again] == ["SEC-07", ""]
    assert again[1].found == ("Not yet checked: whether a lost one is wiped",)
    assert [(len(one.found), one.under) for one in shorter] == [(2, "")]
