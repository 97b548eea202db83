"""Convert the document of an export into tables for a spreadsheet.

Every cell is text or a number, and never a formula.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.records import dataclass
from toolkit.render.values_text import escape_for_spreadsheet

ReportData = Mapping[str, Any]
"""A document, or a part of it, as it was made or read back."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: a title, column headings, and rows."""

    title: str
    headings: tuple[str, ...]
    lines: Sequence[Sequence[str | int]]


def document_tables(document: ReportData) -> Iterator[Sheet]:
    """Yield the tables of a document. A table that its pack does not have is left out."""
    yield _summary_sheet(document)
    if "gaps" in document:
        yield from _first_page_sheets(document)
    for name, (title, columns) in _COLUMNS.items():
        if name in document:
            table = _sheet_from_entries(title, columns, document[name])
            yield replace(table, headings=tuple(_date_heading(heading, document) for heading in table.headings))
    if "evidence" in document:
        yield _sheet_from_entries(
            "Evidence", _EVIDENCE, [line for fact in document["evidence"] for line in _object_rows(fact)]
        )
    if "decisions" in document:
        made = [
            *({**choice, "by": "no one yet"} for choice in document["decisions"]["open"]),
            *document["decisions"]["made"],
        ]
        yield _sheet_from_entries("Decisions", ("question", "chosen", "by", "on", "minute", "review"), made)
    if "changes" in document:
        yield from _change_sheets(document["changes"])
    yield from (sheet(document[name]) for name, sheet in _SHEETS.items() if name in document)
    if "cases" in document:
        yield _copy_sheet(document["cases"])


def _first_page_sheets(document: ReportData) -> Iterator[Sheet]:
    yield _sheet_from_entries(
        "Gaps", ("subject", "what", "certainty", "risk", "owner", "who_says", "clauses"), document["gaps"]
    )
    answers = [
        {"question": question["question"], **answer}
        for question in document["questions"]
        for answer in question["answers"]
    ]
    yield _sheet_from_entries("Asked first", ("question", "about", "answer", "detail"), answers)
    yield _sheet_from_entries("Lapses", ("what", "ended", "acts"), document["lapses"]["lines"])
    acts = document.get("acts") or [{"what": need} for need in document["needs"]]
    yield _sheet_from_entries("NeededPermissions", ("what", "on", "because"), acts)
    counted = [
        {**line, "what": f"{line['role']}: signed", "number": line["signed"]} for line in document["acknowledgements"]
    ]
    incidents = {
        "what": "incidents: still open",
        "number": document["incidents"]["open"],
        "of": document["incidents"]["all"],
    }
    yield _sheet_from_entries("Registers", ("what", "on", "number", "of", "told"), [*counted, incidents])


def _change_sheets(changes: ReportData) -> Iterator[Sheet]:
    yield _sheet_from_entries(
        "Clauses that moved", ("clause", "before", "now", "where", "sentence"), changes["clauses"]
    )
    happened = [*changes["runs"], *changes["found"]]
    if words := changes["earlier"]["words"]:
        happened.append({"what": words})
    columns = ("at", "what", "detail", "where", "by", "ended", "minutes", "object", "setting", "sentence")
    yield _sheet_from_entries("What was done", columns, happened)


def _object_rows(fact: ReportData) -> Iterator[ReportData]:
    """Yield a row for each object of a fact. A fact without objects has one row."""
    confirmed = fact.get("confirmed") or {}
    words = {f"confirmed_{name}": confirmed.get(name) for name in ("by", "on", "until")}
    whole = {**fact, **words, "outcome": fact["verdict"], "read_at": fact["seen"]}
    for entry in fact["objects"] or [{}]:
        yield {**whole, **entry}


def _expiry_sheet(section: ReportData) -> Sheet:
    unread = [{"what": what, "state": "not known"} for what in section["not_known"]]
    return _sheet_from_entries("Expires", ("what", "ends", "days", "acts", "state"), [*section["lines"], *unread])


def _requirement_sheet(sections: Sequence[ReportData]) -> Sheet:
    """Return a sheet with a row for each piece of evidence."""
    rows = [{**standard, **row, "status": row["state"]} for standard in sections for row in standard["rows"]]
    return _sheet_from_entries(
        "Requirements", _REQUIREMENTS, [{**row, **shown} for row in rows for shown in row["shown"]]
    )


def _date_heading(heading: str, document: ReportData) -> str:
    before = document["summary"]["before"]
    return f"{heading} ({before['at'][:10]})" if heading == "before" and before else heading


def main_table(document: ReportData) -> Sheet:
    """Return the table for a format that has only one: the main content of the pack, or else the counts."""
    by_title = {table.title: table for table in document_tables(document)}
    return next(by_title[title] for title in _MAIN if title in by_title)


_COLUMNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "clauses": (
        "Clauses",
        (
            "clause",
            "says",
            "status",
            "before",
            "because",
            "since",
            "who_says",
            "owner",
            "section",
            "paragraph",
            "begins",
            "class",
            "cause",
        ),
    ),
    "exceptions": (
        "Exceptions",
        (
            "name",
            "about",
            "for",
            "reason",
            "begins",
            "ends",
            "state",
            "removed",
            "left",
            "by",
            "on",
            "assessment",
            "clauses",
        ),
    ),
    "confirmations": ("Confirmations", ("what", "by", "on", "until", "state", "note")),
    "future_dates": ("Dated in the future", ("what", "on")),
    "devices": ("Devices", ("what", "number", "of")),
    "lost_devices": ("Lost devices", ("what", "told")),
    "checklists": (
        "Checklists",
        ("title", "started", "finished", "stopped", "open", "overdue", "verified", "stated"),
    ),
    "records": ("Records", ("what", "state", "told", "source", "on", "until", "reference")),
}
_MAIN = ("Holds", "Evidence", "Clauses", "Requirements", "Summary")
_REQUIREMENTS = ("id", "standard", "edition", "asks", "status", "covers", "what", "state", "told", "source", "read_at")
_EVIDENCE = (
    "clause", "control", "part", "source", "level", "object", "state", "differs", "outcome", "reason", "who_says",
    "read_at", "confirmed_by", "confirmed_on", "confirmed_until", "limits",
)  # fmt: skip


def _sheet_from_entries(title: str, columns: tuple[str, ...], entries: Sequence[ReportData]) -> Sheet:
    headings = tuple(column.replace("_", " ") for column in columns)
    return Sheet(title, headings, [[_cell_value(entry.get(column)) for column in columns] for entry in entries])


def _summary_sheet(document: ReportData) -> Sheet:
    lines: list[Sequence[str | int]] = [
        ["school", escape_for_spreadsheet(document["school"])],
        ["report", escape_for_spreadsheet(document["pack"])],
    ]
    if document["notice"]:
        lines.append(["notice", escape_for_spreadsheet(document["notice"])])
    lines += [["made", document["run"]["at"]], ["evidence since", document["run"]["evidence_since"]]]
    lines += [
        ["policy ratified", _cell_value(document["policy"]["ratified"])],
        ["review due", _cell_value(document["policy"]["review_due"])],
        ["review overdue, days", document["policy"]["overdue_days"]],
        ["these dates are from", _cell_value(document["policy"]["dates_from"])],
    ]
    lines += [[f"clauses {status}", document["summary"]["all"][status]] for status in ClauseStanding]
    lines += [[f"clauses partly: {cause}", number] for cause, number in document["summary"]["partly_of_all"].items()]
    lines += [
        ["since the time it is compared with", escape_for_spreadsheet(sentence)]
        for sentence in document.get("changes", {}).get("told", [])
    ]
    if before := document["summary"]["before"]:
        lines.append(["compared with", before["at"]])
        lines += [[f"clauses {status}, then", before["all"][status]] for status in ClauseStanding]
    lines += [
        ["clauses", document["summary"]["clauses"]],
        ["clauses a computer can judge", document["summary"]["judged"]],
    ]
    lines += [
        ["entries of the record", document["record"]["entries"]],
        ["head of the record", document["record"]["head"]],
    ]
    return Sheet("Summary", ("what", "value"), lines)


def _trend_sheet(section: ReportData) -> Sheet:
    lines = [
        [
            _cell_value(report["at"]),
            sum(report["of_judged"].values()),
            *(report["of_judged"][status] for status in ClauseStanding),
            _cell_value(report["moved"]),
            report["found"],
            report["put_right"],
            _cell_value(report["minutes"]),
        ]
        for report in section["reports"]
    ]
    counted = ("moved", "found", "put right", "minutes until put right, median")
    return Sheet("Trend", ("made", "clauses a computer can judge", *map(str, ClauseStanding), *counted), lines)


def _standards_sheet(section: ReportData) -> Sheet:
    versions = section["versions"]
    lines = [
        [
            _cell_value(subject["subject"]),
            _cell_value(subject["looked_at"]),
            *(_cell_value(subject["ids"].get(key)) for key in versions),
            _cell_value(subject["clauses"]),
        ]
        for subject in section["subjects"]
    ]
    return Sheet("Standards", ("subject", "looked at", *versions.values(), "clauses"), lines)


def _case_sheet(cases: ReportData) -> Sheet:
    lines = [
        [
            _cell_value(name),
            _cell_value(person["who"]),
            _cell_value(person["since"]),
            _cell_value(person["parts"]),
            _cell_value(case["released"]),
        ]
        for name, case in cases.items()
        for person in case["people"]
    ]
    return Sheet("Holds", ("case", "who", "since", "what is held", "released"), lines)


def _copy_sheet(cases: ReportData) -> Sheet:
    columns = ("number", "name", "bytes", "sha256", "what", "state", "chain")
    copies = [{"case": name, **copy} for name, case in cases.items() for copy in case.get("copies", ())]
    return _sheet_from_entries("Copies of evidence", ("case", *columns), copies)


_SHEETS: Mapping[str, Callable[[Any], Sheet]] = {
    "expires": _expiry_sheet,
    "requirements": _requirement_sheet,
    "trend": _trend_sheet,
    "standards": _standards_sheet,
    "cases": _case_sheet,
}


def _cell_value(value: Any) -> str | int:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return value
        case str():
            return escape_for_spreadsheet(value)
        case Mapping():
            return escape_for_spreadsheet("; ".join(f"{key}: {_cell_value(entry)}" for key, entry in value.items()))
        case _:
            return escape_for_spreadsheet("; ".join(str(_cell_value(entry)) for entry in value))
