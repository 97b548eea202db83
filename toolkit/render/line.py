"""Lines of text for a terminal: signs and words carry the meaning, a colour only repeats it."""

import re
from dataclasses import dataclass
from enum import Enum
from textwrap import TextWrapper
from typing import Final

_HANG: Final = 4
_QUOTED: Final = re.compile("`[^`]*`")
_WORD: Final = re.compile(r"""(?:'[^']*'|"[^"]*"|[^\s'"])+""")  # as a shell divides a command


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
    command: bool = False  # it ends with a command, which has to work when it is copied from a narrow terminal


def wrapped_command(text: str, width: int) -> str:
    """Break a line with a command at spaces outside quotes, with a backslash, so that a shell reads it as one."""
    begins = len(text) - len(text.lstrip(" "))
    lines = [" " * begins]
    for word in _WORD.findall(text):
        if lines[-1].strip() and len(lines[-1]) + len(word) + len(" \\ ") > width:
            lines.append(" " * (begins + _HANG))
        lines[-1] += word if not lines[-1].strip() else f" {word}"
    return " \\\n".join(lines)


def wrapped(text: str, hang: int, width: int) -> str:
    """Break a line at spaces to fit a terminal, and indent what follows; a command in backticks stays whole."""
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
    whole = _QUOTED.sub(lambda command: command[0].replace(" ", "\0"), text)
    return "\n".join(wrapper.wrap(whole)).replace("\0", " ")
