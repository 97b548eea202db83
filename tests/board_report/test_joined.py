"""What a report would say many times it says once, with every clause that it is about, and leaves nothing out."""

import json
import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from tests.board_report.school import NOW, export_of
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.pdf import LINES, as_pdf, shorten_tables
from toolkit.board_report.period import ReportPast
from toolkit.board_report.registers import exception_lines
from toolkit.board_report.template_filters import by_control, join_facts
from toolkit.playbook.load import load

ACCEPTED = """\
exceptions: accepted
accepted:
  - object: microsoft365.transport_rule[Footer]
    reason: A new text is agreed
    ends: 2026-11-20
    by: Head Teacher
    on: 2026-11-02
"""
MOST_PAGES = 60
"""The most pages of the evidence of a school that was never applied; with each fact under each clause it had 130."""


@pytest.fixture(scope="module")
def evidence_document(packs: Mapping[Pack, Path]) -> Any:
    return json.loads(packs[Pack.EVIDENCE].with_suffix(".json").read_text(encoding="utf-8"))


def test_each_fact_stands_once_with_every_clause_that_rests_on_it(evidence_document: Any) -> None:
    facts = join_facts(evidence_document["evidence"])

    assert len(facts) < len(evidence_document["evidence"]) / 2
    rested = [(one["clause"] or "no clause", one["control"], one["reason"]) for one in evidence_document["evidence"]]
    assert sorted((clause, str(one["control"]), one["reason"]) for one in facts for clause in one["clauses"]) == sorted(
        (clause, str(control), reason) for clause, control, reason in rested
    )
    groups = by_control(facts)
    assert sum(len(one.facts) for one in groups.values()) == len(facts)
    for one in groups.values():
        assert {clause for fact in one.facts for clause in fact["clauses"]} == set(one.clauses)


def test_paper_leaves_no_evidence_of_the_sample_out(evidence_document: Any) -> None:
    assert len(evidence_document["evidence"]) > LINES, "else nothing could be left out"
    assert shorten_tables(evidence_document, LINES)[1]["evidence"] == 0


@pytest.mark.soak
def test_paper_with_all_evidence_has_few_pages_and_begins_with_where_each_part_is(evidence_document: Any) -> None:
    drawn = PdfReader(BytesIO(as_pdf(evidence_document)))

    assert len(drawn.pages) <= MOST_PAGES
    words = [" ".join(leaf.extract_text().split()) for leaf in drawn.pages]
    (at,) = [number for number, text in enumerate(words, 1) if "Appendix: evidence" in text]
    assert f"Evidence {at}" in words[0]
    assert "Handover and account closure for leavers (page " in " ".join(words)
    text = "".join("".join(words).split())
    assert all("".join(str(one["object"]).rpartition("[")[0].split()) in text for one in _objects(evidence_document))


def _objects(evidence_document: Any) -> list[Any]:
    return [one for fact in evidence_document["evidence"] for one in fact["objects"]]


def test_other_words_for_who_says_so_change_no_page(evidence_document: Any) -> None:
    names = ("clauses", "evidence")
    other = {
        **evidence_document,
        **{name: [{**one, "who_says": "x at no one"} for one in evidence_document[name]] for name in names},
    }

    assert as_html(other) == as_html(evidence_document)


def test_clauses_that_moved_alike_are_told_in_one_sentence(evidence_document: Any) -> None:
    moved = [
        {
            "clause": name,
            "before": "not met",
            "now": now,
            "where": "x",
            "change": f"was “not met”: {why}.",
            "sentence": name,
        }
        for name, now, why in (("A-1", "met", "a run"), ("A-2", "partly", "a run"), ("A-3", "met", "a run"))
    ]
    page = as_html(
        {
            **evidence_document,
            "changes": {**evidence_document["changes"], "since": evidence_document["run"]["at"], "clauses": moved},
        }
    )

    assert "Each of A-1 and A-3 was “not met”: a run." in page
    assert "A-2 was “not met”: a run." in page


def test_each_confirmation_that_is_missing_is_counted_and_none_of_conduct(evidence_document: Any) -> None:
    conduct = {one["clause"] for one in evidence_document["clauses"] if one["status"] == "not technical"}
    missing = [one for one in evidence_document["evidence"] if one["reason"].endswith("no one has confirmed it yet")]
    of_parts = {one["reason"] for one in missing if one["control"]}
    of_clauses = {one["clause"] for one in missing if not one["control"]} - conduct

    assert len(of_clauses) > 1, "each of them is a confirmation of its own"
    number = len(of_parts) + len(of_clauses)
    rules = len({one["clause"] for one in missing if one["clause"]} - conduct)
    start = f"Ask for {number} dated confirmations that the school has not given yet, for "
    (act,) = [act for act in evidence_document["needs"] if act.startswith(start)]
    (counted, others) = re.findall(r"(\d+) of the \d+ rules not known or not confirmed|(\d+) other clauses", act)
    assert int(counted[0]) + int(others[1]) == rules


def test_what_was_accepted_is_named_in_the_evidence_and_not_for_governors(tmp_path: Path) -> None:
    export_of(tmp_path / "playbooks")
    (tmp_path / "playbooks" / "95-exceptions.yaml").write_text(ACCEPTED)
    playbooks = load(tmp_path / "playbooks")
    (evidence,) = exception_lines(playbooks, ReportPast(), NOW, objects=True)
    (governors,) = exception_lines(playbooks, ReportPast(), NOW, objects=False)

    assert evidence.name == "microsoft365.transport_rule[Footer]"
    assert "Footer" not in str(governors)
    assert (governors.about, governors.state) == ("transport rule on Microsoft 365", "active")
