"""The pack of outside standards: each row names what exists, claims no more, and shows the school's records."""

import json
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.board_report.golden import read_document
from tests.board_report.reading import visible_text
from tests.board_report.school import export_of
from tests.door import SAMPLES
from toolkit.board_report.document import document
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.requirements import NOT_RECORDED, WORST_FIRST, record_lines, requirement_sections
from toolkit.board_report.reviewed_text import fixed_sentences, standards
from toolkit.controls.control import controls
from toolkit.playbook.load import load
from toolkit.playbook.records import RECORDS, Record
from toolkit.render.line import to_json

CLAIM = re.compile(r"\bcompl(y|ies|iant|iance)\b|\bcertif(ied|ies)\b", re.IGNORECASE)
TODAY = date(2026, 11, 10)


@pytest.fixture(scope="module")
def clauses() -> set[str]:
    """Name the clauses of the samples."""
    return {clause.name for clause in load(SAMPLES).policy.clauses}


@pytest.mark.parametrize("row", standards().requirements, ids=lambda row: row.id)
def test_each_row_names_controls_clauses_and_records_that_exist_and_claims_nothing(
    row: Any, clauses: Collection[str]
) -> None:
    subjects = standards().controls

    assert row.controls or row.records
    assert [name for name in row.controls if name not in controls() and not subjects[name].title] == []
    assert [
        clause
        for name in row.controls
        if name in subjects
        for clause in subjects[name].clauses
        if clause not in clauses
    ] == []
    assert set(row.records) <= set(RECORDS)
    assert not CLAIM.search(f"{row.asks} {row.short}")
    assert row.asks.endswith(".")
    assert sum(row.id.startswith(standard.ids) for standard in standards().standards.values()) == 1


def test_each_id_stands_once_and_every_record_serves_a_row() -> None:
    ids = [row.id for row in standards().requirements]

    assert sorted(set(ids)) == sorted(ids)
    assert {name for row in standards().requirements for name in row.records} == set(RECORDS)
    assert not any(CLAIM.search(standard.title + standard.edition) for standard in standards().standards.values())


def test_the_pack_has_each_row_with_its_edition_and_what_is_shown(tmp_path: Path) -> None:
    told = read_document(tmp_path / "playbooks", Pack.STANDARDS)
    text = visible_text(as_html(told))
    rows = [row for standard in told["requirements"] for row in standard["rows"]]

    wanted = [row.id for row in standards().requirements if not row.id.startswith("RPA:")]
    assert [row["id"] for row in rows] == wanted
    assert all(row["id"] in text and row["asks"] in text for row in rows)
    assert all(standard["edition"] in text for standard in told["requirements"])
    assert all(row["state"] == min((line["state"] for line in row["shown"]), key=WORST_FIRST.index) for row in rows)
    assert not CLAIM.search(json.dumps(rows))
    assert not CLAIM.search(fixed_sentences()["standards_note"].replace("no certificate", ""))
    assert {row["covers"] for row in rows} == {"covers the same topic", "evidence for it"}


def test_a_member_of_the_rpa_has_its_conditions_and_an_applicant_its_questions_on_page_one(tmp_path: Path) -> None:
    export = export_of(tmp_path / "playbooks")
    school = replace(export.report.playbooks.school, rpa=True, cyber_essentials=True)
    report = replace(export.report, playbooks=replace(export.report.playbooks, school=school))

    told = document(replace(export, report=report), Pack.GOVERNORS)

    listed: Any = to_json(requirement_sections(report))
    rpa = next(standard for standard in listed if "Risk Protection" in standard["standard"])
    assert [row["id"] for row in rpa["rows"]] == ["RPA:1", "RPA:2", "RPA:3", "RPA:4"]
    assert "2022 to 2023" in rpa["edition"]
    assert "A6.4 updates within 14 days: not looked at; A7.16 MFA of administrators: not looked at; A7.17" in str(
        told["cyber_essentials"]
    )
    assert str(told["cyber_essentials"]) in visible_text(as_html(json.loads(json.dumps(told, default=str))))
    assert document(export, Pack.GOVERNORS)["cyber_essentials"] is None


def test_every_record_is_told_by_its_latest_entry_and_what_no_one_recorded_as_that() -> None:
    entries = [
        _record("backup_restore_test", on=date(2026, 6, 1), result="passed"),
        _record("backup_restore_test", on=date(2026, 10, 1), result="failed"),
        _record("training_governors", on=date(2026, 9, 7), number=9, of=11),
        _record("response_plan", on=date(2025, 9, 1)),
        _record("risk_assessment", on=date(2026, 9, 1)),
        _record("contract_register", on=date(2026, 12, 1)),
    ]

    told = {line.record: line for line in record_lines(entries, TODAY)}

    assert list(told) == list(RECORDS)
    assert told["backup_restore_test"].told == "Failed; 1 October 2026, counts until 31 January 2027"
    assert told["training_governors"].told == "9 of 11 are trained; 7 September 2026, counts until 7 September 2027"
    states = {name: line.state for name, line in told.items() if line.state != NOT_RECORDED}
    assert states == {
        "backup_restore_test": "not in order",
        "training_governors": "partly",
        "response_plan": "overdue",
        "risk_assessment": "in order",
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            {"record": "backup_restore_tset", "result": "passed"},
            "is not a type of record: did you mean .backup_restore_test",
        ),
        ({"record": "training_staff"}, "needs `number` and `of`: how many are trained"),
        ({"record": "training_staff", "number": 3}, "needs `number` and `of`"),
        ({"record": "training_staff", "number": 3, "of": 2}, r"`number` \(3\) is larger than `of` \(2\)"),
        ({"record": "response_plan", "number": 3, "of": 4}, "must not have `number`"),
        ({"record": "response_plan", "result": "passed"}, "must not have `result`"),
        ({"record": "backup_restore_test"}, "needs `result`: passed or failed"),
    ],
)
def test_a_record_with_a_wrong_word_is_refused(words: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Record.model_validate({"by": "IT support", "on": TODAY, **words})


def _record(name: str, **words: Any) -> Record:
    return Record.model_validate({"record": name, "by": "IT support", **words})
