"""Remove people's names from a report. Boards decide about rules, and may judge people later."""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from toolkit.ledger.display_names import MAIL, names_by_address
from toolkit.values import Json

SOMEBODY = "(a person's name)"

_WORD = re.compile(r"[^\W_]+")
_BETWEEN = r"(?:\s|&(?:nbsp|rsquo|apos|\#\d+);|[-,._'’‘`´]|<[^<>]*>)+"
_OFFICES = frozenset(
    (
        "account admin administrator and assistant break bursar business caretaker chair class clerk copier data "
        "deputy designated directory finance glass governor governors head ict it lead leader manager of office "
        "officer on premises printer protection pupil reception safeguarding scanner school secretary senco service "
        "site staff support synchronization teacher team technician the workspace year"
    ).split()
)
"""Words in the names of office accounts. An account `Head Teacher` is not a person's name."""


class NameFilter:
    """Finds people's names in texts, whatever separates the words of a name.

    Names of a single word are not removed.
    """

    def __init__(self, people: Iterable[str], *, school: str) -> None:
        self._by_first: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(
            set(_names_of_people(people, _OFFICES | set(_words_in_text(school)))), key=len, reverse=True
        ):
            self._by_first.setdefault(words[0], []).append(words)

    def remove_from(self, value: Json) -> Json:
        """Return a value in which every name is removed from the texts."""
        match value:
            case str():
                return self._remove_names(value)
            case Mapping():
                return {str(self.remove_from(name)): self.remove_from(entry) for name, entry in value.items()}
            case Sequence():
                return [self.remove_from(entry) for entry in value]
            case _:
                return value

    def first_in(self, text: str) -> str:
        """Return the first name in a text, spelt as in the text, or ""."""
        return next((text[begins:ends] for begins, ends in self._name_spans(text)), "")

    def _remove_names(self, text: str) -> str:
        kept: list[str] = []
        done = 0
        for begins, ends in self._name_spans(text):
            if begins >= done:
                kept += [text[done:begins], SOMEBODY]
                done = ends
        return "".join([*kept, text[done:]])

    def _name_spans(self, text: str) -> Iterator[tuple[int, int]]:
        for word in _WORD.finditer(text) if self._by_first else ():
            for name in self._by_first.get(word.group().lower(), ()):
                if hit := _name_pattern(name).match(text, word.start()):
                    yield hit.span()
                    break


@cache
def _name_pattern(name: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"{_BETWEEN.join(map(re.escape, name))}(?![^\W_])|{_shortened_pattern(name)}", re.IGNORECASE)


def _shortened_pattern(name: Sequence[str]) -> str:
    """Return a pattern for a shortened name: the whole first word and the beginning of the second word."""
    beginnings = "|".join(re.escape(name[1][:length]) for length in range(len(name[1]), 0, -1))
    return rf"{re.escape(name[0])}{_BETWEEN}(?:{beginnings})(?=…)"


def names_on_record(values: Sequence[Json], *, groups: Collection[str]) -> frozenset[str]:
    """Return the people's names that a ledger recorded next to an address, or in an address such as ada.byron@.

    The addresses in `groups` do not belong to people.
    """
    names_of_addresses = names_by_address(values)
    addresses = {
        address.casefold() for value in values for address in MAIL.findall(json.dumps(value, ensure_ascii=False))
    }
    parts = (address.partition("@")[0] for address in addresses - {group.casefold() for group in groups})
    return frozenset(
        {name for names in names_of_addresses.values() for name in names} | {part for part in parts if "." in part}
    )


def _names_of_people(people: Iterable[str], offices: Collection[str]) -> Iterator[tuple[str, ...]]:
    for person in people:
        words = tuple(_words_in_text(person))
        if len(words) > 1 and "@" not in person and not all(word in offices or word.isdigit() for word in words):
            yield words
            yield (words[-1], *words[:-1])


def _words_in_text(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
