"""What every cmdlet has in common: who may run it, how it is asked, how long answers come in pages."""

from collections.abc import Callable

import pytest
import requests

from tests.emulated import GRAPH, HANG, Tenant, whole_school
from tests.emulator.exchange.asking import Exchange, words

PLACE = {"connection-id": "one", "Prefer": "odata.maxpagesize=100"}
EXPIRED = "Expired or Invalid pagination request. Default Expiry time is 00:30:00."
MAILBOXES = {"CmdletInput": {"CmdletName": "Get-Mailbox", "Parameters": {"ResultSize": "Unlimited"}}}


def _ask(tenant: Tenant, **headers: str) -> int:
    url = f"{tenant.emulator.url}/outlook.office365.com/adminapi/beta/{tenant.tenant_id}/InvokeCommand"
    body = {"CmdletInput": {"CmdletName": "Get-TransportRule", "Parameters": {}}}
    return tenant.emulator.http.post(url, json=body, headers=headers, timeout=HANG).status_code


def test_nothing_is_answered_without_a_token(tenant: Tenant) -> None:
    assert _ask(tenant) == 401


def test_a_token_for_another_resource_is_none(tenant: Tenant) -> None:
    assert _ask(tenant, Authorization=f"Bearer {tenant.token(GRAPH)}") == 401


def test_a_token_of_another_tenant_is_none(tenant: Tenant) -> None:
    other = tenant.emulator.open_tenant()

    assert _ask(other, Authorization=f"Bearer {tenant.token('https://outlook.office365.com')}") == 401


def test_an_application_permission_alone_is_not_enough(as_reader: Callable[..., Exchange]) -> None:
    answer = as_reader().run("Get-TransportRule")

    assert (answer.status_code, answer.content, answer.headers["Content-Encoding"]) == (403, bytes(64), "gzip")


def test_a_directory_role_alone_is_not_enough(as_reader: Callable[..., Exchange]) -> None:
    assert as_reader("Exchange Administrator", roles=()).run("Get-TransportRule").status_code == 401


@pytest.mark.parametrize(
    ("role", "cmdlet", "status"),
    [
        ("Security Reader", "Get-TransportRule", 200),
        ("Security Reader", "Get-HostedOutboundSpamFilterPolicy", 200),
        ("Security Reader", "Get-MalwareFilterPolicy", 200),
        ("Security Reader", "Get-Mailbox", 403),
        ("Security Reader", "Get-RemoteDomain", 403),
        ("Global Reader", "Get-TransportRule", 200),
        ("Global Reader", "Get-Mailbox", 200),
        ("Global Reader", "Get-RemoteDomain", 200),
        ("Global Reader", "Get-OrganizationConfig", 200),
        ("Global Reader", "Get-Recipient", 200),
        ("Global Reader", "Get-ExternalInOutlook", 200),
        ("Global Reader", "Set-ExternalInOutlook", 403),
        ("Security Administrator", "Set-MalwareFilterPolicy", 403),
        ("Exchange Administrator", "Set-ExternalInOutlook", 200),
    ],
)
def test_a_directory_role_opens_its_own_cmdlets(
    as_reader: Callable[..., Exchange], role: str, cmdlet: str, status: int
) -> None:
    assert as_reader(role).run(cmdlet).status_code == status


def test_the_service_answers_at_each_of_its_hosts(tenant: Tenant) -> None:
    url = f"{tenant.emulator.url}/outlook.office365.us/adminapi/beta/{tenant.tenant_id}/InvokeCommand"
    token = tenant.token("https://outlook.office365.com")
    body = {"CmdletInput": {"CmdletName": "Get-RemoteDomain", "Parameters": {}}}

    answer = tenant.emulator.http.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=HANG)

    assert "/outlook.office365.us/adminapi/beta/" in answer.json()["@odata.context"]


def test_the_older_version_does_not_run_cmdlets(exchange: Exchange) -> None:
    path = f"/adminapi/v1.0/{exchange.tenant.tenant_id}/InvokeCommand"

    assert exchange.tenant.exchange(path, body=MAILBOXES).status_code == 405


def test_a_tenant_may_be_named_by_a_domain_of_its_own(exchange: Exchange) -> None:
    path = f"/adminapi//beta/{exchange.tenant.domain}/InvokeCommand/"

    assert exchange.tenant.exchange(path, body=MAILBOXES).status_code == 200


def test_what_is_not_emulated_says_so(exchange: Exchange) -> None:
    unheard, option = exchange.run("Get-InboxRule", Mailbox="a"), exchange.run("Get-Mailbox", Anr="Amara")

    assert (unheard.status_code, words(unheard)) == (501, "Get-InboxRule is not emulated")
    assert words(exchange.run("get-transportrulepredicate")) == "Get-TransportRulePredicate is not emulated"
    assert (option.status_code, words(option)) == (501, "Get-Mailbox -Anr is not emulated")
    assert exchange.send({}, "/EXOBanner('AutogenSession')").status_code == 501


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"CmdletInput": {"CmdletName": "Get-TransportRule"}},
        {"CmdletInput": {"CmdletName": "Get-TransportRule", "Parameters": None}},
        {"CmdletInput": {"Parameters": {}}},
        [],
    ],
)
def test_a_body_that_is_no_invocation_is_refused(exchange: Exchange, body: object) -> None:
    assert exchange.send(body).status_code == 400


