"""The entries of one calendar between two instants."""

import pytest

from tests.emulated import Tenant
from tests.emulator.outlook import Outlook, at, refused

AWAY = "&$filter=showAs eq 'oof'&$select=subject,start,end,isAllDay,showAs"
LONDON = 'outlook.timezone="Europe/London"'
WINDOW = "startDateTime=2026-11-10&endDateTime="
HALF_TERM = ("2026-10-20T00:00:00", "2026-10-31T00:00:00")


@pytest.fixture
def outlook(tenant: Tenant) -> Outlook:
    return Outlook(tenant)


def test_only_those_away_are_chosen(outlook: Outlook) -> None:
    rows = outlook.view("beth.birchall", AWAY).json()["value"]

    assert [(row["start"]["dateTime"][:10], row["end"]["dateTime"][:10]) for row in rows] == [
        ("2026-11-11", "2026-11-12"), ("2026-11-12", "2026-11-13"), ("2026-11-13", "2026-11-14"),
    ]  # fmt: skip
    assert set(rows[0]) == {"id", "subject", "start", "end", "isAllDay", "showAs"}
    assert rows[0]["isAllDay"]


def test_a_whole_day_is_a_whole_day_in_every_zone_and_hours_are_not(outlook: Outlook) -> None:
    utc = outlook.view("jonah.juniper", AWAY, HALF_TERM).json()["value"]
    answer = outlook.view("petra.pinewood", AWAY, HALF_TERM, Prefer=LONDON)

    assert utc[0]["start"] == at("2026-10-23T00:00:00.0000000")
    assert answer.headers["Preference-Applied"] == LONDON
    (row,) = answer.json()["value"]
    assert row["start"] == at("2026-10-22T08:00:00.0000000", "Europe/London")
    assert row["end"] == at("2026-10-27T17:00:00.0000000", "Europe/London")


def test_a_series_shows_each_of_its_times(outlook: Outlook) -> None:
    rows = outlook.view("jonah.juniper", "&$filter=showAs eq 'oof'", ("2026-11-10", "2026-12-12")).json()["value"]

    assert [row["start"]["dateTime"][:10] for row in rows] == ["2026-11-13", "2026-11-20", "2026-12-04", "2026-12-11"]
    assert {row["type"] for row in rows} == {"occurrence"}
    assert len({row["seriesMasterId"] for row in rows}) == 1
    assert not any("recurrence" in row for row in rows)


def test_a_view_comes_in_pages_of_ten(outlook: Outlook) -> None:
    year = ("2026-09-01T00:00:00Z", "2027-07-20T00:00:00Z")
    first = outlook.view("amara.ashdown", "", year).json()
    link = first["@odata.nextLink"].partition("graph.microsoft.com")[2]

    second = outlook.tenant.graph(link).json()
    all_at_once = outlook.view("amara.ashdown", "&$top=1000", year).json()

    assert len(first["value"]) == len(second["value"]) == 10
    assert first["value"][-1]["start"]["dateTime"] < second["value"][0]["start"]["dateTime"]
    assert len(all_at_once["value"]) == 45
    assert "@odata.nextLink" not in all_at_once


def test_an_entry_without_an_end_is_shown_as_it_is(outlook: Outlook) -> None:
    key = outlook.key("callum.copperfield")
    event = {"id": "odd", "subject": "Odd", "showAs": "oof", "isAllDay": False, "start": at("2026-11-10T09:00:00")}
    backwards = {**event, "id": "back", "end": at("2026-11-10T08:00:00")}
    outlook.tenant.put("outlook.events", f"{key}/odd", event)
    outlook.tenant.put("outlook.events", f"{key}/back", backwards)

    rows = outlook.view("callum.copperfield").json()["value"]

    assert {row["id"]: row["end"] for row in rows} == {"odd": None, "back": at("2026-11-10T08:00:00.0000000")}
    assert "3" not in outlook.schedule("callum.copperfield")["availabilityView"]


@pytest.mark.parametrize(
    ("name", "path", "refusal"),
    [
        ("beth.birchall", "calendarView", (400, "ErrorInvalidParameter")),
        ("beth.birchall", "calendarView?startDateTime=x&endDateTime=y", (400, "ErrorInvalidParameter")),
        ("beth.birchall", f"calendarView?{WINDOW}2026-11-09", (400, "ErrorInvalidParameter")),
        ("breakglass", f"calendarView?{WINDOW}2026-11-12", (404, "MailboxNotEnabledForRESTAPI")),
        ("nobody", f"calendarView?{WINDOW}2026-11-12", (404, "ErrorInvalidUser")),
    ],
)
def test_a_view_that_cannot_be_is_refused(outlook: Outlook, name: str, path: str, refusal: tuple[int, str]) -> None:
    assert refused(outlook.ask(name, path)) == refusal


def test_an_application_sees_no_calendar_without_the_permission(outlook: Outlook) -> None:
    outlook.tenant.grant("reader", roles=["User.Read.All", "Mail.Read"])

    assert refused(outlook.view("beth.birchall")) == (403, "ErrorAccessDenied")
    assert refused(outlook.schedules("beth.birchall")) == (403, "ErrorAccessDenied")


def test_an_application_may_be_kept_to_some_mailboxes(outlook: Outlook) -> None:
    client_id = outlook.tenant.applications["reader"]["client_id"]
    outlook.tenant.put("outlook.applicationAccess", client_id, {"mailboxes": [outlook.key("office")]})

    assert refused(outlook.view("beth.birchall")) == (403, "ErrorAccessDenied")
    assert outlook.schedules("beth.birchall").status_code == 200


def test_somebody_whose_licence_is_suspended_has_no_mailbox(outlook: Outlook) -> None:
    plans = [{"service": "exchange", "capabilityStatus": "Suspended", "servicePlanId": "x"}]
    outlook.tenant.patch("users", outlook.key("beth.birchall"), assignedPlans=plans)

    assert refused(outlook.view("beth.birchall")) == (404, "MailboxNotEnabledForRESTAPI")
