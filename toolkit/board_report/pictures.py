"""Calculate the pictures of a report from the report's document."""

from collections import Counter
from collections.abc import Mapping, Sequence

from toolkit.board_report.partly_causes import PartlyCause, clause_label, split_partly
from toolkit.board_report.tables import ReportData
from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.records import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: its label and number, and its start and width in hundredths of the bar."""

    word: str
    number: int
    start: float
    wide: float


def bar_pieces(counted: Mapping[str, int]) -> list[Piece]:
    """Return the parts of a bar in the order of the counts. A label that no clause has is left out."""
    total = sum(counted.values()) or 1
    bar_pieces, start = [], 0.0
    for word, number in counted.items():
        wide = 100 * number / total
        if number:
            bar_pieces.append(Piece(word, number, round(start, 2), round(wide, 2)))
        start += wide
    return bar_pieces


def judged_counts(summary: ReportData) -> Mapping[str, int]:
    """Return how many clauses that a computer can check have each status, with the causes of "partly"."""
    return split_partly(summary["of_judged"], summary.get("partly_of_judged", {}))


@dataclass(frozen=True, slots=True)
class Tile:
    """The number of clauses with each label, in a section of the policy or in all sections."""

    name: str
    clauses: int
    counts: Mapping[str, int]


def section_tiles(clauses: Sequence[ReportData]) -> list[Tile]:
    """Return a tile for all sections together, then a tile for each section in the order of the policy.

    As on page one, only the clauses that a computer can check are counted. A section without any has no tile.
    """
    sections: dict[str, Counter[str]] = {}
    for clause in clauses:
        if clause["judged"]:
            label = clause_label(str(clause["status"]), clause.get("cause"))
            sections.setdefault(str(clause["section"]), Counter())[label] += 1
    together = sum(sections.values(), Counter[str]())
    order = list(split_partly({}, dict.fromkeys(map(str, PartlyCause), 0)))
    return [
        Tile(name, counts.total(), {label: counts[label] for label in [*order, str(ClauseStanding.PARTLY)]})
        for name, counts in [("All sections", together), *sections.items()]
    ]


REPORTS, TOP, BOTTOM = 8, 8, 76
"""The number of latest reports on a line, and its highest and lowest points."""
END, _APART = 42, 13
"""The end of a line, in hundredths of the width, and the distance between two labels."""


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The line that shows a status over several reports, with its points and its label.

    Positions across are in hundredths of the width.
    """

    word: str
    points: Sequence[tuple[float, float]]
    label: str
    label_at: float


@dataclass(frozen=True, slots=True)
class Trend:
    """The latest reports, and a line for each status that a clause had in one of them."""

    reports: Sequence[ReportData]
    lines: Sequence[StatusLine]
    end: int = END


def trend(reports: Sequence[ReportData]) -> Trend:
    """Return the lines for the latest reports. The reports are spaced evenly, with the oldest on the left."""
    drawn = reports[-REPORTS:]
    words = [word for word in map(str, ClauseStanding) if any(report["of_judged"][word] for report in drawn)]
    numbers = {word: [report["of_judged"][word] for report in drawn] for word in words}
    most = max((number for counted in numbers.values() for number in counted), default=1)
    points = {
        word: [(END * at / max(len(drawn) - 1, 1), _line_height(number, most)) for at, number in enumerate(counted)]
        for word, counted in numbers.items()
    }
    at = _spread_labels({word: line[-1][1] for word, line in points.items()})
    return Trend(
        drawn,
        [
            StatusLine(word, line, f"{word} {numbers[word][0]} to {numbers[word][-1]}", at[word])
            for word, line in points.items()
        ],
    )


def _line_height(number: int, most: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * number / most, 2)


def _spread_labels(heights: Mapping[str, float]) -> Mapping[str, float]:
    """Return heights for labels so that they do not overlap. Each label is as close to its line as possible."""
    placed: dict[str, float] = {}
    for word in sorted(heights, key=lambda word: heights[word]):
        placed[word] = max(heights[word], *(height + _APART for height in placed.values()), 0.0)
    below = float(BOTTOM)
    for word in reversed(placed):
        placed[word] = min(placed[word], below)
        below = placed[word] - _APART
    return placed
