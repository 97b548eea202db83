"""Phones, tablets and ChromeOS devices, in the Cloud Identity API and the Directory API."""

from typing import Any

import pytest

from tests.emulated import Emulator
from tests.emulator.google_workspace.asking import Google, refused

_CUSTOMER = "customers/my_customer"
_CHROMEOS = "google.chromeosDevices"


@pytest.fixture
def devices(google: Google) -> Any:
    return google.service("cloudidentity").devices()


def _all(resource: Any, name: str, **wanted: Any) -> list[dict[str, Any]]:
    """Read every page of a list."""
    found: list[dict[str, Any]] = []
    request = resource.list(**wanted)
    while request is not None:
        answer = request.execute()
        found += answer.get(name, [])
        request = resource.list_next(request, answer)
    return found


def _users(devices: Any, **wanted: Any) -> list[dict[str, Any]]:
    return _all(devices.deviceUsers(), "deviceUsers", parent="devices/-", pageSize=20, **wanted)


def test_everyone_who_works_there_has_a_device_in_some_state(devices: Any) -> None:
    users, found = _users(devices), _all(devices, "devices", customer=_CUSTOMER, pageSize=100)

    assert len(users) == len(found) == 46
    states = {one["managementState"] for one in users}
    assert states == {"APPROVED", "PENDING_APPROVAL", "BLOCKED", "WIPING", "WIPED", "UNENROLLED"}
    assert {one["passwordState"] for one in users} == {"PASSWORD_SET", "PASSWORD_NOT_SET"}
    assert {one["encryptionState"] for one in found} == {"ENCRYPTED", "NOT_ENCRYPTED", "UNSUPPORTED_BY_DEVICE"}
    assert {one["compromisedState"] for one in found} == {"COMPROMISED", "UNCOMPROMISED"}
    assert min(one["lastSyncTime"] for one in found) < "2026-06"


def test_pages_are_as_long_as_google_lets_them_be(devices: Any) -> None:
    users = devices.deviceUsers()

    assert len(users.list(parent="devices/-").execute()["deviceUsers"]) == 5
    assert len(users.list(parent="devices/-", pageSize=500).execute()["deviceUsers"]) == 20
    assert len(devices.list().execute()["devices"]) == 20
    assert len(devices.list(pageSize=500).execute()["devices"]) == 46


def test_a_hundred_devices_are_the_longest_page(emulator: Emulator) -> None:
    tenant = emulator.borrow_tenant(users=1100)
    google = Google(tenant)

    answer = google.service("cloudidentity").devices().list(pageSize=500).execute()

    assert (len(answer["devices"]), bool(answer.get("nextPageToken"))) == (100, True)
    google.close()
    tenant.close()


def test_a_search_that_is_not_emulated_says_so(devices: Any) -> None:
    assert refused(devices.list(filter="register:2026-01-01")).status == 501


def test_what_the_school_owns_is_in_its_inventory_alone(devices: Any) -> None:
    (owned,) = _all(devices, "devices", view="COMPANY_INVENTORY")

    assert owned["assetTag"] == "IPAD-001"
    assert not [one for one in _all(devices, "devices", pageSize=100) if "assetTag" in one]


def test_a_customer_goes_by_its_id_with_or_without_the_letter_before_it(google: Google, devices: Any) -> None:
    key = google.description["customer_id"]

    assert devices.list(customer=f"customers/{key}").execute()["devices"]
    assert devices.list(customer=f"customers/{key.removeprefix('C')}").execute()["devices"]
    assert refused(devices.list(customer="customers/C0other00")).status == 403


def test_a_service_account_that_acts_for_nobody_is_refused(google: Google) -> None:
    answer = refused(google.service("cloudidentity", subject="").devices().list())

    assert answer.status == 403


def _chromebooks(google: Google, **wanted: Any) -> list[dict[str, Any]]:
    return _all(google.directory.chromeosdevices(), "chromeosdevices", customerId="my_customer", **wanted)


def _chromebook(google: Google, status: str) -> dict[str, Any]:
    return next(one for one in _chromebooks(google) if one["status"] == status)


def test_chromebooks_are_in_the_trolleys(google: Google) -> None:
    everything = _chromebooks(google)

    assert len(everything) == len(_chromebooks(google, maxResults=5)) == 16
    assert len([one for one in everything if one["orgUnitPath"] == "/Shared devices"]) == 14
    assert {one["status"] for one in everything} == {"ACTIVE", "DISABLED", "DEPROVISIONED"}
    assert min(one["lastSync"] for one in everything) < "2026-06"


def test_chromebooks_are_searched_and_shown_in_short(google: Google) -> None:
    (found,) = _chromebooks(google, query="id:CB000007", projection="BASIC")

    assert found["annotatedAssetId"] == "CB-007"
    assert "osVersion" not in found


def test_each_chromebook_of_a_batch_has_its_own_result(google: Google) -> None:
    chromeos = google.directory.customer().devices().chromeos()
    active, disabled = (_chromebook(google, status) for status in ("ACTIVE", "DISABLED"))
    action = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_DISABLE"
    ids = [active["deviceId"], disabled["deviceId"], "nobody"]
    body = {"deviceIds": ids, "changeChromeOsDeviceStatusAction": action}

    answer = chromeos.batchChangeStatus(customerId="my_customer", body=body).execute()

    results = answer["changeChromeOsDeviceStatusResults"]
    assert [one["deviceId"] for one in results] == ids
    assert [one.get("error", {}).get("code") for one in results] == [None, 9, 5]
    assert google.tenant.read_object(_CHROMEOS, active["deviceId"])["status"] == "DISABLED"


def test_a_batch_is_of_fifty_chromebooks_at_most(google: Google) -> None:
    chromeos = google.directory.customer().devices().chromeos()
    action = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_DISABLE"
    body = {"deviceIds": [str(number) for number in range(51)], "changeChromeOsDeviceStatusAction": action}

    assert refused(chromeos.batchChangeStatus(customerId="my_customer", body=body)).status == 400
