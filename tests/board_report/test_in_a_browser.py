"""Every pack of a report in a real browser: who reads by ear or by keyboard, on a phone, enlarged or on paper."""

import json
import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize
from pypdf import PdfReader

from tests.board_report.accessibility import LEAVE_FEW, violations
from tests.board_report.reading import visible_text
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.pdf import as_pdf

SCROLLS = """() => [...document.querySelectorAll('*')].filter(one =>
    /auto|scroll/.test(getComputedStyle(one).overflow) && one.tabIndex < 0
    && (one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight)).map(one => one.outerHTML)"""
FOCUSED = """() => { const one = document.activeElement, look = getComputedStyle(one), at = one.getBoundingClientRect();
    return {link: one.getAttribute('href'), ring: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2,
            shown: at.width > 0 && at.left >= 0 && at.top >= 0 && at.bottom <= innerHeight}; }"""
ROWS = """() => [...document.querySelectorAll('table.clauses tbody tr, table.evidence tbody tr')].map(
    row => [...row.cells].map(cell => {
        const copy = cell.cloneNode(true);
        copy.querySelectorAll('details > :not(summary)').forEach(closed => closed.remove());
        return copy.textContent.replace(/\\s+/g, '');
    }))"""
TABLES = "document.querySelectorAll('table.clauses').length"
OPEN_ALL = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
STOPS = "[...document.querySelectorAll('a[href], summary')].map(one => one.getAttribute('href'))"
WIDTHS = (320, 390, 768, 1024)
PHONE: ViewportSize = {"width": 390, "height": 800}
DESK_AND_PHONE: Sequence[ViewportSize] = [PHONE, {"width": 1280, "height": 1024}]
LEAVE_LOOKS = """() => { const met = new Set();
    document.querySelectorAll('tbody tr, li').forEach(one => {
        const look = [one, ...one.querySelectorAll('*')].map(part => part.tagName + '.' + part.className).join();
        met.has(look) ? one.remove() : met.add(look); }); }"""
"""Of the rows and list items that are built alike, with the same classes, leave the first."""
FEW_LINES = 15
"""Of the evidence, which has hundreds that look alike; the soak opens all of them."""


@pytest.mark.parametrize(
    ("pack", "sizes"),
    [
        (Pack.GOVERNORS, [PHONE]),
        (Pack.EVIDENCE, [PHONE]),
        *(pytest.param(pack, DESK_AND_PHONE, marks=pytest.mark.soak) for pack in Pack),
    ],
)
def test_a_page_asks_for_nothing_and_leaves_nobody_out(
    page: Page, packs: Mapping[Pack, Path], tmp_path: Path, pack: Pack, sizes: Sequence[ViewportSize]
) -> None:
    file = packs[pack] if sizes is DESK_AND_PHONE else _shortened(packs[pack], tmp_path)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.on("console", lambda said: asked.append(said.text))
    address = file.as_uri()
    page.goto(address)

    assert asked == [address]
    assert page.evaluate("document.scripts.length + document.querySelectorAll('link, img, iframe, form').length") == 0
    assert page.evaluate("document.documentElement.lang") == "en-GB"
    page.evaluate(OPEN_ALL)
    shown = page.evaluate("document.body.innerText")
    assert _bare(shown) == _bare(visible_text(file.read_text(encoding="utf-8")))

    _reach_by_keyboard(page)
    assert page.evaluate(SCROLLS) == []
    for width in WIDTHS:  # 320 is also a screen of 1,280 at 400 %
        page.set_viewport_size({"width": width, "height": 256 if width == 320 else 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.evaluate(LEAVE_FEW)  # lines further down a table are like those above them, and each takes its time
    if sizes is not DESK_AND_PHONE:
        page.evaluate(LEAVE_LOOKS)
    for size in sizes:
        page.set_viewport_size(size)
        assert violations(page) == []


def _shortened(made: Path, directory: Path) -> Path:
    """Write the page of a pack again, with few lines of evidence."""
    told = json.loads(made.with_suffix(".json").read_text(encoding="utf-8"))
    page = directory / "page.html"
    page.write_text(as_html({**told, "evidence": told.get("evidence", [])[:FEW_LINES]}), encoding="utf-8")
    return page


@pytest.fixture
def clauses_in_tables(packs: Mapping[Pack, Path]) -> Any:
    """Return the document for evidence with 24 clauses: a table for each section, some over several leaves.

    It has none of the lists in columns, which take most of the time to draw and are in the pack for governors.
    """
    told = json.loads(packs[Pack.EVIDENCE].with_suffix(".json").read_text(encoding="utf-8"))
    no_standard = {**told["standards"], "subjects": []}
    without: dict[str, Any] = {key: [] for key in ("evidence", "records", "confirmations", "not_covered")}
    return {**told, **without, "clauses": told["clauses"][:24], "standards": no_standard}


def test_paper_repeats_the_heads_of_tables_and_cuts_no_line(page: Page, clauses_in_tables: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(as_html(clauses_in_tables), encoding="utf-8")
    page.goto(path.as_uri())
    printed = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))

    _are_leaves(printed, page)


def test_the_leaves_of_the_pdf_are_as_sound(page: Page, clauses_in_tables: Any, tmp_path: Path) -> None:
    shorter = {**clauses_in_tables, "clauses": clauses_in_tables["clauses"][:20]}
    same = tmp_path / "page.html"
    same.write_text(as_html(shorter), encoding="utf-8")
    drawn = PdfReader(BytesIO(as_pdf(shorter)))
    page.goto(same.as_uri())

    _are_leaves(drawn, page)


def _reach_by_keyboard(page: Page) -> None:
    """Go from stop to stop: the way past the menu first, then every link and every part to open, each with a ring."""
    links = page.evaluate(STOPS)
    reached = []
    for _ in links:
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert [one["link"] for one in reached] == links
    assert all(one["ring"] and one["shown"] for one in reached), reached
    targets = page.evaluate("[...document.querySelectorAll('a[href]')].map(one => !!document.querySelector(one.hash))")
    assert all(targets)

    page.evaluate("document.querySelector('.skip').focus()")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


LIGATURES = str.maketrans({"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"})
"""Letters that some fonts draw as one, and a printed page gives back as one."""


def _bare(text: str) -> str:
    return re.sub(r"[\s|]+", "", text).translate(LIGATURES)


def _are_leaves(printed: PdfReader, page: Page) -> None:
    """See that leaves are A4, that a table which goes on begins with its head, and that each line is on one leaf."""
    leaves = [_bare(leaf.extract_text()) for leaf in printed.pages]
    assert [round(float(leaf.mediabox.width)) for leaf in printed.pages] == [595] * len(leaves)
    assert [round(float(leaf.mediabox.height)) for leaf in printed.pages] == [842] * len(leaves)
    heads = [re.split("Clause(?:Whatitsays)", leaf) for leaf in leaves]
    rows = page.evaluate(ROWS)
    assert sum(len(parts) - 1 for parts in heads) > page.evaluate(TABLES) > 1, "no table goes on over leaves"
    for first, *cells in rows:
        on = [at for at, leaf in enumerate(leaves) if f"{first}{cells[0]}" in leaf]
        assert len(on) == 1, (first, on)
        assert all(cell in leaves[on[0]] for cell in cells), first
        assert any(first in part for part in heads[on[0]][1:]), f"{first} has no head above it on leaf {on[0] + 1}"
    assert not [leaf for leaf in leaves if re.search(r"Whoanswersforit(?![A-Z]{3}-\d)", leaf)], "a head stands alone"
