"""Parse the page of a report into the elements that are printed, as a tree for report.typ."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from html.parser import HTMLParser
from typing import NotRequired, TypedDict


class Element(TypedDict):
    """An element of a page.

    Only a picture has `alt`, `source` and `height`. `alt` is "" if the picture only decorates, and `height` is in CSS
    pixels.
    """

    tag: str
    id: str
    classes: Sequence[str]
    href: str
    colspan: int
    body: "list[str | Element]"
    alt: NotRequired[str]
    source: NotRequired[str]
    height: NotRequired[float]


class PrintedPage(TypedDict):
    """The elements in the body of a page, and the ids of elements to which links may lead."""

    body: "list[str | Element]"
    ids: Sequence[str]


_PICTURE = re.compile(r"<svg ([^>]*+)>((?:(?!</?svg\b).)*+)</svg>", re.DOTALL)
_TITLE = re.compile(r"<title>([^<]*+)</title>\s*+", re.DOTALL)
_HEIGHT = re.compile(r'height="([\d.]+)"')


def printed_page(page: str) -> PrintedPage:
    """Parse a page into its printed elements. Elements that are only for a screen are left out."""
    pictures: list[Element] = []

    def number(picture: re.Match[str]) -> str:
        pictures.append(_picture_element(picture))
        return f'<svg data-number="{len(pictures) - 1}"></svg>'

    reader = _PageReader(pictures)
    reader.feed(_PICTURE.sub(number, page.partition("<body>")[2]))
    return {"body": reader.root["body"], "ids": list(_element_ids(reader.root))}


def _element_ids(node: Element) -> Iterator[str]:
    if node["id"]:
        yield node["id"]
    for part in node["body"]:
        if not isinstance(part, str):
            yield from _element_ids(part)


def _picture_element(drawn: re.Match[str]) -> Element:
    attributes, shapes = drawn.groups()
    title = _TITLE.search(shapes)
    height = _HEIGHT.search(attributes)
    return {
        **_make_element("svg", {}),
        "alt": unescape(title[1]) if title else "",
        "source": f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{_TITLE.sub("", shapes)}</svg>',
        "height": float(height[1]) if height else 0,
    }


def _make_element(tag: str, attributes: Mapping[str, str | None]) -> Element:
    return {
        "tag": tag,
        "id": attributes.get("id") or "",
        "classes": (attributes.get("class") or "").split(),
        "href": attributes.get("href") or "",
        "colspan": int(attributes.get("colspan") or 1),
        "body": [],
    }


_VOID = frozenset({"br", "meta", "wbr"})
_SCREEN_ONLY = frozenset({"practice", "skip", "unseen"})
"""Classes that are not printed, because each page has the notice at its top and headings repeat the captions."""


class _PageReader(HTMLParser):
    """Builds the tree of a page. Elements that are not printed have no parent in the tree."""

    def __init__(self, pictures: Sequence[Element]) -> None:
        super().__init__()
        self.root = _make_element("body", {})
        self._pictures = pictures
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        node = self._pictures[int(attributes["data-number"] or 0)] if tag == "svg" else _make_element(tag, attributes)
        parent = self._open[-1]
        if _is_printed(node, parent):
            parent["body"].append(node)
        if tag not in _VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        parent = self._open[-1]
        if not data.isspace() or parent["tag"] not in _CONTAINERS:
            parent["body"] += _split_words(data)


_CONTAINERS = frozenset(
    [
        "body",
        "details",
        "div",
        "dl",
        "footer",
        "header",
        "main",
        "nav",
        "ol",
        "section",
        "table",
        "tbody",
        "thead",
        "tr",
        "ul",
    ]
)
"""Elements with only other elements inside, so that the space between these is not text."""


def _is_printed(node: Element, parent: Element) -> bool:
    if node["tag"] == "nav":
        return "contents" in node["classes"]
    return not _SCREEN_ONLY.intersection(node["classes"]) and (parent["tag"] != "details" or node["tag"] == "summary")


_LONG_WORD = re.compile(r"\S{15,}")
_PIECE = re.compile(r"[^/.@_:;,=?&-]{1,18}[/.@_:;,=?&-]*|[/.@_:;,=?&-]+")


def _split_words(text: str) -> Iterator[str | Element]:
    """Yield the text with single spaces between words, and a `wbr` element at each place that may break a long word.

    Spaces at the ends of the text are yielded separately.
    """
    text = re.sub(r"\s+", " ", text)
    end = 0
    for word in _LONG_WORD.finditer(text):
        yield from _split_end_spaces(text[end : word.start()])
        first, *others = _PIECE.findall(word.group())
        yield first
        for piece in others:
            yield _make_element("wbr", {})
            yield piece
        end = word.end()
    yield from _split_end_spaces(text[end:])


def _split_end_spaces(text: str) -> Iterator[str]:
    """Yield the spaces at the ends of a text separately, so that they disappear next to a paragraph or list."""
    inner = text.strip(" ")
    if text.startswith(" "):
        yield " "
    if inner:
        yield inner
    if inner and text.endswith(" "):
        yield " "
