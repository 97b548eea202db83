"""Faults on demand: what the client sees, and whether the call took effect."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from requests import Response
from requests.exceptions import ConnectionError as Cut

from tests.emulated import HANG, Tenant
from tests.registered import client_waiting

_NEW = "New-TransportRule"


def _create(tenant: Tenant, name: str = "Rule") -> Response:
    parameters = {"Name": name, "StopRuleProcessing": True}
    body = {"CmdletInput": {"CmdletName": _NEW, "Parameters": parameters}}
    return tenant.exchange(f"/adminapi/beta/{tenant.tenant_id}/InvokeCommand", body=body)


def _rules(tenant: Tenant) -> list[str]:
    body = {"CmdletInput": {"CmdletName": "Get-TransportRule", "Parameters": {}}}
    answer = tenant.exchange(f"/adminapi/beta/{tenant.tenant_id}/InvokeCommand", body=body)
    return [row["Name"] for row in answer.json()["value"]]


@pytest.mark.parametrize(
    ("fault", "more", "status"),
    [
        ("throttled", {}, 429),
        ("throttled_after", {}, 429),
        ("unavailable", {}, 503),
        ("unavailable", {"status": 504}, 504),
        ("unavailable_after", {"status": 500}, 500),
        ("expired_token", {}, 401),
        ("refused", {}, 403),
    ],
)
def test_a_refusal_takes_effect_only_where_its_name_says_after(
    tenant: Tenant, fault: str, more: dict[str, Any], status: int
) -> None:
    before = _rules(tenant)
    tenant.fault(fault, _NEW, **more)

    assert _create(tenant).status_code == status
    assert [*before, "Rule"] == _rules(tenant) if fault.endswith("after") else before == _rules(tenant)


@pytest.mark.parametrize("fault", ["dropped", "dropped_after"])
def test_a_dropped_connection_gives_no_answer(tenant: Tenant, fault: str) -> None:
    before = len(_rules(tenant))
    tenant.fault(fault, _NEW)

    with pytest.raises(Cut):
        _create(tenant)

    assert len(_rules(tenant)) - before == (1 if fault.endswith("after") else 0)
    assert [one["status"] for one in tenant.requests() if one["operations"][0]["fault"]] == [None]


@pytest.mark.parametrize("fault", ["kill", "kill_after"])
def test_the_client_can_be_killed_at_a_write(tenant: Tenant, tmp_path: Path, fault: str) -> None:
    before = len(_rules(tenant))
    with client_waiting(tenant.emulator, tmp_path) as client:
        tenant.fault(fault, _NEW, pid=client.pid)

        with pytest.raises(Cut):
            _create(tenant)

        assert client.wait(HANG) == -9
    assert len(_rules(tenant)) - before == (1 if fault.endswith("after") else 0)


def test_retry_after_is_as_long_as_wanted(tenant: Tenant) -> None:
    tenant.fault("throttled", "GET /users*", seconds=7)

    answer = tenant.graph("/v1.0/users")

    assert answer.headers["Retry-After"] == "7"
    assert answer.json()["error"]["code"] == "TooManyRequests"


def test_a_fault_meets_the_calls_it_was_armed_for_and_no_others(tenant: Tenant) -> None:
    tenant.fault("unavailable", "GET /users*", nth=2, times=2)

    statuses = [tenant.graph(path).status_code for path in ["/v1.0/users", "/v1.0/domains", *["/v1.0/users"] * 3]]

    assert statuses == [200, 200, 503, 503, 200]


def test_a_fault_in_a_batch_is_the_single_parts(tenant: Tenant) -> None:
    tenant.fault("throttled", "GET /domains", nth=2)
    parts = [{"id": str(number), "method": "GET", "url": "/domains"} for number in range(3)]

    responses = tenant.graph("/v1.0/$batch", method="POST", body={"requests": parts}).json()["responses"]

    assert {part["id"]: part["status"] for part in responses} == {"0": 200, "1": 429, "2": 200}
    assert next(part for part in responses if part["id"] == "1")["headers"]["Retry-After"] == "1"


@pytest.mark.parametrize(("fault", "created"), [("throttled", False), ("throttled_after", True)])
def test_a_batch_can_be_refused_as_a_whole(tenant: Tenant, fault: str, *, created: bool) -> None:
    path = f"/adminapi/beta/{tenant.tenant_id}"
    url = f"{tenant.emulator.url}/outlook.office365.com{path}/InvokeCommand"
    command = {"CmdletName": _NEW, "Parameters": {"Name": "Rule", "StopRuleProcessing": True}}
    tenant.fault(fault, "$batch")

    part = {"id": "1", "method": "POST", "url": url, "headers": {"parameter-based-routing": "true"}}
    part["body"] = {"CmdletInput": command}
    answer = tenant.exchange(f"{path}/$batch", body={"requests": [part]})

    assert answer.status_code == 429
    assert ("Rule" in _rules(tenant)) is created


def test_a_truncated_list_of_graph_has_a_link_that_leads_nowhere(tenant: Tenant) -> None:
    tenant.fault("truncated", "GET /domains")

    page = tenant.graph("/v1.0/domains").json()
    headers = {"Authorization": f"Bearer {tenant.token()}"}
    rest = tenant.emulator.http.get(page["@odata.nextLink"], headers=headers, timeout=HANG)

    assert len(page["value"]) == 1
    assert rest.status_code == 400


def test_a_truncated_list_of_exchange_warns(tenant: Tenant) -> None:
    tenant.fault("truncated", "Get-Mailbox")
    body = {"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": {"ResultSize": "Unlimited"}}}

    page = tenant.exchange(f"/adminapi/beta/{tenant.tenant_id}/InvokeCommand", body=body).json()

    assert "@odata.nextLink" in page
    assert "only the first" in page["@adminapi.warnings"][0]


@pytest.mark.timing
def test_a_slow_answer_has_taken_effect_all_the_same(tenant: Tenant) -> None:
    tenant.fault("slow", _NEW, milliseconds=300)
    started = time.perf_counter()

    assert _create(tenant).ok
    assert time.perf_counter() - started > 0.3
    assert "Rule" in _rules(tenant)


def test_reads_lag_behind_a_write_for_as_many_reads_as_wanted(tenant: Tenant) -> None:
    tenant.fault("stale", _NEW, reads=2)

    assert _create(tenant).ok
    assert ["Rule" in _rules(tenant) for _ in range(3)] == [False, False, True]


@pytest.mark.timing
def test_reads_lag_behind_a_write_for_a_time(tenant: Tenant) -> None:
    tenant.fault("stale", _NEW, seconds=HANG)
    assert _create(tenant).ok
    assert "Rule" not in _rules(tenant)
    tenant.disarm()

    tenant.fault("stale", _NEW, seconds=0.2)
    wrote = time.perf_counter()
    assert _create(tenant, "Other").ok
    while "Other" not in _rules(tenant):
        pass
    assert time.perf_counter() - wrote >= 0.2


def test_an_answer_is_held_until_the_faults_are_disarmed(tenant: Tenant) -> None:
    tenant.fault("held", _NEW)
    with ThreadPoolExecutor() as threads:
        held = threads.submit(_create, tenant)
        tenant.wait_for(_NEW)

        assert "Rule" in _rules(tenant)
        assert not held.done()
        tenant.disarm()

        assert held.result().ok


def test_a_sign_in_can_fail_too(tenant: Tenant) -> None:
    tenant.fault("unavailable", "POST /{tenant}/oauth2/v2.0/token")

    form = {"grant_type": "client_credentials", **tenant.applications["reader"]}
    assert tenant.sign_in(form).status_code == 503


def test_disarmed_faults_meet_nobody(tenant: Tenant) -> None:
    tenant.fault("refused", times=1000)
    tenant.disarm()

    assert tenant.graph("/v1.0/users").ok
    assert tenant.control("GET", "/faults") == []


@pytest.mark.parametrize(
    "wanted",
    [
        {"operation": "*", "fault": "earthquake"},
        {"operation": "*", "fault": "slow", "minutes": 3},
        {"operation": "*", "fault": "unavailable", "status": 404},
        {"operation": "*", "fault": "kill"},
        {"fault": "slow"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(tenant: Tenant, wanted: dict[str, object]) -> None:
    assert tenant.ask("POST", "/faults", wanted).status_code == 400
