"""Render the report on all schools of a trust, and a page for each school, as HTML and PDF."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from toolkit.board_report.page import template_environment
from toolkit.board_report.page_elements import printed_page
from toolkit.board_report.pdf import REPORT_TEMPLATE, typeset
from toolkit.board_report.tables import ReportData
from toolkit.board_report.template_filters import SIGNS, Sign
from toolkit.planning.policy.statuses import ClauseStanding

_GREY = "#5c5c5c"
_HATCHED = (
    f'<rect x="1" y="1" width="14" height="14" fill="#fff" stroke="{_GREY}"/>'
    f'<path d="M1 6L6 1M1 11L11 1M2 15L15 2M7 15L15 7M12 15L15 12" fill="none" stroke="{_GREY}" stroke-width="1.2"/>'
)
_PLAIN = f'<rect x="1" y="1" width="14" height="14" fill="#b4b4b4" stroke="{_GREY}"/>'
LABELS: Mapping[str, Sign] = {
    **SIGNS,
    "not read": Sign(_GREY, _HATCHED, "#fff", "#1a1a1a"),
    "varied as agreed": Sign(_GREY, _PLAIN, "#b4b4b4", "#1a1a1a"),
}
"""The statuses of a trust's report with their signs. A clause that was not read is hatched, and a variation grey."""
_PRACTICE = "Practice run, simulated data"
_STYLES = ("page.css", "trust.css")


def trust_pages(document: ReportData) -> Iterator[tuple[str, str]]:
    """Yield the name of each page without its suffix, and its HTML: the trust's page, and a page for each school."""
    yield "trust", _render("trust.html.j2", document)
    for school in document["schools"]:
        yield school["short_name"], _render("trust_school.html.j2", document, school=school)


def _render(template: str, document: ReportData, **more: object) -> str:
    environment = template_environment()
    loader = environment.loader
    style = "".join(loader.get_source(environment, name)[0] for name in _STYLES) if loader else ""
    used = {clause["status"] for school in document["schools"] for clause in school["clauses"]} | {"not read"}
    words = [word for word in LABELS if word in used and word != ClauseStanding.EXCEPTED]
    banner = _PRACTICE if document["practice_run"] else ""
    style = style.replace("BANNER", banner)
    page = environment.get_template(template)
    return page.render(told=document, style=style, banner=banner, labels=LABELS, words=words, **more).lstrip()


def page_pdf(document: ReportData, title: str, page: str) -> bytes:
    """Return a page as a tagged PDF. Raise ToolkitError if it cannot be made."""
    banner = _PRACTICE if document["practice_run"] else ""
    report = {"title": title, "banner": banner, "note": "", **printed_page(page)}
    return typeset(REPORT_TEMPLATE, report, datetime.fromisoformat(document["at"]))
