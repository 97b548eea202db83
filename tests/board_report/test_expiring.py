"""What expires within 60 days: the same in the document, the workbook and the calendar."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.board_report.golden import read_document
from tests.board_report.reading import visible_text
from tests.board_report.school import NOW, export_of
from toolkit.board_report.document import document
from toolkit.board_report.expiring import PLAIN, as_calendar
from toolkit.board_report.pack import Format, Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.plain_language import day_of
from toolkit.board_report.writers import as_workbook, report_files
from toolkit.planning.checks.expiry import BoardState, ExpiryEntry
from toolkit.sdk.expiry import RECORDED, ROWS

LONG = "Größe, “Prüfung”; \\ of the app " * 4


def _entry(row: str, what: str, ends: date | None, state: BoardState = BoardState.SOON) -> ExpiryEntry:
    return ExpiryEntry(row=row, provider="microsoft365", what=what, state=state, acts="IT support", ends=ends)


@pytest.fixture
def told_for(tmp_path: Path) -> Any:
    """Return a function that makes a document of the small school with some things that expire."""
    board = [
        _entry("app_credentials", LONG, date(2026, 12, 4)),
        _entry("apple_push", "of devices@example-primary.example", date(2026, 11, 10)),
        _entry("licences", "Office 365 A3", date(2025, 8, 31), BoardState.ENDED),
        _entry("windows_support", "23H2", date(2027, 1, 9)),
        _entry("chromebook_updates", "later than the report looks", date(2027, 1, 10), BoardState.LATER),
        _entry("saml_signing", "unreadable", None, BoardState.UNKNOWN),
        _entry(RECORDED, "Domain example-primary.example", date(2026, 12, 24)),
        _entry(RECORDED, "certificate of Gate.Example-Primary.example", date(2026, 12, 25)),
    ]
    export = replace(export_of(tmp_path / "playbooks"), board=board, unread_clouds=["google_workspace"])
    return lambda pack: document(export, pack)


def test_what_ends_within_sixty_days_is_listed_the_soonest_first_and_what_is_not_known_after(told_for: Any) -> None:
    expires = told_for(Pack.EVIDENCE)["expires"]

    assert [(line["what"][:22], line["days"], line["state"]) for line in expires["lines"]] == [
        ("Time for the review of", -906, "ended"),
        ("Licence: Office 365 A3", -436, "ended"),
        ("Apple push certificate", 0, "ends soon"),
        ("App secret or certific", 24, "ends soon"),
        ("Domain example-primary", 44, "ends soon"),
        ("Certificate of Gate.Ex", 45, "ends soon"),
        ("Windows version: 23H2", 60, "ends soon"),
    ]
    assert expires["not_known"] == ["SAML signing certificate: unreadable", "everything on Google Workspace"]


def test_governors_read_no_name_of_an_app_an_account_or_a_host(told_for: Any) -> None:
    expires = told_for(Pack.GOVERNORS)["expires"]
    words = " ".join(line["what"] for line in expires["lines"])

    assert len(expires["lines"]) == 7
    assert "The school's internet domain" in words
    assert "Certificate of (an internet address)" in words
    assert not re.search(r"Prüfung|A3|23H2|@|\.example|secret", words, re.IGNORECASE)
    assert set(PLAIN) == set(ROWS) - {RECORDED}


def test_two_things_that_read_alike_and_end_on_one_date_are_counted(tmp_path: Path) -> None:
    keys = [_entry("app_credentials", name, date(2026, 12, 4)) for name in ("MIS, secret a", "Payroll, secret b")]
    versions = [_entry("windows_support", name, date(2027, 1, 9)) for name in ("2 with 23H2 Pro", "9 with 23H2 Home")]
    other = replace(keys[0], what="Copier, secret c", acts="Office")
    export = replace(export_of(tmp_path / "playbooks"), board=[*keys, other, *versions])

    told: Any = document(export, Pack.GOVERNORS)
    named: Any = document(export, Pack.EVIDENCE)

    lines = [(line["what"], line["acts"]) for line in told["expires"]["lines"] if line["state"] == "ends soon"]
    assert lines == [
        ("Key with which an outside app signs in (key 1 and 2 of 3)", "IT support"),
        ("Key with which an outside app signs in (key 3 of 3)", "Office"),
        ("Security updates of Windows", "IT support"),
    ]
    assert as_calendar(told).count("BEGIN:VEVENT") == 3
    assert [line["what"] for line in named["expires"]["lines"] if "secret" in line["what"]] == [
        f"App secret or certificate: {entry.what}" for entry in (*keys, other)
    ]


def test_the_page_lists_each_thing_with_its_date_and_a_bar_as_long_as_the_time_left(told_for: Any) -> None:
    told = told_for(Pack.GOVERNORS)
    expires = told["expires"]
    page = as_html(told)
    listed = page[page.index('<h2 id="expires">') : page.index('<h2 id="exceptions">')]
    rows = re.findall(r"<li>.*?</li>", listed, re.DOTALL)

    assert len(rows) == len(expires["lines"]) == 7
    for line, row in zip(expires["lines"], rows, strict=True):
        verb = "ended" if line["state"] == "ended" else "ends"
        assert " ".join(visible_text(row).split()) == (
            f"{line['what']}: {verb} on {day_of(line['ends'])}. To act: {line['acts']}."
        )
        filled = re.findall(r'<rect fill="#0b4a8f" x="0" y="1" width="([\d.]+)%"', row)
        assert list(map(float, filled)) == pytest.approx([100 * line["days"] / 60] * (verb == "ends"), abs=0.01)
        assert f"{line['days']} of the next 60 days left" in row or verb == "ended"
    assert "Not known: Certificate for single sign-on, everything on Google Workspace." in visible_text(listed)


def test_the_calendar_has_an_event_for_each_date_to_come_and_for_each_response(told_for: Any) -> None:
    told = told_for(Pack.EVIDENCE)
    due = {"due": "2026-12-18", "told": "Ask the supplier. Lead: IT support, by 18 December 2026."}
    told = {**told, "gaps": [{**told["gaps"][0], "response": due}, *told["gaps"][1:]]}

    written = as_calendar(told)

    assert all(len(line.encode()) <= 75 for line in written.split("\r\n"))
    whole = written.replace("\r\n ", "").split("\r\n")
    summaries = [line.removeprefix("SUMMARY:") for line in whole if line.startswith("SUMMARY:")]
    assert len(summaries) == 6
    assert all(summary.startswith("Practice run: ") for summary in summaries)
    escaped = LONG.strip().replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    assert f"Practice run: App secret or certificate: {escaped}" in summaries[1]
    days = [line.partition(":")[2] for line in whole if line.startswith("DTSTART")]
    assert days == ["20261110", "20261204", "20261224", "20261225", "20270109", "20261218"]
    assert len({line for line in whole if line.startswith("UID:")}) == 6
    assert (
        [line for line in whole if line.startswith("BEGIN:V")].count("BEGIN:VEVENT") == whole.count("END:VEVENT") == 6
    )
    assert {line for line in whole if line.startswith("DTSTAMP")} == {"DTSTAMP:20261110T090000Z"}


def test_the_calendar_lies_beside_the_document_only_where_there_is_a_date(told_for: Any, tmp_path: Path) -> None:
    board = [Path(name).suffix for name, _ in report_files(told_for(Pack.GOVERNORS), [Format.JSON])]

    assert board == [".json", ".ics"]
    assert [Path(name).suffix for name, _ in report_files(read_document(tmp_path / "none"), [Format.JSON])] == [".json"]


def test_columns_are_as_wide_as_their_texts_and_every_sheet_has_a_filter(told_for: Any) -> None:
    book = load_workbook(BytesIO(as_workbook(told_for(Pack.EVIDENCE))))

    for sheet in book:
        assert sheet.auto_filter.ref
        for column in sheet.iter_cols(min_row=2):
            longest = max(len(str(cell.value or "")) for cell in column)
            assert min(longest, 60) <= sheet.column_dimensions[column[0].column_letter].width <= 60
    lines = list(book["Expires"].iter_rows(min_row=3, values_only=True))
    assert [line[4] for line in lines] == ["ended"] * 2 + ["ends soon"] * 5 + ["not known"] * 2
    assert [str(line[1]) for line in lines[:2]] == ["2024-05-18 00:00:00", "2025-08-31 00:00:00"]
    assert all(isinstance(line[1], datetime) for line in lines[:7]), "a spreadsheet sorts dates and no words"
    assert book["Expires"]["B3"].number_format == "d mmmm yyyy"
    assert [cell.value for cell in book["Expires"][2]] == ["what", "ends", "days left", "who must act", "state"]
    assert dict(book["Summary"].iter_rows(min_row=3, values_only=True))["made"] == NOW.replace(tzinfo=None)
    assert list(book["Trend"].iter_cols(min_col=2, max_col=2, min_row=2, max_row=2, values_only=True)) == [
        ("clauses a computer can judge",)
    ]


def test_the_sample_school_gets_a_calendar_with_what_its_tenants_show(packs: Mapping[Pack, Path]) -> None:
    made = {pack: packs[pack].with_suffix(".ics").read_text() for pack in (Pack.GOVERNORS, Pack.EVIDENCE)}

    assert "SUMMARY:Practice run: Certificate that manages the iPads ends" in made[Pack.GOVERNORS]
    assert "SUMMARY:Practice run: Apple push certificate: " in made[Pack.EVIDENCE]
    assert not packs[Pack.STANDARDS].with_suffix(".ics").exists()
