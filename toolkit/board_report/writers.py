"""Write the files of a document in each format, and choose their names."""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from toolkit.board_report.expiring import as_calendar
from toolkit.board_report.pack import CALENDAR, Format
from toolkit.board_report.page import as_html
from toolkit.board_report.pdf import as_pdf
from toolkit.board_report.tables import ReportData, Sheet, document_tables, main_table

_PRACTICE = "practice-run-simulated-data_"


def report_files(document: ReportData, formats: Sequence[Format]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file.

    The JSON document is always included, and a calendar if anything in the report has a date.
    """
    document = json.loads(as_json(document))  # read back, so that each form follows from the file
    for form in (Format.JSON, *(extra for extra in Format if extra in formats and extra is not Format.JSON)):
        yield f"{file_stem(document)}.{form}", _content_in_format(document, form)
    if calendar := as_calendar(document) if "expires" in document else "":
        yield f"{file_stem(document)}{CALENDAR}", calendar.encode()


def as_json(document: ReportData) -> str:
    """Return the document as JSON with sorted keys."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def file_stem(document: ReportData) -> str:
    """Return the file name of a document without its suffix: the school, the pack, the date and the run."""
    school = re.sub(r"[^a-z0-9]+", "-", document["school"].lower()).strip("-") or "school"
    practice = _PRACTICE if document["practice_run"] else ""
    final = "_final" if document.get("release", {}).get("state") == "released" else ""
    return f"{practice}{school}_{document['pack']}_{document['run']['at'][:10]}_{document['run']['id'][:6]}{final}"


def _content_in_format(document: ReportData, form: Format) -> bytes:
    match form:
        case Format.JSON:
            return as_json(document).encode()
        case Format.HTML:
            return as_html(document).encode()
        case Format.CSV:
            return as_csv(document).encode()
        case Format.XLSX:
            return as_workbook(document)
        case Format.PDF:
            return as_pdf(document)


if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_NARROW, _WIDE = 10, 60
"""The least and the most width of a column, in characters."""
_MOST = 32_000  # characters of a cell, of which a workbook takes 32,767
_HEADINGS = {
    "acts": "who must act",
    "asks": "requirement",
    "days": "days left",
    "found": "changes found",
    "left": "not taken back on",
    "looked at": "checked by the tool",
    "moved": "clauses that moved",
    "put right": "changes put right",
    "removed": "taken back",
    "says": "the policy says",
    "sentence": "in words",
    "told": "in words",
}
"""Headings of a workbook for keys that read badly. A file for programs keeps the key."""
_DATE = re.compile(r"[12]\d{3}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?)?")


def as_csv(document: ReportData) -> str:
    """Return the main table as CSV. One column marks a practice run or a policy that is not adopted."""
    table = main_table(document)
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    headings = [*table.headings, "notice"] if document["notice"] else table.headings
    notice = [document["notice"]] if document["notice"] else []
    writer.writerows([headings, *([*line, *notice] for line in table.lines)])
    return written.getvalue()


def as_workbook(document: ReportData) -> bytes:
    """Return an Excel workbook with a sheet for every table. Cells are text, numbers or dates."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=False)
    book.remove(book.worksheets[0])
    for table in document_tables(document):
        sheet = book.create_sheet(table.title)
        notice = [[document["notice"]]] if document["notice"] else []
        headings = [_HEADINGS.get(heading, heading) for heading in table.headings]
        for row, line in enumerate([*notice, headings, *table.lines], start=1):
            for column, value in enumerate(line, start=1):
                cell = sheet.cell(row=row, column=column)
                shown = _spreadsheet_value(value)
                cell.value = shown
                if isinstance(shown, str):
                    cell.data_type = "s"
                elif isinstance(shown, datetime):
                    cell.number_format = "d mmmm yyyy, hh:mm" if "T" in str(value) else "d mmmm yyyy"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if row == len(notice) + 1:
                    cell.font = Font(bold=True)
        sheet.freeze_panes = f"A{len(notice) + 2}"
        last = sheet.cell(row=max(sheet.max_row, len(notice) + 1), column=len(table.headings)).coordinate
        sheet.auto_filter.ref = f"A{len(notice) + 1}:{last}"
        for column, width in enumerate(_column_widths(table), start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.print_title_rows = f"1:{len(notice) + 1}"
    book.properties.title = f"{document['school']}: {document['pack']}"
    return _save_in_memory(book)


def _spreadsheet_value(value: str | int) -> str | int | datetime:
    """Return a cell as a value that a spreadsheet can sort. A date is in the time zone of the document."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value).replace(tzinfo=None) if _DATE.fullmatch(value) else value[:_MOST]
    except ValueError:
        return value


def _column_widths(table: Sheet) -> list[int]:
    """Return the width of each column, which is the length of its longest text between two limits."""
    columns = zip([_HEADINGS.get(heading, heading) for heading in table.headings], *table.lines, strict=True)
    return [
        min(_WIDE, max(_NARROW, *(len(str(_spreadsheet_value(cell))) + 4 for cell in column))) for column in columns
    ]


def _save_in_memory(book: "Workbook") -> bytes:
    """Return the bytes of a workbook.

    The workbook is saved in memory, because openpyxl would otherwise write each sheet to a temporary file.
    """
    from openpyxl.worksheet._writer import WorksheetWriter
    from openpyxl.writer.excel import ExcelWriter

    class InMemory(ExcelWriter):  # type: ignore[misc]  # its stubs are none
        def write_worksheet(self, ws: "Worksheet") -> None:
            out = BytesIO()
            WorksheetWriter(ws, out).write()
            self._archive.writestr(ws.path[1:], out.getvalue())
            self.manifest.append(ws)

    written = BytesIO()
    InMemory(book, ZipFile(written, "w", ZIP_DEFLATED)).save()
    return written.getvalue()
