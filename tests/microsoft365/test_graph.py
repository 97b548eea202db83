"""Graph over the wire: plain requests, lists to their end, batches, and what a refusal says."""

import re
from urllib.parse import urlsplit

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.expiry import EXPIRIES
from connectors.microsoft365.graph.service import GraphRequest
from tests.emulated import Tenant, whole_school
from tests.microsoft365.connected import connect
from toolkit.errors import (
    BadAnswer,
    NotFound,
    Refused,
    Rejected,
    ServiceError,
    SignInRefused,
    Throttled,
    WriteInReadOnlyRun,
)
from toolkit.sdk.expiry import ExpirySource


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "dropped", "expired_token"])
def test_a_read_that_fails_in_passing_is_read_again(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, "GET /organization", seconds=0.01)

    assert connection.tenant().id == tenant.tenant_id
    assert tenant.operations() == ["GET /organization"] * 2


def test_the_tenant_is_asked_in_one_request(connection: Microsoft365, tenant: Tenant) -> None:
    seen = connection.tenant()

    assert (seen.id, seen.name) == (tenant.tenant_id, "Example Primary School")
    assert set(seen.domains) == {tenant.domain, tenant.initial_domain}
    assert connection.requests() == 1


@whole_school
def test_a_list_is_read_to_its_end(connection: Microsoft365, tenant: Tenant) -> None:
    users = connection.graph.pages("/users", select="id", top="100")

    assert len(users) == len(tenant.objects("users"))
    assert connection.requests() == 3


