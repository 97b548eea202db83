"""What the pictures of a report show, from the document that its text is written from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.board_report.tables import Told
from toolkit.planning.policy.statuses import ClauseStanding


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: its status and number, where it begins and how wide it is, in hundredths of the bar."""

    word: str
    number: int
    left: float
    wide: float


def pieces(counted: Mapping[str, int]) -> list[Piece]:
    """Return the pieces of a bar, in the order of the statuses; a status without a clause has none."""
    total = sum(counted.values()) or 1
    found, left = [], 0.0
    for word in map(str, ClauseStanding):
        number = counted.get(word, 0)
        wide = 100 * number / total
        if number:
            found.append(Piece(word, number, round(left, 2), round(wide, 2)))
        left += wide
    return found


@dataclass(frozen=True, slots=True)
class Tile:
    """A section of the policy, or all of them, and how many clauses have which status."""

    name: str
    clauses: int
    counts: Mapping[str, int]


def tiles(clauses: Sequence[Told]) -> list[Tile]:
    """Return a tile for each section, in the order of the policy, after one for all of them."""
    sections: dict[str, Counter[str]] = {}
    for clause in clauses:
        sections.setdefault(str(clause["section"]), Counter())[str(clause["status"])] += 1
    together = sum(sections.values(), Counter[str]())
    return [Tile(name, counts.total(), counts) for name, counts in [("All sections", together), *sections.items()]]
