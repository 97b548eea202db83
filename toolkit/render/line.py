"""Lines of text for a terminal: signs and words carry the meaning, a colour only repeats it."""

from dataclasses import dataclass
from enum import Enum
from textwrap import TextWrapper
from typing import Final

_HANG: Final = 4


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
    hang: int = 0  # where lines below it continue on a narrow terminal; 0: four columns after its own beginning


def wrapped(text: str, hang: int, width: int) -> str:
    """Break a line at spaces to fit a terminal, with what follows the first line indented."""
    indent = " " * (hang or len(text) - len(text.lstrip(" ")) + _HANG)
    if len(text) <= width or len(indent) > width // 2:
        return text
    wrapper = TextWrapper(
        width,
        subsequent_indent=indent,
        expand_tabs=False,
        replace_whitespace=False,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.wrap(text))
