"""Policy schemas: what a client reads names, types and constants from."""

from typing import Any

import pytest

from tests.emulator.google_workspace.asking import Google, refused
from tests.emulator.google_workspace.chrome import CUSTOMER


@pytest.fixture
def schemas(google: Google) -> Any:
    return google.service("chromepolicy").customers().policySchemas()


def _get(schemas: Any, name: str) -> dict[str, Any]:
    return dict(schemas.get(name=f"{CUSTOMER}/policySchemas/{name}").execute())


def test_a_schema_is_a_descriptor_whose_names_lead_to_its_constants(schemas: Any) -> None:
    shown = _get(schemas, "chrome.users.IdleSettingsExtended")

    (own, duration) = shown["definition"]["messageType"]
    fields = {one["name"]: one for one in own["field"]}
    constants = {one["name"]: [value["name"] for value in one["value"]] for one in shown["definition"]["enumType"]}
    assert (own["name"], duration["name"]) == ("IdleSettingsExtended", "NullableDuration")
    assert duration["field"] == [{"name": "duration", "number": 1, "label": "LABEL_OPTIONAL", "type": "TYPE_INT64"}]
    assert fields["screenLockDelayAc"]["typeName"] == "NullableDuration"
    assert constants[fields["idleActionAc"]["typeName"]][0] == "IDLE_ACTION_AC_ENUM_SLEEP"
    assert constants[fields["lockOnSleepOrLidClose"]["typeName"]] == ["UNSET", "FALSE", "TRUE"]


def test_a_schema_says_whom_and_what_it_is_for(google: Google, schemas: Any) -> None:
    blocking, install = _get(schemas, "chrome.users.UrlBlocking"), _get(schemas, "chrome.users.apps.InstallType")
    guest = _get(schemas, "chrome.devices.GuestMode")

    assert blocking["name"] == f"customers/{google.description['customer_id']}/policySchemas/chrome.users.UrlBlocking"
    assert blocking["validTargetResources"] == ["ORG_UNIT", "GROUP"]
    assert guest["validTargetResources"] == ["ORG_UNIT"]
    assert [one["key"] for one in install["additionalTargetKeyNames"]] == ["app_id"]
    assert "additionalTargetKeyNames" not in blocking


def test_a_schema_tells_what_has_to_be_acknowledged(schemas: Any) -> None:
    (notice,) = _get(schemas, "chrome.users.appsconfig.AndroidAppsEnabled")["notices"]

    assert (notice["field"], notice["noticeValue"], notice["acknowledgementRequired"]) == ("arcEnabled", "true", True)


def test_a_field_tells_its_range_and_its_default(schemas: Any) -> None:
    (session,) = _get(schemas, "chrome.users.SessionLengthV2")["fieldDescriptions"]
    (incognito,) = _get(schemas, "chrome.users.IncognitoMode")["fieldDescriptions"]

    assert session["fieldConstraints"] == {"numericRangeConstraint": {"minimum": "1", "maximum": "1440"}}
    assert incognito["defaultValue"] == "INCOGNITO_MODE_AVAILABILITY_ENUM_AVAILABLE"


def test_a_schema_that_is_not_there_is_not_found(schemas: Any) -> None:
    answer = refused(schemas.get(name=f"{CUSTOMER}/policySchemas/chrome.users.NoSuchPolicy"))

    assert (answer.status, answer.canonical) == (404, "NOT_FOUND")


def test_the_reader_may_read_and_not_write(google: Google) -> None:
    reader = google.reader("chromepolicy", "chrome.management.policy.readonly")

    assert _get(reader.customers().policySchemas(), "chrome.users.UrlBlocking")["definition"]
    unit = google.unit("/Staff").replace("orgUnits", "orgunits")
    removal = {"policyTargetKey": {"targetResource": unit}, "policySchema": "chrome.users.UrlBlocking"}
    units = reader.customers().policies().orgunits()
    assert refused(units.batchInherit(customer=CUSTOMER, body={"requests": [removal]})).status == 403
