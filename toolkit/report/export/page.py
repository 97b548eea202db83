"""Writes an export as one HTML file without a script or a request, and the same as PDF."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from toolkit.errors import UsageError
from toolkit.planning.fact import NOBODY
from toolkit.planning.statuses import Standing
from toolkit.report.export.changes import lasted
from toolkit.report.export.pack import TITLES, Pack
from toolkit.report.export.since import since
from toolkit.report.export.tables import Told
from toolkit.report.export.wording import day_of, moment_of

SIGNS = {
    "met": "✓",
    "partly": "◐",
    "not met": "✗",
    "exception accepted": "◇",
    "evidence on file": "▤",
    "not technical": "○",
    "not checked": "?",
    "decision needed": "▷",
}

_COLOURS = {
    "met": "#1d6b3a",
    "partly": "#b8860b",
    "not met": "#8f1d1d",
    "exception accepted": "#5a3e8e",
    "evidence on file": "#2f6f73",
    "not technical": "#767676",
    "not checked": "#c9c9c9",
    "decision needed": "#0b4a8f",
}


def as_html(told: Told) -> str:
    """Write the page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("toolkit.report.export", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"day": day_of, "moment": moment_of, "joined": _joined, "beyond": _beyond}
    environment.filters |= {"date": day_of, "lasted": lasted, "bars": bars}
    style = environment.loader.get_source(environment, "page.css")[0] if environment.loader else ""
    return environment.get_template("page.html.j2").render(
        told=told,
        style=style,
        title=TITLES[Pack(told["pack"])],
        signs=SIGNS,
        colours=_COLOURS,
        bars=bars(told["summary"]["of_judged"]),
        sections=_sections(told.get("clauses", [])),
        since=since(told),
    )


def as_pdf(told: Told) -> bytes:
    """Write the page as a tagged PDF; UsageError where what draws it is not on this computer."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as missing:
        said = str(missing).splitlines()[0]
        raise UsageError(f"--format pdf: what draws pages is missing ({said}); {PDF_NEEDS}") from missing
    written: bytes = HTML(string=as_html(told), url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return written


PDF_NEEDS = (
    "install the extra `reports`, and on Debian `apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`"
)


def _nothing(address: str, *_: object, **__: object) -> dict[str, Any]:
    raise ValueError(f"a report asks for nothing, and not for {address}")


def bars(counted: Mapping[str, int], width: int = 600) -> list[tuple[str, int, float, float]]:
    """Give the pieces of a bar: word, number, where it begins and how wide it is."""
    total = sum(counted.values()) or 1
    found, left = [], 0.0
    for standing in Standing:
        number = counted[str(standing)]
        wide = width * number / total
        if number:
            found.append((str(standing), number, round(left, 1), round(wide, 1)))
        left += wide
    return found


def _sections(clauses: Sequence[Told]) -> list[tuple[str, list[Told]]]:
    return [(name, list(them)) for name, them in groupby(clauses, key=lambda one: str(one["section"]))]


def _joined(reasons: Sequence[str]) -> str:
    """Make sentences of reasons, and say what they are about once."""
    told: list[str] = []
    about = ""
    for reason in reasons:
        subject, found, rest = reason.partition(": ")
        sentence = rest if found and subject == about else reason
        told.append(f"{sentence[:1].upper()}{sentence[1:]}")
        about = subject if found else ""
    return ". ".join(told) + "." if told else ""


def _beyond(who_says: Sequence[str], reasons: Sequence[str]) -> list[str]:
    """Keep of who says so what the reasons have not said already."""
    return [one for one in who_says if one != NOBODY and not any(one in reason for reason in reasons)]
