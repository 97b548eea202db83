"""The table of where apps are closed, as an admin reads it and as JSON."""

from collections.abc import Container, Iterator, Sequence

from toolkit.engine.run_report import Report
from toolkit.planning.coverage import Coverage, coverage
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted
from toolkit.sdk.surface import Closing
from toolkit.values import Body

_NAMED = 6
_TONES = {Closing.CLOSED: Tone.PLAIN, Closing.ATTESTED: Tone.PLAIN, Closing.WRITTEN: Tone.PLAIN}


def covered(report: Report) -> Sequence[Coverage]:
    """Give the table of a run."""
    return coverage(report.plan.controls, report.verdicts)


def coverage_lines(table: Sequence[Coverage]) -> Iterator[Line]:
    """Show for each group of apps every way to them, the closed ones first."""
    for row in table:
        yield Line()
        yield _heading(row)
        width = max(len(way.closing) for way in row.ways)
        for way in sorted(row.ways, key=lambda way: list(Closing).index(way.closing)):
            given = f": {way.given}" if way.given else ""
            yield Line(f"  {way.closing:<{width}}  {way.surface}{given}", _TONES.get(way.closing, Tone.QUIET))


def coverage_in_short(table: Sequence[Coverage], whole: Container[str]) -> Iterator[Line]:
    """Show the ways in a line for each state, for the controls named in `whole`; count the other groups of apps."""
    shown = [row for row in table if row.control in whole]
    for row in shown:
        yield Line()
        yield _heading(row)
        width = max(len(way.closing) for way in row.ways)
        for closing in Closing:
            if ways := [way.surface for way in row.ways if way.closing is closing]:
                yield Line(f"  {closing:<{width}}  {'; '.join(ways)}", _TONES.get(closing, Tone.QUIET))
    if others := len(table) - len(shown):
        yield Line()
        yield Line(
            f"{counted(others, 'group')} of apps: nothing changes in where they are closed (-v shows it)", Tone.QUIET
        )


def _heading(row: Coverage) -> Line:
    closes = f"opens {_apps(row.apps)} (exception {row.exception})" if row.exception else f"closes {_apps(row.apps)}"
    return Line(f"Where {row.control} for {row.audience} {closes}", Tone.HEADING)


def coverage_answer(table: Sequence[Coverage]) -> list[Body]:
    """Give the same as JSON."""
    return [
        {
            "control": row.control,
            "for": row.audience,
            "apps": list(row.apps),
            "exception": row.exception or None,
            "surfaces": [
                {
                    "surface": way.surface,
                    "state": str(way.closing),
                    "given": way.given or None,
                    "clouds": {name: str(closing) for name, closing in way.clouds},
                }
                for way in row.ways
            ],
        }
        for row in table
    ]


def _apps(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])} and {more} more" if more > 1 else ", ".join(names)
