"""The data of a report's pictures, from the document of the report."""

from collections import Counter
from collections.abc import Mapping, Sequence

from toolkit.board_report.tables import ReportData
from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.records import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: its status and number, its start and its width, in hundredths of the bar."""

    word: str
    number: int
    start: float
    wide: float


def pieces(counted: Mapping[str, int]) -> list[Piece]:
    """Return the pieces of a bar, in the order of the statuses. A status without a clause has none."""
    total = sum(counted.values()) or 1
    bar_pieces, start = [], 0.0
    for word in map(str, ClauseStanding):
        number = counted.get(word, 0)
        wide = 100 * number / total
        if number:
            bar_pieces.append(Piece(word, number, round(start, 2), round(wide, 2)))
        start += wide
    return bar_pieces


@dataclass(frozen=True, slots=True)
class Tile:
    """A section of the policy, or all sections, with the number of clauses by status."""

    name: str
    clauses: int
    counts: Mapping[str, int]


def tiles(clauses: Sequence[ReportData]) -> list[Tile]:
    """Return a tile for all sections, then a tile for each section in the order of the policy."""
    sections: dict[str, Counter[str]] = {}
    for clause in clauses:
        sections.setdefault(str(clause["section"]), Counter())[str(clause["status"])] += 1
    together = sum(sections.values(), Counter[str]())
    return [Tile(name, counts.total(), counts) for name, counts in [("All sections", together), *sections.items()]]


REPORTS, TOP, BOTTOM = 8, 8, 76
"""The number of latest reports on a line, and its highest and lowest points."""
END, _APART = 42, 13
"""The end of a line, in hundredths of the width, and the distance between two labels."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The line of a status over several reports: its points, across in hundredths of the width, and its label."""

    word: str
    points: Sequence[tuple[float, float]]
    label: str
    label_at: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The latest reports and a line for each status that a clause had in one of them."""

    reports: Sequence[ReportData]
    lines: Sequence[StatusLine]
    end: int = END


def trend(reports: Sequence[ReportData]) -> Trend:
    """Return the lines over the latest reports, the oldest on the left, at equal distances."""
    drawn = reports[-REPORTS:]
    words = [word for word in map(str, ClauseStanding) if any(report["of_judged"][word] for report in drawn)]
    numbers = {word: [report["of_judged"][word] for report in drawn] for word in words}
    most = max((number for counted in numbers.values() for number in counted), default=1)
    points = {
        word: [(END * at / max(len(drawn) - 1, 1), _height(number, most)) for at, number in enumerate(counted)]
        for word, counted in numbers.items()
    }
    at = _spread({word: line[-1][1] for word, line in points.items()})
    return Trend(
        drawn,
        [
            StatusLine(word, line, f"{word} {numbers[word][0]} to {numbers[word][-1]}", at[word])
            for word, line in points.items()
        ],
    )


def _height(number: int, most: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * number / most, 2)


def _spread(heights: Mapping[str, float]) -> Mapping[str, float]:
    """Return heights for labels so that none overlaps another, each as near to its line as there is room."""
    placed: dict[str, float] = {}
    for word in sorted(heights, key=lambda word: heights[word]):
        placed[word] = max(heights[word], *(height + _APART for height in placed.values()), 0.0)
    below = float(BOTTOM)
    for word in reversed(placed):
        placed[word] = min(placed[word], below)
        below = placed[word] - _APART
    return placed
