"""What the Chrome Policy API does not take: a batch is kept whole or not at all."""

from typing import Any

import pytest

from tests.emulator.google_workspace.asking import Google, refused
from tests.emulator.google_workspace.chrome import BLOCKING, INSTALL_TYPE, STORED, Chrome

_STORAGE = "chrome.users.ExternalStorage"
_SOURCES = "chrome.users.appsconfig.AllowedInstallSources"
_HOSTS = {"urlBlocklist": ["a.example"]}


@pytest.fixture
def chrome(google: Google) -> Chrome:
    return Chrome(google, google.service("chromepolicy"))


@pytest.mark.parametrize(
    ("schema", "value", "mask"),
    [
        (BLOCKING, {"urlBlocklist": [f"{number}.example" for number in range(1001)]}, None),
        (BLOCKING, {"urlBlocklist": ["two words.example"]}, None),
        (BLOCKING, {"urlBlocklist": [""]}, None),
        (BLOCKING, {"urlAllowlist": ["*"]}, None),
        (BLOCKING, {"urlBlocklist": "a.example"}, None),
        (BLOCKING, {"urlBlocklist": None}, None),
        (BLOCKING, {}, "urlBlocklist"),
        (BLOCKING, _HOSTS, "urlBlocklist,urlAllowlist"),
        (BLOCKING, _HOSTS, ""),
        (BLOCKING, _HOSTS, "urlBlocklist,blocked"),
        (BLOCKING, {**_HOSTS, "blocked": True}, "urlBlocklist"),
        (BLOCKING, {"chromeInternalUrlsBlocked": "true"}, None),
        (_STORAGE, {"externalStorageDevices": "DISALLOW"}, None),
        (_STORAGE, {"externalStorageDevices": "EXTERNAL_STORAGE_DEVICES_ENUM_NEVER"}, None),
        (_SOURCES, {"playStoreInstallSources": "PLAY_STORE_INSTALL_SOURCES_ENUM_BLOCK_ALL_APPS"}, None),
        ("chrome.users.SessionLengthV2", {"sessionDurationLimit": {"duration": 1441}}, None),
        ("chrome.users.SessionLengthV2", {"sessionDurationLimit": {"duration": "1200s"}}, None),
        ("chrome.users.SessionLengthV2", {"sessionDurationLimit": {"value": 60}}, None),
        ("chrome.users.SessionLengthV2", {"sessionDurationLimit": 60}, None),
        ("chrome.users.NoSuchPolicy", {"x": True}, None),
    ],
)
def test_a_value_that_a_schema_does_not_take_is_refused(
    chrome: Chrome, schema: str, value: dict[str, Any], mask: str | None
) -> None:
    answer = refused(chrome.modify(chrome.change("/Staff", schema, value, mask=mask)))

    assert (answer.status, answer.canonical) == (400, "INVALID_ARGUMENT")
    (modification,) = answer.body["details"][0]["modificationErrors"]
    assert (modification["policySchema"], modification["policyTargetKey"]) == (schema, chrome.target("/Staff"))


def test_a_thousand_hosts_are_taken(chrome: Chrome) -> None:
    hosts = {"urlBlocklist": [f"{number}.example" for number in range(1000)]}

    assert chrome.modify(chrome.change("/Staff", BLOCKING, hosts)).execute() == {}


def test_an_update_mask_is_a_text(chrome: Chrome) -> None:
    change = {**chrome.change("/Staff", BLOCKING, _HOSTS), "updateMask": {"paths": "urlBlocklist"}}

    assert "updateMask" in refused(chrome.modify(change)).message.replace("update_mask", "updateMask")


@pytest.mark.parametrize(
    ("schema", "app"),
    [
        (BLOCKING, "chrome:" + "a" * 32),
        (INSTALL_TYPE, ""),
        (INSTALL_TYPE, "com.whatsapp"),
        (INSTALL_TYPE, "web:https://web.whatsapp.com"),
    ],
)
def test_an_app_is_named_where_a_schema_needs_one_and_a_web_app_is_not_blocked(
    chrome: Chrome, schema: str, app: str
) -> None:
    value = _HOSTS if schema == BLOCKING else {"appInstallType": "BLOCKED"}

    assert refused(chrome.modify(chrome.change("/Staff", schema, value, app=app))).status == 400


def test_a_batch_is_of_one_namespace(chrome: Chrome) -> None:
    other = chrome.change("/Staff", "chrome.devices.GuestMode", {"guestModeEnabled": False})

    assert "namespace" in refused(chrome.modify(chrome.change("/Staff", BLOCKING, _HOSTS), other)).message


def test_a_batch_does_not_name_a_policy_twice(chrome: Chrome) -> None:
    change = chrome.change("/Staff", BLOCKING, _HOSTS)

    assert "twice" in refused(chrome.modify(change, change)).message
    assert "twice" in refused(chrome.inherit(*2 * [chrome.removal("/Staff", BLOCKING)])).message


def test_a_batch_is_not_empty(chrome: Chrome) -> None:
    assert refused(chrome.modify()).status == 400


def test_nothing_of_a_batch_is_kept_where_one_part_is_refused(chrome: Chrome) -> None:
    before = chrome.google.tenant.objects(STORED)
    good = chrome.change("/Staff", BLOCKING, _HOSTS)
    bad = chrome.change("/Pupils", "chrome.users.IncognitoMode", {"incognitoModeAvailability": "OFF"})

    assert refused(chrome.modify(good, bad)).status == 400

    assert chrome.google.tenant.objects(STORED) == before


@pytest.mark.parametrize(
    ("resource", "status"),
    [("orgUnits/03ph8a2z1", 400), ("orgunits/03ph8a2znobody", 404), ("/Staff", 400), ("", 400)],
)
def test_a_target_is_a_unit_that_is_there_in_the_spelling_of_this_api(
    chrome: Chrome, resource: str, status: int
) -> None:
    change = {**chrome.change("/Staff", BLOCKING, _HOSTS), "policyTargetKey": {"targetResource": resource}}

    assert refused(chrome.modify(change)).status == status


def test_a_group_is_no_target_of_the_method_for_units(chrome: Chrome) -> None:
    assert refused(chrome.modify(chrome.change("dsl", BLOCKING, _HOSTS))).status == 400
    assert refused(chrome.modify_groups(chrome.change("/Staff", BLOCKING, _HOSTS))).status == 400