@whole_school
def test_a_list_of_which_a_page_fails_is_an_error(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("refused", "GET /users", nth=2)

    with pytest.raises(Refused):
        connection.graph.pages("/users", select="id", top="100")


def test_a_list_of_which_a_page_fails_in_passing_is_whole(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("unavailable", "GET /users", nth=2, seconds=0.01)

    users = connection.graph.pages("/users", select="id", top="100")

    assert len(users) == len(tenant.objects("users"))


def test_a_list_whose_end_cannot_be_reached_is_an_error(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("truncated", "GET /users")

    with pytest.raises(ServiceError):
        connection.graph.pages("/users", select="id")


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("/users", "User.Read.All"),
        ("/applications", "Application.Read.All"),
        ("/admin/sharepoint/settings", "SharePointTenantSettings.Read.All"),
        ("/admin/exchange/tracing/messageTraces", "ExchangeMessageTrace.Read.All"),
        ("/reports/authenticationMethods/userRegistrationDetails", "AuditLog.Read.All"),
        ("/deviceManagement/auditEvents", "DeviceManagementApps.Read.All"),
        ("/deviceManagement/managedDevices", "DeviceManagementManagedDevices.Read.All"),
        ("/beta/deviceManagement/managedDevices?$select=id", "DeviceManagementManagedDevices.Read.All"),
    ],
)
def test_a_missing_permission_is_named(path: str, needed: str, connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", roles=[])

    with pytest.raises(Refused, match=f"needs the application permission {re.escape(needed)}") as raised:
        connection.graph.get(path)

    assert raised.value.missing == needed


@pytest.mark.parametrize("source", EXPIRIES, ids=lambda source: source.row)
def test_what_is_missing_to_read_an_expiry_is_what_it_declares(
    source: ExpirySource, connection: Microsoft365, tenant: Tenant
) -> None:
    tenant.grant("writer", roles=[])

    for path in source.wire.removeprefix("GET ").split(", "):
        with pytest.raises(Refused) as raised:
            connection.graph.get(path)

        assert raised.value.missing in {permission.name for permission in source.needs}


def test_an_object_that_is_not_there_is_not_found(connection: Microsoft365) -> None:
    with pytest.raises(NotFound, match="GET /users/nobody"):
        connection.graph.get("/users/nobody")


def test_what_the_emulator_lacks_is_told_as_such(connection: Microsoft365) -> None:
    with pytest.raises(Rejected, match=r"GET /sites: .*not emulate"):
        connection.graph.get("/sites")


def test_a_token_that_is_refused_again_says_so(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("expired_token", "GET /organization", times=2)

    with pytest.raises(SignInRefused, match="GET /organization: the service refuses the access token"):
        connection.tenant()


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "expired_token"])
def test_only_the_part_of_a_batch_that_failed_is_sent_again(
    connection: Microsoft365, tenant: Tenant, fault: str
) -> None:
    tenant.fault(fault, "GET /organization", seconds=0.01)

    answers = connection.graph.batch([GraphRequest("GET", "/organization"), GraphRequest("GET", "/domains")])

    assert not [answer for answer in answers if isinstance(answer, ServiceError)]
    assert sorted(tenant.operations()) == ["GET /domains", "GET /organization", "GET /organization"]


def test_a_batch_keeps_what_went_through_when_the_rest_is_given_up(tenant: Tenant) -> None:
    tenant.fault("throttled", "GET /organization", times=1000, seconds=0.05)
    connection = connect(tenant, variables={"TOOLKIT_PATIENCE": "0.2"})

    organization, domains = connection.graph.batch(
        [GraphRequest("GET", "/organization"), GraphRequest("GET", "/domains")]
    )
    connection.close()

    assert isinstance(organization, Throttled)
    assert not isinstance(domains, ServiceError)


def test_lists_of_beta_are_read_in_one_request_to_beta(connection: Microsoft365, tenant: Tenant) -> None:
    collections = ("configurationPolicies", "deviceConfigurations")
    before = tenant.last_request()

    lists = connection.graph.lists([f"/beta/deviceManagement/{name}?$expand=assignments" for name in collections])

    assert [rows for rows in lists if isinstance(rows, ServiceError)] == []
    sent = [request for request in tenant.requests(before) if request["service"] == "graph"]
    assert [urlsplit(request["url"]).path.partition("/beta/")[2] for request in sent] == ["$batch"]


def test_a_batch_asks_one_version(connection: Microsoft365) -> None:
    with pytest.raises(ValueError, match="the same version"):
        connection.graph.lists(["/organization", "/beta/deviceManagement/configurationPolicies"])


def test_many_requests_go_twenty_at_a_time_and_each_has_its_answer(connection: Microsoft365) -> None:
    requests = [
        *[GraphRequest("GET", f"/users/nobody{number}") for number in range(20)],
        GraphRequest("GET", "/organization"),
    ]

    answers = connection.graph.batch(requests)

    assert connection.requests() == 2
    assert [type(answer) for answer in answers[:20]] == [NotFound] * 20
    assert not isinstance(answers[20], ServiceError)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", "/organization/1"), ("POST", "/groups"), ("POST", "/users/1/revokeSignInSessions"), ("PURGE", "/x")],
)
def test_a_run_that_only_reads_sends_nothing_that_it_does_not_know_as_a_read(
    reading: Microsoft365, tenant: Tenant, method: str, path: str
) -> None:
    with pytest.raises(WriteInReadOnlyRun):
        reading.graph.send(method, path, {})
    with pytest.raises(WriteInReadOnlyRun):
        reading.graph.create(path, {}, lambda: None)
    with pytest.raises(WriteInReadOnlyRun):
        reading.graph.delete(path)
    with pytest.raises(WriteInReadOnlyRun):
        reading.graph.batch([GraphRequest("GET", "/organization"), GraphRequest(method, path, {})])

    assert tenant.requests() == []


@pytest.mark.parametrize("path", ["/users/1/calendar/getSchedule", "/users/1/calendar/microsoft.graph.getSchedule"])
def test_a_read_that_is_sent_as_post_is_a_read(path: str) -> None:
    assert GraphRequest("POST", path).reads


def test_a_list_that_goes_on_elsewhere_is_not_followed(connection: Microsoft365) -> None:
    with pytest.raises(BadAnswer, match="another address"):
        connection.graph._add_page(
            GraphRequest("GET", "/users"), {"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/users"}, []
        )
