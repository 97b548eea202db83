"""One way of writing HTML, so that two writings of the same fragment are the same text."""

import re
from html import escape
from html.parser import HTMLParser

_BLOCKS = frozenset(
    "address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 head "
    "header hr html li main nav ol p section table tbody td tfoot th thead title tr ul".split()
)
_VERBATIM = frozenset({"pre", "script", "style", "textarea"})
_SPACE = re.compile(r"[ \t\r\n\f]+")


def canonical_html(text: str) -> str:
    """Write a fragment with tags in lower case, attributes in order, entities as they are needed, white space folded.

    What a reader of the message sees stays the same; a fragment that is not well formed is still written only one way.
    """
    writer = _Writer()
    writer.feed(text)
    writer.close()
    return writer.text()


class _Writer(HTMLParser):
    """Writes what it reads; white space next to a block counts for nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._verbatim = 0
        self._after_block = True

    def text(self) -> str:
        return "".join(self._pieces).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = "".join(f' {name}="{escape(value or "")}"' for name, value in sorted(attrs, key=lambda one: one[0]))
        self._tag(f"<{tag}{written}>", tag)
        self._verbatim += tag in _VERBATIM

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._verbatim -= tag in _VERBATIM

    def handle_endtag(self, tag: str) -> None:
        self._verbatim = max(0, self._verbatim - (tag in _VERBATIM))
        self._tag(f"</{tag}>", tag)

    def handle_data(self, data: str) -> None:
        if self._verbatim:
            self._pieces.append(data)
            return
        folded = _SPACE.sub(" ", data)
        folded = folded.lstrip(" ") if self._after_block else folded
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

    def _tag(self, written: str, tag: str) -> None:
        block = tag in _BLOCKS
        if block and not self._verbatim and self._pieces and not self._pieces[-1].startswith("<"):
            self._pieces[-1] = self._pieces[-1].rstrip(" ")
        self._pieces.append(written)
        self._after_block = block
