"""Page one of the pack for governors: one A4 page on which every answer of the document stands word for word."""

import csv
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.board_report.reading import OF_THE_TRADE, visible_text
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html, clauses_with_reasons
from toolkit.board_report.pictures import judged_counts
from toolkit.board_report.reviewed_text import risk_by_control, standards
from toolkit.controls.control import controls
from toolkit.sdk.reason import Share

DEVICES = (
    "laptops: 3 of 10",
    "phones: 4 of 9",
    "tablets: 1",
)
MOST_PAGES = 12


@pytest.fixture(scope="module")
def leaves(files: Mapping[str, bytes]) -> Sequence[str]:
    """Return the text layer of each page of its PDF, with single spaces."""
    return [_spaced(leaf.extract_text()) for leaf in PdfReader(BytesIO(files["pdf"])).pages]


def _spaced(text: str) -> str:
    """Return text with single spaces; a line that breaks behind a hyphen, as in e-mail, goes on without one."""
    return re.sub(r"\s+", " ", text.replace("-\n", "-"))


def test_the_pdf_is_tagged_and_says_its_language_and_its_title(files: Mapping[str, bytes]) -> None:
    drawn = PdfReader(BytesIO(files["pdf"]))

    root: Any = drawn.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert drawn.metadata
    assert drawn.metadata.title == "Practice run: Example Primary School: Report to governors"


def test_each_answer_of_the_document_stands_word_for_word_on_page_one(report: Any, leaves: Sequence[str]) -> None:
    answers = {
        "the counts": [report["summary"]["told"]],
        "the matters": [part for gap in report["gaps"] for part in (gap["what"], gap["risk"], gap["who_says"])],
        "who leads": [gap["owner"] for gap in report["gaps"]],
        "what is asked": [*report["needs"], report["unanswered"]],
        "who tested the filter and when": report["filtering"]["told"],
        "how many have MFA": report["mfa"]["told"],
        "what is not covered": [part for each in report["not_covered"] for part in each.values()],
        "what must be known first": [
            report["release"]["told"],
            report["confidential"],
            "Report made 10 November 2026",
            "simulated data",
        ],
    }

    assert len(report["gaps"]) == 3
    assert all(told for told in answers.values())
    missing = {what: part for what, told in answers.items() for part in told if _spaced(part) not in leaves[0]}
    assert missing == {}


def test_page_one_is_one_page_and_page_two_names_each_clause_that_is_not_met(
    report: Any, leaves: Sequence[str]
) -> None:
    unmet = [clause["clause"] for clause in report["clauses"] if clause["status"] == "not met" and clause["judged"]]

    assert f"1 of {len(leaves)}" in leaves[0]
    assert f"Rules that are not met ({len(unmet)})" in leaves[1]
    assert unmet
    assert [name for name in unmet if name not in f"{leaves[1]} {leaves[2]}"] == []
    assert len(leaves) <= MOST_PAGES


def test_the_text_for_the_minutes_names_each_matter_and_agrees_nothing(report: Any, leaves: Sequence[str]) -> None:
    assert len(report["minutes"]) == len(report["gaps"]) + len(report["needs"])
    assert all("Agreed: ____" in line for line in report["minutes"])
    assert [line for line in report["minutes"] if _spaced(line) not in " ".join(leaves[1:])] == []


def test_the_numbers_have_one_basis_and_add_up(report: Any) -> None:
    judged = [clause for clause in report["clauses"] if clause["judged"]]
    numbers = [int(number) for number in re.findall(r"\d+", report["summary"]["told"])]
    all_of_them, *parts = numbers

    assert all_of_them == len(judged) == sum(parts) == 46
    assert sum(report["summary"]["all"].values()) == len(report["clauses"]) == 136
    assert [cloud["counted"] for cloud in report["mfa"]["clouds"]] == ["audience"] * 2
    for cloud in report["mfa"]["clouds"]:  # a group under ten, so no number of it is in any form
        assert [cloud[name] for name in ("people", "required", "registered", "exempt", "not_always_asked")] == [
            None
        ] * 5
        assert cloud["groups"]["leaders"] == "required all, registered all"
        assert cloud["groups"]["governors"] == "not known"  # the school file names no group of them
        assert not re.search(r"\d", cloud["told"].removeprefix(f"{cloud['cloud']}, read at 09:00"))


