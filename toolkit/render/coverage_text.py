"""The table of where apps are closed, as an admin reads it and as JSON."""

from collections.abc import Container, Iterator, Sequence

from toolkit.engine.run_report import Report
from toolkit.planning.coverage import Coverage, coverage
from toolkit.render.line import Line, Tone
from toolkit.render.serialise import row, to_json
from toolkit.render.values_text import counted, first_few, grouped
from toolkit.sdk.surface import Closing
from toolkit.values import Body

_NAMED = 6
_TONES = {Closing.CLOSED: Tone.PLAIN, Closing.ATTESTED: Tone.PLAIN, Closing.WRITTEN: Tone.PLAIN}


def covered(report: Report) -> Sequence[Coverage]:
    """Give the table of a run."""
    return coverage(report.plan.controls, report.verdicts)


def coverage_lines(table: Sequence[Coverage]) -> Iterator[Line]:
    """Show for each group of apps every way to them, the closed ones first; equal tables once."""
    for rows in grouped(table, lambda row: row.ways).values():
        yield from (Line(), *map(_heading, rows))
        width = max(len(way.closing) for way in rows[0].ways)
        for way in sorted(rows[0].ways, key=lambda way: list(Closing).index(way.closing)):
            yield _way_line(way.closing, width, f"{way.surface}: {way.given}" if way.given else way.surface)


def coverage_in_short(table: Sequence[Coverage], detailed: Container[str]) -> Iterator[Line]:
    """Show the ways in a line for each state, for the controls named in `detailed`; count the other groups of apps."""
    shown = [row for row in table if row.control in detailed]
    for rows in grouped(shown, lambda row: tuple((way.surface, way.closing) for way in row.ways)).values():
        yield from (Line(), *map(_heading, rows))
        width = max(len(way.closing) for way in rows[0].ways)
        for closing in Closing:
            if ways := [way.surface for way in rows[0].ways if way.closing is closing]:
                yield _way_line(closing, width, "; ".join(ways))
    if others := len(table) - len(shown):
        text = f"{counted(others, 'group')} of apps: -v shows where they are closed and where they stay open"
        yield from ([Line()] if shown else [])
        yield Line(text, Tone.QUIET)


def _way_line(closing: Closing, width: int, text: str) -> Line:
    return Line(f"  {closing:<{width}}  {text}", _TONES.get(closing, Tone.QUIET), hang=width + 4)


def _heading(row: Coverage) -> Line:
    apps = first_few(row.apps, _NAMED)
    closes = f"opens {apps} (exception {row.exception})" if row.exception else f"closes {apps}"
    return Line(f"Where {row.control} for {row.audience} {closes}", Tone.HEADING)


def coverage_answer(table: Sequence[Coverage]) -> list[Body]:
    """Give the same as JSON."""
    return [
        {
            **row(covered, "control", "for=audience", "apps", "exception?"),
            "surfaces": [
                {**row(way, "surface", "state=closing", "given?"), "clouds": to_json(dict(way.clouds))}
                for way in covered.ways
            ],
        }
        for covered in table
    ]
