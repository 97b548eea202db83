"""Lines of text for a terminal: what they say stands in signs and words, a colour only repeats it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Tone(Enum):
    """How a line is meant; the terminal may colour it."""

    PLAIN = None
    HEADING = "bold"
    ADDED = "green"
    CHANGED = "yellow"
    REMOVED = "red"
    WARNING = "magenta"
    QUIET = "bright_black"


@dataclass(frozen=True, slots=True)
class Line:
    """One line and how it is meant."""

    text: str = ""
    tone: Tone = Tone.PLAIN


def text(lines: Iterable[Line]) -> str:
    """Give the lines without colour."""
    return "\n".join(line.text for line in lines)
