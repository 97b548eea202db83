"""What an unquoted word of YAML 1.2 means; dates stay text, as they were written."""

import math
import re

_NULL = {"", "~", "null", "Null", "NULL"}
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# A number with a leading zero stays text: a telephone number would lose it, and YAML 1.1 reads it as octal.
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LARGEST = 2**63


def resolve(word: str) -> bool | int | float | str | None:
    """Give the value of an unquoted word; ValueError for a number that cannot be used."""
    if word in _NULL:
        return None
    if word in _FLAGS:
        return _FLAGS[word]
    if _INTEGER.fullmatch(word) or _OTHER_BASE.fullmatch(word):
        return _integer(word)
    if _NOT_FINITE.fullmatch(word):
        raise ValueError(f"{word} is not a number that can be used")
    if _FLOAT.fullmatch(word):
        return _float(word)
    return word


def unprintable(text: str) -> re.Match[str] | None:
    """Find the first character that no text holds: control characters and halves of characters."""
    return _UNPRINTABLE.search(text)


def _integer(word: str) -> int:
    too_large = ValueError("a number of more than 64 bits cannot be used; put it in quotes if it is text")
    if len(word) > 32:  # noqa: PLR2004 - longer than 64 bits are in any base, and int() takes its time
        raise too_large
    number = int(word, 0)
    if not -_LARGEST <= number < _LARGEST:
        raise too_large
    return number


def _float(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError("a number as large as this cannot be used; put it in quotes if it is text")
    return number
