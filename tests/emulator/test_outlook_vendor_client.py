"""Outlook through the request adapter of Microsoft's own SDK, which sends what its models write."""

import ssl
from collections.abc import Sequence
from typing import Any

import httpx
from azure.identity import ClientSecretCredential
from kiota_abstractions.method import Method
from kiota_abstractions.native_response_handler import NativeResponseHandler
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.middleware.options import ResponseHandlerOption
from kiota_serialization_json.json_serialization_writer_factory import JsonSerializationWriterFactory
from msgraph.generated.models.automatic_replies_setting import AutomaticRepliesSetting
from msgraph.generated.models.automatic_replies_status import AutomaticRepliesStatus
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.mailbox_settings import MailboxSettings
from msgraph.generated.users.item.calendar.get_schedule.get_schedule_post_request_body import (
    GetSchedulePostRequestBody,
)
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph_core import GraphClientFactory  # type: ignore[import-untyped]

from tests.emulated import GRAPH, Tenant
from tests.event_loop import run_apart

JSON = "application/json"


def _send(tenant: Tenant, method: Method, path: str, model: Any = None) -> httpx.Response:
    async def send() -> httpx.Response:
        connections = httpx.AsyncHTTPTransport(verify=ssl.create_default_context(cafile=tenant.emulator.ca_file))
        client = httpx.AsyncClient(transport=connections, trust_env=False)
        http = GraphClientFactory.create_with_default_middleware(client=client)
        adapter = GraphRequestAdapter(_signed(tenant, [f"{GRAPH}/.default"]), client=http)
        adapter.base_url = f"{tenant.emulator.url}/graph.microsoft.com/v1.0"
        request = RequestInformation(method, "{+baseurl}" + path, {"baseurl": adapter.base_url})
        if model is not None:
            writer = JsonSerializationWriterFactory().get_serialization_writer(JSON)
            writer.write_object_value(None, model)
            request.set_stream_content(writer.get_serialized_content(), JSON)
        request.add_request_options([ResponseHandlerOption(NativeResponseHandler())])
        async with connections:
            response: Any = await adapter.send_primitive_async(request, "bytes", {})
        assert isinstance(response, httpx.Response)
        return response

    return run_apart(send())


def _signed(tenant: Tenant, scopes: Sequence[str]) -> AzureIdentityAuthenticationProvider:
    application = tenant.applications["writer"]
    credential = ClientSecretCredential(
        tenant.tenant_id, application["client_id"], application["client_secret"], authority=tenant.emulator.url,
        connection_verify=tenant.emulator.ca_file, disable_instance_discovery=True,
    )  # fmt: skip
    return AzureIdentityAuthenticationProvider(credential, scopes=list(scopes), allowed_hosts=["127.0.0.1"])


def _at(instant: str) -> DateTimeTimeZone:
    return DateTimeTimeZone(date_time=instant, time_zone="Europe/London")


def test_the_sdks_body_asks_when_people_are_free(tenant: Tenant) -> None:
    body = GetSchedulePostRequestBody(
        schedules=[f"beth.birchall@{tenant.domain}"],
        start_time=_at("2026-11-11T00:00:00"),
        end_time=_at("2026-11-15T00:00:00"),
        availability_view_interval=1440,
    )

    answer = _send(tenant, Method.POST, f"/users/office@{tenant.domain}/calendar/getSchedule", body)

    assert answer.json()["value"][0]["availabilityView"] == "3330"


def test_the_sdks_body_sets_a_reply(tenant: Tenant) -> None:
    reply = AutomaticRepliesSetting(
        status=AutomaticRepliesStatus.Scheduled,
        internal_reply_message="<p>Away</p>",
        external_reply_message="<p>Away</p>",
        scheduled_start_date_time=_at("2026-11-12T00:00:00"),
        scheduled_end_date_time=_at("2026-11-16T00:00:00"),
    )
    body = MailboxSettings(automatic_replies_setting=reply)

    answer = _send(tenant, Method.PATCH, f"/users/beth.birchall@{tenant.domain}/mailboxSettings", body)

    kept = answer.json()["automaticRepliesSetting"]
    assert (kept["status"], kept["scheduledEndDateTime"]["timeZone"]) == ("scheduled", "UTC")


def test_the_sdk_follows_a_report_to_its_file(tenant: Tenant) -> None:
    answer = _send(tenant, Method.GET, "/reports/getEmailActivityUserDetail(period='D7')")

    assert answer.status_code == 200
    assert answer.text.count("\r\n") == len(tenant.objects("outlook.addresses")) - 1
