"""Writes an export as one HTML file without a script or a request, and the same as PDF."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from toolkit.board_report.boilerplate import MEANINGS
from toolkit.board_report.comparison_period import since
from toolkit.board_report.pack import TITLES, Pack
from toolkit.board_report.print_limits import LINES, shortened
from toolkit.board_report.reasons import ClauseReasons, lines
from toolkit.board_report.status_icons import SIGNS
from toolkit.board_report.tables import Told
from toolkit.board_report.template_filters import PHRASES, isolated
from toolkit.errors import UsageError
from toolkit.planning.policy.statuses import ClauseStanding


def as_html(told: Told) -> str:
    """Write the page."""
    return _page(told, {})


def _page(told: Told, left_out: Mapping[str, int]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("toolkit.board_report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=isolated,
    )
    environment.filters |= {**PHRASES, "bars": bars}
    style = environment.loader.get_source(environment, "page.css")[0] if environment.loader else ""
    return environment.get_template("page.html.j2").render(
        told=told,
        style=style,
        title=TITLES[Pack(told["pack"])],
        signs=SIGNS,
        meanings=MEANINGS,
        bars=bars(told["summary"]["of_judged"]),
        sections=_sections(told.get("clauses", [])),
        left_out=left_out,
        since=since(told),
    )


def as_pdf(told: Told, most: int = LINES) -> bytes:
    """Write the page as a tagged PDF, with so many lines of each table at most (`most`).

    Raises UsageError where what draws it is not on this computer.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as missing:
        said = str(missing).splitlines()[0]
        raise UsageError(f"--format pdf: what draws pages is missing ({said}); {PDF_NEEDS}") from missing
    page = _page(*shortened(told, most))
    written: bytes = HTML(string=page, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return written


PDF_NEEDS = (
    "install the extra `reports`, and on Debian `apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`"
)


def _nothing(address: str, *_: object, **__: object) -> dict[str, Any]:
    raise ValueError(f"a report asks for nothing, and not for {address}")


def bars(counted: Mapping[str, int], width: int = 100) -> list[tuple[str, int, float, float]]:
    """Give the pieces of a bar: word, number, where it begins and how wide it is, in hundredths."""
    total = sum(counted.values()) or 1
    found, left = [], 0.0
    for standing in ClauseStanding:
        number = counted[str(standing)]
        wide = width * number / total
        if number:
            found.append((str(standing), number, round(left, 2), round(wide, 2)))
        left += wide
    return found


def _sections(clauses: Sequence[Told]) -> list[tuple[str, list[ClauseReasons]]]:
    return [(name, list(them)) for name, them in groupby(lines(clauses), key=lambda one: str(one.clause["section"]))]
