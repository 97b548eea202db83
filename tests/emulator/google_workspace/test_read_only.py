"""What other programs only read: licences, alerts, calendars, usage, sign-in by SSO, and facts about tokens."""

from typing import Any

import pytest
from google_auth_httplib2 import Request  # type: ignore[import-untyped]

from connectors.emulator.google_workspace.alert_centre import HANDLERS as ALERTS
from connectors.emulator.google_workspace.api.documents import read_document
from connectors.emulator.google_workspace.api.methods import read_interface
from tests.emulated import HANG
from tests.emulator.google_workspace.asking import Google, refused

HEAD = "amara.ashdown@example-primary.example"
CHROMEOS = "google.chromeosDevices"


def _devices(google: Google, **wanted: object) -> list[dict[str, Any]]:
    listed = google.directory.chromeosdevices().list(customerId="my_customer", maxResults=300, **wanted).execute()
    return list(listed.get("chromeosdevices", []))


def test_chromebooks_are_listed_by_unit_with_or_without_the_units_below(google: Google) -> None:
    everything, below = _devices(google), _devices(google, orgUnitPath="/", includeChildOrgunits=True)
    shared = _devices(google, orgUnitPath="/Shared devices")
    by_id = _devices(google, orgUnitPath=shared[0]["orgUnitId"])
    with_boards = _devices(google, orgUnitPath="/Shared devices", includeChildOrgunits=True)

    assert len(everything) == len(below) == len(with_boards) == 16
    assert {device["orgUnitPath"] for device in shared} == {"/Shared devices"}
    assert len(shared) == len(by_id) == 14
    assert _devices(google, orgUnitPath="/Pupils", includeChildOrgunits=True) == []


def test_a_list_of_chromebooks_below_no_unit_is_refused(google: Google) -> None:
    devices = google.directory.chromeosdevices()

    unknown = refused(devices.list(customerId="my_customer", orgUnitPath="/Leavers"))
    unnamed = refused(devices.list(customerId="my_customer", includeChildOrgunits=True))

    assert (unknown.status, unnamed.status) == (404, 400)


def test_one_chromebook_is_read_by_its_id(google: Google) -> None:
    key, stored = next(iter(google.tenant.objects(CHROMEOS).items()))

    shown = google.directory.chromeosdevices().get(customerId="my_customer", deviceId=key).execute()

    assert (shown["serialNumber"], shown["kind"]) == (stored["serialNumber"], "admin#directory#chromeosdevice")


def test_licences_are_listed_by_product_and_by_sku_page_by_page(google: Google) -> None:
    licences, customer = google.reading_service("licensing").licenseAssignments(), google.tenant.customer_id
    people = {user["primaryEmail"] for user in google.tenant.objects("google.users").values() if not user["suspended"]}

    first = licences.listForProduct(productId="101031", customerId=customer, maxResults=20).execute()
    rest = licences.listForProduct(
        productId="101031", customerId=customer, maxResults=1000, pageToken=first["nextPageToken"]
    ).execute()
    pupils = licences.listForProductAndSku(productId="101031", skuId="1010310008", customerId=customer).execute()
    none = licences.listForProduct(productId="Google-Apps", customerId=customer).execute()

    rows = [*first["items"], *rest["items"]]
    assert len(first["items"]) == 20
    assert {row["userId"] for row in rows} < people
    assert {row["skuId"] for row in rows} == {"1010310008", "1010310009"}
    assert len(pupils["items"]) == sum(row["skuId"] == "1010310008" for row in rows) > 0
    assert none["items"] == []


def test_the_licence_of_one_person_is_read_and_one_that_is_not_there_is_not_found(google: Google) -> None:
    licences = google.reading_service("licensing").licenseAssignments()

    held = licences.get(productId="101031", skuId="1010310009", userId=HEAD).execute()
    missing = refused(licences.get(productId="101031", skuId="1010310008", userId=HEAD))

    assert (held["userId"], held["skuName"]) == (HEAD, "Google Workspace for Education Plus (Staff)")
    assert missing.status == 404


def test_licences_of_another_customer_are_refused(google: Google) -> None:
    licences = google.reading_service("licensing").licenseAssignments()

    assert refused(licences.listForProduct(productId="101031", customerId="C0someone")).status == 403