def test_every_format_counts_the_same_136_clauses(
    report: Any, files: Mapping[str, bytes], leaves: Sequence[str]
) -> None:
    expected = Counter({status: number for status, number in report["summary"]["all"].items() if number})
    book = load_workbook(BytesIO(files["xlsx"]))
    totals = {str(row[0]): row[1] for row in book["Summary"].iter_rows(values_only=True)}
    clauses = [*book["Clauses"].iter_rows(min_row=3, values_only=True)]  # the notice and the headings come first

    assert expected.total() == 136
    assert Counter(clause["status"] for clause in json.loads(files["json"])["clauses"]) == expected
    assert Counter(row["status"] for row in csv.DictReader(StringIO(files["csv"].decode()))) == expected
    assert Counter(row[2] for row in clauses) == expected
    assert {status: totals[f"clauses {status}"] for status in expected} == expected
    for text in (_spaced(" ".join(leaves)), _spaced(visible_text(files["html"].decode()))):
        assert sum(map(int, re.findall(r"(?:Rules|Clauses) that [a-z ,:]+\((\d+)\)", text))) == 136
        (tile,) = re.findall(r"All sections: 46 rules (.*?) Front page", text)
        judged = {label: number for label, number in judged_counts(report["summary"]).items() if number}
        assert {label: int(re.findall(rf"(?<!not ){label} (\d+)", tile)[-1]) for label in judged} == judged


_THINGS = re.compile(
    r"devices|Chromebooks|phones|in service|agreed set-up|screens|points|domains|compromised|groups"
    r"|^\d+ of \d$|\(key \d of \d\)"
)
"""What may be counted, since it is no one's; a bar of devices has its number once more."""


@pytest.mark.parametrize("pack", [Pack.GOVERNORS, Pack.STANDARDS])
def test_no_pack_of_a_small_school_counts_people_in_numbers(packs: Mapping[Pack, Path], pack: Pack) -> None:
    told = packs[pack].with_suffix(".json").read_text(encoding="utf-8")
    small = re.findall(r"[^\".;]*\b\d+ of [1-9]\b[^\".;]*", told)

    assert small
    assert [text for text in small if not _THINGS.search(text)] == []


def test_a_first_report_says_since_of_nothing(report: Any) -> None:
    assert report["run"]["last_export"] is None
    assert [gap["known_since"] for gap in report["gaps"]] == ["", "", ""]
    assert not re.search(r"\bsince 10 November 2026", visible_text(as_html(report)))


def test_each_control_has_one_line_about_what_it_risks() -> None:
    known = risk_by_control()

    assert set(controls()) | set(standards().controls) <= set(known)
    assert [
        line for line in known.values() if len(line) > 90 or not line.endswith(".") or OF_THE_TRADE.search(line)
    ] == []


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Share(43, 46), "43 of 46"), (Share(10, 10), "10 of 10"), (Share(9, 9), "all"), (Share(8, 9), "not all"),
        (Share(0, 1), "not all"), (Share(2, 9, alone=True), "some"), (Share(2, 46, alone=True), "2"),
    ],
)  # fmt: skip
def test_a_group_under_ten_shows_no_number(share: Share, text: str) -> None:
    assert share.for_governors == text


def test_reasons_at_length_are_told_once_and_named_by_their_clause_afterwards() -> None:
    reasons = [{"subject": "Devices are locked", "found": found} for found in DEVICES]
    lost = {"subject": "", "found": "Not yet checked: whether a lost one is wiped"}
    clauses = [
        {"clause": "SEC-07", "reasons": reasons},
        {"clause": "SEC-15", "reasons": [*reasons, lost]},
        {"clause": "SEC-16", "reasons": reasons[:2]},
    ]
    first, again, shorter = (line.reasons for line in clauses_with_reasons(clauses))

    assert [(one.subject, len(one.sentences), one.earlier_clause) for one in first] == [("Devices are locked", 3, "")]
    assert [one.earlier_clause for one in again] == ["SEC-07", ""]
    assert again[1].sentences == ("Not yet checked: whether a lost one is wiped",)
    assert [(len(one.sentences), one.earlier_clause) for one in shorter] == [(2, "")]
