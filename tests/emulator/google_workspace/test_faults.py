"""Faults on demand in Google's words: what the client sees, and whether the call took effect."""

from collections.abc import Callable
from typing import Any

import httplib2
import pytest

from tests.emulator.google_workspace.asking import Google, policy, refused, rule

_PATCH = "gmail.users.settings.sendAs.patch"


def _sign(google: Google) -> Any:
    body = {"signature": "<b>new</b>"}
    return google.settings(google.teacher()).sendAs().patch(userId="me", sendAsEmail=google.teacher(), body=body)


def _signature(google: Google) -> str:
    stored = google.tenant.objects("gmail.sendAs").values()
    return str(next(one["signature"] for one in stored if one["sendAsEmail"] == google.teacher()))


@pytest.mark.parametrize(
    ("fault", "more", "status", "reason"),
    [
        ("throttled", {}, 429, "rateLimitExceeded"),
        ("throttled_after", {}, 429, "rateLimitExceeded"),
        ("unavailable", {}, 503, "backendError"),
        ("unavailable", {"status": 500}, 500, "backendError"),
        ("unavailable_after", {"status": 502}, 502, "badGateway"),
        ("unavailable", {"status": 504}, 504, "gatewayTimeout"),
        ("expired_token", {}, 401, "authError"),
        ("refused", {}, 403, "forbidden"),
        ("rejected", {"status": 403, "reason": "quotaExceeded"}, 403, "quotaExceeded"),
        ("rejected", {"status": 403, "reason": "userRateLimitExceeded"}, 403, "userRateLimitExceeded"),
        ("rejected_after", {"status": 412, "reason": "conditionNotMet"}, 412, "conditionNotMet"),
    ],
)
def test_a_refusal_takes_effect_only_where_its_name_says_after(
    google: Google, fault: str, more: dict[str, Any], status: int, reason: str
) -> None:
    before = _signature(google)
    google.tenant.fault(fault, _PATCH, **more)

    answer = refused(_sign(google))

    assert (answer.status, answer.reason, answer.body["code"]) == (status, reason, status)
    assert _signature(google) == ("<b>new</b>" if fault.endswith("after") else before)


def _list_users(google: Google) -> Any:
    return google.directory.users().list(customer="my_customer")


def _list_policies(google: Google) -> Any:
    return google.policies.list()


def _get_group(google: Google) -> Any:
    return google.groups_settings.get(groupUniqueId="dsl@example-primary.example")


@pytest.mark.parametrize(
    ("ask", "reason", "canonical", "message"),
    [
        (_list_users, "forbidden", "", "Not Authorized to access this resource/api"),
        (_list_policies, "", "PERMISSION_DENIED", "The caller does not have permission"),
        (_get_group, "forbidden", "", "Not Authorized to access this resource/api"),
    ],
)
def test_each_api_refuses_in_its_own_words(
    google: Google, ask: Callable[[Google], Any], reason: str, canonical: str, message: str
) -> None:
    request = ask(google)
    google.tenant.fault("refused", "*[!n]")  # every operation but the token's

    answer = refused(request)

    assert (answer.status, answer.reason, answer.canonical, answer.message) == (403, reason, canonical, message)


@pytest.mark.parametrize("fault", ["dropped", "dropped_after"])
def test_a_dropped_connection_gives_no_answer(google: Google, fault: str) -> None:
    before = _signature(google)
    request = _sign(google)
    google.tenant.fault(fault, _PATCH, times=2)  # httplib2 opens one new connection by itself

    with pytest.raises((OSError, httplib2.HttpLib2Error, ConnectionError)):
        request.execute()

    assert (_signature(google) != before) is fault.endswith("after")


def test_retry_after_is_as_long_as_wanted(google: Google) -> None:
    google.tenant.fault("throttled", "directory.users.list", seconds=7)

    assert refused(_list_users(google)).headers["retry-after"] == "7"


def test_a_truncated_page_has_a_token_that_leads_nowhere(google: Google) -> None:
    google.tenant.fault("truncated", "directory.orgunits.list")
    google.tenant.fault("truncated", "directory.groups.list")
    groups = google.directory.groups()

    page = groups.list(customer="my_customer").execute()

    assert len(page["groups"]) == len(google.tenant.objects("google.groups")) // 2
    assert refused(groups.list(customer="my_customer", pageToken=page["nextPageToken"])).status == 400
    units = google.directory.orgunits().list(customerId="my_customer", type="all").execute()
    assert "nextPageToken" not in units  # a list that has no pages cannot be cut short


def test_reads_lag_behind_a_write_for_as_many_reads_as_wanted(google: Google) -> None:
    members, group = google.directory.members(), "dsl@example-primary.example"
    google.tenant.fault("stale", "directory.members.insert", reads=1)
    address = "new@elsewhere.example"

    members.insert(groupKey=group, body={"email": address}).execute()

    assert refused(members.get(groupKey=group, memberKey=address)).message == "Resource Not Found: memberKey"
    assert members.get(groupKey=group, memberKey=address).execute()["email"] == address


@pytest.mark.parametrize(
    ("fault", "reason", "exists"),
    [
        ("rejected", "operationUndone", False),
        ("rejected_after", "operationUndone", True),
        ("rejected", "operationFailed", False),
    ],
)
def test_an_operation_may_come_back_undone_or_failed_inside_a_good_answer(
    google: Google, fault: str, reason: str, *, exists: bool
) -> None:
    google.tenant.fault(fault, "cloudidentity.policies.create", status=200, reason=reason)

    operation = google.policies.create(body=policy(google, rule("Cards"))).execute()

    assert operation["done"] is (reason == "operationFailed")
    assert ("error" in operation) is (reason == "operationFailed")
    assert "response" not in operation
    names = [one["setting"]["value"].get("displayName") for one in google.tenant.objects("google.policies").values()]
    assert ("Cards" in names) is exists


@pytest.mark.parametrize(
    "wanted",
    [
        {"operation": "*", "fault": "rejected"},
        {"operation": "*", "fault": "refused", "reason": "quotaExceeded"},
        {"operation": "*", "fault": "rejected", "reason": 7},
    ],
)
def test_a_reason_belongs_to_a_rejected_call_and_to_no_other(google: Google, wanted: dict[str, object]) -> None:
    assert google.tenant.ask("POST", "/faults", wanted).status_code == 400
