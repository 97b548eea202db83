"""eDiscovery cases in Graph: cases, holds, what they hold, and who is let in at all."""

import json
import ssl
from typing import Any, cast

import httpx
import pytest
from azure.identity import ClientSecretCredential
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import ResponseHandlerOption, RetryHandlerOption
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]
from requests import Response

from tests.emulated import GRAPH, Tenant
from tests.event_loop import run_apart

CASES = "/v1.0/security/cases/ediscoveryCases"
HEAD = "amara.ashdown@example-primary.example"
LEAVER = "gethin.leaver@example-primary.example"
NO_DATE = "0001-01-01T00:00:00Z"


def _ask(tenant: Tenant, path: str = "", method: str = "GET", body: object = None) -> Response:
    return tenant.graph(path if path.startswith("/") else f"{CASES}/{path}", method=method, application="writer",
                        body=body)  # fmt: skip


def _create(tenant: Tenant, path: str, **body: object) -> dict[str, Any]:
    answer = _ask(tenant, path, "POST", body)
    assert answer.status_code == 201, answer.text
    return cast("dict[str, Any]", answer.json())


def _rows(tenant: Tenant, path: str = "") -> list[dict[str, Any]]:
    answer = _ask(tenant, path)
    assert answer.ok, answer.text
    return cast("list[dict[str, Any]]", answer.json()["value"])


def _case(tenant: Tenant) -> str:
    return str(_create(tenant, CASES, displayName="Ours", description="managed", externalId="LEGAL-1")["id"])


def _hold(tenant: Tenant) -> str:
    """Make a case and a hold in it, and give the path of the hold."""
    case = _case(tenant)
    return f"{case}/legalHolds/{_create(tenant, f'{case}/legalHolds', displayName='Hold')['id']}"


def _mailbox(tenant: Tenant, address: str) -> dict[str, Any]:
    body = {"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": {"Identity": address}}}
    answer = tenant.exchange(f"/adminapi/beta/{tenant.tenant_id}/InvokeCommand", body=body)
    return cast("dict[str, Any]", answer.json()["value"][0])


def _refused(answer: Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["error"]["code"])


def test_somebody_has_a_case_in_which_nothing_is_held(tenant: Tenant) -> None:
    (case,) = _rows(tenant)

    assert (case["displayName"], case["status"]) == ("Matter 2026-A", "active")
    assert case["lastModifiedBy"]["user"]["displayName"] == "Trust Data Protection Officer"
    assert _rows(tenant, f"{case['id']}/legalHolds") == []


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_a_case_is_made_found_by_name_and_changed(tenant: Tenant, version: str) -> None:
    place = CASES.replace("v1.0", version)
    made = _create(tenant, place, displayName="Ours", externalId="LEGAL-1")

    changed = _ask(tenant, f"{place}/{made['id']}", "PATCH", {"description": "managed"})

    (found,) = _rows(tenant, f"{place}?$filter=displayName eq 'Ours'")
    assert (changed.status_code, changed.content) == (204, b"")
    assert (found["id"], found["externalId"], found["description"]) == (made["id"], "LEGAL-1", "managed")
    assert _ask(tenant, f"{place}/{made['id']}").json()["displayName"] == "Ours"


def test_two_cases_cannot_have_one_name(tenant: Tenant) -> None:
    assert _refused(_ask(tenant, CASES, "POST", {"displayName": "matter 2026-a"})) == (409, "Conflict")
    assert len(_rows(tenant)) == 1


@pytest.mark.parametrize(
    "body", [{}, {"displayName": ""}, {"displayName": 5}, {"displayName": "x", "status": "closed"}, {"colour": "red"}]
)
def test_a_case_that_is_none_is_refused(tenant: Tenant, body: dict[str, object]) -> None:
    assert _refused(_ask(tenant, CASES, "POST", body)) == (400, "BadRequest")
    assert len(_rows(tenant)) == 1


def test_a_healthy_hold_has_no_status_and_no_dates(tenant: Tenant) -> None:
    case = _case(tenant)

    made = _create(tenant, f"{case}/legalHolds", displayName="Hold", description="managed", contentQuery="")

    (listed,) = _rows(tenant, f"{case}/legalHolds")
    assert (listed["status"], listed["isEnabled"], listed["errors"]) == (None, True, [])
    assert (listed["createdDateTime"], listed["lastModifiedDateTime"]) == (NO_DATE, NO_DATE)
    assert {key: value for key, value in made.items() if "@" not in key} == listed


