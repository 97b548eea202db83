"""The text of an automatic reply: Outlook keeps a page of HTML, people write and compare what a reader sees."""

import re
from html import escape
from html.parser import HTMLParser

from toolkit.tenant.form import Form
from toolkit.values import Json, Value

TAG = re.compile(r"</?[a-z][^<>]*>|<!--", re.IGNORECASE)
_UNSEEN = frozenset({"head", "script", "style", "title"})
_PARAGRAPHS = frozenset("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul".split())
_LINES = frozenset("address article aside dd div dt footer header hr li main nav section tr".split())
_SPACE = re.compile(r"\s+")
_GAP = re.compile(r"\n{3,}")


def text_of(written: str) -> str:
    """Give what a reader sees of a reply: paragraphs with an empty line between them, no spaces that say nothing."""
    text = _seen(written) if TAG.search(written) else written.replace("\r\n", "\n").replace("\r", "\n")
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\n"))
    return _GAP.sub("\n\n", "\n".join(lines)).strip()


def page_of(text: str) -> str:
    """Write a text as HTML that shows it: without it Outlook would run all lines together."""
    paragraphs = (escape(paragraph, quote=False).replace("\n", "<br>") for paragraph in text.split("\n\n"))
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def _seen(written: str) -> str:
    reader = _Reader()
    reader.feed(written)
    reader.close()
    return "".join(reader.pieces)


class _Reader(HTMLParser):
    """Collects the text of a page, with line ends where a reader sees them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        self._hidden = 0 if tag == "body" else self._hidden + (tag in _UNSEEN)
        if tag == "br":
            self.pieces.append("\n")
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _UNSEEN))
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(_SPACE.sub(" ", data))

    def _break(self, tag: str) -> None:
        """End the line where a block begins or ends; two blocks without text between them end it once."""
        needed = 2 if tag in _PARAGRAPHS else int(tag in _LINES)
        while self.pieces and self.pieces[-1].isspace() and "\n" not in self.pieces[-1]:
            self.pieces.pop()
        there = 0
        for piece in reversed(self.pieces):
            if piece != "\n":
                break
            there += 1
        self.pieces += ["\n"] * (needed - there if self.pieces else 0)


def _read(value: Json) -> Value:
    return (text_of(str(value)) or None) if value is not None else None


def _write(value: Value) -> Json:
    return page_of(str(value)) if value is not None else ""


WORDS = Form("text, compared by what a reader sees of it", _read, _write, rewritten=True)
