"""Phones, tablets and ChromeOS devices, in the Cloud Identity API and the Directory API."""

from typing import Any

import pytest

from tests.emulated import Emulator
from tests.emulator.google_workspace.asking import Google, refused

_CUSTOMER = "customers/my_customer"
_BODY = {"customer": _CUSTOMER}
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


def _user(devices: Any, **wanted: str) -> dict[str, Any]:
    """Find the first use of a device with these properties."""
    return next(one for one in _users(devices) if wanted.items() <= one.items())


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
    tenant = emulator.borrow_tenant(users=700)
    google = Google(tenant)

    answer = google.service("cloudidentity").devices().list(pageSize=500).execute()

    assert (len(answer["devices"]), bool(answer.get("nextPageToken"))) == (100, True)
    google.close()
    tenant.close()


@pytest.mark.parametrize(
    ("written", "count"),
    [("status:pending", 1), ("status:blocked", 1), ("type:ios status:approved", 19), ("model:pixel email:nobody", 0)],
)
def test_devices_are_searched(devices: Any, written: str, count: int) -> None:
    assert len(_users(devices, filter=written)) == count
    assert len(_all(devices, "devices", filter=written)) == count


def test_a_search_that_is_not_emulated_says_so(devices: Any) -> None:
    assert refused(devices.list(filter="register:2026-01-01")).status == 501


def test_devices_are_ordered(devices: Any) -> None:
    found = _all(devices, "devices", orderBy="last_sync_time desc", pageSize=100)

    assert found[-1]["lastSyncTime"] < found[0]["lastSyncTime"]
    assert refused(devices.list(orderBy="name")).status == 400


def test_what_the_school_owns_is_in_its_inventory_alone(devices: Any) -> None:
    (owned,) = _all(devices, "devices", view="COMPANY_INVENTORY")

    assert owned["assetTag"] == "IPAD-001"
    assert "assetTag" not in devices.get(name=owned["name"]).execute()


def test_the_users_of_one_device_are_listed(devices: Any) -> None:
    user = _users(devices)[0]
    device = user["name"].partition("/deviceUsers/")[0]

    assert _all(devices.deviceUsers(), "deviceUsers", parent=device) == [user]
    assert refused(devices.deviceUsers().list(parent="devices/nobody")).status == 404


@pytest.mark.parametrize(
    ("action", "before", "after", "of_device"),
    [
        ("approve", "PENDING_APPROVAL", "APPROVED", "APPROVED"),
        ("approve", "BLOCKED", "APPROVED", "APPROVED"),
        ("block", "APPROVED", "BLOCKED", "BLOCKED"),
        ("wipe", "APPROVED", "WIPING", "WIPING"),
        ("cancelWipe", "WIPING", "APPROVED", "APPROVED"),
    ],
)
def test_an_action_answers_with_an_operation_that_is_done(
    devices: Any, action: str, before: str, after: str, of_device: str
) -> None:
    name = _user(devices, managementState=before)["name"]

    operation = getattr(devices.deviceUsers(), action)(name=name, body=_BODY).execute()

    assert operation["done"] is True
    kind = operation["response"]["@type"].rpartition(".")[2].lower()
    assert kind == f"{action}deviceuserresponse".lower()
    assert operation["response"]["deviceUser"]["managementState"] == after
    assert devices.deviceUsers().get(name=name).execute()["managementState"] == after
    device = devices.get(name=name.partition("/deviceUsers/")[0]).execute()
    assert device["managementState"] == of_device


@pytest.mark.parametrize(
    ("action", "state"), [("approve", "WIPED"), ("block", "UNENROLLED"), ("wipe", "WIPING"), ("cancelWipe", "APPROVED")]
)
def test_an_action_that_a_state_does_not_allow_is_refused(devices: Any, action: str, state: str) -> None:
    name = _user(devices, managementState=state)["name"]

    answer = refused(getattr(devices.deviceUsers(), action)(name=name, body=_BODY))

    assert (answer.status, answer.canonical) == (400, "FAILED_PRECONDITION")


def test_a_whole_device_is_wiped_and_spared(devices: Any) -> None:
    name = _user(devices, managementState="APPROVED")["name"].partition("/deviceUsers/")[0]

    assert devices.wipe(name=name, body=_BODY).execute()["response"]["device"]["managementState"] == "WIPING"
    assert devices.cancelWipe(name=name, body=_BODY).execute()["response"]["device"]["managementState"] == "APPROVED"


def test_an_operation_may_come_back_failed(google: Google, devices: Any) -> None:
    name = _user(devices, managementState="PENDING_APPROVAL")["name"]
    google.tenant.fault("rejected", "*deviceUsers.approve", status=400, reason="operationFailed")

    assert "error" in devices.deviceUsers().approve(name=name, body=_BODY).execute()
    assert devices.deviceUsers().get(name=name).execute()["managementState"] == "PENDING_APPROVAL"


def test_a_customer_goes_by_its_id_with_or_without_the_letter_before_it(google: Google, devices: Any) -> None:
    key = google.told["customer_id"]

    assert devices.list(customer=f"customers/{key}").execute()["devices"]
    assert devices.list(customer=f"customers/{key.removeprefix('C')}").execute()["devices"]
    assert refused(devices.list(customer="customers/C0other00")).status == 403


def test_a_service_account_that_acts_for_nobody_is_refused(google: Google) -> None:
    answer = refused(google.service("cloudidentity", subject="").devices().list())

    assert answer.status == 403


