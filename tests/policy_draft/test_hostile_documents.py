"""A hostile or unreadable document ends with one line that says what to do, and exit code 2."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter

from tests.policy_draft.parts import docx, paragraph, write_zip
from toolkit.policy_draft.draft import draft_policy
from toolkit.policy_draft.read_document import read_document
from toolkit.policy_draft.source_document import UnreadableDocument

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'


def _pdf(path: Path, pages: int) -> Path:
    """Write a PDF with empty pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    writer.write(path)
    return path


def _text(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


CASES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "macros": (lambda p: docx(p / "a.docx", paragraph("x"), word__vbaProject_bin=b"x"), "has macros"),
    "zip bomb": (
        lambda p: write_zip(p / "a.docx", {"word/document.xml": "<a/>", "b": b"\0" * 60_000_000}),
        "so it was not opened",
    ),
    "large part": (lambda p: write_zip(p / "a.docx", {"word/document.xml": " " * 20_000_001}), "so it was not opened"),
    "entities": (lambda p: write_zip(p / "a.docx", {"word/document.xml": BOMB}), "declares XML entities"),
    "not a zip": (lambda p: _text(p / "a.docx", b"hello"), "is not a .docx file"),
    "broken zip": (lambda p: _text(p / "a.odt", b"PK\3\4 broken"), "is damaged"),
    "no text": (lambda p: docx(p / "a.docx"), "has no text"),
    "old Word": (lambda p: _text(p / "a.doc", b"x"), "the old Word format. Save it as .docx, then try again"),
    "encrypted": (lambda p: _text(p / "a.docx", bytes.fromhex("d0cf11e0a1b11ae1")), "is encrypted or in the old Word"),
    "scan": (lambda p: _pdf(p / "a.pdf", 3), "almost no text. Use text recognition (OCR)"),
    "300 pages": (lambda p: _pdf(p / "a.pdf", 300), "has 300 pages, and toolkit reads at most 200"),
    "broken PDF": (lambda p: _text(p / "a.pdf", b"%PDF-1.7 nothing"), "is damaged or is not a PDF"),
    "binary": (lambda p: _text(p / "a.txt", b"a\0b"), "is not a text file"),
    "missing": (lambda p: p / "a.docx", "is not a file"),
    "a program": (lambda p: _text(p / "a.exe", b"MZ"), "a format that toolkit does not read"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_document_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    make, message = CASES[case]

    with pytest.raises(UnreadableDocument, match=r".") as refused:
        read_document(make(tmp_path))

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.exit == 2


def test_a_deep_document_ends(tmp_path: Path) -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 3000 + paragraph("deep") + "</w:tc></w:tr></w:tbl>" * 3000

    document = read_document(docx(tmp_path / "deep.docx", paragraph("Staff must lock every computer."), deep))

    assert [block.text for block in document.blocks] == ["Staff must lock every computer."]


def test_links_to_outside_are_not_opened(tmp_path: Path) -> None:
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
        'Type="http://x/attachedTemplate" Target="http://127.0.0.1:9/t.dotm" TargetMode="External"/></Relationships>'
    )
    path = docx(tmp_path / "a.docx", paragraph("Staff must lock every computer."))
    with_link = write_zip(tmp_path / "b.docx", {**_parts(path), "word/_rels/settings.xml.rels": relations})

    assert read_document(with_link).remarks == ["content outside the file is not opened: attachedTemplate"]


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def test_a_document_in_another_language_is_refused_and_some_foreign_sentences_are_counted(tmp_path: Path) -> None:
    welsh = "Rhaid i bob aelod o staff gloi ei gyfrifiadur cyn gadael yr ystafell ddosbarth bob tro. "
    english = "All staff must lock their computer when they leave the classroom at any time. "
    (tmp_path / "cy.txt").write_text(welsh * 1 + "\n\n" + welsh.replace("bob tro", "nawr"), encoding="utf-8")
    (tmp_path / "both.txt").write_text(
        english + "\n\n" + welsh + "\n\n" + english.replace("any", "each"), encoding="utf-8"
    )

    with pytest.raises(UnreadableDocument, match="not in English"):
        draft_policy(tmp_path / "cy.txt", tmp_path)
    draft = draft_policy(tmp_path / "both.txt", tmp_path)

    assert (len(draft.clauses), draft.foreign) == (3, 1)
