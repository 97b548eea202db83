"""Join the lines of a text or a PDF page into headings, list items and paragraphs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from toolkit.policy_draft.source_document import Block, BlockKind, looks_like_heading, split_bullet, split_label
from toolkit.records import dataclass

_CONTENTS = re.compile(r"(?i)(table of )?contents( page)?:?$")
_LEADER = re.compile(r"(?:\.\.\.|…|\. \. \. |\s{3})\s{0,9}\d{1,3}$")
_ENDS_IN_PAGE = re.compile(r"\s\d{1,3}$")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")
_BROKEN = re.compile(r"(?<![A-Za-z-])([A-Za-z]{1,60}(?:-[A-Za-z]{1,60}){0,5})-$")
_FIRST_WORD = re.compile(r"[a-z]+")
_COMPOUND = frozenset("e on off anti non self co re pre cross well high part full one two".split())
"""The first parts of words that keep their hyphen, such as e-mail."""
_END = re.compile(r"[.!?:;][\"'”’)]*$")
_MOST_CONTENTS = 200  # lines


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """A line of text. An empty text ends a paragraph."""

    text: str
    indent: float = 0
    page: int | None = None
    is_large: bool = False  # larger than the rest of the text
    is_bold: bool = False
    starts_block: bool = False  # a gap above it ends the paragraph before


def to_blocks(lines: Sequence[TextLine]) -> Iterator[Block]:
    """Yield the blocks of lines. Lines of a table of contents are left out."""
    blocks: list[Block] = []
    lines = list(without_contents(lines))
    words = frozenset(_whole_words(lines))
    begin: TextLine | None = None  # the first line of the block that can go on
    for line in lines:
        if not line.text:
            begin = None
            continue
        is_first = begin is None or line.starts_block or _leaves_item(blocks[-1], begin, line)
        block = _start_of_block(line, is_first=is_first)
        if block is None and not is_first:
            blocks[-1] = _join_line(blocks[-1], line.text, words)
            continue
        blocks.append(block or Block(kind=BlockKind.PARAGRAPH, text=line.text, page=line.page))
        begin = line if blocks[-1].kind is not BlockKind.HEADING else None
    yield from _demoted_headings(blocks, words)


def _whole_words(lines: Sequence[TextLine]) -> Iterator[str]:
    """Yield the words of lines in lower case, without the parts of words that a line break divides."""
    is_broken = False
    for line in lines:
        words = _WORD.findall(line.text.casefold())
        ends_broken = bool(_BROKEN.search(line.text))
        yield from words[is_broken : len(words) - ends_broken]
        is_broken = ends_broken


def _leaves_item(block: Block, begin: TextLine, line: TextLine) -> bool:
    """Return whether a line on a page is no longer indented as the list item before it, which has ended."""
    is_item = block.kind is BlockKind.ITEM or bool(block.label)
    return is_item and line.page is not None and line.indent <= begin.indent + 1 and ends_sentence(block.text)


def _join_line(block: Block, text: str, words: frozenset[str]) -> Block:
    """Return a block with one more line. A word that a hyphen divides at the end of the line before is whole again."""
    first, second = _BROKEN.search(block.text), _FIRST_WORD.match(text)
    if not first or not second:
        space = "" if block.text.endswith("-") and first else " "
        return replace(block, text=f"{block.text}{space}{text}")
    with_hyphen, without = f"{first[1]}-{second[0]}".casefold(), f"{first[1]}{second[0]}".casefold()
    before = first[1].casefold()
    are_words = before in words - {with_hyphen} and second[0] in words
    keeps = with_hyphen in words or (without not in words and (before in _COMPOUND or are_words))
    return replace(block, text=f"{block.text if keeps else block.text[:-1]}{text}")


def _start_of_block(line: TextLine, *, is_first: bool) -> Block | None:
    """Return the block that a line begins, or None if it can continue the block before."""
    is_bullet, text = split_bullet(line.text)
    if is_bullet:
        label, text = split_label(text)
        return Block(kind=BlockKind.ITEM, text=text, label=label, page=line.page)
    label, text = split_label(line.text)
    is_short = looks_like_heading(text)
    if line.is_large and is_short:
        return Block(kind=BlockKind.HEADING, text=text, label=label, level=1, page=line.page)
    if is_first and is_short and (line.is_bold or text.isupper() or (label and label[0].isdigit())):
        return Block(kind=BlockKind.HEADING, text=text, label=label, level=max(2, label.count(".") + 1), page=line.page)
    if label:
        is_item = not any(sign.isdigit() for sign in label)
        kind = BlockKind.ITEM if is_item else BlockKind.PARAGRAPH
        return Block(kind=kind, text=text, label=label, page=line.page)
    if is_first and is_short and line.page is None:  # on a page, a heading is larger, bold or numbered
        return Block(kind=BlockKind.HEADING, text=text, level=3, page=line.page)
    return None


def _demoted_headings(blocks: Sequence[Block], words: frozenset[str]) -> Iterator[Block]:
    """Yield the blocks. A heading that goes on in lower case is the first line of a paragraph."""
    kept: list[Block] = []
    for block in blocks:
        before = kept[-1] if kept else None
        goes_on = block.kind is BlockKind.PARAGRAPH and not block.label and block.text[:1].islower()
        if before and before.kind is BlockKind.HEADING and goes_on:
            kept[-1] = _join_line(replace(before, kind=BlockKind.PARAGRAPH, level=0), block.text, words)
        else:
            kept.append(block)
    yield from kept


def without_contents(lines: Sequence[TextLine]) -> Iterator[TextLine]:
    """Yield the lines without a table of contents: its heading, and its lines that end in a page number."""
    rest = 0
    for line in lines:
        if _CONTENTS.match(line.text):
            rest = _MOST_CONTENTS
        elif _LEADER.search(line.text) or (rest and line.text and _ENDS_IN_PAGE.search(line.text)):
            rest -= bool(rest)
        else:
            rest = rest if not line.text else 0
            yield line


def ends_sentence(text: str) -> bool:
    """Return whether a text ends with a full stop, a colon or another end of a sentence."""
    return bool(_END.search(text))
