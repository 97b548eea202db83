"""Defender over the wire: what fails in passing, what is refused, and what must never be taken for whole."""

import pytest

from connectors.microsoft365.cloud import find_cloud
from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.defender.pace import Pace
from connectors.microsoft365.defender.requests import Request
from connectors.microsoft365.defender.wire import Wire
from connectors.microsoft365.identity import emulated_application
from connectors.microsoft365.sign_in import SignIn
from tests.emulated import Tenant
from tests.microsoft365.connected import connected, target_of
from toolkit.errors import Refused, Rejected, ServiceError, SignInRefused, Throttled, Unavailable, WriteInReadOnlyRun
from toolkit.tenant.connector import Identity
from toolkit.tenant.school import Tenant as School
from toolkit.values import Body

STORED = "defender.indicators"
LIST, IMPORT, DELETE = "GET /api/indicators", "POST /api/indicators/import", "DELETE /api/indicators/{id}"


def indicator(host: str) -> Body:
    return {"indicatorValue": host, "indicatorType": "DomainName", "action": "Block", "title": "T", "description": "D"}


def hosts(tenant: Tenant) -> list[str]:
    return [str(one["indicatorValue"]) for one in tenant.objects(STORED).values()]


def fill(tenant: Tenant, count: int) -> None:
    """Store so many indicators in place of those that are there."""
    template = tenant.objects(STORED)["1"]
    many = {str(n): {**template, "id": str(n), "indicatorValue": f"host{n}.example"} for n in range(1, count + 1)}
    tenant.control("PUT", f"/objects/{STORED}", many)


def test_all_indicators_are_read_in_one_request(connection: Microsoft365, tenant: Tenant) -> None:
    rows = connection.defender.indicators()

    assert [row["indicatorValue"] for row in rows] == ["thepiratebay.org", "crackedgames.example", "203.0.113.66"]
    assert tenant.operations() == [LIST]
    assert connection.requests() == 1


def test_a_list_longer_than_a_page_is_read_to_its_end(connection: Microsoft365, tenant: Tenant) -> None:
    fill(tenant, 10_001)

    rows = connection.defender.indicators()

    assert len({row["id"] for row in rows}) == len(rows) == 10_001
    assert tenant.operations() == [LIST] * 2


def test_a_truncated_list_is_an_error(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("truncated", LIST)

    with pytest.raises(Rejected):
        connection.defender.indicators()


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "dropped", "expired_token"])
def test_a_read_that_fails_in_passing_is_read_again(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, LIST, seconds=0.01)

    assert len(connection.defender.indicators()) == 3
    assert tenant.operations() == [LIST] * 2


@pytest.mark.parametrize(("fault", "error"), [("throttled", Throttled), ("unavailable", Unavailable)])
def test_a_service_that_stays_away_is_given_up(tenant: Tenant, fault: str, error: type[ServiceError]) -> None:
    tenant.fault(fault, LIST, times=1000, seconds=0.05)
    connection = connected(tenant, variables={"TOOLKIT_PATIENCE": "0.3"})

    with pytest.raises(error, match=r"^GET /api/indicators: .*was tried \d+ times over"):
        connection.defender.indicators()
    connection.close()


def test_indicators_are_written_five_hundred_at_a_time(connection: Microsoft365, tenant: Tenant) -> None:
    results = connection.defender.import_indicators([indicator(f"host{number}.example") for number in range(1001)])

    assert not [result for result in results if isinstance(result, ServiceError)]
    assert tenant.operations() == [IMPORT] * 3
    assert len(hosts(tenant)) == 1004


def test_one_that_is_refused_does_not_hold_back_the_others(connection: Microsoft365, tenant: Tenant) -> None:
    one, wrong, other = connection.defender.import_indicators(
        [indicator("One.example"), indicator("no host"), indicator("other.example")]
    )

    assert not isinstance(one, ServiceError)
    assert not isinstance(other, ServiceError)
    assert isinstance(wrong, Rejected)
    assert "no host: 'no host' is not a valid DomainName." in str(wrong)
    assert hosts(tenant)[3:] == ["One.example", "other.example"]


@pytest.mark.parametrize("fault", ["throttled_after", "unavailable_after", "dropped_after"])
def test_an_import_whose_answer_is_lost_makes_one_indicator(
    connection: Microsoft365, tenant: Tenant, fault: str
) -> None:
    tenant.fault(fault, IMPORT, seconds=0.01)

    (result,) = connection.defender.import_indicators([indicator("once.example")])

    assert not isinstance(result, ServiceError)
    assert hosts(tenant).count("once.example") == 1


def test_an_import_that_is_not_let_in_is_the_answer_for_each(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", roles=["Policy.Read.All"])

    results = connection.defender.import_indicators([indicator("one.example"), indicator("other.example")])

    assert [getattr(result, "missing", None) for result in results] == ["Ti.ReadWrite.All"] * 2
    assert "WindowsDefenderATP, with admin consent" in str(results[0])


def test_a_deletion_whose_answer_is_lost_is_done(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("unavailable_after", DELETE, seconds=0.01)

    connection.defender.delete_indicator("1")

    assert tenant.operations() == [DELETE] * 2
    assert "thepiratebay.org" not in hosts(tenant)


def test_a_run_that_only_reads_sends_no_write(reading: Microsoft365, tenant: Tenant) -> None:
    assert len(reading.defender.indicators()) == 3
    with pytest.raises(WriteInReadOnlyRun, match=IMPORT):
        reading.defender.import_indicators([indicator("one.example")])
    with pytest.raises(WriteInReadOnlyRun, match="DELETE /api/indicators/1"):
        reading.defender.delete_indicator("1")

    assert tenant.operations() == [LIST]


def _wire(tenant: Tenant, scope: str) -> Wire:
    target = target_of(tenant)
    cloud = find_cloud(target)
    application = emulated_application(tenant.told["microsoft365"], Identity.READ)
    return Wire(cloud, SignIn(application, School(tenant.tenant_id, tenant.domain), cloud), scope=scope)


def test_a_tenant_that_has_no_defender_lacks_it_alone(tenant: Tenant) -> None:
    wire = _wire(tenant, "https://nobody.example/.default")

    with pytest.raises(Refused, match="has no Defender for Endpoint"):
        wire.send(Request("GET", "/api/indicators"))


def test_a_sign_in_that_is_refused_stays_one(tenant: Tenant) -> None:
    wire = _wire(tenant, "https://api.securitycenter.microsoft.com/.default")
    tenant.control("PUT", "/applications/reader", {"client_secret": "another"})

    with pytest.raises(SignInRefused, match="AADSTS7000215"):
        wire.send(Request("GET", "/api/indicators"))


def test_calls_are_held_apart_by_their_pace() -> None:
    now, slept = [0.0], list[float]()
    pace = Pace(0.6, sleep=slept.append, clock=lambda: now[0])

    pace.wait()
    pace.wait()
    now[0] = 10.0
    pace.wait()

    assert slept == [0.6]


def test_the_emulator_is_reached_whatever_proxy_the_environment_names(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    connection = connected(tenant)

    assert connection.defender.indicators()
    connection.close()
