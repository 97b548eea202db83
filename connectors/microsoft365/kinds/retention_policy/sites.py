"""How many sites a tenant has, from the reports on their use: they name none, and need no right to open one.

Follows https://learn.microsoft.com/graph/api/reportroot-getsharepointsiteusagesitecounts
"""

import csv
from collections.abc import Mapping
from io import StringIO

from connectors.microsoft365.graph import Graph
from toolkit.errors import BadAnswer

_REPORTS: Mapping[str, str] = {"files": "getOneDriveUsageAccountCounts", "sites": "getSharePointSiteUsageSiteCounts"}
_TOTAL, _DAY, _PERIOD = "Total", "Report Date", "D7"


def count_sites(graph: Graph, place: str) -> tuple[int, str]:
    """Give how many sites there are at a place, OneDrive or SharePoint, and the day that the number is of.

    BadAnswer where no day of the report has a number, as in a tenant that is only days old.
    """
    path = f"/reports/{_REPORTS[place]}(period='{_PERIOD}')"
    rows = list(csv.DictReader(StringIO(graph.file(path))))
    days = [str(row.get(_DAY) or "") for row in rows if str(row.get(_TOTAL) or "").isdecimal()]
    latest = max(days, default="")
    if not latest:
        raise BadAnswer(f"GET {path}: no day of the report says how many sites there are")
    # There is a row for every type of site, and one for all of them, which has the greatest number.
    counts = [row[_TOTAL] for row in rows if row[_DAY] == latest]
    return max(int(total) for total in counts if total.isdecimal()), latest
