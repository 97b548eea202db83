"""Search text for the words and patterns of mail rules, in limited time. A pattern may come from anyone's rule."""

import re
from functools import cache
from re import _parser  # type: ignore[attr-defined]  # the parsed pattern is needed to estimate its time

from toolkit.sdk.truth import Truth, cannot_tell, no, yes

_MOST_STEPS = 50_000_000
"""The most steps that a search may need in the worst case, which takes a few seconds."""
_UNBOUNDED = 1_000_000_000
_REPEATS = frozenset({_parser.MAX_REPEAT, _parser.MIN_REPEAT, _parser.POSSESSIVE_REPEAT})
_ASIDE = frozenset({_parser.ASSERT, _parser.ASSERT_NOT, _parser.GROUPREF, _parser.GROUPREF_EXISTS})


def contains_word(text: str, word: str) -> Truth:
    """Return whether a text contains a word or phrase as typed, surrounded by spaces, punctuation or nothing.

    Upper and lower case do not differ. If the word begins or ends with punctuation and touches a letter there, no
    vendor documents whether it matches.
    """
    sought, searched = word.casefold(), text.casefold()
    touches = False
    start = searched.find(sought) if sought else -1
    while start >= 0:
        end = start + len(sought)
        before, after = searched[start - 1 : start], searched[end : end + 1]
        if not (_is_letter(before) or _is_letter(after)):
            return yes(f"“{word}”")
        inside_word = (_is_letter(before) and _is_letter(sought[0])) or (_is_letter(after) and _is_letter(sought[-1]))
        touches = touches or not inside_word
        start = searched.find(sought, start + 1)
    if touches:
        return cannot_tell(f"the service does not document whether “{word}” matches next to a letter")
    return no()


def _is_letter(character: str) -> bool:
    return character.isalnum() or character == "_"


def matches_pattern(text: str, pattern: str, *, ignores_case: bool) -> Truth:
    """Return whether a regular expression matches anywhere in a text.

    The result is unknown for an expression that Python does not read, or that could take too long.
    """
    compiled = _compile(pattern, ignores_case)
    if compiled is None:
        return cannot_tell(f"toolkit cannot evaluate the pattern {pattern}")
    if (len(text) + 1) * _count_ways(pattern, len(text) + 1) > _MOST_STEPS:
        return cannot_tell(f"the pattern {pattern} could take too long for a text of this length")
    return yes(f"the pattern {pattern}") if compiled.search(text) else no()


@cache
def _compile(pattern: str, ignores_case: bool) -> re.Pattern[str] | None:  # noqa: FBT001 - for the cache
    try:
        parsed = _parser.parse(pattern, re.IGNORECASE if ignores_case else 0)
        if _has_reference(parsed):
            return None
        return re.compile(pattern, re.IGNORECASE if ignores_case else 0)
    except (re.error, OverflowError, RecursionError):
        return None


def _has_reference(parsed: _parser.SubPattern) -> bool:
    """Return whether a pattern looks ahead, behind or back, which needs more steps than are counted here."""
    return any(
        operation in _ASIDE or any(_has_reference(part) for part in _parts(argument)) for operation, argument in parsed
    )


@cache
def _count_ways(pattern: str, length: int) -> int:
    """Return in how many ways a pattern can match from one place of a text in the worst case."""
    return _ways(_parser.parse(pattern), length)


def _ways(parsed: _parser.SubPattern, length: int) -> int:
    ways = 1
    for operation, argument in parsed:
        if operation in _REPEATS:
            least, most, body = argument
            times = min(int(most), length)
            inner = _ways(body, length)
            repeats = max(1, times - min(least, times) + 1)
            power = inner ** min(times, 64) if inner > 1 else 1
            ways *= repeats * power
        elif operation is _parser.BRANCH:
            ways *= sum(_ways(branch, length) for branch in argument[1])
        else:
            for part in _parts(argument):
                ways *= _ways(part, length)
        if ways > _UNBOUNDED:
            return _UNBOUNDED
    return ways


def _parts(argument: object) -> list[_parser.SubPattern]:
    """Return the patterns inside an operation's argument."""
    if isinstance(argument, _parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [part for entry in argument for part in _parts(entry)]
    return []
