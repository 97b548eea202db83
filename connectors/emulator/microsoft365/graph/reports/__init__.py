"""Usage reports: each person's use of mail, and the number of sites. Each report is a file, two days late.

A test may read and change these collections at the control plane:

- `outlook.mailUse`, by person id: {"lastActivityDateTime": ...}.
- `outlook.reportSettings`, under the key settings: {"displayConcealedNames": false}.
- `sharepoint.siteCounts`, under the keys OneDrive and SharePoint: {"total": 31}. Without it, a report has no rows.

The sites themselves are not emulated.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import md5
from io import StringIO
from typing import TypeAlias

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.outlook.mailbox import has_mailbox
from connectors.emulator.school import School, last_seen
from connectors.emulator.service import Answer, Seed
from connectors.emulator.store import Body

_USE, _REPORT_SETTINGS, _COUNTS = "outlook.mailUse", "outlook.reportSettings", "sharepoint.siteCounts"
_PERMISSIONS = frozenset({"Reports.Read.All"})
_LAG, _KEPT = timedelta(days=2), 28  # days
_PERIODS = ("D7", "D30", "D90", "D180")
Rows: TypeAlias = Callable[[ActionRequest, date, str], Iterator[Sequence[object]]]


@dataclass(frozen=True, slots=True)
class UsageReport:
    """A usage report: its path, and the path and the rows of its file."""

    path: str
    file: str
    columns: tuple[str, ...]
    rows: Rows
    allows_single_date: bool = False  # may be asked for one day instead of a period


def seed(school: School) -> Seed:
    """Return a OneDrive for every person, and a site for every Microsoft 365 group and for the tenant itself."""
    sites = 1 + sum(group.unified for group in school.groups)
    return {
        _USE: {key: {"lastActivityDateTime": clock.text(seen)} for key, seen in last_seen(school).items()},
        # Names are concealed unless a school turns that off.
        _REPORT_SETTINGS: {"settings": {"displayConcealedNames": False}},
        _COUNTS: {"OneDrive": {"total": len(school.people)}, "SharePoint": {"total": sites}},
    }


def actions() -> Sequence[Action]:
    """Return the actions for the reports, their files, and the setting that conceals names."""
    permissions = frozenset({"ReportSettings.Read.All", "ReportSettings.ReadWrite.All"})
    settings = Action("GET", "/admin/reportSettings", permissions, _get_report_settings, notes="read only")
    return [*(action for report in _REPORTS for action in _report_actions(report)), settings]


def _report_actions(report: UsageReport) -> Iterator[Action]:
    note = (
        "period='D7' or date=2026-11-08. Redirects to the file of the report"
        if report.allows_single_date
        else "redirects to the file of the report"
    )
    key = "{range}" if report.allows_single_date else "{period}"
    there = "the file, which Microsoft serves on another host without a token. Counts are the same every day"
    for path, perform, notes in ((report.path, _redirect_to_file, note), (report.file, _report_file, there)):
        yield Action(
            "GET", f"/reports/{path}/{key}", _PERMISSIONS, partial(perform, report), notes=notes,
            forbid=errors.no_reports,
        )  # fmt: skip


def _redirect_to_file(report: UsageReport, request: ActionRequest) -> Answer:
    _, period = _read_range(report, request)
    place = f"{request.call.base}/{request.version}/reports/{report.file}/{period}"
    return Answer(status=302, headers={"Location": place})


def _read_range(report: UsageReport, request: ActionRequest) -> tuple[date, str]:
    """Return the last day of a report, and the name of its period. Raise GraphError if the period is wrong."""
    last = (clock.now(request.store, request.tenant_id) - _LAG).date()
    name, _, value = request.keys[0].partition("=")
    value = (value or name).strip("'")
    if value in _PERIODS:
        return last, value
    try:
        day = date.fromisoformat(value if report.allows_single_date else "")
    except ValueError as bad:
        raise errors.bad_request(f"Invalid value '{value}': the period is one of {', '.join(_PERIODS)}.") from bad
    if not last - timedelta(days=_KEPT) <= day <= last:
        raise errors.bad_request(f"The report is available for the {_KEPT} days before {last}.")
    return day, value


def _report_file(report: UsageReport, request: ActionRequest) -> Answer:
    written = StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(report.columns)
    rows.writerows(report.rows(request, *_read_range(report, request)))
    return Answer(body=b"\xef\xbb\xbf" + written.getvalue().encode(), headers={"Content-Type": "text/csv"})


def _mail_rows(request: ActionRequest, day: date, period: str) -> Iterator[Sequence[object]]:
    concealed = _report_settings(request)["displayConcealedNames"]
    use = request.store.all_by_key(request.tenant_id, _USE)
    for person in request.store.all(request.tenant_id, "users"):
        if has_mailbox(person):
            names = [str(person["userPrincipalName"]), str(person["displayName"])]
            shown = [_conceal(name) for name in names] if concealed else names
            last = _last_use(use.get(str(person["id"])), day)
            yield day.isoformat(), *shown, "False", "", last, *["0"] * 5, "", period.removeprefix("D")


def _last_use(use: Body | None, day: date) -> str:
    if use is None:
        return ""
    return min(datetime.fromisoformat(str(use["lastActivityDateTime"])).date(), day).isoformat()


def _conceal(name: str) -> str:
    return md5(name.encode(), usedforsecurity=False).hexdigest().upper()


def _site_rows(kind: str, request: ActionRequest, last: date, period: str) -> Iterator[Sequence[object]]:
    counts = request.store.get(request.tenant_id, _COUNTS, kind)
    days = int(period.removeprefix("D"))
    for ago in range(days if counts else 0):
        total = str(counts["total"]) if counts and ago else ""
        for site_type in ("All", kind):
            yield last, site_type, total, "0", last - timedelta(days=ago), days


def _get_report_settings(request: ActionRequest) -> Answer:
    return Answer(body={**request.context("admin/reportSettings", single=True), **_report_settings(request)})


def _report_settings(request: ActionRequest) -> Body:
    kept = request.store.get(request.tenant_id, _REPORT_SETTINGS, "settings") or {}
    return {"displayConcealedNames": True, **kept}


_COLUMNS_OF_MAIL = (
    "Report Refresh Date", "User Principal Name", "Display Name", "Is Deleted", "Deleted Date", "Last Activity Date",
    "Send Count", "Receive Count", "Read Count", "Meeting Created Count", "Meeting Interacted Count",
    "Assigned Products", "Report Period",
)  # fmt: skip
# https://learn.microsoft.com/graph/api/reportroot-getsharepointsiteusagesitecounts
_COLUMNS_OF_SITES = ("Report Refresh Date", "Site Type", "Total", "Active", "Report Date", "Report Period")
_REPORTS = (
    UsageReport(
        "getEmailActivityUserDetail", "emailActivityUserDetail", _COLUMNS_OF_MAIL, _mail_rows, allows_single_date=True
    ),
    UsageReport(
        "getOneDriveUsageAccountCounts", "oneDriveSiteCounts", _COLUMNS_OF_SITES, partial(_site_rows, "OneDrive")
    ),
    UsageReport(
        "getSharePointSiteUsageSiteCounts", "sharePointSiteCounts", _COLUMNS_OF_SITES, partial(_site_rows, "SharePoint")
    ),
)
