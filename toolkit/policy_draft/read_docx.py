"""Read a .docx file: paragraphs with automatic numbers, lists, tables, footnotes and tracked changes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.policy_draft.archive import Archive, open_archive
from toolkit.policy_draft.docx_numbering import Numbering, W, to_int, value_of
from toolkit.policy_draft.docx_text import (
    children,
    inner,
    is_hidden,
    is_mark_deleted,
    is_on,
    text_boxes,
    walk_text,
)
from toolkit.policy_draft.source_document import (
    Block,
    BlockKind,
    UnreadableDocument,
    clean_text,
    looks_like_heading,
    split_bullet,
    split_label,
)
from toolkit.policy_draft.table_text import row_blocks
from toolkit.records import dataclass

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DEEPEST = 20  # tables inside tables
_FAKE_HEADING = 9  # the level of a bold line without a heading style
_GRAPHIC = "{http://schemas.openxmlformats.org/drawingml/2006/main}graphicData"
_UNREAD_GRAPHICS = ("/diagram", "/chart")
_WRAPPERS = frozenset({f"{W}ins", f"{W}moveTo", f"{W}smartTag", f"{W}customXml"})


@dataclass(frozen=True, slots=True)
class _Style:
    key: str
    name: str
    based_on: str
    outline: int | None
    list_key: str
    list_level: int | None
    is_bold: bool


def read_docx(path: Path) -> tuple[list[Block], int | None, list[str]]:
    """Return the blocks of a .docx file, its pages if Word stored them, and remarks. Raise UnreadableDocument."""
    with open_archive(path) as archive:
        root = archive.xml("word/document.xml")
        body = root.find(f"{W}body") if root is not None else None
        if root is None or body is None:
            raise UnreadableDocument(f"{path} has no text of a Word document. Save it as .docx, then try again")
        reader = _DocxReader(archive, has_pages=root.find(f".//{W}lastRenderedPageBreak") is not None)
        blocks = [*reader.blocks(body), *reader.rest()]
        return blocks, reader.page, [*_remarks(root, archive), *reader.remarks()]


def _remarks(root: "Element", archive: Archive) -> Iterator[str]:
    changes = [mark for name in ("ins", "del", "moveFrom", "moveTo") for mark in root.iter(f"{W}{name}")]
    if len(changes) > 0:
        yield (
            f"{len(changes)} tracked changes are read as if they were accepted. Compare with the version that the "
            "governors adopted"
        )
    unread = [graphic for graphic in root.iter(_GRAPHIC) if graphic.get("uri", "").endswith(_UNREAD_GRAPHICS)]
    if objects := len(unread) + len(list(root.iter(f"{W}object"))) + len(list(root.iter(f"{W}altChunk"))):
        yield f"diagrams, charts and embedded objects are not read ({objects}). Type their text if it has rules"
    if any(is_hidden(run) for run in root.iter(f"{W}r")):
        yield "hidden text is not read"
    external = [name for name in archive.names if name.endswith(".rels")]
    linked = [
        relation.get("Type", "").rpartition("/")[2]
        for name in sorted(external)
        if (relations := archive.xml(name)) is not None
        for relation in relations
        if relation.get("TargetMode") == "External"
    ]
    if others := sorted({kind for kind in linked if kind and kind != "hyperlink"}):
        yield f"content outside the file is not opened: {', '.join(others)}"


class _DocxReader:
    def __init__(self, archive: Archive, *, has_pages: bool) -> None:
        self.page = 1 if has_pages else None
        self._boxes = 0
        self._carried = ""  # text of a paragraph whose end is deleted
        self._styles = _read_styles(archive.xml("word/styles.xml"))
        self._numbering = Numbering(archive.xml("word/numbering.xml"))
        self._notes = {
            **_read_notes(archive.xml("word/footnotes.xml"), "footnote"),
            **_read_notes(archive.xml("word/endnotes.xml"), "endnote"),
        }

    def blocks(self, parent: "Element", depth: int = 0) -> Iterator[Block]:
        for child in children(parent):
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
                yield from self._text_boxes(child, depth)
            elif child.tag == f"{W}tbl" and depth < _DEEPEST:
                yield from self._table(child, depth)
            elif child.tag == f"{W}sdt" and not _is_table_of_contents(child):
                for content in child.findall(f"{W}sdtContent"):
                    yield from self.blocks(content, depth)
            elif child.tag in _WRAPPERS:
                yield from self.blocks(child, depth)

    def rest(self) -> Iterator[Block]:
        """Yield the text of a last paragraph whose end is deleted."""
        if text := clean_text(self._carried):
            yield Block(kind=BlockKind.PARAGRAPH, text=text, page=self.page)

    def remarks(self) -> Iterator[str]:
        """Yield how many text boxes were read."""
        if self._boxes:
            boxes = "1 text box is" if self._boxes == 1 else f"{self._boxes} text boxes are"
            yield f"{boxes} read after the paragraph to which a box is anchored"

    def _text_boxes(self, paragraph: "Element", depth: int) -> Iterator[Block]:
        for box in text_boxes(paragraph) if depth < _DEEPEST else ():
            blocks = list(self.blocks(box, depth + 1))
            self._boxes += bool(blocks)
            yield from blocks

    def _table(self, table: "Element", depth: int) -> Iterator[Block]:
        for row in inner(table, "tr"):
            cells = [list(self.blocks(cell, depth + 1)) for cell in inner(row, "tc")]
            if row.find(f"{W}trPr/{W}tblHeader") is None:
                yield from row_blocks(cells)

    def _paragraph(self, paragraph: "Element") -> Iterator[Block]:
        style = self._style_chain(value_of(paragraph.find(f"{W}pPr/{W}pStyle")) or "Normal")
        page = self.page
        written, notes = self._text(paragraph)
        self._carried += written
        if is_mark_deleted(paragraph):
            return
        text, self._carried = clean_text(self._carried), ""
        label, depth = self._label(paragraph, style)
        if not text or (
            style and style[0].name.casefold().startswith(("toc ", "table of figures", "header", "footer"))
        ):
            return
        typed, rest = split_label(text) if not label else ("", text)
        is_bullet, rest = split_bullet(rest) if label is None and not typed else (label == "", rest)
        level = _heading_level(paragraph, style)
        if level is None and not is_bullet and _all_bold(paragraph, style) and looks_like_heading(rest):
            level = _FAKE_HEADING
        kind = (
            BlockKind.HEADING
            if level
            else BlockKind.ITEM
            if is_bullet or depth or _is_lettered(typed or label)
            else None
        )
        yield Block(kind=kind or BlockKind.PARAGRAPH, text=rest, level=level or depth, label=label or typed, page=page)
        for note in notes:
            if note_text := clean_text(self._notes.get(note, "")):
                yield Block(kind=BlockKind.NOTE, text=note_text, page=page)

    def _text(self, paragraph: "Element") -> tuple[str, list[str]]:
        """Return the text of a paragraph as it is written and the keys of its footnotes, and count page breaks."""
        parts: list[str] = []
        notes: list[str] = []
        for xml_element in walk_text(paragraph):
            match xml_element.tag.removeprefix(W):
                case "t":
                    parts.append(xml_element.text or "")
                case "tab" | "ptab" | "br" | "cr":
                    parts.append(" ")
                case "noBreakHyphen":
                    parts.append("-")
                case "lastRenderedPageBreak" if self.page is not None:
                    self.page += 1
                case "footnoteReference" | "endnoteReference" as name:
                    notes.append(f"{name.removesuffix('Reference')} {xml_element.get(f'{W}id', '')}")
        return "".join(parts), notes

    def _style_chain(self, key: str) -> list[_Style]:
        chain: list[_Style] = []
        while (style := self._styles.get(key)) and style not in chain:
            chain.append(style)
            key = style.based_on
        return chain

    def _label(self, paragraph: "Element", style: list[_Style]) -> tuple[str | None, int]:
        """Return the automatic number and the list depth of a paragraph. The number is None outside a list."""
        own = paragraph.find(f"{W}pPr/{W}numPr")
        inherited = next((entry for entry in style if entry.list_key), None)
        key = value_of(own.find(f"{W}numId")) if own is not None else ""
        key = key or (inherited.list_key if inherited else "")
        written = value_of(own.find(f"{W}ilvl")) if own is not None else ""
        linked = self._numbering.level_of_style(key, [entry.key for entry in style])
        level = to_int(written, linked if linked is not None else (inherited.list_level or 0) if inherited else 0)
        return (self._numbering.next_label(key, level), level) if key and key != "0" else (None, 0)


def _is_lettered(label: str | None) -> bool:
    return bool(label) and not any(sign.isdigit() for sign in label or "")


def _heading_level(paragraph: "Element", style: list[_Style]) -> int | None:
    own = value_of(paragraph.find(f"{W}pPr/{W}outlineLvl"))
    levels = [to_int(own, 9), *(entry.outline for entry in style if entry.outline is not None)]
    level = next((level for level in levels if level < _FAKE_HEADING), None)
    if level is not None:
        return level + 1
    names = [entry.name.casefold() for entry in style]
    if any(name in {"title", "subtitle"} for name in names):
        return 1
    return next((to_int(name[-1], 1) for name in names if name.startswith("heading ")), None)


def _all_bold(paragraph: "Element", style: list[_Style]) -> bool:
    runs = [
        run for run in paragraph.iter(f"{W}r") if clean_text("".join(text.text or "" for text in run.iter(f"{W}t")))
    ]
    from_style = any(entry.is_bold for entry in style)
    return bool(runs) and all(is_on(run.find(f"{W}rPr/{W}b"), otherwise=from_style) for run in runs)


def _is_table_of_contents(block: "Element") -> bool:
    return any("table of contents" in value_of(gallery).casefold() for gallery in block.iter(f"{W}docPartGallery"))


def _read_styles(root: "Element | None") -> Mapping[str, _Style]:
    styles = {}
    for style in root.iter(f"{W}style") if root is not None else ():
        outline = style.find(f"{W}pPr/{W}outlineLvl")
        level = value_of(style.find(f"{W}pPr/{W}numPr/{W}ilvl"))
        key = style.get(f"{W}styleId", "")
        styles[key] = _Style(
            key=key,
            name=value_of(style.find(f"{W}name")),
            based_on=value_of(style.find(f"{W}basedOn")),
            outline=to_int(value_of(outline), 9) if outline is not None else None,
            list_key=value_of(style.find(f"{W}pPr/{W}numPr/{W}numId")),
            list_level=to_int(level, 0) if level else None,
            is_bold=is_on(style.find(f"{W}rPr/{W}b"), otherwise=False),
        )
    return styles


def _read_notes(root: "Element | None", name: str) -> Mapping[str, str]:
    return {
        f"{name} {note.get(f'{W}id', '')}": "".join(
            xml_element.text or "" if xml_element.tag == f"{W}t" else " "
            for xml_element in walk_text(note)
            if xml_element.tag in {f"{W}t", f"{W}tab"}
        )
        for note in (root.iter(f"{W}{name}") if root is not None else ())
        if note.get(f"{W}type") is None
    }
