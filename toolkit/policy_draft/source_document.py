"""The content of a policy document: its blocks of text in reading order, each with its place."""

import re
from collections.abc import Sequence
from enum import StrEnum

from toolkit.errors import UsageError
from toolkit.records import dataclass


class BlockKind(StrEnum):
    """The kind of a block of text."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # of a list
    CELL = "cell"  # of a table
    NOTE = "note"  # a footnote or an endnote


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of text, such as a paragraph, a list item or a heading."""

    kind: BlockKind
    text: str
    level: int = 0  # of a heading, from 1; of a list item, its depth from 0
    label: str = ""  # its number in the document, such as 4.2 or (a)
    page: int | None = None  # None if the format does not show pages


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDocument:
    """A policy document as it was read."""

    name: str
    sha256: str
    blocks: Sequence[Block]
    pages: int | None = None
    remarks: Sequence[str] = ()  # content that was left out or resolved, in sentences


class UnreadableDocument(UsageError):
    """The document cannot be read, and the message says why and what to do."""


_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufff9-\ufffd]")


def clean_text(text: str) -> str:
    """Return text on one line with single spaces, without invisible and control characters."""
    return " ".join(_CONTROL.sub(" ", _INVISIBLE.sub("", text)).split())


_LABEL = re.compile(
    r"""(?:
        (?P<number>(?:[A-Z]\.?)?\d{1,3}(?:\.\d{1,3}){0,5})(?:[.):]|(?=\s))  # 4, 4., 4.2, A1
      | \((?P<bracket>[a-z]{1,5}|[A-Z]|\d{1,3})\)                           # (a), (iv), (2)
      | (?P<letter>[a-z]|[ivx]{1,5})[.)]                                    # a) a.
    )\s+(?=\S)""",
    re.VERBOSE,
)
_BULLET = re.compile(r"(?:[•◦▪■●○‣⁃∙·*–—\u2610-\u2612✓✔➢➤►§\uf0b7\uf0a7o-]|o)\s+(?=\S)")


def split_label(text: str) -> tuple[str, str]:
    """Split a typed number such as `4.2` or `(a)` from the start of a text. Without a number, it is empty."""
    match = _LABEL.match(text)
    if not match or _is_quantity(match, text):
        return "", text
    label = next(group for group in match.groups() if group)
    return label, text[match.end() :]


_MONTHS = re.compile(r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b")


def _is_quantity(match: re.Match[str], text: str) -> bool:
    """Return whether a number begins a sentence or a date, such as `12 characters are needed`, and is not a label."""
    number, rest = match["number"], text[match.end() :]
    is_bare = bool(number) and number.isdecimal() and text[match.end("number")].isspace()
    return is_bare and bool(rest[0].islower() or _MONTHS.match(rest))


def split_bullet(text: str) -> tuple[bool, str]:
    """Return whether a text begins with a bullet, and the text without it."""
    match = _BULLET.match(text)
    return (True, text[match.end() :]) if match else (False, text)


_END_OF_SENTENCE = (".", ":", ";", "?", "!", ",")
_LONGEST_HEADING = 12  # words


def looks_like_heading(text: str) -> bool:
    """Return whether a text is short and has no punctuation at its end, as a heading does."""
    words = text.split()
    return bool(words) and len(words) <= _LONGEST_HEADING and not text.endswith(_END_OF_SENTENCE) and text[0].isupper()
