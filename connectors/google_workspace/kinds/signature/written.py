"""One way of writing the HTML of a notice, by which two are compared without regard to how Gmail writes it."""

import re
from html import escape
from html.parser import HTMLParser

from toolkit.sdk.markup import canonical_html

_VOID = frozenset({"area", "br", "col", "hr", "img", "wbr"})
# Gmail adds or drops these as it likes, and no reader sees them.
_UNSEEN = re.compile(r"class|id|rel|target|data-.*")
_BARE = re.compile(r"<div>(.*)</div>\Z", re.DOTALL)
_COMMA = re.compile(r"\s*,\s*")


def canonical_notice(text: str) -> str:
    """Write a notice in the one way by which it is compared: as any HTML, styles and attributes as Gmail has them."""
    plain = _Plain()
    plain.feed(text)
    plain.close()
    written = canonical_html("".join(plain.pieces))
    while (bare := _BARE.match(written)) and _whole(bare[1]):
        written = bare[1]
    return written


class _Plain(HTMLParser):
    """Writes what it reads with plainer attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        plainer = ((name, _style(value or "") if name == "style" else (value or "").strip()) for name, value in attrs)
        kept = (f' {name}="{escape(value)}"' for name, value in plainer if _is_seen(name, value))
        self.pieces.append(f"<{tag}{''.join(kept)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.pieces.append(escape(data, quote=False))


def _is_seen(name: str, value: str) -> bool:
    """Say whether an attribute does something: text runs from left to right without being told to."""
    return bool(value or name == "alt") and (name, value) != ("dir", "ltr") and not _UNSEEN.fullmatch(name)


def _style(written: str) -> str:
    """Write declarations as name:value;name:value."""
    pairs = (one.partition(":") for one in written.split(";") if ":" in one)
    return ";".join(f"{name.strip().lower()}:{_COMMA.sub(',', value.strip())}" for name, _, value in pairs)


def _whole(inside: str) -> bool:
    """Say whether what stands inside a div closes its own divs, so that the div is one around it all."""
    depth = 0
    for tag in re.findall(r"</?div\b", inside):
        depth += -1 if tag.startswith("</") else 1
        if depth < 0:
            return False
    return depth == 0