def test_names_of_cmdlets_and_parameters_have_no_case(exchange: Exchange) -> None:
    assert exchange.one("GET-transportrule", IDENTITY="route mis MAIL")["Name"] == "Route MIS mail"


def test_a_parameter_is_given_once(exchange: Exchange) -> None:
    assert "specified twice" in exchange.refused("Get-TransportRule", Identity="a", identity="b")


def test_a_missing_parameter_is_named(exchange: Exchange) -> None:
    assert exchange.refused("New-TransportRule", StopRuleProcessing=True).endswith("mandatory parameters: Name.")


@pytest.mark.parametrize("identity", [None, ""])
def test_no_identity_shows_every_object(exchange: Exchange, identity: str | None) -> None:
    assert len(exchange.rows("Get-TransportRule", Identity=identity)) == 4


def test_a_write_without_identity_is_refused(exchange: Exchange) -> None:
    assert "null" in exchange.refused("Remove-TransportRule", Identity=None)


def test_asking_for_confirmation_changes_nothing(exchange: Exchange) -> None:
    answer = exchange.run("Remove-TransportRule", Identity="Route MIS mail", Confirm=True).json()

    assert "Remove-TransportRule" in answer["@adminapi.confirmationmessage"]
    assert "Route MIS mail" in exchange.order()


def test_a_rehearsal_refuses_what_the_act_would_and_changes_nothing(exchange: Exchange) -> None:
    exchange.rows("Remove-TransportRule", Identity="Route MIS mail", WhatIf=True)

    assert "Route MIS mail" in exchange.order()
    assert exchange.run("Remove-TransportRule", Identity="Nope", WhatIf=True).status_code == 404


def test_selected_properties_come_with_their_types(exchange: Exchange) -> None:
    body = {"CmdletInput": {"CmdletName": "Get-TransportRule", "Parameters": {"Identity": "Route MIS mail"}}}

    answer = exchange.send(body, "/InvokeCommand?$select=Name,Priority,Bogus")

    assert answer.json()["value"] == [{"Name": "Route MIS mail", "Priority@data.type": "System.Int32", "Priority": 2}]


def _anchored(domain: str) -> dict[str, str]:
    return {**PLACE, "X-AnchorMailbox": f"APP:SystemMailbox{{bb558c35}}@{domain}"}


@whole_school
def test_pages_follow_each_other_for_whoever_keeps_the_place(exchange: Exchange) -> None:
    kept = _anchored(exchange.tenant.initial_domain)
    first = exchange.send(MAILBOXES, **kept).json()
    second = _follow(exchange, first["@odata.nextLink"], **kept).json()
    third = _follow(exchange, second["@odata.nextLink"], **kept).json()

    rows = [*first["value"], *second["value"], *third["value"]]
    assert len(first["value"]) == 100
    assert "@odata.nextLink" not in third
    assert {row["Guid"] for row in rows} == set(exchange.tenant.objects("exchange.mailboxes"))


@whole_school
@pytest.mark.parametrize(
    "lost", [{"X-AnchorMailbox": ""}, {"X-AnchorMailbox": "SMTP:a@b.example"}, {"connection-id": "two"}]
)
def test_a_page_is_lost_without_anchor_and_connection(exchange: Exchange, lost: dict[str, str]) -> None:
    kept = _anchored(exchange.tenant.initial_domain)
    link = exchange.send(MAILBOXES, **kept).json()["@odata.nextLink"]

    answer = _follow(exchange, link, **{**kept, **lost})

    assert (answer.status_code, words(answer)) == (400, EXPIRED)


@whole_school
def test_an_app_loses_the_second_page_where_its_anchor_names_no_initial_domain(exchange: Exchange) -> None:
    tenant = exchange.tenant
    assert exchange.send(MAILBOXES, **_anchored(tenant.tenant_id)).ok
    for domain in (tenant.tenant_id, tenant.domain):
        link = exchange.send(MAILBOXES, **_anchored(domain)).json()["@odata.nextLink"]

        assert words(_follow(exchange, link, **_anchored(domain))) == EXPIRED

    kept = _anchored(tenant.initial_domain)
    link = exchange.send(MAILBOXES, **kept).json()["@odata.nextLink"]
    assert words(_follow(exchange, link, host=f"{REGION}/", **kept)) == EXPIRED
    assert _follow(exchange, link, **kept).ok


REGION = "eur05b.outlook.office365.com"


