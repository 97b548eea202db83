"""Finds display names next to addresses in texts, such as Olga Khan <olga.khan@school.example>."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from toolkit.values import Json

MAIL = re.compile(r"(?:(?<![\w.+'%-])[\w.+'%-]++|[\w.+'%-]{1,64})@[\w-]++(?:\.[\w-]++)++")
"""An address. If it follows another without a gap, it has up to 64 characters before its @, as mail allows."""
_LONGEST = 80
_WORDS = r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,5}"
_BEFORE = re.compile(rf"(?:\"([^\"<>]+)\"|({_WORDS})) ?$")
_BEHIND = re.compile(rf" [(\[]({_WORDS})[)\]]")
_SPLIT = re.compile(r"[\W\d_]+")


def names_by_address(values: Iterable[Json]) -> Mapping[str, frozenset[str]]:
    """Return the display names that stand next to each address in some texts. Names and addresses are in lower case."""
    names_of: dict[str, frozenset[str]] = {}
    for text in (text for value in values for text in _all_texts(value)):
        for address, name in _names_and_addresses(text):
            names_of[address] = names_of.get(address, frozenset()) | {name}
    return names_of


def _all_texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for name, inner in value.items():
                yield from (name, *_all_texts(inner))
        case Sequence():
            for inner in value:
                yield from _all_texts(inner)


def name_pattern(names: Collection[str]) -> "re.Pattern[str]":
    """Return a pattern that matches any of the names as whole words. Longer names match first."""
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    words = "|".join(re.escape(name) for name in longest_first)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)" if words else r"(?!)", re.IGNORECASE)


def _names_and_addresses(text: str) -> Iterator[tuple[str, str]]:
    for match in MAIL.finditer(text):
        address, before = match[0].casefold(), text[max(0, match.start() - _LONGEST) : match.start()]
        behind = _BEHIND.match(text[match.end() : match.end() + _LONGEST])
        if before.endswith(("<", "(", "[")) and (named := _BEFORE.search(before[:-1])):
            name = named[1] or _name_of_address(named[2], address)
            if not name and before.endswith("<"):
                name = _capitalised_name(named[2])
        else:
            name = _name_of_address(behind[1], address) if behind else ""
        if name.strip():
            yield address, name.strip().casefold()


def _name_of_address(words: str, address: str) -> str:
    """Return the text from the first word that is also in the address, such as "Olga Khan" from "mailbox Olga Khan"."""
    parts = [part for part in _SPLIT.split(address.partition("@")[0]) if part]
    surnames = {part for part in parts if len(part) > 1} | {part[1:] for part in parts if len(part) > len("xy")}
    named = words.split(" ")
    begins = next((number for number, word in enumerate(named) if word.casefold() in surnames), None)
    if begins is None:
        return ""
    initials = {part[0] for part in parts}
    while begins and named[begins - 1][0].isupper() and named[begins - 1][0].casefold() in initials:
        begins -= 1
    return " ".join(named[begins:])


def _capitalised_name(words: str) -> str:
    """Return the capitalised words at the end of a text, or "" if there are fewer than two."""
    named = list(takewhile(lambda word: word[0].isupper(), reversed(words.split(" "))))
    return " ".join(reversed(named)) if len(named) > 1 else ""
