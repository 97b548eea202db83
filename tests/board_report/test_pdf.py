"""The PDF of each pack is made to PDF/UA-1: what a screen reader needs is there, whatever the school wrote."""

import json
import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from toolkit.board_report.pack import Pack
from toolkit.board_report.page import page_title
from toolkit.board_report.page_elements import printed_page
from toolkit.board_report.pdf import as_pdf, typeset
from toolkit.errors import ToolkitError

HAN = "\u738b\u5c0f\u660e"
REQUESTS = 6
"""The most requests to the board for which page one must stay one page."""


@pytest.fixture(scope="module", params=[pack for pack in Pack if pack is not Pack.SUMMARY])  # only live tenants have it
def document(request: pytest.FixtureRequest, packs: Mapping[Pack, Path]) -> Any:
    return json.loads(packs[request.param].with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def printed(document: Any) -> PdfReader:
    return PdfReader(BytesIO(as_pdf(document)))


def _structure(node: Any) -> Iterator[Any]:
    """Yield the elements of the structure tree below a node, in the order in which they are read aloud."""
    below = node.get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        element = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(element, dict):
            yield element
            yield from _structure(element)


def _of_type(printed: PdfReader, name: str) -> list[Any]:
    root: Any = printed.trailer["/Root"]
    return [element for element in _structure(root["/StructTreeRoot"]) if element.get("/S") == name]


def test_it_has_a_title_a_language_and_tags_and_names_the_standard(document: Any, printed: PdfReader) -> None:
    root: Any = printed.trailer["/Root"]

    assert str(root["/Lang"]) == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert printed.metadata
    assert printed.metadata.title == page_title(document)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data()


def test_each_figure_has_a_text_alternative_and_each_table_begins_with_header_cells(printed: PdfReader) -> None:
    assert [figure for figure in _of_type(printed, "/Figure") if not str(figure.get("/Alt", ""))] == []
    tables = _of_type(printed, "/Table")
    assert tables
    for table in tables:
        first_row = next(element for element in _structure(table) if element.get("/S") == "/TR")
        assert {cell.get("/S") for cell in _structure(first_row) if cell.get("/S") in {"/TH", "/TD"}} == {"/TH"}


def test_headings_skip_no_level_and_one_of_the_first_level_comes_first(printed: PdfReader) -> None:
    root: Any = printed.trailer["/Root"]
    names = [str(element.get("/S")) for element in _structure(root["/StructTreeRoot"])]
    levels = [int(name[2:]) for name in names if re.fullmatch(r"/H\d", name)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_its_letters_are_those_of_the_package_and_of_typst_on_every_machine(printed: PdfReader) -> None:
    fonts = {
        str(font.get_object()["/BaseFont"]).partition("+")[2]
        for page in printed.pages
        for font in page["/Resources"].get("/Font", {}).values()  # type: ignore[attr-defined]  # a dictionary
    }

    assert fonts == {"LiberationSans", "LiberationSans-Bold"}


def test_the_same_report_is_the_same_file(document: Any) -> None:
    assert as_pdf(document) == as_pdf(document)


def test_page_one_stays_one_page_with_six_requests_to_the_board(report: Any) -> None:
    request = "Agree who leads on devices that are not encrypted, which the report names, and by which date: 3 of 46"
    requests = [f"{request} ({number})." for number in range(REQUESTS)]
    acts = [{**report["acts"][-1], "what": request} for request in requests]
    drawn = PdfReader(BytesIO(as_pdf({**report, "needs": requests, "acts": acts})))
    first, second = (" ".join(page.extract_text().split()) for page in drawn.pages[:2])

    assert all(" ".join(request.split()) in first for request in requests)
    assert "What this report does not cover" in first
    assert second.startswith("Practice run, simulated data The policy by section")


def _earlier(document: Any) -> Any:
    """Return a document as an earlier version wrote it, without dates for acts."""
    return {name: value for name, value in document.items() if name not in {"acts", "usual_date"}}


def test_what_is_longer_than_a_page_goes_on_over_the_next_and_nothing_is_cut(packs: Mapping[Pack, Path]) -> None:
    document = _earlier(json.loads(packs[Pack.EVIDENCE].with_suffix(".json").read_text(encoding="utf-8")))
    first, *others = document["clauses"]
    reasons = [{"subject": "A subject", "found": f"Reason {number}."} for number in range(150)]
    long = {**document, "needs": [f"Request {number}." for number in range(150)], "evidence": [], "clauses": [
        {**first, "reasons": reasons}, *others[:2]
    ]}  # fmt: skip
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(as_pdf(long))).pages)

    assert [number for number in range(150) if f"Request {number}." not in text] == []
    assert [number for number in range(150) if f"Reason {number}." not in text] == []


