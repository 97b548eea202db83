"""The pictures of a report: each shows the numbers of the document, says them in words, and needs no colour."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from tests.board_report.accessibility import LEAVE_FEW, violations
from tests.board_report.reading import visible_text
from toolkit.board_report.number_bars import NumberBar, number_bar
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html
from toolkit.board_report.partly_causes import clause_label
from toolkit.board_report.pdf import as_pdf
from toolkit.board_report.pictures import BOTTOM, END, REPORTS, TOP, judged_counts, trend
from toolkit.board_report.release import LONGEST
from toolkit.board_report.tables import document_tables
from toolkit.board_report.template_filters import CAUSE_SIGNS, SIGNS
from toolkit.render.line import to_json
from toolkit.sdk.reason import Share

MOST_PAGES = 12
"""The most pages of the governors' pack of the sample, with a line over past reports too."""
APPLYING = (
    "Cyber Essentials, for which the school applies. On the same topics this report shows: A6.4 updates within 14"
    " days: not confirmed; A7.16 MFA of administrators: not confirmed; A7.17 MFA of all users: not confirmed."
)
LARGEST = 70
"""The most shapes of one picture, so that a browser, a reader of screens and paper take it quickly."""


@dataclass(frozen=True)
class Picture:
    """A drawn picture: its class, its text alternative, and its shapes."""

    name: str
    words: str
    shapes: Sequence[ET.Element]

    def of(self, tag: str) -> list[ET.Element]:
        return [shape for shape in self.shapes if shape.tag == tag]


@pytest.fixture(scope="module")
def paper(files: Mapping[str, bytes]) -> PdfReader:
    """Return that document as it is printed."""
    return PdfReader(BytesIO(files["pdf"]))


def _pictures(page: str) -> Iterator[Picture]:
    for drawn in re.findall(r"<svg .*?</svg>", page, re.DOTALL):
        root = ET.fromstring(drawn)
        title = root.find("title")
        if root.get("aria-hidden") == "true":
            assert title is None
            continue
        assert root.get("role") == "img"
        assert title is not None
        assert title.text
        yield Picture(root.get("class", ""), title.text, [shape for shape in root.iter() if shape is not title][1:])


def _counts(words: str, about: str) -> dict[str, int]:
    pairs = re.findall(r"([a-z][a-z :,]*) (\d+)(?:, |$)", words.removeprefix(f"{about}: "))
    return {word: int(number) for word, number in pairs}


def _in_tiles(page: str) -> list[str]:
    listed = re.search(r'<ul class="tiles">(.*?)</ul>', page, re.DOTALL)
    assert listed
    return re.findall(r"<li>.*?</li>", listed[1], re.DOTALL)


def test_each_section_has_a_tile_whose_bar_and_words_are_the_counts_of_the_document(report: Any) -> None:
    tiles = _in_tiles(as_html(report))
    judged = [clause for clause in report["clauses"] if clause["judged"]]
    sections = list(dict.fromkeys(clause["section"] for clause in judged))

    assert len(tiles) == len(sections) + 1 == 11
    for name, tile in zip(["All sections", *sections], tiles, strict=True):
        within = [
            clause_label(clause["status"], clause["cause"])
            for clause in judged
            if name in {"All sections", clause["section"]}
        ]
        expected = {word: within.count(word) for word in judged_counts(report["summary"]) if word in within}
        (picture,) = _pictures(tile)
        words = " ".join(visible_text(tile).split())
        assert words == f"{name}: {len(within)} rule{'s' * (len(within) > 1)} " + " ".join(
            f"{word} {number}" for word, number in expected.items()
        )
        assert _counts(picture.words, name) == expected
        assert picture.words.startswith(f"{name}: ")
        widths = [float(piece.get("width", "").rstrip("%")) for piece in picture.of("rect")]
        assert sorted(widths) == pytest.approx(sorted(100 * n / len(within) for n in expected.values()), abs=0.01)
    assert _counts(next(_pictures(tiles[0])).words, "All sections") == _judged(report)


def _judged(report: Any) -> Mapping[str, int]:
    return {word: number for word, number in judged_counts(report["summary"]).items() if number}


