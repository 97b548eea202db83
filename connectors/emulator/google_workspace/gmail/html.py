"""Cleans HTML as Gmail does before storing it. The stored text differs from the sent text.

Google does not publish its rules, so these are the rules of a careful mailer. Comments, scripts, styles and event
handlers are removed. Unknown tags are removed and leave their text. The remaining HTML is written in a uniform way.
Cleaning twice changes nothing.
"""

import re
from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

_DROPPED = frozenset({"script", "style", "head", "title", "iframe", "object", "noscript", "template", "svg", "math"})
_KEPT = frozenset(
    "a abbr address b big blockquote br caption center cite code col colgroup dd del dfn div dl dt em font h1 h2 h3 h4"
    " h5 h6 hr i img ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt"
    " u ul var".split()
)
_VOID = frozenset({"br", "col", "hr", "img"})
_ATTRIBUTES = frozenset(
    "align alt bgcolor border cellpadding cellspacing color colspan data-smartmail dir face height href hspace lang"
    " rowspan size src style target title valign vspace width".split()
)
_ADDRESSES = ("href", "src")
_SCHEMES = ("http:", "https:", "mailto:", "tel:", "cid:", "data:image/", "#", "/")
_UNSAFE_STYLE = re.compile(r"expression|javascript:|url\(|@import|behavior|position", re.IGNORECASE)
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


def sanitise(raw: str) -> str:
    """Return HTML as Gmail stores it. In a text without tags, only special characters change."""
    cleaning = _Cleaning()
    cleaning.feed(raw)
    cleaning.close()
    return cleaning.result()


class _Cleaning(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._dropping: list[str] = []

    def result(self) -> str:
        """Return the cleaned HTML, with every tag closed."""
        return "".join([*self._pieces, *(f"</{tag}>" for tag in reversed(self._open))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropping.append(tag)
        elif not self._dropping and tag in _KEPT:
            self._pieces.append(f"<{tag}{_write_attributes(attrs)}>")
            if tag not in _VOID:
                self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._dropping:
            del self._dropping[self._dropping.index(tag) :]
        elif not self._dropping and tag in self._open:
            while True:
                inner = self._open.pop()
                self._pieces.append(f"</{inner}>")
                if inner == tag:
                    return

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self._pieces.append(escape(data, quote=False).replace(_NO_BREAK_SPACE, "&nbsp;"))


def _write_attributes(attributes: Sequence[tuple[str, str | None]]) -> str:
    kept: dict[str, str] = {}
    for name, value in attributes:
        text = (value or "").strip()
        if name not in _ATTRIBUTES or name in kept:
            continue
        if name in _ADDRESSES and not text.lower().startswith(_SCHEMES):
            continue
        kept[name] = _safe_style(text) if name == "style" else text
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items() if value or name == "alt")


def _safe_style(raw: str) -> str:
    """Return CSS declarations as name:value;name:value, without unsafe declarations."""
    pairs = (declaration.partition(":") for declaration in raw.split(";") if ":" in declaration)
    declarations = (f"{name.strip().lower()}:{value.strip()}" for name, _, value in pairs)
    return ";".join(pair for pair in declarations if not _UNSAFE_STYLE.search(pair))