def test_a_character_that_no_font_has_is_replaced_and_the_others_stay(report: Any) -> None:
    school = f"\u0141\u00f3d\u017a \u0395\u03bb\u03bb \u2713 {HAN} \U0001f600 School"
    drawn = PdfReader(BytesIO(as_pdf({**report, "school": school})))
    text = drawn.pages[0].extract_text()

    assert "\u0141\u00f3d\u017a \u0395\u03bb\u03bb" in text
    assert HAN not in text
    assert "\ufffd\ufffd\ufffd" in text
    assert "The PDF has no font for some characters" in drawn.pages[-1].extract_text()


def test_right_to_left_words_bring_no_invisible_character_into_copied_text(report: Any) -> None:
    needs = ["Ask \u05d0\u05d1\u05d2 \u05d3\u05d4\u05d5, 12 November", "\u0645\u062f: 5 of 7, " + "\u0627\u0644 " * 50]
    text = PdfReader(BytesIO(as_pdf({**_earlier(report), "needs": needs}))).pages[0].extract_text()

    assert "12 November" in text
    assert "5 of 7, " in text
    assert re.findall("[\u200b-\u200f\u2066-\u2069]", text) == []


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (b'#set document(title: "A")\n#set text(font: "No Such Font")\nWords', "unknown font family: no such font"),
        (b'#set document(title: "A")\n= One\n=== Three', "PDF/UA-1 error"),
        (b"Words without a title", "PDF/UA-1 error"),
        (b'#set document(title: "A")\n#image(bytes(json(bytes(sys.inputs.report)).picture))', "PDF/UA-1 error"),
    ],
)
def test_what_typst_warns_of_or_refuses_makes_no_pdf(template: bytes, message: str) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'

    with pytest.raises(ToolkitError, match=re.escape(f"The PDF could not be made: {message}")):
        typeset(template, {"picture": picture})


def test_words_keep_their_letters_and_long_ones_have_places_to_break() -> None:
    seal = "1f" * 32
    page = f"<body><p> google_workspace.policy_setting[gmail] and <b>{seal}</b>\n </p></body>"
    (paragraph,) = printed_page(page)["body"]
    assert not isinstance(paragraph, str)
    (bold,) = (part for part in paragraph["body"] if not isinstance(part, str) and part["tag"] == "b")
    assert not isinstance(bold, str)

    assert "".join(part for part in paragraph["body"] if isinstance(part, str)) == (
        " google_workspace.policy_setting[gmail] and  "
    )
    assert "".join(part for part in bold["body"] if isinstance(part, str)) == seal
    assert max(len(part) for part in bold["body"] if isinstance(part, str)) <= 18


def test_what_only_a_screen_shows_is_not_printed_and_no_link_leads_to_it() -> None:
    page = (
        '<body><a class="skip" href="#main">Skip</a><nav><a href="#x">Menu</a></nav><p class="practice">Notice</p>'
        '<details><summary>2 more</summary><ul id="x"><li>Hidden</li></ul></details><p id="y">Shown<wbr>too</p></body>'
    )
    printed = printed_page(page)

    assert printed["ids"] == ["y"]
    assert [part["tag"] for part in printed["body"] if not isinstance(part, str)] == ["details", "p"]
    assert re.findall(r"Skip|Menu|Notice|2 more|Hidden|Shown|too", json.dumps(printed)) == ["2 more", "Shown", "too"]