def test_the_bar_of_page_one_shows_the_numbers_below_it(report: Any) -> None:
    drawn = next(picture for picture in _pictures(as_html(report)) if picture.name == "bar")

    judged = _judged(report)
    assert _counts(drawn.words, "Rules that a computer can check") == judged
    shown = [number for number in judged.values() if number / sum(judged.values()) > 0.04]
    assert sorted(int(shape.text or "") for shape in drawn.of("text")) == sorted(shown)


@pytest.mark.parametrize("pack", Pack)
def test_no_picture_is_large_and_each_says_its_numbers_in_words(packs: Mapping[Pack, Path], pack: Pack) -> None:
    pictures = list(_pictures(packs[pack].read_text(encoding="utf-8")))

    assert pictures or pack is Pack.CASE
    for picture in pictures:
        assert len(picture.shapes) <= LARGEST, picture.words
        drawn = [shape.text or "" for shape in picture.of("text")]
        assert [text for text in drawn if text not in picture.words] == []


def test_the_pdf_gives_each_picture_the_words_of_the_page(report: Any, paper: PdfReader) -> None:
    page = as_html(report)

    root: Any = paper.trailer["/Root"]
    assert list(_alternatives(root["/StructTreeRoot"])) == [picture.words for picture in _pictures(page)]
    text = " ".join(paper.pages[1].extract_text().split())
    for tile in _in_tiles(page):
        assert " ".join(visible_text(tile).split()) in text


SHOWN_ON_SCREEN = re.compile(r'(?<=</summary>).*?(?=</details>)|<caption class="unseen">.*?</caption>', re.DOTALL)
"""What paper leaves out: reasons to open, and captions that repeat the heading above them."""
FURTHEST = 250
"""Within how many letters the next words must follow; the top and the foot of a page are between some."""


def test_the_pdf_reads_in_the_order_of_the_page(report: Any, paper: PdfReader) -> None:
    _reads_in_order(report, paper)


def test_so_does_one_with_past_reports_the_longest_responses_and_a_certificate_and_page_one_stays_one_page(
    report: Any,
) -> None:
    response = {"told": f"{'a word ' * (LONGEST // 7)}. Lead: School Business Manager, by 18 December 2026."}
    longest = {"gaps": [{**gap, "response": response} for gap in report["gaps"]], "cyber_essentials": APPLYING}
    told = {**_after_terms(report, [{"met": 20 + term} for term in range(3)]), **longest}
    drawn = PdfReader(BytesIO(as_pdf(told)))

    assert "Rules that are not met" in " ".join(drawn.pages[1].extract_text().split())
    assert "Personal phones" in " ".join(drawn.pages[0].extract_text().split())
    assert "met20to22" in _reads_in_order(told, drawn)


def _reads_in_order(governors_document: Any, drawn: PdfReader) -> str:
    """Find what the page shows one after the other in the printed text, and return that without its spaces."""
    page = as_html(governors_document)
    text = "".join(_bare(leaf.extract_text()) for leaf in drawn.pages)
    shown = visible_text(SHOWN_ON_SCREEN.sub("", page[page.index("<main") : page.index("</main>")]))
    pieces = [piece for line in shown.splitlines() for piece in line.split(" | ") if _bare(piece)]
    at = text.index(_bare(pieces[0]))
    for piece in pieces:
        found = text.find(_bare(piece), at, at + len(_bare(piece)) + FURTHEST)
        assert found >= 0, f"{piece} does not follow {text[at - 60 : at]}"
        at = found + len(_bare(piece))
    assert len(drawn.pages) <= MOST_PAGES
    return text


def _bare(text: str) -> str:
    return re.sub(r"[\s|]+", "", text)


def _alternatives(node: Any) -> Iterator[str]:
    """Give the text alternative of each figure of a tagged PDF, in the order in which it is read."""
    if "/Alt" in node:
        yield str(node["/Alt"])
    below = node.get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        found = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(found, dict):
            yield from _alternatives(found)


def _drawn_share(report: Any, drawn: NumberBar) -> Picture:
    page = as_html({**report, "devices": [to_json(drawn)]})
    (picture,) = _pictures(page[page.index('<h3 id="devices">') : page.index('<h2 id="not-met">')])
    return picture


def _looks(picture: Picture) -> list[tuple[str, dict[str, str]]]:
    return [(shape.tag, dict(shape.items())) for shape in picture.shapes]


