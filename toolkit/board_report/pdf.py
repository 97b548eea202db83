"""Write the report as a PDF that follows PDF/UA-1. The typst program lays out the elements of the report's page."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.board_report.page import page_banner, page_title, render_page
from toolkit.board_report.page_elements import printed_page
from toolkit.board_report.tables import ReportData
from toolkit.board_report.template_filters import join_facts
from toolkit.errors import ToolkitError
from toolkit.installed import require

if TYPE_CHECKING:
    import typst

LINES = 500
"""The most lines that a table has on paper."""
OBJECTS = 20
"""The most objects that a cell has on paper."""

_TABLES = ("clauses", "exceptions", "confirmations", "evidence")
REPORT_TEMPLATE = Path(__file__).with_name("report.typ")
_FONTS = Path(__file__).with_name("fonts")


def as_pdf(document: ReportData, most: int = LINES) -> bytes:
    """Return the report as a tagged PDF with at most `most` lines of each table.

    Raise UsageError if typst is not installed, and ToolkitError as `typeset` does.
    """
    require("typst", "reports", "--format pdf")
    page = render_page(*shorten_tables(document, most))
    printable = _replace_unknown_characters(page)
    report = {
        "title": _replace_unknown_characters(page_title(document)),
        "banner": page_banner(document),
        "note": "" if printable == page else _REPLACED,
        **printed_page(printable),
    }
    return typeset(REPORT_TEMPLATE, report, datetime.fromisoformat(document["run"]["at"]))


def typeset(template: Path | bytes, report: Mapping[str, object], made_at: datetime | None = None) -> bytes:
    """Return the PDF that a template makes from a report, with only the fonts of this package and of typst.

    Raise ToolkitError if typst reports an error, such as a picture without alternative text, or a warning, such as an
    unknown font. https://typst.app/docs/reference/pdf/
    """
    import typst

    try:
        pdf, warnings = typst.compile_with_warnings(
            template,
            sys_inputs={"report": json.dumps(report)},
            font_paths=_load_fonts(),
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="ua-1",
            timestamp=made_at,
        )
    except typst.TypstError as error:
        raise ToolkitError(f"The PDF could not be made: {error.message}") from error
    if warnings:
        raise ToolkitError(f"The PDF could not be made: {warnings[0].message}")
    return pdf


def shorten_tables(document: ReportData, most: int) -> tuple[ReportData, Mapping[str, int]]:
    """Return the document with only the first lines of each table, and the number of lines left out of each table."""
    short = dict(document)
    left_out = {}
    for name in _TABLES:
        if name in document:
            rows = join_facts(document[name]) if name == "evidence" else document[name]
            short[name], left_out[name] = rows[:most], max(0, len(rows) - most)
    if "changes" in document:
        changes = document["changes"]["found"]
        short["changes"] = {**document["changes"], "found": changes[:most]}
        left_out["changes"] = max(0, len(changes) - most)
    if "evidence" in short:
        short["evidence"] = [_limit_objects(fact) for fact in short["evidence"]]
    return short, left_out


def _limit_objects(fact: ReportData) -> ReportData:
    """Return a fact with its first objects and the number of objects left out.

    Objects that differ come first.
    """
    more = len(fact["objects"]) - OBJECTS
    if more <= 0:
        return fact
    by_need = sorted(fact["objects"], key=lambda entry: not entry["differs"])
    rest = {"object": f"{more} more", "state": "listed in the web page of this report", "differs": [], "kind": ""}
    return {**fact, "objects": [*by_need[:OBJECTS], rest]}


@cache
def _load_fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[_FONTS])


_COMMON = re.compile("[\n -~\u00a0-\u017f\u2010-\u2026]")  # in every font
_REPLACEMENT = "\ufffd"
_REPLACED = f"The PDF has no font for some characters and shows them as {_REPLACEMENT}. The web page shows them."
_ONE_CHARACTER = b'#set document(title: "A character")\n#json(bytes(sys.inputs.report)).character'


def _replace_unknown_characters(page: str) -> str:
    """Return the page with a substitute for each character that no font has.

    PDF/UA-1 forbids characters without a glyph.
    """
    unknown = {ord(character): _REPLACEMENT for character in set(_COMMON.sub("", page)) if not _has_glyph(character)}
    return page.translate(unknown)


@cache
def _has_glyph(character: str) -> bool:
    """Return whether a font has a character.

    typst has no function for this question, so the character is drawn as a test.
    """
    try:
        typeset(_ONE_CHARACTER, {"character": character})
    except ToolkitError:
        return False
    return True
