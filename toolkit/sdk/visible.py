"""What a reader sees of a message: services keep HTML of their own making, people write and compare plain text."""

import re
from html import escape
from html.parser import HTMLParser

TAG = re.compile(r"</?[a-z][^<>]*>|<!--", re.IGNORECASE)
_UNSEEN = frozenset({"head", "script", "style", "title"})
_PARAGRAPHS = frozenset("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul".split())
_LINES = frozenset("address article aside dd div dt footer header hr li main nav section tr".split())
_SPACE = re.compile(r"\s+")
_GAP = re.compile(r"\n{3,}")


def tidied(text: str) -> str:
    """Write a plain text without what no reader sees: spaces in a row, and more than one empty line."""
    lines = (_SPACE.sub(" ", line).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return _GAP.sub("\n\n", "\n".join(lines)).strip()


def text_of_html(page: str) -> str:
    """Give what a reader sees of HTML: a new line where a block begins or ends, an empty one around paragraphs."""
    reading = _Reading()
    reading.feed(page)
    reading.close()
    return tidied(reading.text)


def text_of(written: str) -> str:
    """Give what a reader sees of a text that may be plain or HTML."""
    return text_of_html(written) if TAG.search(written) else tidied(written)


def page_of(text: str) -> str:
    """Write a plain text as HTML that shows it, its lines and paragraphs apart."""
    paragraphs = (escape(paragraph, quote=False).replace("\n", "<br>") for paragraph in text.split("\n\n"))
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def checked_words(written: str | None) -> str | None:
    """Give a plain text back; ValueError where it is HTML."""
    if written is not None and (tag := TAG.search(written)):
        raise ValueError(f"write plain text: leave {tag.group()} out")
    return written


class _Reading(HTMLParser):
    """Collects the text of a page, with line ends where a reader sees them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        self._hidden = 0 if tag == "body" else self._hidden + (tag in _UNSEEN)
        if tag == "br":
            self.text += "\n"
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _UNSEEN))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += _SPACE.sub(" ", data)

    def _break(self, tag: str) -> None:
        """End the line at the edge of a block; two edges without a word between them end it once."""
        needed = 2 if tag in _PARAGRAPHS else int(tag in _LINES)
        seen = self.text.rstrip(" ")
        there = len(seen) - len(seen.rstrip("\n"))
        if needed and seen:
            self.text = seen + "\n" * (needed - there)
