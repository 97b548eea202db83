"""Chrome policies of groups, and which group's counts."""

from typing import Any

import pytest

from tests.emulator.google_workspace.asking import Google, refused
from tests.emulator.google_workspace.chrome import BLOCKING, CUSTOMER, INSTALL_TYPE, WHATSAPP, Chrome

_HOSTS = {"urlBlocklist": ["a.example"]}


@pytest.fixture
def chrome(google: Google) -> Chrome:
    return Chrome(google, google.service("chromepolicy"))


def _ordering(chrome: Chrome, **what: Any) -> list[str]:
    body = {"policyTargetKey": {}, **what}
    answer = chrome.group_policies.listGroupPriorityOrdering(customer=CUSTOMER, body=body).execute()
    return [f"groups/{one}" for one in answer["groupIds"]]


def test_a_group_holds_what_was_set_for_it_and_nothing_from_a_unit(chrome: Chrome) -> None:
    chrome.modify_groups(chrome.change("leadership", BLOCKING, _HOSTS)).execute()

    (found,) = chrome.resolve("leadership", BLOCKING)
    assert found["value"]["value"]["urlBlocklist"] == ["a.example"]
    assert found["sourceKey"] == chrome.target("leadership")
    assert chrome.resolve("dsl", BLOCKING) == []


def test_a_policy_of_a_group_is_deleted(chrome: Chrome) -> None:
    chrome.modify_groups(chrome.change("leadership", BLOCKING, _HOSTS)).execute()
    body = {"requests": [chrome.removal("leadership", BLOCKING)]}

    assert chrome.group_policies.batchDelete(customer=CUSTOMER, body=body).execute() == {}

    assert chrome.resolve("leadership", BLOCKING) == []


def test_a_schema_of_devices_is_not_set_for_a_group(chrome: Chrome) -> None:
    change = chrome.change("leadership", "chrome.devices.GuestMode", {"guestModeEnabled": False})

    assert refused(chrome.modify_groups(change)).canonical == "INVALID_ARGUMENT"


def test_groups_stand_in_the_order_they_came_until_somebody_orders_them(chrome: Chrome) -> None:
    for name in ("leadership", "dsl"):
        chrome.modify_groups(chrome.change(name, BLOCKING, _HOSTS)).execute()
    first = _ordering(chrome, policySchema=BLOCKING)

    ids = [one.removeprefix("groups/") for one in first[::-1]]
    chrome.google.tenant.put("google.chromeGroupOrderings", BLOCKING, {"groupIds": ids})

    assert first == [chrome.group("leadership"), chrome.group("dsl")]
    assert _ordering(chrome, policySchema=BLOCKING) == first[::-1]


def test_an_app_has_an_order_of_its_own(chrome: Chrome) -> None:
    chrome.modify_groups(chrome.change("dsl", INSTALL_TYPE, {"appInstallType": "BLOCKED"}, app=WHATSAPP)).execute()
    target = {"additionalTargetKeys": {"app_id": WHATSAPP}}

    assert _ordering(chrome, policyNamespace="chrome.users.apps", policyTargetKey=target) == [chrome.group("dsl")]
    assert _ordering(chrome, policySchema=BLOCKING) == []
