"""Make text safe to show, by writing control and format characters as escapes."""

import re
import unicodedata

_PERHAPS = re.compile(r"[^\x20-\x7e]")
_PERHAPS_BUT_NEWLINE = re.compile(r"[^\n\x20-\x7e]")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Characters that a terminal obeys, or that reorder text: control and format characters, surrogates, and separators."""
_LONG = 0xFFFF


def printable(text: str) -> str:
    r"""Return text as one line, with newlines as `\n` and other control or format characters as `\uXXXX`."""
    return _PERHAPS.sub(_escape, text)


def printable_lines(text: str) -> str:
    r"""Keep the newlines of a text, and write every other control or format character as `\uXXXX`.

    These escapes are valid in a JSON string and in a double-quoted YAML string.
    """
    return _PERHAPS_BUT_NEWLINE.sub(_escape, text)


def cut(text: str, longest: int) -> str:
    """Return the first `longest` characters of a text, followed by the number of characters that were cut."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]} [{len(text) - longest:,} characters cut]"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\n":
        return "\\n"
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    return f"\\U{code:08x}" if code > _LONG else f"\\u{code:04x}"