def test_a_hold_is_changed_and_deleted(tenant: Tenant) -> None:
    hold = _hold(tenant)
    _create(tenant, f"{hold}/userSources", email=HEAD, includedSources="mailbox")

    changed = _ask(tenant, hold, "PATCH", {"contentQuery": "subject:trip"})
    shown = _ask(tenant, hold).json()
    gone = _ask(tenant, hold, "DELETE")

    assert (changed.status_code, gone.status_code, _ask(tenant, hold).status_code) == (204, 204, 404)
    assert (shown["contentQuery"], shown["displayName"]) == ("subject:trip", "Hold")
    assert tenant.objects("graph.userSources") == {}


@pytest.mark.parametrize("body", [{"isEnabled": False}, {"status": "success"}])
def test_a_hold_is_not_switched_off_by_a_property(tenant: Tenant, body: dict[str, object]) -> None:
    hold = _hold(tenant)

    assert _refused(_ask(tenant, hold, "PATCH", body)) == (400, "BadRequest")
    assert _ask(tenant, hold).json()["isEnabled"] is True


def test_a_mailbox_is_held_a_day_later_and_shows_it(tenant: Tenant) -> None:
    hold = _hold(tenant)
    made = _create(tenant, f"{hold}/userSources", email=HEAD.upper(), includedSources="mailbox,site")
    before = _mailbox(tenant, HEAD)["InPlaceHolds"]

    tenant.set_now("2026-11-11T09:00:00+00:00")

    (source,) = _rows(tenant, f"{hold}/userSources")
    assert (made["holdStatus"], source["holdStatus"]) == ("applying", "applied")
    assert (source["email"], source["includedSources"], source["createdDateTime"]) == (HEAD, "mailbox,site", NO_DATE)
    assert source["siteWebUrl"].endswith("/personal/amara_ashdown/")
    assert source["id"] in tenant.objects("users")
    assert (before, _mailbox(tenant, HEAD)["InPlaceHolds"]) == ([], [f"UniH{hold.rpartition('/')[2]}"])


def test_a_mailbox_that_is_let_go_is_kept_another_month(tenant: Tenant) -> None:
    hold = _hold(tenant)
    source = _create(tenant, f"{hold}/userSources", email=HEAD, includedSources="mailbox")

    gone = _ask(tenant, f"{hold}/userSources/{source['id']}", "DELETE")

    assert (gone.status_code, _rows(tenant, f"{hold}/userSources")) == (204, [])
    assert _mailbox(tenant, HEAD)["DelayHoldApplied"] is True


def test_an_inactive_mailbox_has_an_id_that_is_no_guid(tenant: Tenant) -> None:
    tenant.delete("users", _mailbox(tenant, LEAVER)["ExternalDirectoryObjectId"])

    made = _create(tenant, f"{_hold(tenant)}/userSources", email=f".{LEAVER}", includedSources="mailbox")

    assert (made["id"], made["email"]) == (LEAVER, LEAVER)


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody@example-primary.example", "includedSources": "mailbox"},
        {"email": HEAD, "includedSources": "drawer"},
        {"email": HEAD},
        {"includedSources": "mailbox"},
    ],
)
def test_a_source_that_is_none_is_refused(tenant: Tenant, body: dict[str, object]) -> None:
    hold = _hold(tenant)

    assert _refused(_ask(tenant, f"{hold}/userSources", "POST", body)) == (400, "BadRequest")
    assert _rows(tenant, f"{hold}/userSources") == []


def test_a_source_is_added_once(tenant: Tenant) -> None:
    hold = _hold(tenant)
    site = {"site": {"webUrl": "https://example-primary.sharepoint.example/sites/Staff"}}
    _create(tenant, f"{hold}/userSources", email=HEAD, includedSources="mailbox")
    _create(tenant, f"{hold}/siteSources", **site)

    user = _ask(tenant, f"{hold}/userSources", "POST", {"email": HEAD, "includedSources": "mailbox"})

    assert _refused(user) == (409, "Conflict")
    assert _refused(_ask(tenant, f"{hold}/siteSources", "POST", site)) == (409, "Conflict")


def test_a_site_is_held_and_let_go(tenant: Tenant) -> None:
    hold = _hold(tenant)
    address = "https://example-primary.sharepoint.example/sites/Staff"

    made = _create(tenant, f"{hold}/siteSources", site={"webUrl": address})
    (listed,) = _rows(tenant, f"{hold}/siteSources")
    gone = _ask(tenant, f"{hold}/siteSources/{made['id']}", "DELETE")

    assert (listed["site"]["webUrl"], listed["displayName"]) == (address, "Staff")
    assert (gone.status_code, _rows(tenant, f"{hold}/siteSources")) == (204, [])


