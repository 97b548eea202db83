"""The HTML of a notice: which elements Gmail keeps, and the form in which notices are compared."""

import re
from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

from toolkit.records import dataclass
from toolkit.sdk import canonical_html

BEGIN, END = "[School notice]", "[End of school notice]"


def _make_marker_pattern(marker: str) -> str:
    return re.escape(marker).replace(r"\ ", r"(?:\s|&nbsp;)+")


_MARKER = re.compile(f"(?P<begin>{_make_marker_pattern(BEGIN)})|{_make_marker_pattern(END)}")
_INLINE = r"(?:a|b|big|em|font|i|small|span|strong|u)"
_OPENED = re.compile(rf"<({_INLINE}|div)\b[^<>]*>\s*\Z", re.IGNORECASE)
_CLOSINGS = re.compile(rf"\A(?:\s*</(?:{_INLINE}|div|p)>)+", re.IGNORECASE)
_OPENING = re.compile(rf"<(?:{_INLINE}|div|p)\b[^<>]*>\s*", re.IGNORECASE)
_GREY = '<font size="1" color="#888888">{}</font>'


class HalfNotice(ValueError):
    """Raised if a marker of a notice is missing, because it is then unknown which text is the person's own."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in a signature: its position with its markers, and the HTML between the markers."""

    start: int
    end: int
    text: str


def notices(signature: str) -> Sequence[Notice]:
    """Return all notices in a signature, in order. Raise HalfNotice if a marker is missing."""
    markers = list(_MARKER.finditer(signature))
    begins = [bool(marker["begin"]) for marker in markers]
    if begins != [True, False] * (len(markers) // 2):
        raise HalfNotice(f"the markers {BEGIN} and {END} are not in pairs")
    return [_to_notice(signature, *markers[n : n + 2]) for n in range(0, len(markers), 2)]


def put_notice(signature: str, text: str | None) -> str:
    """Return a signature with the notice in the place of the old notice, or at the end if there was none.

    Further copies of the notice are removed. If the text is None, all copies are removed.
    """
    written = "" if text is None else f"<div>{_GREY.format(BEGIN)}<div>{text}</div>{_GREY.format(END)}</div>"
    old_notices = notices(signature)
    if not old_notices:
        return signature + written
    pieces, after = [], 0
    for notice in old_notices:
        pieces.append(signature[after : notice.start])
        after = notice.end
    before, *between = pieces
    return "".join([before, written, *between, signature[after:]])


def _to_notice(signature: str, begin: re.Match[str], end: re.Match[str]) -> Notice:
    inside = signature[begin.end() : end.start()]
    text = _remove_empty_openings(_CLOSINGS.sub("", inside))
    return Notice(*_include_enclosing_tags(signature, begin.start(), end.end()), text)


def _remove_empty_openings(text: str) -> str:
    """Return a text without tags that open at its end and enclose nothing."""
    begin = end = 0
    for opening in _OPENING.finditer(text):
        if opening.start() != end:
            begin = opening.start()
        end = opening.end()
    return text[:begin] if end == len(text) else text


def _include_enclosing_tags(signature: str, start: int, end: int) -> tuple[int, int]:
    """Return the position of a notice with the tags that enclose only the notice, up to its own div.

    Tags outside that div may belong to the person's own text.
    """
    while opened := _OPENED.search(signature, 0, start):
        closed = re.compile(rf"\s*</{opened[1]}>", re.IGNORECASE).match(signature, end)
        if not closed:
            break
        start, end = opened.start(), closed.end()
        if opened[1].lower() == "div":
            break
    return start, end


_DROPPED = frozenset(
    "applet base button embed form frame frameset head iframe input link math meta noscript object script select style"
    " svg template textarea title".split()
)
_VOID = frozenset({"area", "br", "col", "hr", "img", "wbr"})
_ABSOLUTE = ("http:", "https:", "mailto:", "tel:", "cid:", "data:image/")


def check_notice(text: str) -> str:
    """Return the text of a notice.

    Raise ValueError if Gmail would drop a part of it, or if it would break a signature.
    """
    checker = _Check()
    checker.feed(text)
    checker.close()
    shown = " ".join("".join(checker.shown).split())
    problems = [
        *checker.problems,
        *(f"close <{tag}>. Otherwise the tag would also enclose the person's own signature" for tag in checker.open),
        *(
            f"remove {marker}, because it marks the beginning or end of the notice"
            for marker in (BEGIN, END)
            if marker in shown
        ),
        *([] if shown else ["the notice shows no text. Write null to remove the notice"]),
    ]
    if problems:
        raise ValueError(problems[0])
    return text


class _Check(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.shown: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self.problems.append(f"remove <{tag}>, because Gmail drops it from signatures")
        for name, value in attrs:
            self._check_attribute(name, (value or "").strip().lower())
        if tag == "img":
            self.shown.append(tag)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in _VOID:
            self.problems.append(f"</{tag}> has no opening tag")

    def handle_data(self, data: str) -> None:
        self.shown.append(data)

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"remove <!--{data}-->, because Gmail drops comments from signatures")

    def handle_decl(self, decl: str) -> None:
        self.problems.append(f"remove <!{decl}>, because Gmail drops it from signatures")

    def handle_pi(self, data: str) -> None:
        self.problems.append(f"remove <?{data}>, because Gmail drops it from signatures")

    def _check_attribute(self, name: str, value: str) -> None:
        if name.startswith("on"):
            self.problems.append(f"remove {name}=, because Gmail drops scripts")
        if name in ("href", "src") and not value.startswith(_ABSOLUTE):
            self.problems.append(f"write the whole address in {name}=, with https: or mailto:, instead of {value!r}")


# Gmail may add or remove these, and readers do not see them.
_UNSEEN = re.compile(r"class|id|rel|target|data-.*")
_BARE = re.compile(r"<div>(.*)</div>\Z", re.DOTALL)
_COMMA = re.compile(r"(?:(?<!\s)\s++)?,\s*+")


def canonical_notice(text: str) -> str:
    """Return a notice in the form for comparison. HTML, styles and attributes are as Gmail writes them."""
    plain = _Plain()
    plain.feed(text)
    plain.close()
    written = canonical_html("".join(plain.pieces))
    while (bare := _BARE.match(written)) and _is_balanced(bare[1]):
        written = bare[1]
    return written


class _Plain(HTMLParser):
    """Writes HTML again, with simplified attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        plainer = (
            (name, _normalise_style(value or "") if name == "style" else (value or "").strip()) for name, value in attrs
        )
        visible_attributes = (
            f' {name}="{escape(value)}"' for name, value in plainer if _has_visible_effect(name, value)
        )
        self.pieces.append(f"<{tag}{''.join(visible_attributes)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.pieces.append(escape(data, quote=False))


def _has_visible_effect(name: str, value: str) -> bool:
    """Return whether an attribute has an effect. For example, the direction left to right has none."""
    return bool(value or name == "alt") and (name, value) != ("dir", "ltr") and not _UNSEEN.fullmatch(name)


def _normalise_style(setting_value: str) -> str:
    """Return CSS declarations in the form name:value;name:value."""
    pairs = (declaration.partition(":") for declaration in setting_value.split(";") if ":" in declaration)
    return ";".join(f"{name.strip().lower()}:{_COMMA.sub(',', value.strip())}" for name, _, value in pairs)


def _is_balanced(inside: str) -> bool:
    """Return whether a text closes exactly the divs that it opens."""
    depth = 0
    for tag in re.findall(r"</?div\b", inside):
        depth += -1 if tag.startswith("</") else 1
        if depth < 0:
            return False
    return depth == 0
