"""How many sites there are, in the reports on their use; the sites themselves are not emulated.

A test may read and change at the control plane:

    sharepoint.siteCounts    OneDrive, SharePoint: {"total": 31}; without one the report has no rows
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from io import StringIO

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.school import School
from connectors.emulator.service import Answer, Seed

__all__ = ["actions", "seed"]


COUNTS = "sharepoint.siteCounts"
_REPORTS: Mapping[str, str] = {
    "OneDrive": "getOneDriveUsageAccountCounts",
    "SharePoint": "getSharePointSiteUsageSiteCounts",
}
_PERMISSIONS = frozenset({"Reports.Read.All"})
_LAG = timedelta(days=2)
_PERIODS = ("D7", "D30", "D90", "D180")
# https://learn.microsoft.com/graph/api/reportroot-getsharepointsiteusagesitecounts
_COLUMNS = ("Report Refresh Date", "Site Type", "Total", "Active", "Report Date", "Report Period")


def seed(school: School) -> Seed:
    """Give every person a OneDrive, and every Microsoft 365 group a site beside the one that a tenant begins with."""
    sites = 1 + sum(group.unified for group in school.groups)
    return {COUNTS: {"OneDrive": {"total": len(school.people)}, "SharePoint": {"total": sites}}}


def actions() -> Sequence[Action]:
    """List the reports, and the files they lead to."""
    return [action for kind in _REPORTS for action in _report(kind)]


def _report(kind: str) -> Iterator[Action]:
    name = _REPORTS[kind]
    yield Action(
        "GET", f"/reports/{name}/{{period}}", _PERMISSIONS, partial(_lead, kind), notes="leads to the file",
        forbid=errors.no_reports,
    )  # fmt: skip
    yield Action(
        "GET", f"/reports/{_file_of(kind)}/{{period}}", _PERMISSIONS, partial(_file, kind),
        notes="in place of the file's own host, so it needs the token again; the number is the same on every day",
        forbid=errors.no_reports,
    )  # fmt: skip


def _file_of(kind: str) -> str:
    return f"{kind[0].lower()}{kind[1:]}SiteCounts"


def _lead(kind: str, asking: ActionRequest) -> Answer:
    place = f"{asking.call.base}/{asking.version}/reports/{_file_of(kind)}/{_period(asking)}"
    return Answer(status=302, headers={"Location": place})


def _period(asking: ActionRequest) -> str:
    name, _, value = asking.keys[0].partition("=")
    period = (value or name).strip("'")
    if period not in _PERIODS:
        raise errors.bad_request(f"Invalid value '{period}': the period is one of {', '.join(_PERIODS)}.")
    return period


def _file(kind: str, asking: ActionRequest) -> Answer:
    period = int(_period(asking).removeprefix("D"))
    last = (clock.now(asking.store, asking.tenant_id) - _LAG).date()
    told = asking.store.get(asking.tenant_id, COUNTS, kind)
    written = StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(_COLUMNS)
    for ago in range(period if told else 0):
        total = str(told["total"]) if told and ago else ""
        for site_type in ("All", kind):
            rows.writerow([last, site_type, total, "0", last - timedelta(days=ago), period])
    return Answer(body=b"\xef\xbb\xbf" + written.getvalue().encode(), headers={"Content-Type": "text/csv"})
