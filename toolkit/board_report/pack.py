"""The packs of an export, each for certain readers, and the file formats."""

from enum import StrEnum

FORMAT = 6
"""The format of a document."""


class Pack(StrEnum):
    """The part of a report for certain readers. A pack has only facts that its readers may know."""

    SUMMARY = "summary"  # anyone: only counts and dates
    GOVERNORS = "governors"  # the board: roles, no names
    EVIDENCE = "evidence"  # the network manager and the data protection officer
    STANDARDS = "standards"  # requirements of outside standards, and the school's evidence
    CASE = "case"  # named investigators: the register of holds


class Format(StrEnum):
    """The file format of a report."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"


CALENDAR = ".ics"
"""The suffix of the calendar file that is written with a report."""

TITLES = {
    Pack.SUMMARY: "Summary for anybody",
    Pack.GOVERNORS: "Report to governors",
    Pack.EVIDENCE: "Evidence",
    Pack.STANDARDS: "Outside standards, and the school’s evidence",
    Pack.CASE: "Holds, for named investigators",
}