def test_the_reader_lists_devices_and_approves_none(google: Google) -> None:
    reader = google.reader("cloudidentity", "cloud-identity.devices.readonly").devices()
    user = _users(reader)[1]

    assert refused(reader.deviceUsers().approve(name=user["name"], body=_BODY)).status == 403


def test_the_directory_shows_the_same_phones(google: Google, devices: Any) -> None:
    mobile = google.directory.mobiledevices()

    found = _all(mobile, "mobiledevices", customerId="my_customer", query="status:pending")

    (one,) = found
    user = _user(devices, managementState="PENDING_APPROVAL")
    assert (one["kind"], one["email"], one["status"]) == (
        "admin#directory#mobiledevice",
        [user["userEmail"]],
        "PENDING",
    )
    assert mobile.get(customerId="my_customer", resourceId=one["resourceId"]).execute() == one


def test_the_directory_acts_on_a_phone(google: Google, devices: Any) -> None:
    mobile = google.directory.mobiledevices()
    (one,) = _all(mobile, "mobiledevices", customerId="my_customer", query="status:pending")
    known = {"customerId": "my_customer", "resourceId": one["resourceId"]}

    mobile.action(**known, body={"action": "approve"}).execute()

    assert mobile.get(**known).execute()["status"] == "APPROVED"
    assert not [user for user in _users(devices) if user["managementState"] == "PENDING_APPROVAL"]
    assert refused(mobile.action(**known, body={"action": "explode"})).status == 400


def _chromebooks(google: Google, **wanted: Any) -> list[dict[str, Any]]:
    return _all(google.directory.chromeosdevices(), "chromeosdevices", customerId="my_customer", **wanted)


def test_chromebooks_are_in_the_trolleys(google: Google) -> None:
    everything = _chromebooks(google, orgUnitPath="/Shared devices", includeChildOrgunits=True)

    assert len(everything) == len(_chromebooks(google, maxResults=5)) == 16
    assert len(_chromebooks(google, orgUnitPath="/Shared devices")) == 14
    assert {one["status"] for one in everything} == {"ACTIVE", "DISABLED", "DEPROVISIONED"}
    assert min(one["lastSync"] for one in everything) < "2026-06"


def test_chromebooks_are_searched_and_shown_in_short(google: Google) -> None:
    (disabled,) = _chromebooks(google, query="status:disabled", projection="BASIC")

    assert disabled["annotatedAssetId"] == "CB-002"
    assert "osVersion" not in disabled
    assert [one["annotatedAssetId"] for one in _chromebooks(google, query="asset_id:CB-007")] == ["CB-007"]


def test_a_chromebook_is_disabled_enabled_and_deprovisioned(google: Google) -> None:
    chromebooks, key = google.directory.chromeosdevices(), _chromebooks(google, query="status:provisioned")[0]
    known = {"customerId": "my_customer", "resourceId": key["deviceId"]}

    chromebooks.action(**known, body={"action": "disable"}).execute()
    assert refused(chromebooks.action(**known, body={"action": "disable"})).status == 412
    chromebooks.action(**known, body={"action": "reenable"}).execute()
    assert refused(chromebooks.action(**known, body={"action": "deprovision"})).status == 400
    chromebooks.action(**known, body={"action": "deprovision", "deprovisionReason": "retiring_device"}).execute()

    assert google.tenant.stored(_CHROMEOS, key["deviceId"])["status"] == "DEPROVISIONED"


def test_each_chromebook_of_a_batch_has_its_own_result(google: Google) -> None:
    chromeos = google.directory.customer().devices().chromeos()
    active, disabled = (_chromebooks(google, query=f"status:{state}")[0] for state in ("provisioned", "disabled"))
    action = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_DISABLE"
    ids = [active["deviceId"], disabled["deviceId"], "nobody"]
    body = {"deviceIds": ids, "changeChromeOsDeviceStatusAction": action}

    answer = chromeos.batchChangeStatus(customerId="my_customer", body=body).execute()

    results = answer["changeChromeOsDeviceStatusResults"]
    assert [one["deviceId"] for one in results] == ids
    assert [one.get("error", {}).get("code") for one in results] == [None, 9, 5]
    assert google.tenant.stored(_CHROMEOS, active["deviceId"])["status"] == "DISABLED"


def test_a_batch_is_of_fifty_chromebooks_at_most(google: Google) -> None:
    chromeos = google.directory.customer().devices().chromeos()
    action = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_DISABLE"
    body = {"deviceIds": [str(number) for number in range(51)], "changeChromeOsDeviceStatusAction": action}

    assert refused(chromeos.batchChangeStatus(customerId="my_customer", body=body)).status == 400


def test_a_command_is_taken_for_a_chromebook_in_use(google: Google) -> None:
    chromeos = google.directory.customer().devices().chromeos()
    active, disabled = (_chromebooks(google, query=f"status:{state}")[0] for state in ("provisioned", "disabled"))
    body = {"commandType": "REBOOT"}

    answer = chromeos.issueCommand(customerId="my_customer", deviceId=active["deviceId"], body=body).execute()

    assert f"{active['deviceId']}/{answer['commandId']}" in google.tenant.objects("google.chromeosCommands")
    refusal = refused(chromeos.issueCommand(customerId="my_customer", deviceId=disabled["deviceId"], body=body))
    assert refusal.status == 400