@pytest.mark.parametrize(("number", "unknown"), [(43, 0), (14, 3), (0, 5), (49, 0)])
def test_a_bar_of_people_or_devices_is_as_long_as_its_share(report: Any, number: int, unknown: int) -> None:
    picture = _drawn_share(report, number_bar("registered for MFA", Share(number, 49, unknown, alone=True)))
    ground, filled = picture.of("rect")
    striped = picture.of("line")

    assert picture.words.startswith(f"Registered for MFA: {number}")
    assert picture.words.endswith(f"That is {number} of 49.")
    assert ground.get("width") == "100%"
    assert _hundredths(filled, "width") == pytest.approx(100 * number / 49, abs=0.01)
    assert len(striped) == bool(unknown)
    for line in striped:
        assert _hundredths(line, "x2") - _hundredths(line, "x1") == pytest.approx(100 * unknown / 49, abs=0.02)


def _hundredths(shape: ET.Element, name: str) -> float:
    return float(shape.get(name, "").rstrip("%"))


def test_the_bar_of_a_group_under_ten_shows_all_or_not_all_and_never_how_many(report: Any) -> None:
    drawn = {number: _drawn_share(report, number_bar("registered for MFA", Share(number, 9))) for number in range(10)}
    words = {number: picture.words for number, picture in drawn.items()}

    assert words == dict.fromkeys(range(9), "Registered for MFA: not all.") | {9: "Registered for MFA: all."}
    assert all(_looks(drawn[number]) == _looks(drawn[0]) for number in range(9))
    assert _looks(drawn[0]) != _looks(drawn[9])
    assert number_bar("registered for MFA", Share(4, 9)).number is None
    assert _drawn_share(report, number_bar("registered for MFA", None)).words == "Registered for MFA: not known."


def test_page_one_has_the_bars_of_each_cloud_and_page_two_those_of_devices(report: Any) -> None:
    clouds = report["mfa"]["clouds"]
    bars = [bar for answer in report["mfa"]["shown"] for bar in answer["bars"]] + report["devices"]
    page = as_html(report)
    drawn = [picture for picture in _pictures(page[: page.index('<h2 id="expires">')]) if picture.name == "part"]

    assert [bar["what"] for bar in clouds[0]["bars"]] == ["MFA required at sign-in", "registered for MFA"]
    assert report["devices"]
    assert [picture.words.partition(" That is ")[0] for picture in drawn] == [bar["told"] for bar in bars]
    for cloud in clouds:
        assert [bar["number"] for bar in cloud["bars"]] == [cloud["required"], cloud["registered"]]
        assert cloud["told"] == " ".join([cloud["about"], *(bar["told"] for bar in cloud["bars"]), cloud["rest"]])
    assert {bar["of"] for bar in bars if bar["number"] is None} <= {None}
    sheet = next(table for table in document_tables(report) if table.title == "Devices")
    assert [line[0] for line in sheet.lines] == [bar["what"] for bar in report["devices"]]
    assert [list(line[1:]) for line in sheet.lines] == [[bar["number"], bar["of"]] for bar in report["devices"]]


def test_a_draft_of_an_earlier_version_is_drawn_without_the_bars_that_it_does_not_have(report: Any) -> None:
    clouds = [{name: cloud[name] for name in ("cloud", "told")} for cloud in report["mfa"]["clouds"]]
    earlier = {name: value for name, value in report.items() if name != "devices"}
    page = as_html({**earlier, "mfa": {"clouds": clouds, "told": report["mfa"]["told"]}})

    assert all(cloud["told"] in visible_text(page) for cloud in clouds)
    assert "Devices" not in visible_text(page).splitlines()


def _after_terms(report: Any, numbers: Sequence[Mapping[str, int]]) -> Any:
    """Return the document as it would be after so many reports, with these numbers of clauses."""
    (only,) = report["trend"]["reports"]
    none = dict.fromkeys(SIGNS, 0)
    reports = [
        {**only, "at": f"20{10 + year}-11-10T09:00:00+00:00", "of_judged": {**none, **counted}}
        for year, counted in enumerate(numbers)
    ]
    return {**report, "trend": {**report["trend"], "reports": reports}}


