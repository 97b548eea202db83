"""The control plane: tenants, clock, permissions, stored objects and the log."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from email.utils import parsedate_to_datetime

import pytest

from tests.emulated import EXCHANGE, GRAPH, HANG, Emulator, Tenant
from tests.timing import processor_seconds


@pytest.mark.timing
def test_a_new_tenant_costs_a_fraction_of_a_second(emulator: Emulator) -> None:
    before = processor_seconds(emulator.pid)

    emulator.open_tenant().close()

    assert processor_seconds(emulator.pid) - before < 0.5


def test_a_new_tenant_holds_the_sample_school(emulator: Emulator) -> None:
    tenant = emulator.open_tenant()
    users = tenant.objects("users").values()
    groups = [group["displayName"] for group in tenant.objects("groups").values()]
    tenant.close()
    posts = [user["jobTitle"] for user in users if user["jobTitle"]]

    assert len(posts) - posts.count("Pupil") == 46
    assert posts.count("Pupil") == 220
    assert {"All staff", "All pupils", "Senior leadership", "IT support", "Presentation devices"} <= set(groups)
    assert len({user["userPrincipalName"] for user in users}) == len(users)


def test_a_tenant_can_be_larger_and_have_other_names(emulator: Emulator) -> None:
    school = {"name": "Other Primary School", "domain": "other.example", "initial_domain": "other.onmicrosoft.example"}
    tenant = emulator.open_tenant(users=300, school=school)
    users = tenant.objects("users")
    tenant.close()

    assert tenant.description["name"] == "Other Primary School"
    assert (tenant.domain, tenant.initial_domain) == ("other.example", "other.onmicrosoft.example")
    assert sum(user["jobTitle"] is not None for user in users.values()) == 300
    assert len({user["userPrincipalName"] for user in users.values()}) == len(users)


def test_tenants_share_nothing(emulator: Emulator, tenant: Tenant) -> None:
    other = emulator.open_tenant(users=4)
    other.control("PUT", "/objects/users", {})

    assert not other.objects("users")
    assert len(tenant.objects("users")) > 60
    other.close()


def test_a_closed_tenant_is_gone(emulator: Emulator) -> None:
    tenant = emulator.open_tenant(users=4)
    tenant.close()

    answer = tenant.ask("GET", "/clock")

    assert answer.status_code == 404
    assert answer.json() == {"error": f"there is no tenant {tenant.tenant_id}"}


def test_a_restored_tenant_is_as_it_was_at_its_snapshot(emulator: Emulator) -> None:
    tenant = emulator.open_tenant(users=4)
    before = _stored(tenant)
    told = tenant.control("GET", "")
    tenant.keep_snapshot()
    tenant.control("PUT", "/objects/users", {})
    tenant.put("made.by.hand", "1", {"name": "new"})
    tenant.set_now("2030-01-01T00:00:00Z")
    tenant.fault("dropped")

    tenant.restore_snapshot()

    assert _stored(tenant) == before
    assert tenant.control("GET", "") == told
    assert tenant.control("GET", "/faults") == tenant.requests() == []
    assert tenant.last_request() == 0
    tenant.close()


def test_a_tenant_is_restored_again_and_again_and_to_a_later_snapshot_too(emulator: Emulator) -> None:
    tenant = emulator.open_tenant(users=4)
    before = _stored(tenant)
    tenant.keep_snapshot()
    first, second, *_ = before["users"]
    for key in (first, second):
        tenant.delete("users", key)
        tenant.patch("groups", next(iter(before["groups"])), displayName=key)
        tenant.restore_snapshot()
        assert _stored(tenant) == before

    tenant.delete("users", first)
    later = _stored(tenant)
    tenant.keep_snapshot()
    tenant.put("users", first, before["users"][first])
    tenant.restore_snapshot()

    assert _stored(tenant) == later != before
    tenant.close()


def test_a_snapshot_goes_with_its_tenant_and_concerns_no_other(emulator: Emulator) -> None:
    tenant, other = (emulator.open_tenant(users=4) for _ in range(2))
    other.keep_snapshot()
    other.put("made.by.hand", "1", {"name": "new"})

    answer = tenant.ask("POST", "/restore")

    assert answer.status_code == 409
    assert answer.json() == {"error": f"tenant {tenant.tenant_id} has no snapshot"}
    assert other.objects("made.by.hand")
    other.close()
    assert other.ask("POST", "/restore").status_code == 404
    tenant.close()


def test_a_borrowed_tenant_is_lent_again_as_it_was_opened(emulator: Emulator) -> None:
    first = emulator.borrow_tenant(users=5)
    told, before = first.control("GET", ""), _stored(first)
    first.control("PUT", "/objects/users", {})
    first.put("made.by.hand", "1", {"name": "new"})
    first.grant("writer", roles=[])
    first.control("PUT", "/latency", {"milliseconds": 1})
    first.set_now("2030-01-01T00:00:00Z")
    first.graph("/v1.0/users")
    first.fault("dropped")
    first.close()

    second, third = (emulator.borrow_tenant(users=5) for _ in range(2))

    assert second.tenant_id == first.tenant_id != third.tenant_id
    assert (second.control("GET", ""), _stored(second)) == (told, before)
    assert second.control("GET", "/faults") == second.requests() == []
    with pytest.raises(AssertionError, match="has its snapshot already"):
        second.keep_snapshot()
    second.close()
    third.close()


def _stored(tenant: Tenant) -> dict[str, dict[str, dict[str, object]]]:
    return {name: tenant.objects(name) for name in tenant.control("GET", "/objects")}


def test_what_names_no_tenant_is_logged(emulator: Emulator) -> None:
    emulator.http.get(f"{emulator.url}/graph.microsoft.com/v1.0/users", timeout=HANG)
    emulator.http.get(f"{emulator.url}/elsewhere.example/v1.0/users", timeout=HANG)

    logged = [(entry["url"], entry["status"]) for entry in emulator.control("GET", "/requests")]

    assert ("/graph.microsoft.com/v1.0/users", 401) in logged
    assert ("/elsewhere.example/v1.0/users", 501) in logged


def test_every_answer_of_a_service_has_the_date_of_its_tenant(emulator: Emulator, tenant: Tenant) -> None:
    for path in ("/graph.microsoft.com/v1.0/users", "/elsewhere.example"):
        date = emulator.http.get(emulator.url + path, timeout=HANG).headers["Date"]
        assert parsedate_to_datetime(date).tzinfo is UTC
    tenant.set_now("2026-12-18T16:00:00+00:00")

    date = tenant.graph("/v1.0/users").headers["Date"]
    assert parsedate_to_datetime(date).isoformat() == "2026-12-18T16:00:00+00:00"


def test_the_clock_stands_until_it_is_moved(tenant: Tenant) -> None:
    assert tenant.control("GET", "/clock") == {"now": "2026-11-10T09:00:00Z"}

    tenant.set_now("2026-12-01T10:00:00+01:00")

    assert tenant.control("GET", "/clock") == {"now": "2026-12-01T09:00:00Z"}


@pytest.mark.parametrize("instant", ["yesterday", "2026-12-01T10:00:00"])
def test_an_instant_that_is_none_is_refused(tenant: Tenant, instant: str) -> None:
    assert tenant.ask("PUT", "/clock", {"now": instant}).status_code == 400


def test_a_permission_counts_at_once_for_tokens_that_are_out(tenant: Tenant) -> None:
    headers = {"Authorization": f"Bearer {tenant.token(GRAPH, 'reader')}"}
    url = f"{tenant.emulator.url}/v1.0/domains"

    before = tenant.emulator.http.get(url, headers=headers, timeout=HANG)
    tenant.grant("reader", roles=["User.Read.All"])
    after = tenant.emulator.http.get(url, headers=headers, timeout=HANG)

    assert (before.status_code, after.status_code) == (200, 403)
    assert after.json()["error"]["code"] == "Authorization_RequestDenied"


def test_a_stored_object_can_be_read_changed_and_removed(tenant: Tenant) -> None:
    key = next(iter(tenant.objects("users")))

    tenant.patch("users", key, jobTitle="Caretaker")
    assert tenant.graph(f"/v1.0/users/{key}").json()["jobTitle"] == "Caretaker"

    tenant.delete("users", key)
    assert tenant.graph(f"/v1.0/users/{key}").status_code == 404

    tenant.put("users", key, {"id": key, "displayName": "Somebody"})
    assert tenant.read_object("users", key) == {"id": key, "displayName": "Somebody"}


def test_the_log_names_every_operation_of_a_batch(tenant: Tenant) -> None:
    parts = [{"id": "1", "method": "GET", "url": "/users"}, {"id": "2", "method": "GET", "url": "/users/nobody"}]

    tenant.graph("/v1.0/$batch", method="POST", body={"requests": parts})
    (batch,) = [one for one in tenant.requests() if one["service"] == "graph"]

    assert (batch["method"], batch["url"], batch["status"]) == ("POST", "/graph.microsoft.com/v1.0/$batch", 200)
    assert batch["operations"] == [
        {"name": "GET /users", "write": False, "status": 200, "fault": None},
        {"name": "GET /users/{id}", "write": False, "status": 404, "fault": None},
    ]
    assert tenant.requests(after=batch["n"]) == []


def test_the_control_plane_is_not_in_the_log(tenant: Tenant) -> None:
    tenant.objects("users")

    assert tenant.requests() == []


def test_an_objects_key_may_hold_anything(tenant: Tenant) -> None:
    tenant.put("users", "a/b #1?%", {"id": "a/b #1?%"})

    assert tenant.read_object("users", "a/b #1?%") == {"id": "a/b #1?%"}


@pytest.mark.timing
def test_latency_holds_up_an_answer(tenant: Tenant) -> None:
    headers = {"Authorization": f"Bearer {tenant.token()}"}
    tenant.control("PUT", "/latency", {"milliseconds": 300})
    started = time.perf_counter()

    assert tenant.emulator.http.get(f"{tenant.emulator.url}/v1.0/domains", headers=headers, timeout=HANG).ok
    assert time.perf_counter() - started >= 0.3


def test_an_answer_that_is_held_up_holds_up_no_other_tenant(emulator: Emulator, tenant: Tenant) -> None:
    other = emulator.open_tenant(users=4)
    tenant.fault("held", "GET /domains")
    with ThreadPoolExecutor() as threads:
        held = threads.submit(tenant.graph, "/v1.0/domains")
        tenant.wait_for("GET /domains")

        assert other.graph("/v1.0/domains").ok
        assert not held.done()
        tenant.disarm()

        assert held.result().ok
    other.close()


def test_a_token_for_another_resource_is_as_good_as_none(tenant: Tenant) -> None:
    headers = {"Authorization": f"Bearer {tenant.token(EXCHANGE)}"}

    answer = tenant.emulator.http.get(f"{tenant.emulator.url}/v1.0/domains", headers=headers, timeout=HANG)

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"


def test_the_host_header_chooses_the_service_too(tenant: Tenant) -> None:
    headers = {"Authorization": f"Bearer {tenant.token()}", "Host": "graph.microsoft.com"}

    answer = tenant.emulator.http.get(f"{tenant.emulator.url}/v1.0/domains", headers=headers, timeout=HANG)

    assert answer.json()["@odata.context"] == "https://graph.microsoft.com/v1.0/$metadata#domains"
