"""The content of paragraphs in a .docx file: alternate content once, text boxes apart, no hidden or deleted text."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.policy_draft.docx_numbering import W, value_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

BOX = f"{W}txbxContent"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DELETED = frozenset({f"{W}del", f"{W}moveFrom"})
_NOT_TEXT = frozenset({*_DELETED, f"{W}instrText", f"{W}pict", f"{W}drawing", f"{W}object", f"{W}rt"})
_PROPERTIES = frozenset({f"{W}pPr", f"{W}rPr", f"{W}sdtPr", f"{W}tblPr", f"{W}trPr"})


def children(parent: "Element") -> Iterator["Element"]:
    """Yield the elements in a parent. Alternate content counts once: its first choice, or else its fallback.

    The placeholder of an empty form field is left out.
    """
    for child in parent:
        if child.tag == f"{_MC}AlternateContent":
            choice = child.find(f"{_MC}Choice")
            chosen = choice if choice is not None else child.find(f"{_MC}Fallback")
            yield from children(chosen) if chosen is not None else ()
        elif child.find(f"{W}sdtPr/{W}showingPlcHdr") is None:
            yield child


def walk_text(parent: "Element") -> Iterator["Element"]:
    """Yield the elements below a parent in order, without deleted and hidden text, drawings and field codes."""
    stack = [children(parent)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag not in _NOT_TEXT and child.tag not in _PROPERTIES and not is_hidden(child):
            yield child
            stack.append(children(child))


def text_boxes(parent: "Element") -> Iterator["Element"]:
    """Yield the text boxes that are anchored in a paragraph. A box in a box belongs to the outer one."""
    stack = [children(parent)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == BOX:
            yield child
        elif child.tag not in _DELETED:
            stack.append(children(child))


def inner(parent: "Element", name: str) -> Iterator["Element"]:
    """Yield the rows of a table or the cells of a row, also in content controls. Deleted rows are left out."""
    for child in children(parent):
        if child.tag == f"{W}{name}":
            if child.find(f"{W}trPr/{W}del") is None:
                yield child
        elif child.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}customXml"}:
            yield from inner(child, name)


def is_mark_deleted(paragraph: "Element") -> bool:
    """Return whether the end of a paragraph is deleted, so that its text belongs to the next paragraph."""
    properties = paragraph.find(f"{W}pPr/{W}rPr")
    return properties is not None and any(entry.tag in _DELETED for entry in properties)


def is_hidden(run: "Element") -> bool:
    """Return whether a run is formatted as hidden text."""
    return is_on(run.find(f"{W}rPr/{W}vanish"), otherwise=False)


def is_on(xml_element: "Element | None", *, otherwise: bool) -> bool:
    """Return whether a property such as bold is on. Without an element, return the other value."""
    return otherwise if xml_element is None else value_of(xml_element) not in {"0", "false", "off"}
