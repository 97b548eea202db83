"""The school's notice inside a signature: found between two markers that readers see, put there, and taken out.

Gmail strips comments and may rewrite tags, so the words of the markers are all that counts. What is around a notice is
the person's own and stays as it is, byte for byte.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

BEGIN, END = "[School notice]", "[End of school notice]"


def _words(marker: str) -> str:
    return re.escape(marker).replace(r"\ ", r"(?:\s|&nbsp;)+")


_MARKER = re.compile(f"(?P<begin>{_words(BEGIN)})|{_words(END)}")
_INLINE = r"(?:a|b|big|em|font|i|small|span|strong|u)"
_OPENED = re.compile(rf"<({_INLINE}|div)\b[^<>]*>\s*\Z", re.IGNORECASE)
_CLOSINGS = re.compile(rf"\A(?:\s*</(?:{_INLINE}|div|p)>)+", re.IGNORECASE)
_OPENINGS = re.compile(rf"(?:<(?:{_INLINE}|div|p)\b[^<>]*>\s*)+\Z", re.IGNORECASE)
_GREY = '<font size="1" color="#888888">{}</font>'


class HalfNotice(ValueError):
    """One marker of a notice is gone, so that nobody can tell what is the person's own."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Where a notice stands in a signature, its markers included, and the HTML between them."""

    start: int
    end: int
    text: str


def notices(signature: str) -> Sequence[Notice]:
    """Find the notices in a signature, in their order; HalfNotice where a marker has lost the other."""
    markers = list(_MARKER.finditer(signature))
    begins = [bool(marker["begin"]) for marker in markers]
    if begins != [True, False] * (len(markers) // 2):
        raise HalfNotice(f"the markers {BEGIN} and {END} do not stand in pairs")
    return [_notice(signature, *markers[n : n + 2]) for n in range(0, len(markers), 2)]


def with_notice(signature: str, text: str | None) -> str:
    """Put the notice where it stands, or after all else; without a text it goes. Copies of it go in any case."""
    written = "" if text is None else f"<div>{_GREY.format(BEGIN)}<div>{text}</div>{_GREY.format(END)}</div>"
    found = notices(signature)
    if not found:
        return signature + written
    pieces, after = [], 0
    for notice in found:
        pieces.append(signature[after : notice.start])
        after = notice.end
    before, *between = pieces
    return "".join([before, written, *between, signature[after:]])


def _notice(signature: str, begin: re.Match[str], end: re.Match[str]) -> Notice:
    inside = signature[begin.end() : end.start()]
    text = _OPENINGS.sub("", _CLOSINGS.sub("", inside))
    return Notice(*_with_tags_around(signature, begin.start(), end.end()), text)


def _with_tags_around(signature: str, start: int, end: int) -> tuple[int, int]:
    """Take in the tags that hold a notice and nothing else, up to its own div: one more could be the person's."""
    while opened := _OPENED.search(signature, 0, start):
        closed = re.compile(rf"\s*</{opened[1]}>", re.IGNORECASE).match(signature, end)
        if not closed:
            break
        start, end = opened.start(), closed.end()
        if opened[1].lower() == "div":
            break
    return start, end
