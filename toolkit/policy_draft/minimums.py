"""Propose minimums for the numbers in a clause, so that a control with a weaker setting does not meet the clause."""

import re
from collections.abc import Iterator, Sequence

from toolkit.values import Json

_WORDS = dict(
    zip(
        "four five six seven eight nine ten eleven twelve fourteen fifteen sixteen twenty thirty sixty".split(),
        (4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 20, 30, 60),
        strict=True,
    )
)
_NUMBER = rf"(\d{{1,3}}|{'|'.join(_WORDS)})"
_LENGTH = re.compile(
    rf"(?i)\b{_NUMBER}(?:\s*\(\d+\))?\s+(?:or more\s+|alphanumeric\s+)?(?:characters|letters|digits|symbols)\b"
)
_MINUTES = re.compile(rf"(?i)\b{_NUMBER}(?:\s*\(\d+\))?\s+minutes?\b")
_ANY_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)")
_SIZES = (
    (_LENGTH, "identity.password_policy", "length", "at_least"),
    (_MINUTES, "identity.idle_lock", "minutes", "at_most"),
)


def minimums(says: str, controls: Sequence[str]) -> list[dict[str, Json]]:
    """Return the minimums that follow from a clause: the length of passwords, and the minutes to a locked screen."""
    floors: list[dict[str, Json]] = []
    for pattern, control, setting, test in _SIZES:
        if control in controls and (match := pattern.search(says)):
            floors.append({"control": control, "setting": setting, test: _to_number(match[1])})
    return floors


def numbers_without_minimum(says: str, controls: Sequence[str]) -> Iterator[str]:
    """Yield the numbers of a clause that no minimum compares."""
    compared = {str(value) for minimum in minimums(says, controls) for value in minimum.values()}
    yield from dict.fromkeys(number for number in _ANY_NUMBER.findall(says) if number not in compared)


def _to_number(text: str) -> int:
    return _WORDS[text.casefold()] if text.casefold() in _WORDS else int(text)
