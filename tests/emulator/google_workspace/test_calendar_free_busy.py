"""When calendars are busy, many in one call."""

from typing import Any

import pytest
from google_auth_httplib2 import Request  # type: ignore[import-untyped]

from tests.emulator.google_workspace.asking import Google, refused

WINDOW = {"timeMin": "2026-11-09T00:00:00Z", "timeMax": "2026-11-23T00:00:00Z"}
_AWAY: dict[str, Any] = {
    "eventTypes": ["outOfOffice"],
    "singleEvents": True,
    "timeMin": "2026-09-01T00:00:00Z",
    "timeMax": "2027-07-31T00:00:00Z",
}


def _busy(google: Google, *names: str, **wanted: Any) -> dict[str, dict[str, Any]]:
    items = [{"id": f"{name}@{google.tenant.domain}"} for name in names]
    service = google.service("calendar", application="reader")
    answer = service.freebusy().query(body={**WINDOW, "items": items, **wanted}).execute()
    return {name.partition("@")[0]: one for name, one in answer["calendars"].items()}


def test_what_touches_or_overlaps_is_one_time(google: Google) -> None:
    found = _busy(google, "beth.birchall", "dilys.dewhurst")

    briefings = ({"start": "2026-11-09T08:30:00Z", "end": "2026-11-09T08:45:00Z"},
                 {"start": "2026-11-16T08:30:00Z", "end": "2026-11-16T08:45:00Z"})  # fmt: skip
    assert found["beth.birchall"]["busy"] == [
        briefings[0], {"start": "2026-11-11T00:00:00Z", "end": "2026-11-14T00:00:00Z"}, briefings[1],
    ]  # fmt: skip
    assert found["dilys.dewhurst"]["busy"][1] == {"start": "2026-11-10T13:00:00Z", "end": "2026-11-13T12:00:00Z"}


def test_what_reaches_beyond_the_time_asked_for_ends_with_it(google: Google) -> None:
    window = {"timeMin": "2026-10-24T00:00:00+01:00", "timeMax": "2026-10-26T00:00:00Z"}

    utc = _busy(google, "petra.pinewood", **window)["petra.pinewood"]
    local = _busy(google, "petra.pinewood", timeZone="Europe/London", **window)["petra.pinewood"]

    assert utc["busy"] == [{"start": "2026-10-23T23:00:00Z", "end": "2026-10-26T00:00:00Z"}]
    assert local["busy"] == [{"start": "2026-10-24T00:00:00+01:00", "end": "2026-10-26T00:00:00Z"}]


def test_an_absence_that_is_shown_as_free_is_not_seen(google: Google) -> None:
    address = f"quentin.quarrington@{google.tenant.domain}"
    events = google.service("calendar", address).events()

    busy = _busy(google, "quentin.quarrington")["quentin.quarrington"]["busy"]
    (away,) = events.list(calendarId=address, **_AWAY).execute()["items"]

    assert [one["start"] for one in busy] == ["2026-11-09T08:30:00Z", "2026-11-16T08:30:00Z"]
    assert (away["transparency"], away["start"]["date"]) == ("transparent", "2026-11-12")


def test_a_calendar_that_cannot_be_seen_has_an_error_in_its_place(google: Google) -> None:
    key = google.person(primaryEmail=f"edwin.elmsworth@{google.tenant.domain}")["id"]
    google.tenant.put("calendar.acl", str(key), {"role": "none"})

    found = _busy(google, "beth.birchall", "nobody", "edwin.elmsworth")

    unseen = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
    assert (found["nobody"], found["edwin.elmsworth"]) == (unseen, unseen)
    assert found["beth.birchall"]["busy"]


def test_more_than_fifty_calendars_are_too_many(google: Google) -> None:
    people = [str(one["primaryEmail"]).partition("@")[0] for one in google.tenant.objects("google.users").values()]

    found = _busy(google, *people[:51])

    assert [name for name, one in found.items() if "errors" in one] == [people[50]]
    assert found[people[50]]["errors"] == [{"domain": "global", "reason": "tooManyCalendarsRequested"}]


def test_thirty_one_of_the_staff_keep_a_calendar(google: Google) -> None:
    staff = google.directory.users().list(customer="my_customer", query="orgUnitPath='/Staff'").execute()["users"]

    found = _busy(google, *(one["primaryEmail"].partition("@")[0] for one in staff))

    assert (len(found), sum(bool(one["busy"]) for one in found.values())) == (46, 31)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"timeMin": ""}, "required"),
        ({"timeMax": "2026-11-09T00:00:00Z"}, "timeRangeEmpty"),
        ({"timeMax": "2026-11-10T00:00:00"}, "badRequest"),
        ({"timeZone": "Narnia"}, "invalid"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(google: Google, wanted: dict[str, str], reason: str) -> None:
    query = google.service("calendar").freebusy().query(body={**WINDOW, "items": [], **wanted})

    assert (refused(query).status, refused(query).reason) == (400, reason)


def test_another_scope_is_not_enough(google: Google) -> None:
    service = google.reader("calendar", "calendar.events.readonly")

    assert refused(service.freebusy().query(body={**WINDOW, "items": []})).status == 403


def test_asking_when_people_are_busy_counts_as_reading(google: Google) -> None:
    _busy(google, "beth.birchall")

    (operation,) = google.tenant.requests()[-1]["operations"]
    assert (operation["name"], operation["write"]) == ("calendar.freebusy.query", False)


def test_calendars_of_several_people_come_in_one_batch(google: Google) -> None:
    found: dict[str, Any] = {}
    service = google.plain("calendar")
    batch = service.new_batch_http_request(callback=lambda key, answer, error: found.update({key: error or answer}))
    for name in ("beth.birchall", "dilys.dewhurst"):
        request = service.events().list(calendarId="primary", **_AWAY)
        request.http = google.authorized_http("calendar", f"{name}@{google.tenant.domain}")
        # A batch would sign in over a connection of its own that trusts no CA of ours.
        request.http.credentials.refresh(Request(request.http.http))
        batch.add(request, request_id=name)

    batch.execute(http=google.http())

    assert {name: len(answer["items"]) for name, answer in found.items()} == {"beth.birchall": 3, "dilys.dewhurst": 2}
