"""The document of an export and its forms, made of a small school at a fixed time."""

import csv
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.board_report.golden import compare, texts
from tests.board_report.reading import visible_text
from tests.board_report.school import export_of
from tests.door import SAMPLES
from toolkit.board_report.attention import choose_matters
from toolkit.board_report.case_lines import case_sections
from toolkit.board_report.delivery import covering_message
from toolkit.board_report.document import document
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.reviewed_text import standards
from toolkit.board_report.seal import broken_parts
from toolkit.board_report.writers import as_csv, as_json, as_workbook, report_files
from toolkit.controls.control import controls
from toolkit.holds.model import Case, Custodian, Holds
from toolkit.planning.policy.page import REGISTERS, Fact
from toolkit.playbook.load import load
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.sdk.reason import AS_RECORDED, About
from toolkit.sdk.verdict import PartOutcome

_ASKING = {"src", "href", "data", "action", "poster", "srcset"}


class _Read(HTMLParser):
    """What a page holds: its tags, what it would ask for, and the heads of its tables."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.asked: list[str] = []
        self.unscoped = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.asked += [value or "" for name, value in attrs if name in _ASKING]
        self.unscoped += tag == "th" and "scope" not in dict(attrs)


def test_the_document_and_the_words_of_its_page_are_the_golden_ones(tmp_path: Path) -> None:
    made = texts(tmp_path)

    for name, text in made.items():
        compare(name, text)


def test_each_form_counts_the_same_clauses_and_says_practice_run(governors_document: Any) -> None:
    rows = list(csv.DictReader(StringIO(as_csv(governors_document))))
    book = load_workbook(BytesIO(as_workbook(governors_document)))
    page = as_html(governors_document)

    assert (
        governors_document["summary"]["clauses"]
        == sum(governors_document["summary"]["all"].values())
        == len(governors_document["clauses"])
        == len(rows)
        == 5
    )
    assert book["Clauses"].max_row - 2 == 5
    shown = re.findall(r'<(?:tr role="row"|li) id="([A-Z]+-\d+)"', page)
    assert sorted(shown) == sorted(clause["clause"] for clause in governors_document["clauses"])
    headings = re.findall(r"<h2 id=[^>]+>(Rules|Clauses) that ([^<]+) \((\d+)\)</h2>", page)
    assert headings == [
        ("Rules", "are not met", "1"),
        ("Rules", "are not checked", "1"),
        ("Clauses", "rest on records", "2"),
        ("Clauses", "depend on conduct", "1"),
    ]
    assert all(row["notice"].startswith("Practice run, simulated data") for row in rows)
    assert all(str(sheet["A1"].value).startswith("Practice run, simulated data") for sheet in book)
    assert "<title>Practice run" in page
    assert 'content: "Practice run' in page
    assert all(
        name.startswith("practice-run-simulated-data_") for name, _ in report_files(governors_document, [Format.CSV])
    )


def test_the_workbook_holds_what_stands_on_the_first_page(governors_document: Any) -> None:
    governors_document["decisions"]["made"] = [
        {
            "question": "Whether access to WhatsApp is allowed",
            "chosen": "block",
            "by": "Head",
            "on": "2026-10-15",
            "minute": None,
            "review": None,
        }
    ]
    book = load_workbook(BytesIO(as_workbook(governors_document)))

    def column(sheet: str, number: int = 0) -> list[object]:
        return [line[number] for line in book[sheet].iter_rows(min_row=3, values_only=True)]

    assert column("Gaps") == [one["subject"] for one in governors_document["gaps"]]
    assert column("Asked first", 2) == [
        each["answer"] for one in governors_document["questions"] for each in one["answers"]
    ]
    assert column("NeededPermissions") == governors_document["needs"]
    assert column("Decisions", 1) == ["block"]
    assert set(governors_document["changes"]["told"]) < set(column("Summary", 1))
    assert [sheet.auto_filter.ref.split(":")[0] for sheet in book] == ["A2"] * len(book.worksheets)
    assert "Whether access to WhatsApp is allowed: Block. Head, 15 October 2026." in visible_text(
        as_html(governors_document)
    )


def test_a_gap_in_a_register_is_not_laid_at_the_door_of_the_document(tmp_path: Path) -> None:
    export = export_of(tmp_path / "playbooks")
    reviewed = next(one for one in export.report.statuses if one.clause.name == "GOV-02")
    stale = Fact(
        outcome=PartOutcome.DIFFERS,
        reason=AS_RECORDED(text="an incident is open since 1 October"),
        says=REGISTERS,
        subject=About("the incidents"),
    )
    gone = replace(reviewed, clause=replace(reviewed.clause, name="GEN-19"), evidence=(stale,))

    other = replace(stale, reason=AS_RECORDED(text="not the ratified file"), subject=About("the link"))
    linked = replace(reviewed, clause=replace(reviewed.clause, name="GOV-05"), evidence=(other,))

    three = replace(export, report=replace(export.report, statuses=[reviewed, gone, linked]))
    told = {matter.subject: matter.clauses for matter in choose_matters(three)}

    assert told == {  # the late review of GOV-02 is at the top of page one
        "The policy document": ["GOV-05"],
        "Incidents and breaches, and how soon they were dealt with": ["GEN-19"],
    }


def test_every_clause_of_the_samples_that_a_standard_speaks_of_stands_beside_it(tmp_path: Path) -> None:
    small = export_of(tmp_path / "playbooks")
    clauses = load(SAMPLES).policy.clauses
    statuses = [replace(small.report.statuses[0], clause=clause) for clause in clauses]
    told = document(replace(small, report=replace(small.report, statuses=statuses)), Pack.EVIDENCE)["standards"]
    assert isinstance(told, dict)

    subjects = {one["subject"]: one for one in told["subjects"]}
    assert {"GEN-12", "NET-07"} <= set(subjects["Confidential records in mail and files"]["clauses"])
    assert {subject["looked_at"] for subject in told["subjects"]} == {True}  # no control of the policy is missing
    assert [name for name, one in standards().controls.items() if one.title and name in controls()] == []
    assert subjects["Multi-factor authentication (MFA) at sign-in"]["looked_at"]
    named = {clause for one in told["subjects"] for clause in one["clauses"]}
    judged = {one.name for one in clauses if one.of_class is not ClauseClass.PEOPLE}
    assert judged - named == {"EML-18", "GEN-08", "EML-21"}  # no standard speaks of disclaimers and automatic replies


def test_hostile_words_stay_words(governors_document: Any) -> None:
    page, text = as_html(governors_document), as_json(governors_document)
    book = load_workbook(BytesIO(as_workbook(governors_document)))
    cells = [cell for row in csv.reader(StringIO(as_csv(governors_document))) for cell in row]

    assert "<script" not in page.lower()
    assert "&lt;script&gt;" in page
    assert "\u202e" not in text
    assert "ada@" not in text
    assert [cell for cell in cells if cell.startswith("'=HYPERLINK")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_page_asks_for_nothing_and_can_be_heard(governors_document: Any) -> None:
    page = as_html(governors_document)
    read = _Read(page)

    assert read.asked
    assert all(one.startswith("#") for one in read.asked)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(read.tags)
    assert not re.search(r"url\(|@import|https?:", page)
    assert '<html lang="en-GB">' in page
    assert {"header", "nav", "main", "footer"} <= set(read.tags)
    assert read.unscoped == 0
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert not re.search(r"\b(drift|providers?|cmdlet|microsoft365|web\.chat_im_block)\b", words)


def test_what_changed_is_named_and_the_summary_holds_counts_alone(governors_document: Any, tmp_path: Path) -> None:
    assert broken_parts(governors_document) == []
    governors_document["clauses"][1]["status"] = "met"
    assert broken_parts(governors_document) == ["clauses, number 2 (SEC-09)"]
    assert governors_document["changes"]["clauses"][0]["where"] == "records and confirmations"

    summary = document(export_of(tmp_path / "live", target="live"), Pack.SUMMARY)
    assert set(summary) == {
        "format", "pack", "practice_run", "notice", "target", "school", "policy", "run", "record", "summary", "method",
        "integrity",
    }  # fmt: skip
    assert "Clauses by status" in as_html(json.loads(as_json(summary)))


def test_the_letter_says_before_anything_else_that_the_review_is_overdue(tmp_path: Path) -> None:
    told = json.loads(as_json(document(export_of(tmp_path / "live", target="live"), Pack.SUMMARY)))
    in_time = {**told, "policy": {**told["policy"], "overdue_days": 0}}

    first = "The review of the policy was due on 18 May 2024 and is 2 years and 5 months late."
    assert covering_message([told], {}, {}).text.splitlines()[0] == first
    assert covering_message([in_time], {}, {}).text.startswith(
        "The status of Electronic Policy at Example Primary School"
    )


def test_no_form_of_the_summary_holds_an_exception_a_trip_a_group_a_clause_or_what_was_found(tmp_path: Path) -> None:
    small = export_of(tmp_path / "playbooks", target="live")
    samples = load(SAMPLES)
    export = replace(small, report=replace(small.report, playbooks=samples))
    told, board = (document(export, pack) for pack in (Pack.SUMMARY, Pack.GOVERNORS))
    files = dict(report_files(told, [Format.HTML, Format.CSV, Format.XLSX]))
    book = load_workbook(BytesIO(files.pop(next(name for name in files if name.endswith(".xlsx")))))
    texts = [content.decode() for content in files.values()]
    texts += [" ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)]
    secret = {one.name for one in samples.departures} | set(samples.school.roles) | {"mail rule", "Residential trip"}

    assert all(word in as_json(board) for word in ("trip-november", "mail rule", "Residential trip", "SYS-10"))
    assert len(texts) == 4
    for text in texts:
        assert "clauses" in text
        words = secret | {word.replace("_", " ") for word in secret if "_" in word}
        assert not [word for word in words - {"staff", "leadership"} if word in text]
        assert not re.search(r"\b[A-Z]{3}-\d\d\b", text)


def test_who_is_held_stands_in_the_pack_for_investigators_alone(tmp_path: Path) -> None:
    export = export_of(tmp_path / "playbooks")
    who = "edwin.elmsworth@example-primary.example"
    since = datetime(2026, 11, 9, tzinfo=UTC)
    held = case_sections(Holds({"2026-B": Case("2026-B", "Matter ab", {who: Custodian(who, since)})}))

    told = json.loads(as_json(document(export, Pack.CASE, held)))
    assert who in as_html(told)
    assert who in as_csv(told)
    others = [as_json(document(export, pack, held)) for pack in Pack if pack is not Pack.CASE]
    assert not [text for text in others if "elmsworth" in text or "2026-B" in text or "Matter ab" in text]
