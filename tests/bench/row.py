"""One row of the benchmark's table: the cost of a scenario, and its bounds as counts and ratios."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bound:
    """The upper bound of a count or a ratio."""

    what: str
    value: float
    most: float
    needs_own_process: bool = False  # for memory or time, which mean something only in a separate process

    @property
    def is_kept(self) -> bool:
        return self.value <= self.most

    def __str__(self) -> str:
        return f"{'PASS' if self.is_kept else 'FAIL'} {self.what}: {self.value:g}, at most {self.most:g}"


@dataclass(frozen=True)
class Row:
    """One scenario. A value that does not apply is None."""

    scenario: str
    seconds: float
    bounds: Sequence[Bound]
    megabytes: float | None = None
    ratio: float | None = None
    against: str = "-"  # the comparison of the ratio
    requests: int | None = None
    rounds: int | None = None


def table(rows: Sequence[Row]) -> str:
    """Return the table, with every bound below its scenario."""
    heading = ("scenario", "requests", "round trips", "seconds", "peak MB", "ratio", "to")
    cells = [heading, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(heading))]
    lines: list[str] = [_line(heading, widths), "  ".join("-" * width for width in widths)]
    for row, line in zip(rows, cells[1:], strict=True):
        lines += [_line(line, widths), *(f"    {bound}" for bound in row.bounds)]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    counts = ["-" if count is None else str(count) for count in (row.requests, row.rounds)]
    megabytes = "-" if row.megabytes is None else f"{row.megabytes:.0f}"
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
    return (row.scenario, *counts, f"{row.seconds:.2f}", megabytes, ratio, row.against)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *numbers, last = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in numbers), last[0]])
