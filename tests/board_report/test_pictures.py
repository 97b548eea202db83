"""The pictures of a report: each shows the numbers of the document, says them in words, and needs no colour."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pypdf import PdfReader

from tests.board_report.reading import seen
from toolkit.board_report.pack import Pack
from toolkit.board_report.page import as_html, as_pdf
from toolkit.board_report.template_filters import SIGNS
from toolkit.errors import UsageError

LARGEST = 60
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
def report(packs: Mapping[Pack, Path]) -> Any:
    """Return the document for governors of the sample school, as it is read back from its file."""
    return json.loads(packs[Pack.GOVERNORS].with_suffix(".json").read_text(encoding="utf-8"))


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


def _counts(words: str) -> dict[str, int]:
    return {word: int(number) for word, number in re.findall(r"([a-z][a-z ]*) (\d+)", words.rpartition(":")[2])}


def _in_tiles(page: str) -> list[str]:
    listed = re.search(r'<ul class="tiles">(.*?)</ul>', page, re.DOTALL)
    assert listed
    return re.findall(r"<li>.*?</li>", listed[1], re.DOTALL)


def test_each_section_has_a_tile_whose_bar_and_words_are_the_counts_of_the_document(report: Any) -> None:
    tiles = _in_tiles(as_html(report))
    sections = list(dict.fromkeys(clause["section"] for clause in report["clauses"]))

    assert len(tiles) == len(sections) + 1 == 12
    for name, tile in zip(["All sections", *sections], tiles, strict=True):
        within = [clause["status"] for clause in report["clauses"] if name in {"All sections", clause["section"]}]
        expected = {word: within.count(word) for word in SIGNS if word in within}
        (picture,) = _pictures(tile)
        words = " ".join(seen(tile).split())
        assert words == f"{name}: {len(within)} clause{'s' * (len(within) > 1)} " + " ".join(
            f"{word} {number}" for word, number in expected.items()
        )
        assert _counts(picture.words) == expected
        assert picture.words.startswith(f"{name}: ")
        widths = [float(piece.get("width", "").rstrip("%")) for piece in picture.of("rect")]
        assert sorted(widths) == pytest.approx(sorted(100 * n / len(within) for n in expected.values()), abs=0.01)
    assert _counts(next(_pictures(tiles[0])).words) == {
        word: number for word, number in report["summary"]["all"].items() if number
    }


def test_the_bar_of_page_one_shows_the_numbers_of_its_sentence(report: Any) -> None:
    bar = next(picture for picture in _pictures(as_html(report)) if picture.name == "bar")

    judged = {word: number for word, number in report["summary"]["of_judged"].items() if number}
    assert _counts(bar.words) == judged
    assert sorted(int(shape.text or "") for shape in bar.of("text")) == sorted(judged.values())


@pytest.mark.parametrize("pack", Pack)
def test_no_picture_is_large_and_each_says_its_numbers_in_words(packs: Mapping[Pack, Path], pack: Pack) -> None:
    pictures = list(_pictures(packs[pack].read_text(encoding="utf-8")))

    assert pictures or pack is Pack.CASE
    for picture in pictures:
        assert len(picture.shapes) <= LARGEST, picture.words
        drawn = [shape.text or "" for shape in picture.of("text")]
        assert [text for text in drawn if text not in picture.words] == []


def test_the_pdf_gives_each_picture_the_words_of_the_page(report: Any) -> None:
    page = as_html(report)
    try:
        drawn = PdfReader(BytesIO(as_pdf(report)))
    except UsageError as missing:
        pytest.skip(str(missing))

    root: Any = drawn.trailer["/Root"]
    assert list(_alternatives(root["/StructTreeRoot"])) == [picture.words for picture in _pictures(page)]
    text = [" ".join(leaf.extract_text().split()) for leaf in drawn.pages]
    for tile in _in_tiles(page):
        assert " ".join(seen(tile).split()) in text[1]


def _alternatives(node: Any) -> Iterator[str]:
    """Give the text alternative of each figure of a tagged PDF, in the order in which it is read."""
    if "/Alt" in node:
        yield str(node["/Alt"])
    below = node.get("/K", [])
    for child in below if isinstance(below, list) else [below]:
        found = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(found, dict):
            yield from _alternatives(found)


def test_no_two_statuses_look_the_same_without_colour() -> None:
    for (name, sign), (other, its) in combinations(SIGNS.items(), 2):
        alike = abs(_grey(sign.fill) - _grey(its.fill)) < 40 and sign.dashes == its.dashes
        assert not alike, f"{name} and {other}"
        assert sign.drawn != its.drawn


def _grey(colour: str) -> float:
    """Return how light a colour is in black and white, from 0 to 255."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return 0.299 * red + 0.587 * green + 0.114 * blue
