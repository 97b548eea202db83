"""Read the text of a .pdf file: lines in reading order over columns, without headers, footers and contents."""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING, Any

from toolkit.policy_draft.lines import TextLine, ends_sentence, to_blocks
from toolkit.policy_draft.source_document import Block, UnreadableDocument, clean_text
from toolkit.records import dataclass

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

MOST_PAGES = 200
_LONGEST = 120  # seconds
_LEAST_TEXT = 30  # characters for each page, below which a PDF is a scan
_EDGE = 5  # lines at the top and at the bottom of a page that may be headers and footers
_LARGER = 1.12
_GAP = 1.3  # of the usual distance of lines
_SAME_LINE = 0.5  # of the size of the text
_HYPHENS = {0x00AD: "-", 0x2010: "-", 0x2011: "-"}  # some programs store every hyphen as a soft hyphen
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"(?i)(page)?\s{0,9}[-–]?\s{0,9}\d{1,3}\s{0,9}[-–]?(\s{0,9}(of|/)\s{0,9}\d{1,3})?")


@dataclass(frozen=True, slots=True)
class _Fragment:
    text: str
    x: float
    y: float
    size: float
    is_bold: bool


@dataclass(frozen=True, slots=True)
class _PdfLine:
    text: str
    x: float
    y: float
    size: float
    is_bold: bool


def read_pdf(path: Path) -> tuple[list[Block], int | None, list[str]]:
    """Return the blocks of a PDF, its pages and remarks. Raise UnreadableDocument for a scan or a damaged file."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with path.open("rb") as file:
            reader = PdfReader(file)
            _refuse(path, reader)
            pages = list(_pages_in_time(path, reader))
            remarks = list(_remarks(reader, pages))
    except UnreadableDocument:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise UnreadableDocument(
            f"{path} is damaged or is not a PDF. Open it in a PDF program and save it again, then try again"
        ) from error
    count = len(pages)
    if sum(len(line.text) for page in pages for line in page) < _LEAST_TEXT * count:
        raise UnreadableDocument(
            f"{path} has pictures of pages and almost no text. Use text recognition (OCR), or ask for the document "
            "that it was made from"
        )
    return list(to_blocks(list(_text_lines(_without_margins(pages))))), count, remarks


def _pages_in_time(path: Path, reader: "PdfReader") -> Iterator[list[_PdfLine]]:
    """Yield the lines of each page. Raise UnreadableDocument if the pages take too long."""
    end = monotonic() + _LONGEST
    for page in reader.pages:
        if monotonic() > end:
            raise UnreadableDocument(
                f"{path} takes longer than {_LONGEST} seconds to read. Save it again with a PDF program, or use .docx"
            )
        yield _lines(page)


def _refuse(path: Path, reader: "PdfReader") -> None:
    """Raise UnreadableDocument for an encrypted file and for too many pages."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument(f"{path} is encrypted. Save it without a password, then try again")
    if (count := len(reader.pages)) > MOST_PAGES:
        raise UnreadableDocument(
            f"{path} has {count} pages, and toolkit reads at most {MOST_PAGES}. "
            "Save only the pages of the policy as a new file, then try again"
        )


def _remarks(reader: "PdfReader", pages: Sequence[Sequence[_PdfLine]]) -> Iterator[str]:
    empty = [str(number) for number, lines in enumerate(pages, 1) if not lines]
    if empty:
        yield f"pages without text, such as pictures, are not read: {', '.join(empty[:20])}"
    root: Mapping[str, Any] = reader.root_object
    if "/OpenAction" in root or "/AA" in root or "/JavaScript" in (root.get("/Names") or {}):
        yield "programs inside the PDF are not run"


def _lines(page: "PageObject") -> list[_PdfLine]:
    """Return the lines of a page in the order of its content, which follows columns."""
    fragments: list[_Fragment] = []

    def collect(text: str, matrix: Any, text_matrix: Any, font: Any, size: float) -> None:
        if text.strip():
            scale = abs(text_matrix[3] * matrix[3] or text_matrix[0] * matrix[0]) or 1.0
            name = str((font or {}).get("/BaseFont", "")).casefold()
            x = text_matrix[4] * matrix[0] + text_matrix[5] * matrix[2] + matrix[4]
            y = text_matrix[4] * matrix[1] + text_matrix[5] * matrix[3] + matrix[5]
            is_bold = "bold" in name or "black" in name or "heavy" in name
            fragments.append(_Fragment(text, x, y, (size or 1.0) * scale, is_bold))

    plain = page.extract_text(visitor_text=collect)
    return _typed_lines(plain, fragments)


def _typed_lines(plain: str, fragments: Sequence[_Fragment]) -> list[_PdfLine]:
    """Return the lines of the extracted text, each with the place and the font of its first fragment."""
    lines: list[_PdfLine] = []
    position = 0
    for raw in plain.splitlines():
        text = clean_text(raw.translate(_HYPHENS))
        if not text:
            continue
        own: list[_Fragment] = []
        characters = len("".join(raw.split()))
        while position < len(fragments) and characters > 0:
            own.append(fragments[position])
            characters -= len("".join(fragments[position].text.split()))
            position += 1
        first = own[0] if own else (fragments[position - 1] if fragments else _Fragment("", 0, 0, 1, False))
        size = max((fragment.size for fragment in own), default=first.size)
        lines.append(_PdfLine(text, first.x, first.y, size, bool(own) and all(fragment.is_bold for fragment in own)))
    return lines


def _without_margins(pages: Sequence[Sequence[_PdfLine]]) -> list[list[_PdfLine]]:
    """Return the pages without headers and footers: lines near an edge that most pages share, and page numbers."""
    counted = Counter(form for page in pages for form in {_form(line) for line in _edges(page)})
    often = max(2, len(pages) // 2)
    repeated = {form for form, count in counted.items() if count >= often} if len(pages) > 1 else set()
    kept = []
    for page in pages:
        edges = _edges(page)
        margin = {line for line in edges if _form(line) in repeated or _PAGE_NUMBER.fullmatch(line.text)}
        kept.append([line for line in page if line not in margin])
    return kept


def _edges(page: Sequence[_PdfLine]) -> set[_PdfLine]:
    by_height = sorted(page, key=lambda line: line.y)
    return {*by_height[:_EDGE], *by_height[-_EDGE:], *page[:_EDGE], *page[-_EDGE:]}


def _form(line: _PdfLine) -> str:
    return _DIGITS.sub("0", line.text).casefold()


def _text_lines(pages: Sequence[Sequence[_PdfLine]]) -> Iterator[TextLine]:
    lines = [line for page in pages for line in page]
    body = median(line.size for line in lines) if lines else 1.0
    distances = [above.y - below.y for page in pages for above, below in pairwise(page) if above.y > below.y]
    usual = median(distances) if distances else body
    before: _PdfLine | None = None
    for number, page in enumerate(pages, 1):
        for line in page:
            starts = before is not None and _starts_block(before, line, usual=usual)
            before = line
            yield TextLine(
                text=line.text,
                indent=line.x,
                page=number,
                is_large=line.size > body * _LARGER,
                is_bold=line.is_bold,
                starts_block=starts,
            )


def _starts_block(before: _PdfLine, line: _PdfLine, *, usual: float) -> bool:
    """Return whether a line begins a paragraph: after a gap, or in another column after the end of a sentence."""
    gap = before.y - line.y
    if gap < 0:  # the next column or page
        return ends_sentence(before.text) and line.text[:1].isupper()
    return gap > usual * _GAP or (before.size != line.size and abs(before.size - line.size) > _SAME_LINE)
