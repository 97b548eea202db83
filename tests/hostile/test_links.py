"""Links of answers: none takes an access token anywhere but to the service that it is for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from textwrap import indent

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.door import Door
from tests.emulated import Tenant
from tests.hostile.listener import answer_with, listening
from tests.microsoft365.connected import connect, target_of
from tests.schools import few_people
from toolkit.errors import BadAnswer, ServiceError, SignInRefused
from toolkit.sdk.providers import kinds
from toolkit.sdk.replies import link_on_root
from toolkit.values import Body

pytestmark = few_people

_FILE = "/reports/getEmailActivityUserDetail(period='D7')"

ROOT = "https://graph.example/v1.0"
ODD = [
    "https://graph.example\\@other.example/v1.0/users",
    "https://graph.example@other.example/v1.0/users",
    "https://someone:word@graph.example/v1.0/users",
    "https://graph.example:8443/v1.0/users",
    "http://graph.example/v1.0/users",
    "https://other.example/v1.0/users",
    "//other.example/v1.0/users",
    "/v1.0/users",
    "https://graph.example/v1.0/us\ters",
    "https://graph.example/v1.0/us ers",
    "https://graph.example/v1.0/us\x00ers",
    "https://graph.example/v1.0/us\\ers",
    "https://graph.еxample/v1.0/users",
    "https://[graph.example/v1.0/users",
    "https://graph.example:port/v1.0/users",
    "javascript:alert(1)",
    "",
    7,
    {"href": "https://graph.example/"},
]


@pytest.mark.parametrize("link", ODD)
def test_a_link_that_is_not_plainly_the_service_s_own_is_refused(link: object) -> None:
    with pytest.raises(BadAnswer, match="GET /users: "):
        link_on_root(link, ROOT, "GET /users")


def test_path_and_query_of_a_link_are_put_on_the_root() -> None:
    assert link_on_root("https://GRAPH.example:443/beta/users?$skip=1", ROOT, "it") == (
        "https://graph.example/beta/users?$skip=1"
    )


@pytest.mark.parametrize("operation", ["GET /users", "GET /groups"])
def test_no_next_link_of_graph_takes_the_token_to_another_port(tenant: Tenant, operation: str) -> None:
    connection = connect(tenant)
    tenant.fault("hostile", operation, reason="a link elsewhere")

    with pytest.raises(BadAnswer, match="not followed"):
        connection.graph.pages(operation.partition(" ")[2])
    connection.close()


LISTS: Mapping[str, Callable[[Microsoft365], Sequence[Body]]] = {
    "GET /groups": lambda connection: connection.graph.pages("/groups"),
    "GET /api/indicators": lambda connection: connection.defender.indicators(),
    "Get-TransportRule": lambda connection: connection.exchange.get("Get-TransportRule"),
    "Get-RetentionCompliancePolicy": lambda connection: connection.compliance.get("Get-RetentionCompliancePolicy"),
}
NO_END = [f'a page with {{"@odata.nextLink": {link}}}' for link in ("null", '""', "false", "0", "[]", "{}", "7")]
NO_LIST = ["a page without value", *(f'a page with {{"value": {rows}}}' for rows in ("null", "{}", '""', "[null]"))]
FEW = (*NO_END[:2], *NO_LIST[:2], NO_LIST[-1])
"""Nothing, something that is false, and no list in two ways; the soak has the others."""


@pytest.mark.parametrize(
    "sort", [pytest.param(sort, marks=() if sort in FEW else pytest.mark.soak) for sort in (*NO_END, *NO_LIST)]
)
def test_only_a_list_without_a_link_has_come_to_its_end(tenant: Tenant, sort: str) -> None:
    connection = connect(tenant)
    for operation, read in LISTS.items():
        read(connection)
        tenant.fault("hostile", operation, reason=sort, times=1000)
        with pytest.raises(BadAnswer, match="is not an address" if sort in NO_END else "contains no list|not objects"):
            read(connection)
    connection.close()


def test_a_link_of_null_is_unknown_to_a_plan(wide_door: Door) -> None:
    asked = {operation: kind for operation, kind in CLIENTS.items() if kind.startswith("microsoft365")}
    _write_samples(wide_door, asked.values())
    for operation in asked:
        wide_door.tenant.fault("hostile", operation, reason=NO_END[0], times=1000)

    plan = wide_door.toolkit("plan", "--json", TOOLKIT_PATIENCE="0.1")

    assert plan.exit == 4, plan.out + plan.err
    assert {one["kind"] for one in plan.json["unknown"]} == {*asked.values()}
    assert all("None is not an address" in one["reason"] for one in plan.json["unknown"])


@pytest.mark.parametrize("link", ["null", '"https://graph.microsoft.com/beta/more"'])
def test_half_a_list_inside_an_object_is_not_taken_for_the_list(tenant: Tenant, link: str) -> None:
    connection = connect(tenant)
    row = f'{{"id": "1", "inner": [{{"assignments": [], "assignments@odata.nextLink": {link}}}]}}'
    tenant.fault("hostile", "GET /groups", reason=f'a page with {{"value": [{row}]}}', times=1000)

    for read in (lambda: connection.graph.pages("/groups"), lambda: connection.graph.get("/groups")):
        with pytest.raises(BadAnswer, match="GET /groups: the response contains only a part of assignments"):
            read()
    connection.close()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_redirect_of_a_listener_is_not_followed_by_graph(tenant: Tenant, status: str) -> None:
    ca_file = tenant.emulator.ca_file
    with listening(ca_file, answer_with("200 OK", b"{}")) as other:
        with listening(ca_file, answer_with(f"{status}\r\nLocation: {other.address}/v1.0/users")) as first:
            connection = connect(tenant)
            connection.graph._wire.root = f"{first.address}/v1.0"
            with pytest.raises(ServiceError):
                connection.graph.get("/users")
            connection.close()
        assert other.requests == []


def test_a_report_at_another_host_is_fetched_without_the_token(tenant: Tenant) -> None:
    ca_file = tenant.emulator.ca_file
    with listening(ca_file, answer_with("200 OK", b"Name,Count\r\n")) as files:
        place = f"{files.address}/download?key=1"
        with listening(ca_file, answer_with(f"302 Found\r\nLocation: {place}")) as first:
            connection = connect(tenant)
            connection.graph._wire.root = f"{first.address}/v1.0"
            assert connection.graph.read_file(_FILE) == "Name,Count\r\n"
            connection.close()
        assert b"authorization: bearer" in first.requests[0].lower()
        assert files.requests[0].startswith(b"GET /download?key=1 ")
        assert b"authorization" not in files.requests[0].lower()
        assert b"cookie" not in files.requests[0].lower()


def test_a_report_that_leads_on_and_on_is_unreadable(tenant: Tenant) -> None:
    ca_file = tenant.emulator.ca_file
    with listening(ca_file, answer_with("302 Found\r\nLocation: https://localhost:9/")) as files:
        with listening(ca_file, answer_with(f"302 Found\r\nLocation: {files.address}/")) as first:
            connection = connect(tenant)
            connection.graph._wire.root = f"{first.address}/v1.0"
            with pytest.raises(BadAnswer, match="redirected"):
                connection.graph.read_file(_FILE)
            connection.close()
        assert len(files.requests) == 1


def test_a_redirected_token_request_is_not_sent_on(tenant: Tenant) -> None:
    ca_file = tenant.emulator.ca_file
    with listening(ca_file, answer_with("200 OK", b"{}")) as other:
        with listening(ca_file, answer_with(f"307 Temporary Redirect\r\nLocation: {other.address}/")) as first:
            ready = {**(target_of(tenant).emulator or {}), "url": first.address}
            connection = connect(tenant, ready=ready)
            with pytest.raises(SignInRefused):
                connection.tenant()
            connection.close()
        assert other.requests == []
        assert first.requests


CLIENTS = {
    "GET /deviceManagement/deviceConfigurations": "microsoft365.windows_configuration",
    "Get-TransportRule": "microsoft365.transport_rule",
    "Get-RetentionCompliancePolicy": "microsoft365.retention_policy",
    "GET /api/indicators": "microsoft365.defender_indicator",
    "cloudidentity.policies.list": "google_workspace.detector",
    "directory.groups.list": "google_workspace.group_footer",
    "chromepolicy.customers.policies.resolve": "google_workspace.chrome_policy",
}
"""One list of each client, with a kind that is read by it."""


def _write_samples(door: Door, names: Iterable[str]) -> None:
    samples = [kinds(cloud)[kind].sample for cloud, _, kind in (name.partition(".") for name in names)]
    door.write("10-links.yaml", f"playbook: links\nresources:\n{indent(''.join(samples), '  ')}")


PLACES = [
    "https://localhost\\@{other}/x",
    "https://someone:word@{other}/x",
    "https://{other}/\x01x",
    "https://{other}/v1.0/x",
]


BY_TURNS = [
    pytest.param(sort, place, marks=pytest.mark.soak if (turn + number) % 2 else ())
    for turn, sort in enumerate(("a link to", "a redirect to"))
    for number, place in enumerate(PLACES)
]


@pytest.mark.parametrize(("sort", "place"), BY_TURNS)
def test_no_link_takes_a_plan_or_its_token_to_another_place(wide_door: Door, sort: str, place: str) -> None:
    _write_samples(wide_door, CLIENTS.values())
    with listening(wide_door.tenant.emulator.ca_file, answer_with("200 OK", b'{"value": []}')) as other:
        where = place.format(other=other.address.removeprefix("https://"))
        for operation in CLIENTS:
            wide_door.tenant.fault("hostile", operation, reason=f"{sort} {where}", times=1000)

        plan = wide_door.toolkit("plan", "--json", TOOLKIT_PATIENCE="0.1")

    unread = {one["kind"]: one["reason"] for one in plan.json["unknown"]}
    assert plan.exit == 4, plan.out + plan.err
    assert unread.keys() == {*CLIENTS.values()}
    assert all(unread.values())
    assert other.requests == []
