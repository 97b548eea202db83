"""Read .txt and .md files: headings, lists, tables and paragraphs over several lines."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from toolkit.policy_draft.lines import TextLine, to_blocks
from toolkit.policy_draft.source_document import Block, BlockKind, UnreadableDocument, clean_text, split_label
from toolkit.policy_draft.table_text import row_blocks

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_HEADING = re.compile(r"(#{1,6})[ \t]+(?=[^\s#])(.*)")
_UNDERLINE = re.compile(r"(=+|-+)\s*$")
_FENCE = re.compile(r"\s*(```|~~~)")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|_|`)(?=\S)(.+?)(?<=\S)\1")
_RULE = re.compile(r"(?=[^|\n]*\|)[\s:|-]{2,}$")
_NOTE = re.compile(r"\[\^[^\]]+\]:\s*")
_NOTE_MARK = re.compile(r"\[\^[^\[\]]+\]")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*\n", re.DOTALL)
_TITLE = re.compile(r"(?m)^title:\s*[\"']?(.+?)[\"']?\s*$")
_ITEM = re.compile(r"(\s*)(?:[-*+•]|(\d{1,3})[.)])\s+")
_BINARY = b"\x00"


def read_text(path: Path, content: bytes) -> tuple[list[Block], int | None, list[str]]:
    """Return the blocks of a text file or a Markdown file. Raise UnreadableDocument if it is not text."""
    text = _decode(path, content)
    if path.suffix.casefold() != ".md":
        return list(_plain(text.splitlines())), None, []
    front = _FRONT_MATTER.match(text)
    title = _TITLE.search(front[1]) if front else None
    blocks = [Block(kind=BlockKind.HEADING, text=clean_text(title[1]), level=1)] if title else []
    return [*blocks, *_markdown(text[front.end() if front else 0 :].splitlines())], None, []


def _decode(path: Path, content: bytes) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
    if _BINARY in content and encoding != "utf-16":
        raise UnreadableDocument(f"{path} is not a text file. Save the policy as .docx, .odt, .pdf, .md or .txt")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _plain(lines: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of a text. A line with tabs between words is a row of a table."""
    typed: list[TextLine] = []
    for line in lines:
        if "\t" in line.strip():
            yield from to_blocks(typed)
            typed = []
            yield from row_blocks([_cell(text) for text in line.split("\t")])
        else:
            typed.append(TextLine(text=clean_text(line), indent=len(line) - len(line.lstrip())))
    yield from to_blocks(typed)


def _markdown(lines: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of Markdown. Code blocks, pictures and links are reduced to their text."""
    plain: list[TextLine] = []
    is_code = False
    for line, following in pairwise([*lines, ""]):
        is_code ^= bool(_FENCE.match(line))
        if is_code or _FENCE.match(line):
            continue
        if heading := _HEADING.match(line.strip()):
            yield from to_blocks(plain)
            plain = []
            yield _heading(heading[2].rstrip("# \t"), len(heading[1]))
        elif line.strip() and _UNDERLINE.match(following) and not _ITEM.match(line) and not _RULE.match(line):
            yield from to_blocks(plain)
            plain = []
            yield _heading(line, 1 if following.startswith("=") else 2)
        elif _UNDERLINE.match(line) or _RULE.match(line):
            continue
        elif line.lstrip().startswith("|"):
            yield from to_blocks(plain)
            plain = []
            if not _RULE.match(following):  # the names of the columns
                yield from row_blocks([_cell(text) for text in line.strip().strip("|").split("|")])
        elif note := _NOTE.match(line.strip()):
            yield from to_blocks(plain)
            plain = []
            yield Block(kind=BlockKind.NOTE, text=_words(line.strip()[note.end() :]))
        else:
            plain.append(TextLine(text=_words(line), indent=len(line) - len(line.lstrip())))
    yield from to_blocks(plain)


def _heading(text: str, level: int) -> Block:
    label, rest = split_label(_words(text))
    return Block(kind=BlockKind.HEADING, text=rest, level=level, label=label)


def _cell(text: str) -> list[Block]:
    words = _words(text)
    return [Block(kind=BlockKind.CELL, text=words)] if words else []


def _words(text: str) -> str:
    text = _NOTE_MARK.sub("", _LINK.sub(r"\1", text.strip().removeprefix(">")))
    return clean_text(_EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text)))
