"""Read an .odt file: headings, numbered lists, tables and footnotes."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.policy_draft.archive import open_archive
from toolkit.policy_draft.docx_numbering import to_int, to_number
from toolkit.policy_draft.source_document import (
    Block,
    BlockKind,
    UnreadableDocument,
    clean_text,
    split_bullet,
    split_label,
)
from toolkit.policy_draft.table_text import row_blocks
from toolkit.records import dataclass

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_URN = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
_TEXT, _OFFICE, _TABLE, _STYLE, _DRAW = (_URN % name for name in ("text", "office", "table", "style", "drawing"))
_DEEPEST = 20
_FORMATS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "": "none"}
_NOT_READ = frozenset({f"{_TEXT}note", f"{_OFFICE}annotation", f"{_TEXT}bookmark"})
_SPACES = frozenset({f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"})
_INDEXES = ("alphabetical-index", "illustration-index", "object-index", "table-index", "user-index", "bibliography")
_SKIPPED = frozenset({f"{_TEXT}table-of-content", f"{_TEXT}tracked-changes", *(f"{_TEXT}{name}" for name in _INDEXES)})


@dataclass(frozen=True, slots=True)
class _Level:
    number_format: str
    shown_levels: int  # how many levels its number shows
    start: int


def read_odt(path: Path) -> tuple[list[Block], int | None, list[str]]:
    """Return the blocks of an .odt file and remarks. The format does not store pages. Raise UnreadableDocument."""
    with open_archive(path) as archive:
        if archive.xml("META-INF/manifest.xml") is not None and _is_encrypted(archive.xml("META-INF/manifest.xml")):
            raise UnreadableDocument(f"{path} is encrypted. Save it without a password, then try again")
        content, styles = archive.xml("content.xml"), archive.xml("styles.xml")
        body = content.find(f"{_OFFICE}body/{_OFFICE}text") if content is not None else None
        if content is None or body is None:
            raise UnreadableDocument(f"{path} has no text of a document. Save it as .odt, then try again")
        reader = _OdtReader([root for root in (styles, content) if root is not None])
        blocks = list(reader.blocks(body))
        return blocks, None, [*_remarks(body), *reader.remarks()]


def _is_encrypted(manifest: "Element | None") -> bool:
    return manifest is not None and any(entry.tag.endswith("}encryption-data") for entry in manifest.iter())


def _remarks(body: "Element") -> Iterator[str]:
    changes = body.findall(f"{_TEXT}tracked-changes/{_TEXT}changed-region")
    if changes:
        yield (
            f"{len(changes)} tracked changes are read as if they were accepted. Compare with the version that the "
            "governors adopted"
        )


class _OdtReader:
    def __init__(self, roots: list["Element"]) -> None:
        self._lists: dict[str, Mapping[int, _Level]] = {}
        self._outline: Mapping[int, _Level] = {}
        self._style_names: dict[str, tuple[str, str]] = {}  # by paragraph style: its parent and its list style
        self._counts: dict[str, list[int]] = {}
        self._boxes = 0
        for root in roots:
            for style in root.iter(f"{_TEXT}list-style"):
                self._lists[style.get(f"{_STYLE}name", "")] = _read_levels(style)
            for outline in root.iter(f"{_TEXT}outline-style"):
                self._outline = _read_levels(outline)
            for style in root.iter(f"{_STYLE}style"):
                parent = style.get(f"{_STYLE}parent-style-name", "")
                self._style_names[style.get(f"{_STYLE}name", "")] = parent, style.get(f"{_STYLE}list-style-name", "")

    def blocks(self, parent: "Element", depth: int = 0) -> Iterator[Block]:
        for child in parent:
            if child.tag in _SKIPPED or depth > _DEEPEST:
                continue
            if child.tag == f"{_TEXT}h":
                yield from self._heading(child)
                yield from self._text_boxes(child, depth)
            elif child.tag == f"{_TEXT}p":
                yield from self._paragraph(child, None, 0)
                yield from self._text_boxes(child, depth)
            elif child.tag == f"{_TEXT}numbered-paragraph":
                yield from self._numbered_paragraph(child)
            elif child.tag.startswith(_DRAW):
                yield from self._text_boxes([child], depth)
            elif child.tag == f"{_TEXT}list":
                yield from self._list(child, "", 0)
            elif child.tag == f"{_TABLE}table":
                yield from self._table(child, depth)
            elif child.tag.startswith(_TEXT) or child.tag.startswith(_TABLE):
                yield from self.blocks(child, depth + 1)

    def _table(self, table: "Element", depth: int) -> Iterator[Block]:
        for part in table:
            if part.tag == f"{_TABLE}table-row":
                cells = [list(self.blocks(cell, depth + 1)) for cell in part.findall(f"{_TABLE}table-cell")]
                yield from row_blocks(cells)
            elif part.tag in {f"{_TABLE}table-rows", f"{_TABLE}table-row-group"}:
                yield from self._table(part, depth + 1)

    def remarks(self) -> Iterator[str]:
        """Yield how many text boxes were read."""
        if self._boxes:
            boxes = "1 text box is" if self._boxes == 1 else f"{self._boxes} text boxes are"
            yield f"{boxes} read after the paragraph to which a box is anchored"

    def _text_boxes(self, parent: Iterable["Element"], depth: int) -> Iterator[Block]:
        """Yield the text of frames and shapes, which is apart from the text of the paragraph that has them."""
        for child in parent:
            if child.tag.startswith(_DRAW) and depth <= _DEEPEST:
                box = child.find(f"{_DRAW}text-box")
                blocks = list(self.blocks(box if box is not None else child, depth + 1))
                self._boxes += bool(blocks)
                yield from blocks
            elif child.tag not in _NOT_READ and depth <= _DEEPEST:
                yield from self._text_boxes(child, depth + 1)

    def _numbered_paragraph(self, xml_element: "Element") -> Iterator[Block]:
        style = xml_element.get(f"{_TEXT}style-name", "")
        level = to_int(xml_element.get(f"{_TEXT}level", ""), 1) - 1
        label = self._count(style, level, self._lists.get(style, {}), xml_element)
        for child in xml_element:
            if child.tag == f"{_TEXT}h":
                yield from self._heading(child, label)
            elif child.tag == f"{_TEXT}p":
                yield from self._paragraph(child, label, level)

    def _heading(self, heading: "Element", list_label: str = "") -> Iterator[Block]:
        level = to_int(heading.get(f"{_TEXT}outline-level", ""), 1)
        is_numbered = heading.get(f"{_TEXT}is-list-header") != "true" and self._outline.get(level - 1)
        label = self._count("outline", level - 1, self._outline, heading) if is_numbered else list_label
        text = clean_text(_text(heading))
        typed, rest = split_label(text) if not label else ("", text)
        if rest:
            yield Block(kind=BlockKind.HEADING, text=rest, level=level, label=label or typed)

    def _list(self, xml_element: "Element", style: str, depth: int) -> Iterator[Block]:
        style = xml_element.get(f"{_TEXT}style-name", style)
        is_continued = xml_element.get(f"{_TEXT}continue-numbering") == "true" or xml_element.get(
            f"{_TEXT}continue-list"
        )
        if depth == 0 and not is_continued:
            self._counts.pop(style, None)
        for entry in xml_element:
            is_first = entry.tag == f"{_TEXT}list-item"
            for child in entry if depth <= _DEEPEST else ():
                if child.tag == f"{_TEXT}list":
                    yield from self._list(child, style, depth + 1)
                elif child.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
                    label = self._count(style, depth, self._lists.get(style, {}), entry) if is_first else None
                    is_heading = child.tag == f"{_TEXT}h"
                    yield from self._heading(child, label or "") if is_heading else self._paragraph(child, label, depth)
                    yield from self._text_boxes(child, depth)
                    is_first = False

    def _count(self, key: str, level: int, levels: Mapping[int, _Level], entry: "Element") -> str:
        """Count an entry of a list, and return its number, or "" for a bullet. The entry can set the count."""
        counts = self._counts.setdefault(key, [])
        del counts[level + 1 :]
        while len(counts) < level:
            counts.append(levels[len(counts)].start if len(counts) in levels else 1)
        if len(counts) == level:
            counts.append(levels[level].start if level in levels else 1)
        else:
            counts[level] += 1
        counts[level] = to_int(entry.get(f"{_TEXT}start-value", ""), counts[level])
        own = levels.get(level)
        if own is None or own.number_format == "none":
            return ""
        first = max(0, level + 1 - own.shown_levels)
        numbers = [
            to_number(counts[n], levels[n].number_format if n in levels else "decimal") for n in range(first, level + 1)
        ]
        return ".".join(filter(None, numbers))

    def _paragraph(self, paragraph: "Element", label: str | None, depth: int) -> Iterator[Block]:
        style = paragraph.get(f"{_TEXT}style-name", "")
        text = clean_text(_text(paragraph))
        if text and not self._is_contents(style):
            typed, rest = split_label(text) if not label else ("", text)
            is_bullet, rest = split_bullet(rest) if label is None and not typed else (label == "", rest)
            number = label or typed
            if self._is_title(style):
                yield Block(kind=BlockKind.HEADING, text=rest, level=1)
                return
            is_item = is_bullet or depth or (number and not any(sign.isdigit() for sign in number))
            yield Block(kind=BlockKind.ITEM if is_item else BlockKind.PARAGRAPH, text=rest, level=depth, label=number)
        for note in paragraph.iter(f"{_TEXT}note"):
            body = note.find(f"{_TEXT}note-body")
            if body is not None and (note_text := clean_text(" ".join(_text(entry) for entry in body))):
                yield Block(kind=BlockKind.NOTE, text=note_text)

    def _is_title(self, style: str) -> bool:
        parent = self._style_names.get(style, ("", ""))[0]
        return bool({style.casefold(), parent.casefold()} & {"title", "subtitle"})

    def _is_contents(self, style: str) -> bool:
        parent = self._style_names.get(style, ("", ""))[0]
        return any(name.casefold().startswith(("contents_20_", "header", "footer")) for name in (style, parent))


def _text(xml_element: "Element") -> str:
    """Return the text below an xml_element, without footnotes, comments and text boxes."""
    parts = [xml_element.text or ""]
    for child in xml_element:
        if child.tag in _SPACES:
            parts.append(" ")
        elif child.tag not in _NOT_READ and not child.tag.startswith(_DRAW):
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _read_levels(style: "Element") -> Mapping[int, _Level]:
    return {
        to_int(level.get(f"{_TEXT}level", ""), 1) - 1: _Level(
            _FORMATS.get(level.get(f"{_STYLE}num-format", ""), "decimal"),
            to_int(level.get(f"{_TEXT}display-levels", ""), 1),
            to_int(level.get(f"{_TEXT}start-value", ""), 1),
        )
        for level in style
        if level.tag.endswith(("}list-level-style-number", "}outline-level-style")) and level.get(f"{_STYLE}num-format")
    }
