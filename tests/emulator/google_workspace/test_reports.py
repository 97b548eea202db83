"""When people last signed in and last used their mail, some days late."""

from typing import Any

import pytest

from tests.emulated import whole_school
from tests.emulator.google_workspace.asking import Google, refused

BOTH = "accounts:last_login_time,gmail:timestamp_last_access"


@pytest.fixture
def report(google: Google) -> Any:
    return google.service("reports", application="reader").userUsageReport()


def _values(answer: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {
        row["entity"]["userEmail"].partition("@")[0]: {one["name"]: one["datetimeValue"] for one in row["parameters"]}
        for row in answer["usageReports"]
    }


def test_everybodys_last_use_is_told_of_a_day(report: Any) -> None:
    answer = report.get(userKey="all", date="2026-11-07", parameters=BOTH).execute()

    values = _values(answer)
    assert "warnings" not in answer
    assert values["amara.ashdown"]["gmail:timestamp_last_access"] == "2026-11-07T16:30:00.000Z"
    assert values["edwin.elmsworth"]["gmail:timestamp_last_access"] == "2026-11-04T07:55:00.000Z"
    assert set(values["lowri.larkfield"].values()) == {"1970-01-01T00:00:00.000Z"}


def test_the_day_before_yesterday_lacks_what_is_not_in_yet(report: Any) -> None:
    answer = report.get(userKey="all", date="2026-11-08", parameters=BOTH).execute()

    (warning,) = answer["warnings"]
    assert warning["code"] == "PARTIAL_DATA_AVAILABLE"
    assert {one["key"]: one["value"] for one in warning["data"]} == {"date": "2026-11-08", "application": "gmail"}
    assert set(_values(answer)["amara.ashdown"]) == {"accounts:last_login_time"}


def test_yesterday_is_not_there_and_the_refusal_names_the_last_day_that_is(google: Google, report: Any) -> None:
    late = refused(report.get(userKey="all", date="2026-11-09", parameters=BOTH))
    google.tenant.put("reports.lag", "days", {"accounts": 5, "gmail": 5})
    later = refused(report.get(userKey="all", date="2026-11-08", parameters=BOTH))

    assert (late.status, late.reason) == (400, "invalid")
    assert late.message == "Data for dates later than 2026-11-08 is not yet available. Please check back later"
    assert later.message == "Data for dates later than 2026-11-05 is not yet available. Please check back later"


@whole_school
def test_a_report_comes_in_pages(report: Any) -> None:
    first = report.get(userKey="all", date="2026-11-07", parameters=BOTH, maxResults=200).execute()
    token = first["nextPageToken"]

    last = report.get(userKey="all", date="2026-11-07", parameters=BOTH, maxResults=200, pageToken=token).execute()

    assert (len(first["usageReports"]), len(last["usageReports"])) == (200, 71)
    assert "nextPageToken" not in last


def test_one_person_is_asked_for_by_address(google: Google, report: Any) -> None:
    address = f"orla.oakhanger@{google.tenant.domain}"

    answer = report.get(userKey=address, date="2026-11-07", parameters=BOTH).execute()

    assert _values(answer)["orla.oakhanger"]["accounts:last_login_time"] == "2026-07-17T14:05:00.000Z"


def test_who_is_no_administrator_reads_no_report(google: Google) -> None:
    report = google.service("reports", google.teacher()).userUsageReport()

    assert refused(report.get(userKey="all", date="2026-11-07", parameters=BOTH)).status == 403


def test_the_directory_tells_the_last_sign_in_too(google: Google) -> None:
    seen = {
        name: google.person(primaryEmail=f"{name}@{google.tenant.domain}")["lastLoginTime"]
        for name in ("amara.ashdown", "orla.oakhanger", "lowri.larkfield")
    }

    assert seen == {
        "amara.ashdown": "2026-11-09T08:12:00.000Z",
        "orla.oakhanger": "2026-07-17T14:05:00.000Z",
        "lowri.larkfield": "1970-01-01T00:00:00.000Z",
    }


def test_what_administrators_did_is_asked_for_by_the_name_of_the_event(google: Google) -> None:
    (key, *_), (group, *_) = (google.tenant.objects(name) for name in ("google.chromePolicies", "google.groupSettings"))
    google.tenant.patch("google.chromePolicies", key, value={"urlBlocklist": ["other.example"]})
    google.tenant.patch("google.groupSettings", group, customFooterText="Sent by the school")
    activities = google.reader("reports", "admin.reports.audit.readonly").activities()

    def names(**asked: str) -> list[str]:
        answer = activities.list(userKey="all", applicationName="admin", **asked).execute()
        return [event["name"] for row in answer.get("items", []) for event in row["events"]]

    assert set(names()) == {"CHANGE_CHROME_OS_USER_SETTING", "CHANGE_GROUP_SETTING"}
    assert names(eventName="CHANGE_GROUP_SETTING") == ["CHANGE_GROUP_SETTING"]
