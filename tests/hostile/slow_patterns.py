"""Texts on which a regular expression without linear running time is slow, derived from the expression."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LENGTH = 25_000
"""Characters of a text: a quadratic pattern takes 300 million steps, a linear one some ten thousand."""
_FAILS = ("", "\n\x00")
_MANY = frozenset({ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT})
_TRIED = "a7 -.\"'</@([{_\n"


def slow_texts(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield texts for each repetition in a pattern: matching text before it, many repetitions, and text that fails."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    for before, body in dict.fromkeys(_repetitions(tree, "")):
        if not body:
            continue
        many = body * (LENGTH // len(body))
        for end in _FAILS:
            yield before + many + end
        yield (before + body) * (LENGTH // len(before + body))


def _repetitions(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """Yield each text before a repetition, with one text that the repetition matches."""
    for place, (op, value) in enumerate(tree):
        lead = before + "".join(_sample(part) for part in tree[:place])
        for inner in _inside(op, value):
            if op in _MANY and value[1] > _FEW:
                for body in _samples(inner):
                    yield "", body
                    yield lead, body
            yield from _repetitions(inner, lead)


_FEW = 64
"""A repetition with a smaller limit cannot make the running time grow."""


def _inside(op: Any, value: Any) -> Sequence[Any]:
    if op in _MANY:
        return [value[2]]
    if op is ops.SUBPATTERN:
        return [value[3]]
    if op is ops.BRANCH:
        return list(value[1])
    if op in (ops.ASSERT, ops.ASSERT_NOT):
        return [value[1]]
    if op is ops.ATOMIC_GROUP:
        return [value]
    return []


def _samples(tree: Any) -> Iterator[str]:
    """Yield texts that a part matches: one, and one for each branch and each member of a set of characters."""
    yield "".join(map(_sample, tree))
    for place, (op, value) in enumerate(tree):
        head, tail = "".join(map(_sample, tree[:place])), "".join(map(_sample, tree[place + 1 :]))
        if op is ops.IN:
            yield from (head + character + tail for character in _members(value))
        elif op in (ops.ANY, ops.NOT_LITERAL):
            yield from (head + character + tail for character in _TRIED if op is ops.ANY or ord(character) != value)
        else:
            for inner in _inside(op, value):
                yield from (head + body + tail for body in _samples(inner))


def _members(value: Any) -> Sequence[str]:
    members = [character for character in _TRIED if _is_in(value, character)]
    for op, argument in value:
        if op is ops.LITERAL and not (value and value[0][0] is ops.NEGATE):
            members.append(chr(argument))
    return members or ["a"]


def _is_in(value: Any, character: str) -> bool:
    inside = False
    negated = bool(value) and value[0][0] is ops.NEGATE
    for op, argument in value:
        match op:
            case ops.LITERAL:
                inside |= ord(character) == argument
            case ops.RANGE:
                inside |= argument[0] <= ord(character) <= argument[1]
            case ops.CATEGORY:
                inside |= bool(re.match(_WRITTEN[argument], character))
    return inside is not negated


_WRITTEN = {
    ops.CATEGORY_DIGIT: r"\d",
    ops.CATEGORY_SPACE: r"\s",
    ops.CATEGORY_WORD: r"\w",
    ops.CATEGORY_NOT_DIGIT: r"\D",
    ops.CATEGORY_NOT_SPACE: r"\S",
    ops.CATEGORY_NOT_WORD: r"\W",
}


def _sample(part: tuple[Any, Any]) -> str:
    """Return one text that a part of a pattern matches."""
    op, value = part
    if op in _ONE_CHARACTER:
        return str(_ONE_CHARACTER[op](value))
    if op in _MANY:
        return "".join(map(_sample, value[2])) * int(max(1, min(value[0], 3) if value[0] < _FEW else value[0]))
    if op in (ops.ASSERT, ops.ASSERT_NOT):
        return ""
    return "".join(_sample(inner) for tree in _inside(op, value)[:1] for inner in tree)


_ONE_CHARACTER: Mapping[Any, Callable[[Any], str]] = {
    ops.LITERAL: chr,
    ops.IN: lambda value: _members(value)[0],
    ops.ANY: lambda _: "a",
    ops.NOT_LITERAL: lambda value: "a" if value != ord("a") else "b",
}
