"""Read a policy document of any supported format, offline and within limits."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from toolkit.policy_draft.read_docx import read_docx
from toolkit.policy_draft.read_odt import read_odt
from toolkit.policy_draft.read_pdf import read_pdf
from toolkit.policy_draft.read_text import read_text
from toolkit.policy_draft.source_document import Block, SourceDocument, UnreadableDocument

_LARGEST = 60_000_000  # bytes
_MOST_BLOCKS = 20_000
_Read = Callable[[Path, bytes], tuple[list[Block], int | None, list[str]]]
_READERS: Mapping[str, _Read] = {
    ".docx": lambda path, _: read_docx(path),
    ".odt": lambda path, _: read_odt(path),
    ".pdf": lambda path, _: read_pdf(path),
    ".md": read_text,
    ".txt": read_text,
}
_ADVICE = {
    ".doc": "the old Word format. Save it as .docx",
    ".docm": "a Word document with macros. Save it as .docx",
    ".dot": "a Word template. Save it as .docx",
    ".dotx": "a Word template. Save it as .docx",
    ".rtf": "rich text. Save it as .docx",
    ".pages": "an Apple Pages document. Export it as .docx",
    ".htm": "a web page. Save the policy as .docx or .pdf",
    ".html": "a web page. Save the policy as .docx or .pdf",
}
_BEGINS = {".pdf": b"%PDF", ".docx": b"PK", ".odt": b"PK"}
_OLD_WORD = bytes.fromhex("d0cf11e0a1b11ae1")
_HEADER = 1024  # bytes, within which %PDF must be


def read_document(path: Path) -> SourceDocument:
    """Return the content of a document. Raise UnreadableDocument with the reason and what to do."""
    content = _read_content(path)
    ending = path.suffix.casefold()
    try:
        blocks, pages, remarks = _READERS[ending](path, content)
    except (RecursionError, MemoryError) as error:
        raise UnreadableDocument(
            f"{path} is nested too deeply to be a text. Save its text as a new document"
        ) from error
    if len(blocks) > _MOST_BLOCKS:
        raise UnreadableDocument(
            f"{path} has {len(blocks):,} paragraphs, and toolkit reads at most {_MOST_BLOCKS:,}. "
            "Save only the policy as a new document, then try again"
        )
    if not blocks:
        raise UnreadableDocument(f"{path} has no text. Open it, and save the policy's text as a new document")
    return SourceDocument(
        name=path.name, sha256=hashlib.sha256(content).hexdigest(), blocks=blocks, pages=pages, remarks=remarks
    )


def _read_content(path: Path) -> bytes:
    ending = path.suffix.casefold()
    if not path.is_file():
        raise UnreadableDocument(f"{path} is not a file. Write the path of the policy's document")
    if ending not in _READERS:
        kind = _ADVICE.get(ending, "a format that toolkit does not read. Use .docx, .odt, .pdf with text, .md or .txt")
        raise UnreadableDocument(f"{path} is {kind}, then try again" if ending in _ADVICE else f"{path} is {kind}")
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableDocument(
                f"{path} is larger than {_LARGEST // 1_000_000} MB. Save it without pictures, then try again"
            )
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"{path} cannot be read: {error.strerror}") from error
    if content.startswith(_OLD_WORD) and ending in _BEGINS:
        raise UnreadableDocument(
            f"{path} is encrypted or in the old Word format. Open it in Word and save it as .docx without a password"
        )
    if ending in _BEGINS and _BEGINS[ending] not in content[:_HEADER]:
        raise UnreadableDocument(f"{path} is not a {ending} file, although its name says so. Save it again as {ending}")
    return content
