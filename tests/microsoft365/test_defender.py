"""Defender over the wire: what fails in passing, what is refused, and what must never be taken for whole."""

from dataclasses import replace

import pytest

from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.defender import DEFENDER, IndicatorImport
from connectors.microsoft365.http import ServiceRequest, ServiceWire
from connectors.microsoft365.identity import emulated_application
from connectors.microsoft365.sign_in import SignIn
from tests.emulated import Tenant
from tests.microsoft365.connected import connect, target_of
from toolkit.errors import (
    Refused,
    Rejected,
    RequestFailed,
    ServiceError,
    SignInRefused,
    Throttled,
    Unavailable,
    WriteInReadOnlyRun,
)
from toolkit.school.school import Tenant as School
from toolkit.sdk.connector import Identity
from toolkit.sdk.limits import Pace
from toolkit.values import Body, Json

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
    connection = connect(tenant, variables={"TOOLKIT_PATIENCE": "3"})

    with pytest.raises(error, match=r"^GET /api/indicators: .*was tried \d+ times over"):
        connection.defender.indicators()
    connection.close()


def test_indicators_are_written_five_hundred_at_a_time(connection: Microsoft365, tenant: Tenant) -> None:
    results = connection.defender.create_indicators(
        [indicator(f"host{number}.example") for number in range(1001)], settles=0
    )

    assert not [result for result in results if isinstance(result, ServiceError)]
    assert tenant.operations() == [IMPORT] * 3
    assert len(hosts(tenant)) == 1004


def test_one_that_is_refused_does_not_hold_back_the_others(connection: Microsoft365, tenant: Tenant) -> None:
    one, wrong, other = connection.defender.create_indicators(
        [indicator("One.example"), indicator("no host"), indicator("other.example")], settles=0
    )

    assert not isinstance(one, ServiceError)
    assert not isinstance(other, ServiceError)
    assert isinstance(wrong, Rejected)
    assert "no host: 'no host' is not a valid DomainName." in str(wrong)
    assert hosts(tenant)[3:] == ["One.example", "other.example"]


@pytest.mark.parametrize("fault", ["throttled_after", "unavailable_after", "dropped_after"])
def test_an_import_that_creates_is_looked_for_before_it_is_sent_again(
    connection: Microsoft365, tenant: Tenant, fault: str
) -> None:
    tenant.fault(fault, IMPORT, seconds=0.01)

    (result,) = connection.defender.create_indicators([indicator("once.example")], settles=10)

    assert not isinstance(result, ServiceError)
    assert tenant.operations() == [IMPORT, LIST]
    assert hosts(tenant).count("once.example") == 1


def test_an_import_that_was_never_received_is_sent_again(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("unavailable", IMPORT)

    (result,) = connection.defender.create_indicators([indicator("once.example")], settles=0)

    assert not isinstance(result, ServiceError)
    assert [name for name in tenant.operations() if name == IMPORT] == [IMPORT] * 2
    assert hosts(tenant).count("once.example") == 1


def test_an_import_that_replaces_is_sent_again(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("dropped_after", IMPORT)

    (result,) = connection.defender.replace_indicators([{**indicator("thepiratebay.org"), "title": "Films"}])

    assert not isinstance(result, ServiceError)
    assert tenant.operations() == [IMPORT] * 2
    assert tenant.objects(STORED)["1"]["title"] == "Films"


def test_what_was_created_in_part_is_not_created_again() -> None:
    sent: list[Body] = []

    def answer(request: ServiceRequest) -> Body:
        assert request.body is not None
        sent.append(request.body)
        if len(sent) == 1:
            raise Unavailable("no answer")
        return {"value": [{"indicator": "b.example", "isFailed": False, "id": "2"}]}

    together = IndicatorImport([indicator("a.example"), indicator("b.example")], answer)
    with pytest.raises(Unavailable):
        together.send()

    assert together.find([{"id": "1", **indicator("A.example")}]) is None
    together.send()

    assert sent[1] == {"Indicators": [indicator("b.example")]}
    assert [one["id"] for one in together.outcomes() if not isinstance(one, RequestFailed)] == ["1", "2"]


def test_an_indicator_of_another_type_is_not_taken_for_the_new_one() -> None:
    together = IndicatorImport([indicator("a.example")], lambda _: {"value": []})

    assert together.find([{"id": "1", **indicator("a.example"), "indicatorType": "Url"}]) is None


def test_an_answer_that_leaves_an_indicator_out_is_no_result_for_it() -> None:
    rows: list[Json] = [{"indicator": "a.example", "isFailed": False, "id": "1"}]
    together = IndicatorImport([indicator("a.example"), indicator("b.example")], lambda _: {"value": rows})

    with pytest.raises(Unavailable, match=r"no result for b\.example") as lost:
        together.send()

    first, second = together.outcomes(lost.value)
    assert (first, second) == (rows[0], lost.value)


def test_an_import_that_is_not_let_in_is_the_answer_for_each(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", roles=["Policy.Read.All"])

    results = connection.defender.create_indicators([indicator("one.example"), indicator("other.example")], settles=0)

    assert [getattr(result, "missing", None) for result in results] == ["Ti.ReadWrite.All"] * 2
    assert "WindowsDefenderATP application permission Ti.ReadWrite.All, with admin consent" in str(results[0])


def test_a_deletion_whose_answer_is_lost_is_done(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("unavailable_after", DELETE, seconds=0.01)

    connection.defender.delete_indicator("1")

    assert tenant.operations() == [DELETE] * 2
    assert "thepiratebay.org" not in hosts(tenant)


def test_a_run_that_only_reads_sends_no_write(reading: Microsoft365, tenant: Tenant) -> None:
    assert len(reading.defender.indicators()) == 3
    with pytest.raises(WriteInReadOnlyRun, match=IMPORT):
        reading.defender.create_indicators([indicator("one.example")], settles=0)
    with pytest.raises(WriteInReadOnlyRun, match=IMPORT):
        reading.defender.replace_indicators([indicator("one.example")])
    with pytest.raises(WriteInReadOnlyRun, match="DELETE /api/indicators/1"):
        reading.defender.delete_indicator("1")

    assert tenant.operations() == [LIST]


def _wire(tenant: Tenant, scope: str) -> ServiceWire:
    target = target_of(tenant)
    cloud = Cloud.of_target(target)
    application = emulated_application(tenant.description["microsoft365"], Identity.READ)
    sign_in = SignIn(application, School(tenant.tenant_id, tenant.domain), cloud)
    return ServiceWire(cloud, sign_in, replace(DEFENDER, scope=scope), root=cloud.defender)


def test_a_tenant_that_has_no_defender_lacks_it_alone(tenant: Tenant) -> None:
    wire = _wire(tenant, "https://nobody.example/.default")

    with pytest.raises(Refused, match="does not have Defender for Endpoint"):
        wire.send(ServiceRequest("GET", "/api/indicators"))


def test_a_sign_in_that_is_refused_stays_one(tenant: Tenant) -> None:
    wire = _wire(tenant, "https://api.securitycenter.microsoft.com/.default")
    tenant.control("PUT", "/applications/reader", {"client_secret": "another"})

    with pytest.raises(SignInRefused, match="AADSTS7000215"):
        wire.send(ServiceRequest("GET", "/api/indicators"))


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
    connection = connect(tenant)

    assert connection.defender.indicators()
    connection.close()
