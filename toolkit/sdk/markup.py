"""Convert HTML fragments to a canonical form, and convert between HTML and plain text."""

import re
from html import escape
from html.parser import HTMLParser

TAG = re.compile(r"</?[a-z][^<>]*>|<!--", re.IGNORECASE)
_UNSEEN = frozenset({"head", "script", "style", "title"})
_PARAGRAPHS = frozenset("blockquote dl h1 h2 h3 h4 h5 h6 ol p pre table ul".split())
_LINES = frozenset("address article aside dd div dt footer header hr li main nav section tr".split())
_BLANKS = re.compile(r"\s+")
_GAP = re.compile(r"\n{3,}")


def tidy_text(text: str) -> str:
    """Return plain text with single spaces, and with at most one empty line in a row."""
    lines = (_BLANKS.sub(" ", line).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return _GAP.sub("\n\n", "\n".join(lines)).strip()


def html_to_text(page: str) -> str:
    """Return the visible text of HTML. Blocks are on separate lines, with an empty line around paragraphs."""
    reading = _TextCollector()
    reading.feed(page)
    reading.close()
    return tidy_text(reading.text)


def to_plain_text(written: str) -> str:
    """Return the visible text of plain text or HTML."""
    return html_to_text(written) if TAG.search(written) else tidy_text(written)


def text_to_html(text: str) -> str:
    """Return plain text as HTML with the same lines and paragraphs."""
    paragraphs = (escape(paragraph, quote=False).replace("\n", "<br>") for paragraph in text.split("\n\n"))
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def check_plain_text(written: str | None) -> str | None:
    """Return plain text unchanged. Raise ValueError if it contains HTML."""
    if written is not None and (tag := TAG.search(written)):
        raise ValueError(f"write plain text, without {tag.group()}")
    return written


class _TextCollector(HTMLParser):
    """Collects the text of an HTML page, with its visible line breaks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        self._hidden = 0 if tag == "body" else self._hidden + (tag in _UNSEEN)
        if tag == "br":
            self.text += "\n"
        self._end_line(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in _UNSEEN))
        self._end_line(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += _BLANKS.sub(" ", data)

    def _end_line(self, tag: str) -> None:
        """End the line at the start or end of a block.

        Several blocks that start or end in one place end the line only once.
        """
        needed = 2 if tag in _PARAGRAPHS else int(tag in _LINES)
        seen = self.text.rstrip(" ")
        there = len(seen) - len(seen.rstrip("\n"))
        if needed and seen:
            self.text = seen + "\n" * (needed - there)


_BLOCKS = frozenset(
    "address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 head "
    "header hr html li main nav ol p section table tbody td tfoot th thead title tr ul".split()
)
_VERBATIM = frozenset({"pre", "script", "style", "textarea"})
_SPACE = re.compile(r"[ \t\r\n\f]+")


def canonical_html(text: str) -> str:
    """Return the canonical form of an HTML fragment: lower-case tags, sorted attributes, few entities, and single
    spaces.

    The visible text does not change. Malformed fragments have a canonical form too.
    """
    writer = _CanonicalWriter()
    writer.feed(text)
    writer.close()
    return writer.text()


class _CanonicalWriter(HTMLParser):
    """Parses HTML and writes it again, without white space next to blocks."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._verbatim = 0
        self._after_block = True

    def text(self) -> str:
        return "".join(self._pieces).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = "".join(f' {name}="{escape(value or "")}"' for name, value in sorted(attrs, key=lambda one: one[0]))
        self._write_tag(f"<{tag}{written}>", tag)
        self._verbatim += tag in _VERBATIM

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # browsers read <pre/> as <pre>, so the following text is inside
        if tag in self.CDATA_CONTENT_ELEMENTS:
            self.set_cdata_mode(tag)

    def handle_endtag(self, tag: str) -> None:
        self._verbatim = max(0, self._verbatim - (tag in _VERBATIM))
        self._write_tag(f"</{tag}>", tag)

    def handle_data(self, data: str) -> None:
        if self._verbatim:
            self._pieces.append(data if self.cdata_elem else escape(data, quote=False))
            return
        folded = _SPACE.sub(" ", data)
        before = self._pieces[-1] if self._pieces else ""
        is_second_space = before.endswith(" ") and not before.startswith("<")  # such as around </>, which is not a tag
        folded = folded.lstrip(" ") if self._after_block or is_second_space else folded
        if folded:
            self._pieces.append(escape(folded, quote=False))
            self._after_block = False

    def handle_comment(self, data: str) -> None:
        self._pieces.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._pieces.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        self._pieces.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        self._pieces.append(f"<?{data}>")

    def _write_tag(self, written: str, tag: str) -> None:
        block = tag in _BLOCKS
        if block and not self._verbatim and self._pieces and not self._pieces[-1].startswith("<"):
            self._pieces[-1] = self._pieces[-1].rstrip(" ")
        self._pieces.append(written)
        self._after_block = block