def test_alerts_are_listed_newest_first_with_their_feedback_and_settings(google: Google) -> None:
    centre = google.reading_service("alertcenter")

    alerts = centre.alerts().list().execute()["alerts"]
    feedback = centre.alerts().feedback().list(alertId="-").execute()["feedback"]
    one = centre.alerts().get(alertId=alerts[0]["alertId"]).execute()
    settings = centre.v1beta1().getSettings().execute()

    assert [alert["type"] for alert in alerts] == ["User reported phishing", "Suspicious login"]
    assert alerts[0]["customerId"] == google.tenant.customer_id.removeprefix("C")
    assert one == alerts[0]
    assert [entry["alertId"] for entry in feedback] == [alerts[0]["alertId"]]
    assert settings == {"notifications": []}


def test_alerts_have_the_properties_of_their_type_and_no_others(google: Google) -> None:
    interface = read_interface(read_document("alertcenter", "v1beta1") or {}, frozenset(ALERTS))
    method = next(method for method in interface.methods if method.id == "alertcenter.alerts.list")

    answer = google.reading_service("alertcenter").alerts().list().execute()

    assert method.response
    assert list(interface.types.violations(answer, method.response)) == []


def test_only_an_administrator_reads_alerts_and_no_filter_is_ignored(google: Google) -> None:
    person = google.reading_service("alertcenter", HEAD).alerts()
    administrator = google.reading_service("alertcenter").alerts()

    assert refused(person.list()).status == 403
    assert refused(administrator.list(filter='type="x"')).status == 501
    assert refused(administrator.get(alertId="none")).status == 404


def test_a_school_without_sso_has_no_assignment_and_one_that_is_made_is_shown(google: Google) -> None:
    sso = google.reading_service("cloudidentity")
    before = sso.inboundSsoAssignments().list().execute()
    made = {"name": "inboundSsoAssignments/0abc", "customer": "customers/C0", "ssoMode": "SSO_OFF"}
    google.tenant.put("google.inboundSsoAssignments", "0abc", made)

    after = sso.inboundSsoAssignments().list().execute()["inboundSsoAssignments"]

    assert before == {}
    assert after == [made]
    assert sso.inboundSsoAssignments().get(name="inboundSsoAssignments/0abc").execute() == made
    assert sso.inboundSamlSsoProfiles().list().execute() == {}


@pytest.mark.parametrize("setting", ["automatic_recording", "automatic_transcription"])
def test_meetings_are_not_recorded_or_written_down_automatically(google: Google, setting: str) -> None:
    request, found = google.policies.list(filter=f"setting.type.matches('meet.{setting}')", pageSize=100), []
    while request is not None:  # a page may be empty, and another may follow
        page = request.execute()
        found += page.get("policies", [])
        request = google.policies.list_next(request, page)

    (policy,) = found
    assert policy["setting"]["value"] == {"enabled": False}


def test_a_persons_calendars_rules_and_settings_are_read_as_that_person(google: Google) -> None:
    calendar = google.reading_service("calendar", HEAD)

    (entry,) = calendar.calendarList().list().execute()["items"]
    rules = calendar.acl().list(calendarId="primary").execute()["items"]
    settings = {row["id"]: row["value"] for row in calendar.settings().list().execute()["items"]}

    assert (entry["id"], entry["primary"], entry["accessRole"]) == (HEAD, True, "owner")
    assert {rule["scope"]["type"]: rule["role"] for rule in rules} == {"user": "owner", "domain": "freeBusyReader"}
    assert settings["timezone"] == calendar.calendars().get(calendarId=HEAD).execute()["timeZone"]


def test_a_person_who_hides_busy_times_shares_nothing_with_the_school(google: Google) -> None:
    google.tenant.put("calendar.acl", str(google.person(primaryEmail=HEAD)["id"]), {"role": "none"})

    rules = google.reading_service("calendar", HEAD).acl().list(calendarId="primary").execute()["items"]

    assert [rule["scope"]["type"] for rule in rules] == ["user"]


