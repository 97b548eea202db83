"""Writes the forms of a document, and names their files; pure but for the libraries that draw."""

import json
import re
from collections.abc import Iterator, Sequence

from toolkit.board_report.pack import Format
from toolkit.board_report.page import as_html, as_pdf
from toolkit.board_report.spreadsheet import as_csv, as_workbook
from toolkit.board_report.tables import Told

_PRACTICE = "practice-run-simulated-data_"


def forms(told: Told, wanted: Sequence[Format]) -> Iterator[tuple[str, bytes]]:
    """Give each file with its name; the document itself is always among them."""
    told = json.loads(as_json(told))  # as it is read back, so that each form follows from the file
    for form in (Format.JSON, *(one for one in Format if one in wanted and one is not Format.JSON)):
        yield f"{stem(told)}.{form}", _form(told, form)


def as_json(told: Told) -> str:
    """Write the document in its one way."""
    return json.dumps(told, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def stem(told: Told) -> str:
    """Name the files of a document: what it is of, for whom, of which day."""
    school = re.sub(r"[^a-z0-9]+", "-", told["school"].lower()).strip("-") or "school"
    practice = _PRACTICE if told["practice_run"] else ""
    return f"{practice}{school}_{told['pack']}_{told['run']['at'][:10]}_{told['run']['id'][:6]}"


def _form(told: Told, form: Format) -> bytes:
    match form:
        case Format.JSON:
            return as_json(told).encode()
        case Format.HTML:
            return as_html(told).encode()
        case Format.CSV:
            return as_csv(told).encode()
        case Format.XLSX:
            return as_workbook(told)
        case Format.PDF:
            return as_pdf(told)