def test_a_line_for_each_status_runs_over_the_latest_reports_as_high_as_its_numbers(report: Any) -> None:
    numbers = [{"met": term, "partly": 12 - term, "not met": 6, "not checked": 6} for term in range(10)]
    told = _after_terms(report, numbers)
    (picture,) = (picture for picture in _pictures(as_html(told)) if picture.name == "trend-line")
    latest = numbers[-REPORTS:]
    lines = {line.word: line for line in trend(told["trend"]["reports"]).lines}

    assert [f"{year}:" in picture.words for year in range(2010, 2020)] == [False] * 2 + [True] * 8
    for year, counted in enumerate(latest, start=2012):
        in_words = ", ".join(f"{word} {number}" for word, number in counted.items())
        assert f"10 November {year}: {in_words}. " in f"{picture.words} "
    for word, line in lines.items():
        heights = [BOTTOM - (BOTTOM - TOP) * counted[word] / 10 for counted in latest]
        assert [height for _, height in line.points] == pytest.approx(heights)
        assert line.label == f"{word} {latest[0][word]} to {latest[-1][word]}"
        drawn = [(segment.get("y1"), segment.get("y2")) for segment in _of_line(picture, word) if _runs(segment)]
        assert drawn == [(str(before[1]), str(after[1])) for before, after in pairwise(line.points)]
    texts = {"from 10 November 2012 to 10 November 2019", *(line.label for line in lines.values())}
    assert {text.text for text in picture.of("text")} == texts


def _of_line(picture: Picture, word: str) -> list[ET.Element]:
    return [shape for shape in picture.of("line") if shape.get("stroke-dasharray") == SIGNS[word].line]


def _runs(segment: ET.Element) -> bool:
    """Return whether it is part of a line, and not the sample beside its words."""
    return _hundredths(segment, "x2") <= END


def test_the_words_beside_the_lines_are_never_drawn_over_each_other(report: Any) -> None:
    words = ("met", "partly", "not met", "exception accepted", "not checked", "decision needed")
    same = [dict.fromkeys(words, 7)] * REPORTS
    for numbers in (same, [dict.fromkeys(words, 0) | {"met": 46}] * 2, [{"met": 46}] * 2):
        heights = sorted(line.label_at for line in trend(_after_terms(report, numbers)["trend"]["reports"]).lines)
        assert all(below - above >= 12 for above, below in pairwise(heights))
        assert heights[0] >= 8
        assert heights[-1] <= BOTTOM
    (picture,) = (picture for picture in _pictures(as_html(_after_terms(report, same))) if picture.name == "trend-line")
    assert len(picture.shapes) <= LARGEST
    assert len({sign.line for sign in SIGNS.values()}) == len(SIGNS)


@pytest.mark.parametrize(
    ("width", "within"), [(390, ".trend-line"), *(pytest.param(w, None, marks=pytest.mark.soak) for w in (390, 1280))]
)
def test_all_words_of_the_line_are_inside_the_picture_and_axe_finds_nothing_wrong(
    page: Page, report: Any, tmp_path: Path, width: int, within: str | None
) -> None:
    words = ("met", "partly", "not met", "exception accepted", "not checked", "decision needed")
    path = tmp_path / "page.html"
    path.write_text(as_html(_after_terms(report, [dict.fromkeys(words, 10)] * REPORTS)), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path.as_uri())

    ends = page.evaluate(
        "[...document.querySelectorAll('.trend-line text')].map(text => text.getBoundingClientRect().right)"
    )
    assert len(ends) == len(words) + 1
    assert max(ends) <= page.evaluate("document.querySelector('.trend-line').getBoundingClientRect().right")
    page.evaluate(LEAVE_FEW)
    assert violations(page, within) == []


def test_a_first_report_has_no_line(report: Any) -> None:
    assert len(report["trend"]["reports"]) == 1
    assert not [picture for picture in _pictures(as_html(report)) if picture.name == "trend-line"]


def test_no_two_statuses_look_the_same_without_colour() -> None:
    every = {name: sign for name, sign in {**SIGNS, **CAUSE_SIGNS}.items() if name != "partly"}
    for (name, sign), (other, its) in combinations(every.items(), 2):
        alike = abs(_grey(sign.fill) - _grey(its.fill)) < 40 and sign.dashes == its.dashes
        assert not alike, f"{name} and {other}"
        assert sign.icon != its.icon


def _grey(colour: str) -> float:
    """Return how light a colour is in black and white, from 0 to 255."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return 0.299 * red + 0.587 * green + 0.114 * blue