def test_the_calendar_of_another_person_is_not_found(google: Google) -> None:
    calendar = google.reading_service("calendar", "beth.birchall@example-primary.example")

    assert refused(calendar.acl().list(calendarId=HEAD)).status == 404
    assert refused(calendar.calendars().get(calendarId=HEAD)).status == 404


def test_all_events_are_listed_with_each_series_as_one(google: Google) -> None:
    key = google.person(primaryEmail=HEAD)["id"]
    stored = [event for place, event in google.tenant.objects("calendar.events").items() if place.startswith(f"{key}/")]

    listed = google.reading_service("calendar", HEAD).events().list(calendarId="primary").execute()["items"]

    assert {event["id"] for event in listed} == {event["id"] for event in stored}


def test_the_accounts_of_the_customer_are_counted_two_days_late(google: Google) -> None:
    reports = google.reading_service("reports").customerUsageReports()
    users = google.tenant.objects("google.users").values()

    known = reports.get(date="2026-11-08").execute()["usageReports"][0]
    late = reports.get(date="2026-11-08", parameters="accounts:num_users,meet:num_calls").execute()
    counts = {row["name"]: int(row["intValue"]) for row in known["parameters"]}

    assert known["entity"]["type"] == "CUSTOMER"
    assert counts["accounts:num_users"] == len(users)
    assert counts["accounts:num_suspended_users"] == sum(user["suspended"] for user in users)
    assert [row["name"] for row in late["usageReports"][0]["parameters"]] == ["accounts:num_users"]
    assert refused(reports.get(date="2026-11-10")).status == 400


def test_mailbox_settings_that_are_only_read(google: Google) -> None:
    users = google.reading_service("gmail", HEAD).users()
    settings, labels = users.settings(), users.labels()

    assert settings.getImap(userId="me").execute()["enabled"] is True
    assert settings.getPop(userId="me").execute()["accessWindow"] == "disabled"
    assert settings.getLanguage(userId="me").execute() == {"displayLanguage": "en-GB"}
    assert settings.delegates().list(userId="me").execute() == {}
    assert "INBOX" in [label["id"] for label in labels.list(userId="me").execute()["labels"]]


def test_rooms_can_be_booked_and_no_one_has_given_an_app_access(google: Google) -> None:
    directory = google.reading_service("admin")

    rooms = directory.resources().calendars().list(customer="my_customer").execute()["items"]

    assert {room["resourceCategory"] for room in rooms} == {"CONFERENCE_ROOM", "OTHER"}
    assert "items" not in directory.tokens().list(userKey=HEAD).execute()
    assert refused(directory.tokens().list(userKey="nobody@example-primary.example")).status == 404


def test_groups_are_found_by_a_member(google: Google) -> None:
    listed = google.directory.groups().list(customer="my_customer", query=f"memberKey={HEAD}").execute()["groups"]

    by_person = google.directory.groups().list(userKey=HEAD).execute()["groups"]
    assert {group["email"] for group in listed} == {group["email"] for group in by_person} != set()


@pytest.mark.parametrize("path", ["tokeninfo", "oauth2/v3/tokeninfo"])
def test_the_owner_and_the_scopes_of_a_token_are_shown(google: Google, path: str) -> None:
    credentials = google.credentials("admin.directory.user", subject=HEAD)
    credentials.refresh(_transport(google))

    shown = _get(google, path, access_token=credentials.token)

    assert shown.json()["scope"] == "https://www.googleapis.com/auth/admin.directory.user"
    assert shown.json()["azp"] == google.description["service_accounts"]["writer"]["client_id"]
    assert shown.json()["sub"] == google.person(primaryEmail=HEAD)["id"]
    assert "email" not in shown.json()  # the token does not include that scope
    assert 0 < int(shown.json()["expires_in"]) <= 3600


def test_a_token_that_nobody_issued_is_refused(google: Google) -> None:
    shown = _get(google, "tokeninfo", access_token="ya29.x")

    assert (shown.status_code, shown.json()["error"]) == (400, "invalid_token")


def _get(google: Google, path: str, **query: str) -> Any:
    url = google.root("oauth2.googleapis.com") + path
    return google.tenant.emulator.http.get(url, params=query, timeout=HANG)


def _transport(google: Google) -> Any:
    return Request(google.http())
