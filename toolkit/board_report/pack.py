"""For whom an export is, and in which forms it is written."""

from enum import StrEnum

FORMAT = 5
"""The format of a document."""


class Pack(StrEnum):
    """Who reads it; each holds what they may know."""

    SUMMARY = "summary"  # anybody: counts and dates alone
    GOVERNORS = "governors"  # the board: roles, no names
    EVIDENCE = "evidence"  # who runs the systems, and who answers for data protection
    STANDARDS = "standards"  # what outside standards ask for, and what the school can show
    CASE = "case"  # named investigators: the register of holds


class Format(StrEnum):
    """The format of a report."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"


CALENDAR = ".ics"
"""How the name of the calendar ends that is written with a report."""

TITLES = {
    Pack.SUMMARY: "Summary for anybody",
    Pack.GOVERNORS: "Report to governors",
    Pack.EVIDENCE: "Evidence",
    Pack.STANDARDS: "Outside standards, and what the school can show",
    Pack.CASE: "Holds, for named investigators",
}