def test_closing_a_case_takes_its_holds_off_and_opening_it_again_does_not_put_them_back(tenant: Tenant) -> None:
    hold = _hold(tenant)
    case = hold.partition("/")[0]
    _create(tenant, f"{hold}/userSources", email=HEAD, includedSources="mailbox")

    closed = _ask(tenant, f"{case}/close", "POST")
    status = _ask(tenant, case).json()["status"]
    refused = _ask(tenant, f"{case}/legalHolds", "POST", {"displayName": "Another"})
    reopened = _ask(tenant, f"{case}/reopen", "POST")

    assert (closed.status_code, status, refused.status_code, reopened.status_code) == (204, "closed", 400, 204)
    assert (_ask(tenant, case).json()["status"], _ask(tenant, hold).json()["isEnabled"]) == ("active", False)
    assert _mailbox(tenant, HEAD)["DelayHoldApplied"] is True


def test_a_reader_reads_and_does_not_write(tenant: Tenant) -> None:
    read = tenant.graph(CASES)
    written = tenant.graph(CASES, method="POST", body={"displayName": "Ours"})
    tenant.grant("reader", roles=["User.Read.All"])

    assert (read.status_code, written.status_code, tenant.graph(CASES).status_code) == (200, 403, 403)


def test_without_the_registration_nothing_is_told(tenant: Tenant) -> None:
    tenant.patch("graph.ediscoverySettings", "settings", registered=False)

    assert [_ask(tenant, path).status_code for path in (CASES, "x", "x/legalHolds")] == [401, 401, 401]


def test_so_many_requests_a_minute_are_allowed_where_that_is_turned_on(tenant: Tenant) -> None:
    tenant.patch("graph.ediscoverySettings", "settings", requestsPerMinute=5)

    answers = [_ask(tenant, CASES) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


def test_a_case_that_is_not_yet_there_fails_inside(tenant: Tenant) -> None:
    case = _case(tenant)
    tenant.patch("graph.ediscoverySettings", "settings", unmaterialised=[case])

    assert _ask(tenant, case).status_code == 200
    assert _ask(tenant, f"{case}/legalHolds").status_code == 500


@pytest.mark.parametrize(("route", "status"), [("caseMembers", 401), ("legalHolds/{}/unifiedGroupSources", 400)])
def test_what_an_application_cannot_read_answers_so(tenant: Tenant, route: str, status: int) -> None:
    case, _, hold = _hold(tenant).split("/")

    assert _ask(tenant, f"{case}/{route.format(hold)}").status_code == status


def test_a_long_list_comes_in_pages(tenant: Tenant) -> None:
    for number in range(3):
        _create(tenant, CASES, displayName=f"Case {number}")

    first = _ask(tenant, f"{CASES}?$top=3").json()
    rest = _ask(tenant, first["@odata.nextLink"].partition("graph.microsoft.com")[2]).json()

    assert [len(page["value"]) for page in (first, rest)] == [3, 1]


def test_the_graph_sdk_sends_a_hold_through_its_own_request_adapter(tenant: Tenant) -> None:
    async def send() -> httpx.Response:
        context = ssl.create_default_context(cafile=tenant.emulator.ca_file)
        connections = httpx.AsyncHTTPTransport(verify=context)
        client = httpx.AsyncClient(transport=connections, trust_env=False)
        retries = {RetryHandlerOption.get_key(): RetryHandlerOption(max_retries=0)}
        http = GraphClientFactory.create_with_default_middleware(client=client, options=retries)
        application = tenant.applications["writer"]
        credential = ClientSecretCredential(
            tenant.tenant_id, application["client_id"], application["client_secret"],
            authority=tenant.emulator.url, connection_verify=tenant.emulator.ca_file, disable_instance_discovery=True,
        )  # fmt: skip
        signed = AzureIdentityAuthenticationProvider(
            credential, scopes=[f"{GRAPH}/.default"], allowed_hosts=["127.0.0.1"]
        )
        adapter = GraphRequestAdapter(signed, client=http)
        base = f"{tenant.emulator.url}/graph.microsoft.com"
        adapter.base_url = f"{base}/v1.0"
        request = RequestInformation(Method.POST, f"{base}{CASES}/{_case(tenant)}/legalHolds")
        request.set_stream_content(json.dumps({"displayName": "Hold"}).encode(), "application/json")
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        async with connections:
            response: Any = await adapter.send_primitive_async(request, "bytes", {})
            return cast("httpx.Response", response)

    answer = run_apart(send())

    assert (answer.status_code, answer.json()["displayName"]) == (201, "Hold")
