"""Work out the automatic numbers of paragraphs in a .docx file, which the file does not store as text."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from toolkit.records import dataclass

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ROMAN = dict(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),
        strict=True,
    )
)
_LETTERS = 26
_LARGEST = 3_999


def to_number(count: int, number_format: str) -> str:
    """Return a count in a number format such as decimal, lowerLetter or upperRoman. A bullet is empty."""
    count = min(max(count, 0), _LARGEST)
    match number_format:
        case "bullet" | "none":
            return ""
        case "lowerLetter" | "upperLetter" if count:
            text = chr(ord("a") + (count - 1) % _LETTERS) * ((count - 1) // _LETTERS + 1)
        case "lowerRoman" | "upperRoman":
            text = ""
            for value, sign in _ROMAN.items():
                text, count = text + sign * (count // value), count % value
        case "decimalZero":
            text = f"{count:02}"
        case _:
            text = str(count)
    return text.upper() if number_format.startswith("upper") else text


@dataclass(frozen=True, slots=True)
class NumberedLevel:
    """A level of a list: its format, and its text with %1, %2 for the numbers of the levels."""

    number_format: str
    text: str
    start: int
    is_legal: bool  # numbers of higher levels are decimal


class Numbering:
    """The lists of a document, with the counters of their levels so far."""

    def __init__(self, root: "Element | None") -> None:
        """Read the definitions from numbering.xml."""
        self._levels: dict[str, dict[int, NumberedLevel]] = {}
        self._own_levels: dict[str, dict[int, NumberedLevel]] = {}  # by list, the levels that it defines anew
        self._styles: dict[str, dict[str, int]] = {}  # by definition, the levels of paragraph styles
        self._abstract: dict[str, str] = {}
        self._overrides: dict[str, dict[int, int]] = {}
        self._counts: dict[str, list[int]] = {}
        self._begun: set[str] = set()
        definitions = list(root.iter(f"{W}abstractNum")) if root is not None else []
        of_style = {value_of(link): entry for entry in definitions if (link := entry.find(f"{W}styleLink")) is not None}
        for definition in definitions:
            source = of_style.get(value_of(definition.find(f"{W}numStyleLink")), definition)
            key = definition.get(f"{W}abstractNumId", "")
            self._levels[key] = {_place(lvl): _read_level(lvl) for lvl in source.iter(f"{W}lvl")}
            self._styles[key] = {value_of(lvl.find(f"{W}pStyle")): _place(lvl) for lvl in source.iter(f"{W}lvl")}
        for number in root.iter(f"{W}num") if root is not None else ():
            self._read_number(number)

    def level_of_style(self, key: str, styles: Sequence[str]) -> int | None:
        """Return the level of a list that is linked to the first of the paragraph styles with a level, or None."""
        levels = self._styles.get(self._abstract.get(key, ""), {})
        return next((levels[style] for style in styles if style and style in levels), None)

    def _read_number(self, number: "Element") -> None:
        key = number.get(f"{W}numId", "")
        abstract = number.find(f"{W}abstractNumId")
        self._abstract[key] = value_of(abstract)
        overrides = number.findall(f"{W}lvlOverride")
        starts = {_place(entry): entry.find(f"{W}startOverride") for entry in overrides}
        self._own_levels[key] = {
            _place(entry): _read_level(lvl) for entry in overrides if (lvl := entry.find(f"{W}lvl")) is not None
        }
        self._overrides[key] = {
            level: to_int(value_of(start), 1) for level, start in starts.items() if start is not None
        }

    def next_label(self, key: str, level: int) -> str | None:
        """Count a paragraph and return its label, "" for a bullet, or None if there is no such list."""
        abstract = self._abstract.get(key)
        levels = {**self._levels.get(abstract or "", {}), **self._own_levels.get(key, {})}
        if abstract is None or level not in levels:
            return None
        counts = self._counts.setdefault(abstract, [])
        if key not in self._begun:
            self._begun.add(key)
            for restarted in self._overrides.get(key, {}):
                del counts[restarted:]
        del counts[level + 1 :]
        while len(counts) < level:
            counts.append(self._start(key, len(counts), levels))
        if len(counts) == level:
            counts.append(self._start(key, level, levels))
        else:
            counts[level] += 1
        return _label(counts, levels, level)

    def _start(self, key: str, level: int, levels: Mapping[int, NumberedLevel]) -> int:
        return self._overrides.get(key, {}).get(level, levels[level].start if level in levels else 1)


def _label(counts: list[int], levels: Mapping[int, NumberedLevel], level: int) -> str | None:
    own = levels[level]
    if own.number_format == "none":
        return None
    text = own.text
    for place in range(level, -1, -1):
        number_format = levels[place].number_format if place in levels else "decimal"
        if own.is_legal and place != level:
            number_format = "decimal"
        text = text.replace(f"%{place + 1}", to_number(counts[place], number_format))
    return "" if own.number_format == "bullet" else text.strip().rstrip(".):").lstrip("(")


def _place(level: "Element") -> int:
    return to_int(level.get(f"{W}ilvl", ""), 0)


def _read_level(level: "Element") -> NumberedLevel:
    start = to_int(value_of(level.find(f"{W}start")), 1)
    number_format = value_of(level.find(f"{W}numFmt")) or "decimal"
    is_legal = level.find(f"{W}isLgl") is not None
    return NumberedLevel(number_format, value_of(level.find(f"{W}lvlText")), start, is_legal)


def value_of(xml_element: "Element | None") -> str:
    """Return the attribute w:val of an xml_element, or "" if there is none."""
    return "" if xml_element is None else xml_element.get(f"{W}val", "")


def to_int(text: str, otherwise: int) -> int:
    """Return a number in text, or another number if the text is not a number."""
    return int(text) if text.lstrip("-").isdecimal() else otherwise
