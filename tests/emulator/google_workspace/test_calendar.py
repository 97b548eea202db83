"""The entries of one's own calendar."""

from typing import Any

import pytest

from tests.emulator.google_workspace.asking import Google, refused

AUTUMN = {"timeMin": "2026-10-19T00:00:00+01:00", "timeMax": "2026-12-18T00:00:00Z"}
DAYS = {"timeMin": "2026-11-09T00:00:00Z", "timeMax": "2026-11-23T00:00:00Z"}
AWAY = {"calendarId": "primary", "eventTypes": ["outOfOffice"], "singleEvents": True}


def _events(google: Google, name: str) -> Any:
    return google.service("calendar", _address(google, name), application="reader").events()


def _address(google: Google, name: str) -> str:
    return f"{name}@{google.tenant.domain}"


def _key(google: Google, name: str) -> str:
    return str(google.person(primaryEmail=_address(google, name))["id"])


def _items(google: Google, name: str, **wanted: Any) -> list[dict[str, Any]]:
    return list(_events(google, name).list(**{**AWAY, **wanted}).execute()["items"])


def test_days_away_have_dates_and_hours_away_have_times(google: Google) -> None:
    days = _items(google, "beth.birchall", **DAYS)
    hours = _items(google, "dilys.dewhurst", **DAYS)

    assert [(one["start"]["date"], one["end"]["date"]) for one in days] == [
        ("2026-11-11", "2026-11-12"), ("2026-11-12", "2026-11-13"), ("2026-11-13", "2026-11-14"),
    ]  # fmt: skip
    assert hours[0]["start"] == {"dateTime": "2026-11-10T13:00:00Z", "timeZone": "Europe/London"}
    assert {one["eventType"] for one in (*days, *hours)} == {"outOfOffice"}
    assert "outOfOfficeProperties" in days[0]


def test_a_series_is_each_of_its_times(google: Google) -> None:
    times = _items(google, "jonah.juniper", **AUTUMN)

    assert [one["start"]["date"] for one in times] == [
        "2026-10-23", "2026-10-30", "2026-11-06", "2026-11-13", "2026-11-20", "2026-12-04", "2026-12-11",
    ]  # fmt: skip
    assert len({one["recurringEventId"] for one in times}) == 1
    assert not any("recurrence" in one for one in times)


def test_an_absence_across_the_end_of_summer_time_keeps_its_hours(google: Google) -> None:
    (away,) = _items(google, "petra.pinewood", **AUTUMN)
    (utc,) = _items(google, "petra.pinewood", timeZone="UTC", **AUTUMN)

    assert (away["start"]["dateTime"], away["end"]["dateTime"]) == ("2026-10-22T08:00:00+01:00", "2026-10-27T17:00:00Z")
    assert (utc["start"]["dateTime"], utc["end"]["dateTime"]) == ("2026-10-22T07:00:00Z", "2026-10-27T17:00:00Z")


@pytest.mark.parametrize(
    ("window", "count"),
    [
        ({"timeMin": "2026-11-19T00:00:00Z"}, 0),
        ({"timeMin": "2026-11-18T23:59:59Z"}, 1),
        ({"timeMin": "2026-11-09T00:00:00Z", "timeMax": "2026-11-10T00:00:00Z"}, 0),
        ({"timeMin": "2026-11-09T00:00:00Z", "timeMax": "2026-11-10T00:00:01Z"}, 1),
    ],
)
def test_both_ends_of_the_time_asked_for_are_outside_it(google: Google, window: dict[str, str], count: int) -> None:
    assert len(_items(google, "edwin.elmsworth", **{**DAYS, **window})) == count


def test_a_calendar_comes_in_pages(google: Google) -> None:
    events = _events(google, "amara.ashdown")
    request = events.list(calendarId="primary", singleEvents=True, maxResults=5, **AUTUMN)

    first = events.list(calendarId="primary", singleEvents=True, maxResults=20, **AUTUMN).execute()
    small = request.execute()
    second = events.list_next(request, small).execute()

    assert (len(first["items"]), "nextPageToken" in first) == (9, False)
    assert [*small["items"], *second["items"]] == first["items"]
    assert (first["accessRole"], first["timeZone"]) == ("owner", "Europe/London")


def test_an_event_without_an_end_says_so(google: Google) -> None:
    start = {"dateTime": "2026-11-10T09:00:00Z"}
    event = {"id": "odd", "status": "confirmed", "eventType": "outOfOffice", "start": start}
    google.tenant.put("calendar.events", f"{_key(google, 'callum.copperfield')}/odd", event)
    backwards = {**event, "id": "back", "end": {"dateTime": "2026-11-10T08:00:00Z"}}
    google.tenant.put("calendar.events", f"{_key(google, 'callum.copperfield')}/back", backwards)

    rows = _items(google, "callum.copperfield", **DAYS)

    assert {row["id"]: (row.get("end"), row.get("endTimeUnspecified")) for row in rows} == {
        "odd": (None, True),
        "back": ({"dateTime": "2026-11-10T08:00:00Z", "timeZone": "Europe/London"}, None),
    }


@pytest.mark.parametrize(
    ("name", "wanted", "refusal"),
    [
        ("beth.birchall", {"calendarId": "amara.ashdown@example-primary.example"}, (404, "notFound")),
        ("beth.birchall", {"timeMin": "2026-11-10T00:00:00"}, (400, "badRequest")),
        ("beth.birchall", {"timeMin": DAYS["timeMax"], "timeMax": DAYS["timeMin"]}, (400, "timeRangeEmpty")),
        ("beth.birchall", {"singleEvents": False}, (501, "notEmulated")),  # a series between two times
        ("beth.birchall", {"orderBy": "startTime"}, (501, "notEmulated")),
        ("beth.birchall", {"q": "away"}, (501, "notEmulated")),
    ],
)
def test_a_list_that_cannot_be_is_refused(
    google: Google, name: str, wanted: dict[str, Any], refusal: tuple[int, str]
) -> None:
    answer = refused(_events(google, name).list(**{**AWAY, **DAYS, **wanted}))

    assert (answer.status, answer.reason) == refusal


def test_the_replies_are_those_of_the_other_cloud(google: Google) -> None:
    replies = {
        name: google.settings(_address(google, name)).getVacation(userId="me").execute()
        for name in ("beth.birchall", "dilys.dewhurst", "edwin.elmsworth", "keira.kestrel", "samir.sorrelby")
    }

    assert [one["enableAutoReply"] for one in replies.values()] == [False, False, True, True, True]
    assert replies["edwin.elmsworth"]["endTime"] == "1794589200000"
    assert "endTime" not in replies["keira.kestrel"]
    assert "family matter" in replies["samir.sorrelby"]["responseBodyHtml"]