def test_the_shared_host_names_the_region_and_a_former_region_sends_everything_on(exchange: Exchange) -> None:
    tenant, http = exchange.tenant, exchange.tenant.emulator.http
    token = {"Authorization": f"Bearer {tenant.token('https://outlook.office365.com')}"}
    shared = f"{tenant.emulator.url}/outlook.office365.com/AdminApi/v1.0/{tenant.tenant_id}/EXOModuleFile"
    former = f"{tenant.emulator.url}/eur01b.outlook.office365.com{exchange.path}/InvokeCommand"

    named = http.get(shared, headers=token, allow_redirects=False, timeout=HANG)
    moved = http.post(former, json=MAILBOXES, headers=token, allow_redirects=False, timeout=HANG)

    assert http.get(shared, allow_redirects=False, timeout=HANG).status_code == 401
    assert (named.status_code, moved.status_code) == (302, 302)
    assert named.headers["location"].startswith(f"https://{REGION}/AdminApi/v1.0/")
    assert moved.headers["location"] == f"https://{REGION}{exchange.path}/InvokeCommand"


@pytest.mark.parametrize("noun", ["Recipient", "Mailbox"])
def test_a_list_can_be_sorted_and_begun_at_a_key(exchange: Exchange, noun: str) -> None:
    aliases = [row["Alias"] for row in exchange.rows(f"Get-{noun}", SortBy="Alias", ResultSize="Unlimited")]
    after = exchange.rows(f"Get-{noun}", SortBy="Alias", Filter=f"Alias -gt '{aliases[9]}'", ResultSize="Unlimited")
    from_it = exchange.rows(f"Get-{noun}", SortBy="Alias", Filter=f"Alias -ge '{aliases[9]}'", ResultSize="Unlimited")

    assert aliases == sorted(aliases, key=str.lower)
    assert [row["Alias"] for row in after] == aliases[10:]
    assert [row["Alias"] for row in from_it] == aliases[9:]
    assert "can't be used to sort" in exchange.refused(f"Get-{noun}", SortBy="Guid")


def _follow(exchange: Exchange, link: str, host: str = "", **headers: str) -> requests.Response:
    if not host:
        return exchange.send(MAILBOXES, link.partition(exchange.path)[2], **headers)
    signed = {**headers, "Authorization": f"Bearer {exchange.tenant.token('https://outlook.office365.com')}"}
    url = f"{exchange.tenant.emulator.url}/{host}{link.partition('/outlook.office365.com/')[2]}"
    return exchange.tenant.emulator.http.post(url, json=MAILBOXES, headers=signed, timeout=HANG)


def _part(exchange: Exchange, name: str, cmdlet: str, **parameters: object) -> dict[str, object]:
    body = {"CmdletInput": {"CmdletName": cmdlet, "Parameters": parameters}}
    url = f"https://outlook.office365.com{exchange.path}/InvokeCommand"
    return {"id": name, "method": "POST", "url": url, "headers": ROUTED, "body": body}


ROUTED = {"parameter-based-routing": "true"}


def test_parts_of_a_batch_are_told_by_id(exchange: Exchange) -> None:
    parts = [_part(exchange, "a", "Get-RemoteDomain"), _part(exchange, "b", "Get-ExternalInOutlook")]

    answers = exchange.send({"requests": parts}, "/$batch", Prefer="odata.continue-on-error").json()["responses"]

    assert [(part["id"], len(part["body"]["value"])) for part in answers] == [("b", 1), ("a", 2)]
    assert exchange.tenant.operations() == ["Get-RemoteDomain", "Get-ExternalInOutlook"]


def test_a_batch_holds_ten(exchange: Exchange) -> None:
    parts = [_part(exchange, str(number), "Get-RemoteDomain") for number in range(11)]

    assert exchange.send({"requests": parts[:10]}, "/$batch").status_code == 200
    assert exchange.send({"requests": parts}, "/$batch").status_code == 400


def test_a_batch_stops_at_a_failure_unless_told_to_go_on(exchange: Exchange) -> None:
    parts = [_part(exchange, "a", "Get-Nonsense"), _part(exchange, "b", "Get-RemoteDomain")]

    stopped = exchange.send({"requests": parts}, "/$batch").json()["responses"]
    going_on = exchange.send({"requests": parts}, "/$batch", Prefer="odata.continue-on-error").json()["responses"]

    assert {part["id"]: part["status"] for part in stopped} == {"a": 403, "b": 424}
    assert {part["id"]: part["status"] for part in going_on} == {"a": 403, "b": 200}


@pytest.mark.parametrize(
    "request_of_a_batch",
    [
        {"requests": []},
        {"requests": ["a"]},
        {"requests": [{"id": "1"}]},
        {"requests": [{"id": "1", "method": "POST", "url": "x", "body": {}, "headers": ROUTED}] * 2},
        {"requests": [{"id": "1", "method": "POST", "url": "x", "body": {}}]},
    ],
)
def test_a_batch_that_is_none_is_refused(exchange: Exchange, request_of_a_batch: object) -> None:
    assert exchange.send(request_of_a_batch, "/$batch").status_code == 400


@pytest.mark.parametrize(("fault", "status"), [("expired_token", 401), ("refused", 403), ("unavailable", 503)])
def test_faults_are_worded_as_the_service_does(exchange: Exchange, fault: str, status: int) -> None:
    exchange.tenant.fault(fault, "Get-TransportRule")

    assert exchange.run("Get-TransportRule").status_code == status
