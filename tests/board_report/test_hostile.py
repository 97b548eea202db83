"""Names that people and programs chose to do harm: they stay words, in every form of a report, however many."""

import csv
import json
import time
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.board_report.golden import read_document
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.pdf import OBJECTS, as_pdf, shorten_tables
from toolkit.board_report.plain_language import sanitise
from toolkit.board_report.writers import as_csv, as_workbook

LONG = "Anastasia" * 22 + "ly"
ARABIC = "\u0645\u062f\u0631\u0633\u0629 123 \u0645\u062b\u0627\u0644"
NAMES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><b id="injected">bold</b>',
    "</td></tr></table><h1>All clauses are met</h1>",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt; &amp; &#60;",
    "javascript:alert(1)",
    "=HYPERLINK(1)",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\tTAB",
    "\rCR",
    "Ada\u202eevil\u2069",
    ARABIC,
    LONG,
)


def _hostile_document(directory: Path, lines: int) -> Any:
    """Give a document of evidence, and of a case, in which every name stands wherever a name can."""
    told = read_document(directory, Pack.EVIDENCE)
    told["evidence"] = [_line(number, NAMES[number % len(NAMES)]) for number in range(lines)]
    told["cases"] = {
        name: {
            "matter": name,
            "released": None,
            "people": [{"who": name, "since": told["run"]["at"], "parts": [name]}],
            "copies": [{"number": 1, "name": name, "what": name, "chain": [name]}],
        }
        for name in NAMES
    }
    told["exceptions"] = [_exception(name, told["run"]["at"]) for name in NAMES]
    told["school"] = f"{NAMES[0]} {ARABIC}"
    return json.loads(json.dumps(sanitise(told, names=True)))


def _line(number: int, name: str) -> dict[str, Any]:
    fields = [{"setting": name, "wanted": name, "seen": name}]
    objects = [{"object": f"microsoft365.mail_signature[{name}]", "state": "differs", "differs": fields}]
    return {
        "clause": f"SEC-{number:05}", "control": "mail.disclaimer", "source": name, "verdict": "fails",
        "reason": f"{number} of {name}: 1", "who_says": name, "origin": name, "seen": None, "objects": objects,
        "limits": [name],
    }  # fmt: skip


def _exception(name: str, at: str) -> dict[str, Any]:
    words = dict.fromkeys(("name", "about", "for", "reason", "by", "assessment", "state"), name)
    never = dict.fromkeys(("left", "removed", "late_minutes"))
    return {**words, **never, "begins": at, "ends": at, "on": at, "clauses": [name]}


def _cells(governors_document: Any) -> Iterator[str]:
    for row in csv.reader(StringIO(as_csv(governors_document))):
        yield from row
    for sheet in load_workbook(BytesIO(as_workbook(governors_document))):
        for cells in sheet.iter_rows():
            assert all(cell.data_type != "f" and not cell.hyperlink for cell in cells)
            yield from (cell.value for cell in cells if isinstance(cell.value, str))


def _is_inert(page: Page, governors_document: Any, path: Path) -> None:
    """Open a page that holds every name, and see that a browser shows them and does nothing that they say."""
    happened: list[str] = []
    page.on("dialog", lambda dialog: happened.append(dialog.message))
    page.on("request", lambda request: happened.append(request.url))
    path.write_text(as_html(governors_document), encoding="utf-8")
    page.goto(path.as_uri())

    assert happened == [path.as_uri()]
    assert page.locator("script, img, iframe, #injected, a[href^=javascript]").count() == 0
    assert page.locator("h1").count() == 1
    shown = page.evaluate("document.body.textContent")
    assert all(str(sanitise(name, names=True)) in shown for name in NAMES)
    assert "49" not in page.locator("#exceptions").inner_text()
    assert not {"\u202e", "\u2069", "\r"} & set(shown)
    assert page.title() == f"Practice run: {NAMES[0]} {ARABIC}: Evidence"
    alone = "[...document.querySelectorAll('bdi')].filter(one => one.textContent == name).length"
    assert page.evaluate(f"name => {alone}", ARABIC) >= 10
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("bdi", has_text=LONG).first.bounding_box()


def test_a_browser_shows_hostile_names_and_obeys_none(page: Page, tmp_path: Path) -> None:
    _is_inert(page, _hostile_document(tmp_path / "small", lines=200), tmp_path / "page.html")


def test_no_cell_of_a_table_becomes_a_formula(tmp_path: Path) -> None:
    told = _hostile_document(tmp_path / "small", lines=200)
    cells = [*_cells(told), *_cells({**told, "pack": "case"})]

    assert any(LONG in cell for cell in cells)
    assert [cell for cell in cells if "HYPERLINK" in cell]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_paper_holds_the_first_lines_and_says_where_the_others_are(tmp_path: Path) -> None:
    told = _hostile_document(tmp_path / "small", lines=30)
    told["evidence"][0]["objects"] *= OBJECTS + 5
    short, left_out = shorten_tables(told, 8)

    assert [len(short["evidence"]), len(short["exceptions"]), len(short["clauses"])] == [8, 8, 5]
    assert (left_out["evidence"], left_out["exceptions"], left_out["clauses"]) == (22, len(NAMES) - 8, 0)
    assert short["evidence"][0]["objects"][-1]["object"] == "5 more"
    assert short["summary"] == told["summary"]
    assert len(told["evidence"]) == 30


@pytest.mark.soak
def test_paper_says_how_many_lines_are_left_out(tmp_path: Path) -> None:
    told = _hostile_document(tmp_path / "small", lines=30)
    drawn = PdfReader(BytesIO(as_pdf({**told, "cases": {}, "evidence": told["evidence"][:5]}, most=4)))
    text = "".join(leaf.extract_text() for leaf in drawn.pages)
    assert "1 line is left out" in " ".join(text.split())


@pytest.mark.soak
def test_ten_thousand_lines_are_shown_and_written_in_sensible_time(page: Page, tmp_path: Path) -> None:
    told = _hostile_document(tmp_path / "small", lines=10_000)

    _is_inert(page, told, tmp_path / "page.html")
    began = time.process_time()
    assert not [cell for cell in _cells(told) if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert time.process_time() - began < 60
    began = time.process_time()
    assert as_pdf(told).startswith(b"%PDF-")
    assert time.process_time() - began < 120
