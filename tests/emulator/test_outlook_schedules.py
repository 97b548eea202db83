"""When people are free, busy or away, as getSchedule tells it."""

from collections import Counter

import pytest

from tests.emulated import Tenant
from tests.emulator.outlook import Outlook, at, refused

AUTUMN = ("2026-10-19T00:00:00", "2026-12-18T00:00:00")


@pytest.fixture
def outlook(tenant: Tenant) -> Outlook:
    return Outlook(tenant)


def test_days_away_are_digits_of_their_hours(outlook: Outlook) -> None:
    schedule = outlook.schedule("beth.birchall")

    assert schedule["availabilityView"] == "0" * 8 + "2" + "0" * 39 + "3" * 72 + "0" * 56 + "2" + "0" * 159
    assert [item["status"] for item in schedule["scheduleItems"]] == ["busy", "oof", "oof", "oof", "busy"]
    assert schedule["scheduleItems"][1] == {
        "status": "oof",
        "start": at("2026-11-11T00:00:00.0000000"),
        "end": at("2026-11-12T00:00:00.0000000"),
    }


def test_a_part_of_a_slot_takes_all_of_it(outlook: Outlook) -> None:
    days = outlook.schedule("dilys.dewhurst", interval=1440)["availabilityView"]

    assert days == "23333" + "00" + "2" + "000000"


def test_a_day_away_each_week_leaves_out_the_one_that_was_worked(outlook: Outlook) -> None:
    schedule = outlook.schedule("jonah.juniper", window=AUTUMN)

    away = [item["start"]["dateTime"][:10] for item in schedule["scheduleItems"] if item["status"] == "oof"]
    assert away == [
        "2026-10-22", "2026-10-30", "2026-11-06", "2026-11-13", "2026-11-20", "2026-12-04", "2026-12-11",
    ]  # fmt: skip
    assert schedule["workingHours"]["daysOfWeek"] == ["monday", "tuesday", "wednesday", "thursday"]


def test_an_absence_across_the_end_of_summer_time_keeps_its_hours(outlook: Outlook) -> None:
    utc = outlook.schedule("petra.pinewood", window=AUTUMN)["scheduleItems"]
    local = outlook.schedule("petra.pinewood", window=AUTUMN, Prefer='outlook.timezone="GMT Standard Time"')

    (away,) = (item for item in utc if item["status"] == "oof")
    assert (away["start"]["dateTime"], away["end"]["dateTime"]) == (
        "2026-10-22T07:00:00.0000000", "2026-10-27T17:00:00.0000000",
    )  # fmt: skip
    (shown,) = (item for item in local["scheduleItems"] if item["status"] == "oof")
    assert shown["start"] == at("2026-10-22T08:00:00.0000000", "GMT Standard Time")
    assert shown["end"] == at("2026-10-27T17:00:00.0000000", "GMT Standard Time")


def test_what_cannot_be_read_of_one_person_is_told_beside_the_others(outlook: Outlook) -> None:
    refusal = {"responseCode": "ErrorNoFreeBusyAccess", "message": "The caller may not read it."}
    outlook.tenant.put("outlook.scheduleErrors", outlook.key("edwin.elmsworth"), refusal)

    answer = outlook.schedules("beth.birchall", "nobody", "breakglass", "edwin.elmsworth", "hall")

    assert answer.status_code == 200
    codes = [one.get("error", {}).get("responseCode") for one in answer.json()["value"]]
    assert codes == [None, "ErrorMailRecipientNotFound", "ErrorMailRecipientNotFound", "ErrorNoFreeBusyAccess", None]
    assert {one["availabilityView"] for one in answer.json()["value"] if "error" in one} == {""}


def test_thirty_one_of_the_staff_keep_a_calendar(outlook: Outlook) -> None:
    members = outlook.tenant.graph("/v1.0/groups?$filter=displayName eq 'All staff'").json()["value"][0]["id"]
    staff = outlook.tenant.graph(f"/v1.0/groups/{members}/members").json()["value"]
    names = [one["userPrincipalName"].partition("@")[0] for one in staff]

    views = [
        one["availabilityView"]
        for start in range(0, len(names), 20)
        for one in outlook.schedules(*names[start : start + 20]).json()["value"]
    ]

    assert Counter("1" if set(view) - {"0"} else "0" for view in views) == {"1": 31, "0": 15}
    assert sum("3" in view for view in views) == 9


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"schedules": []}, "ErrorInvalidParameter"),
        ({"schedules": [f"a{n}@example-primary.example" for n in range(21)]}, "ErrorInvalidParameter"),
        ({"availabilityViewInterval": 4}, "ErrorInvalidMergedFreeBusyInterval"),
        ({"availabilityViewInterval": 1441}, "ErrorInvalidMergedFreeBusyInterval"),
        ({"endTime": at("2027-01-11T00:00:00")}, "ErrorTimeIntervalTooBig"),
        ({"endTime": at("2026-11-10T00:00:00")}, "ErrorInvalidTimeInterval"),
        ({"startTime": at("2026-11-10T00:00:00Z")}, "ErrorInvalidParameter"),
        ({"startTime": at("2026-11-10T00:00:00", "Narnia Standard Time")}, "TimeZoneNotSupportedException"),
    ],
)
def test_a_question_beyond_the_limits_is_refused(outlook: Outlook, changes: dict[str, object], code: str) -> None:
    body = {
        "Schedules": [outlook.address("beth.birchall")],
        "StartTime": at("2026-11-10T00:00:00"),
        "EndTime": at("2026-11-17T00:00:00"),
    }
    changed = {**body, **{name[:1].upper() + name[1:]: value for name, value in changes.items()}}

    answer = outlook.ask("office", "calendar/getSchedule", method="POST", body=changed)

    assert refused(answer) == (400, code)


def test_asking_when_people_are_free_counts_as_reading(outlook: Outlook) -> None:
    outlook.schedules("beth.birchall")

    (operation,) = outlook.tenant.requests()[-1]["operations"]
    assert (operation["name"], operation["write"]) == ("POST /users/{id}/calendar/getSchedule", False)


def test_schedules_come_in_batches_too(outlook: Outlook) -> None:
    body = {
        "schedules": [outlook.address("beth.birchall")],
        "startTime": at("2026-11-11T00:00:00"),
        "endTime": at("2026-11-12T00:00:00"),
        "availabilityViewInterval": 1440,
    }
    requests = [
        {"id": name, "method": "POST", "url": f"/users/{outlook.address(name)}/calendar/getSchedule", "body": body,
         "headers": {"Content-Type": "application/json", "Prefer": 'outlook.timezone="Europe/London"'}}
        for name in ("office", "breakglass")
    ]  # fmt: skip

    answer = outlook.tenant.graph("/v1.0/$batch", method="POST", body={"requests": requests})

    parts = {part["id"]: part for part in answer.json()["responses"]}
    assert (parts["office"]["status"], parts["breakglass"]["status"]) == (200, 404)
    (schedule,) = parts["office"]["body"]["value"]
    assert (schedule["availabilityView"], schedule["scheduleItems"][0]["start"]["timeZone"]) == ("3", "Europe/London")
