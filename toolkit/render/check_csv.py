"""A check as a table for a spreadsheet: one line a finding, and no cell that a spreadsheet would run."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO

from toolkit.engine.check import CheckReport
from toolkit.planning.checks.findings import ControlFinding
from toolkit.printable import printable
from toolkit.render.values_text import inert
from toolkit.sdk.reason import admin_text

COLUMNS = ("control", "cloud", "subject", "status", "reason", "what to do", "clauses", "measured")


def check_csv(report: CheckReport) -> str:
    """Give all findings, with a heading."""
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows([COLUMNS, *(list(_cells(one)) for one in report.findings)])
    return written.getvalue()


def _cells(one: ControlFinding) -> Iterator[str]:
    finding = one.finding
    values: Sequence[str] = (
        one.control,
        one.provider,
        finding.subject,
        str(finding.status),
        admin_text(finding.reason),
        one.advice,
        " ".join(one.clauses),
        "yes" if one.measured else "no",
    )
    return (inert(printable(value)) for value in values)
