"""The reports on the number of sites: files that Graph leads to, for whoever may read reports."""

import csv
from io import StringIO

import pytest

from tests.emulated import Tenant


@pytest.mark.parametrize("report", ["getOneDriveUsageAccountCounts", "getSharePointSiteUsageSiteCounts"])
def test_a_report_has_a_row_a_day_whose_last_has_no_number_yet(tenant: Tenant, report: str) -> None:
    answer = tenant.graph(f"/v1.0/reports/{report}(period='D7')")

    rows = [row for row in csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))) if row["Site Type"] == "All"]
    assert [row["Report Date"] for row in rows] == [f"2026-11-0{day}" for day in range(8, 1, -1)]
    assert (rows[0]["Total"], rows[1]["Total"].isdecimal(), len({row["Total"] for row in rows[1:]})) == ("", True, 1)
    assert tenant.graph(f"/v1.0/reports/{report}(period='D8')").status_code == 400


def test_whoever_may_not_read_reports_is_refused(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["User.Read.All"])

    refused = tenant.graph("/v1.0/reports/getSharePointSiteUsageSiteCounts(period='D7')")

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "S2SUnauthorized")
