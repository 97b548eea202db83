"""Recognise text that is, or may be, about another school of a trust than the school that may read it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.values import Json

_ADDRESS = re.compile(r"[\w.+%'-]{1,64}@[\w.-]{1,253}")


@dataclass(frozen=True, slots=True)
class SchoolWords:
    """The domains and groups of a school, and the names that only other schools of its trust have."""

    domains: frozenset[str]
    groups: frozenset[str]
    foreign_names: re.Pattern[str] = field(repr=False)

    def is_own(self, text: str, allowed: Iterable[str] = ()) -> bool:
        """Return whether a text has no name of another school, and no address that may be another school's.

        An address is own only if it is at a domain of the school, or a group of the school. `allowed` has further
        addresses, such as an application's.
        """
        folded = text.casefold()
        if self.foreign_names.search(folded):
            return False
        own_addresses = {*self.groups, *(address.casefold() for address in allowed)}
        return all(
            address in own_addresses or address.rpartition("@")[2].strip(".") in self.domains
            for address in _ADDRESS.findall(folded)
        )

    def own_value(self, value: Json) -> tuple[Json, int]:
        """Return the own parts of a value, and the number of other parts. A text that is not own is None."""
        match value:
            case str():
                return (value, 0) if self.is_own(value) else (None, 1)
            case Mapping():
                kept: dict[str, Json] = {}
                left_out = 0
                for name, inner in value.items():
                    own, missing = self.own_value(inner)
                    left_out += missing
                    if not missing or own:
                        kept[name] = own
                return kept, left_out
            case Sequence():
                parts = [self.own_value(inner) for inner in value]
                return [own for own, missing in parts if not missing or own], sum(missing for _, missing in parts)
            case _:
                return value, 0


def words_of(school: str, schools: Mapping[str, School]) -> SchoolWords:
    """Return the words of a school and of the others in its trust."""
    own = schools[school]
    foreign = {word for name, other in schools.items() if name != school for word in _words(name, other)}
    foreign -= {word.casefold() for word in _words(school, own)}
    alternatives = "|".join(re.escape(word) for word in sorted(foreign, key=lambda word: (-len(word), word)))
    return SchoolWords(
        frozenset(domain.casefold() for domain in own.domains),
        frozenset(name.casefold() for role in own.roles.values() for name in {**role.groups, **role.units}.values()),
        re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)" if alternatives else r"(?!)"),
    )


def _words(name: str, school: School) -> Iterable[str]:
    yield name.casefold()
    yield school.name.casefold()
    shared = {tenant.domain.casefold() for tenant in school.tenants.values()}  # the central team may have no other
    yield from {domain.casefold() for domain in school.domains} - shared
    for role in school.roles.values():
        yield from (group.casefold() for group in {**role.groups, **role.units}.values())
