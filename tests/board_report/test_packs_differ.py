"""Each pack is a file of its own in every format, and the evidence names what each clause rests on."""

import csv
import json
from collections.abc import Mapping
from io import BytesIO, StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.board_report.golden import read_document
from tests.board_report.reading import visible_text
from tests.door import Door
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.writers import report_files

_CASES: dict[str, Any] = {"2026-B": {"matter": "2026-B", "released": None, "people": [], "copies": []}}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Pack, Any]:
    """Make the document of every pack of the small school."""
    found = {pack: read_document(tmp_path_factory.mktemp(pack) / "playbooks", pack) for pack in Pack}
    for pack, told in found.items():
        told.pop("cases", None)
        if pack is Pack.CASE:
            told["cases"] = _CASES
    return found


def _content(form: str, file: bytes) -> Any:
    """Read what a file says, without what differs between any two files: its name for the pack, and its times."""
    match form:
        case "csv":
            return list(csv.reader(StringIO(file.decode())))
        case "xlsx":
            book = load_workbook(BytesIO(file))
            sheets = (sheet for sheet in book if sheet.title != "Summary")
            return [(sheet.title, list(sheet.iter_rows(values_only=True))) for sheet in sheets]
        case "html":
            return visible_text(file.decode()).splitlines()[3:]
        case "pdf":
            text = "".join(page.extract_text() for page in PdfReader(BytesIO(file)).pages)
            return text[text.index("Computer readings begin") :]
        case _:
            return file


@pytest.mark.parametrize("form", Format)
def test_no_two_packs_give_the_same_file(documents: Mapping[Pack, Any], form: Format) -> None:
    written = {pack: _written_text(told, form) for pack, told in documents.items()}

    assert [(one, other) for one, other in combinations(Pack, 2) if written[one] == written[other]] == []


def _written_text(governors_document: Any, form: Format) -> Any:
    """Write a document in a format, and read what the file says."""
    files = {Path(name).suffix[1:]: content for name, content in report_files(governors_document, [form])}
    return _content(form, files[form])


def test_governors_read_each_clause_with_its_status_and_evidence_names_the_objects(
    applied_door: Door, tmp_path: Path
) -> None:
    door = applied_door
    made = tmp_path / "made"
    words = ("--pack", "governors,evidence", "--format", "csv")

    answer = door("audit", "export", door.playbooks, "-o", made, *words)

    assert answer.exit in {0, 3}, answer.err
    governors, evidence = (
        list(csv.DictReader(StringIO(next(made.glob(f"*_{pack}_*.csv")).read_text())))
        for pack in ("governors", "evidence")
    )
    assert len({row["clause"] for row in governors}) == len(governors) == 136
    assert all(row["status"] for row in governors)
    seen_on = [row for row in evidence if row["object"] == "microsoft365.transport_rule[School disclaimer]"]
    assert {(row["control"], row["source"], row["state"], row["outcome"]) for row in seen_on} == {
        ("mail.disclaimer", "Microsoft 365", "in place", "holds")
    }
    assert {row["level"] for row in seen_on} == {"enforced"}
    assert all(row["part"] and row["reason"] and row["read at"].startswith("2026-11-10T") for row in seen_on)
    confirmed = [row for row in evidence if row["confirmed by"]]
    assert all(row["confirmed on"] <= (row["confirmed until"] or row["confirmed on"]) for row in confirmed)
    assert not any(row["read at"] for row in confirmed)
    tests = {(row["part"], row["confirmed on"]) for row in confirmed if row["clause"] == "NET-01"}
    assert tests == {("filtering", "2026-10-13"), ("monitoring", "2026-10-13")}, "the last test of each, with its date"
    assert {row["level"] for row in confirmed} >= {"manual"}


def test_nothing_holds_that_no_one_says(packs: Mapping[Pack, Path]) -> None:
    told = json.loads(packs[Pack.EVIDENCE].with_suffix(".json").read_text(encoding="utf-8"))
    facts = [one for one in told["evidence"] if one["verdict"] in {"holds", "fails"}]

    assert [one for one in facts if one["who_says"] == "no one"] == []
    on_file = {one["control"] for one in facts if one["who_says"] == "the school's registers"}
    assert on_file >= {"web.monitoring_alerts", "site.web_editors"}
