"""Cmdlets over the wire: what fails in passing, what is refused, and what must never be taken for whole."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.exchange.command import Command
from tests.emulated import Tenant
from tests.microsoft365.connected import DOMAIN, ROUTE_REQUESTS, connect
from toolkit.errors import (
    BadAnswer,
    Conflict,
    NotFound,
    Refused,
    Rejected,
    ServiceError,
    Throttled,
    Unavailable,
    WriteInReadOnlyRun,
)
from toolkit.values import Body

NAME = "Made by a test"
UNSORTED = "Get-MailboxAuditBypassAssociation"
"""A cmdlet that can show more than a page and cannot sort."""

EVERY: Body = {"ResultSize": "Unlimited"}
RULE: Body = {"Name": NAME, "PrependSubject": "[test] "}


def find(connection: Microsoft365) -> Body | None:
    rules = connection.exchange.get("Get-TransportRule", {"ResultSize": "Unlimited"})
    return next((rule for rule in rules if rule["Name"] == NAME), None)


def rules_made(tenant: Tenant) -> int:
    return sum(rule["Name"] == NAME for rule in tenant.objects("exchange.transportRules").values())


def test_rows_come_without_the_keys_that_describe_others(connection: Microsoft365) -> None:
    rules = connection.exchange.get("Get-TransportRule", {})

    assert rules
    assert not [name for rule in rules for name in rule if "@" in name]


def test_a_list_of_several_pages_is_read_to_its_end(large_tenant: Tenant) -> None:
    connection = connect(large_tenant)
    mailboxes = connection.exchange.get("Get-Mailbox", {"ResultSize": "Unlimited"})
    connection.close()

    assert len(mailboxes) > 1000
    assert len({mailbox["Guid"] for mailbox in mailboxes}) == len(mailboxes)
    assert connection.requests() == ROUTE_REQUESTS + 2


def test_a_list_that_cannot_be_sorted_is_followed_to_its_end(large_tenant: Tenant) -> None:
    connection = connect(large_tenant)
    rows = connection.exchange.get(UNSORTED, {"ResultSize": "Unlimited"})
    connection.close()

    assert len(rows) > 1000
    assert connection.requests() == ROUTE_REQUESTS + 2


def test_a_list_is_whole_where_unlimited_lifts_no_limit_or_is_an_error(large_tenant: Tenant) -> None:
    large_tenant.put("exchange.limits", "result_size", {"most": 1000})
    connection = connect(large_tenant)
    chosen = connection.exchange.get("Get-Mailbox", {"ResultSize": "Unlimited"}, select=["PrimarySmtpAddress"])
    with pytest.raises(BadAnswer, match="the response has exactly 1000 rows and no next page"):
        connection.exchange.get(UNSORTED, {"ResultSize": "Unlimited"})
    with pytest.raises(BadAnswer, match="the response has exactly 1000 rows and no next page"):
        connection.exchange.get_each(Command("Get-RemoteDomain"), Command(UNSORTED, {"ResultSize": "Unlimited"}))
    connection.close()
    large_tenant.delete("exchange.limits", "result_size")

    assert len({row["PrimarySmtpAddress"] for row in chosen}) == len(large_tenant.objects("exchange.mailboxes"))


def test_two_mailboxes_of_one_alias_are_read_once_each_though_a_page_ends_between_them(large_tenant: Tenant) -> None:
    boxes = large_tenant.objects("exchange.mailboxes")
    ordered = sorted(boxes, key=lambda key: str(boxes[key]["Alias"]).lower())
    shared = f"{boxes[ordered[999]]['Alias']}'"  # a quotation mark in a filter is doubled
    for key in ordered[999:1001]:
        large_tenant.patch("exchange.mailboxes", key, Alias=shared)
    connection = connect(large_tenant)
    mailboxes = connection.exchange.get("Get-Mailbox", {"ResultSize": "Unlimited", "Filter": "Name -ne 'o''neill'"})
    connection.close()

    assert sorted(str(mailbox["Guid"]) for mailbox in mailboxes) == sorted(boxes)


def _hosts(tenant: Tenant) -> list[str]:
    """Return the hosts that requests to Exchange went to, in their order."""
    urls = [str(request["url"]) for request in tenant.requests() if request["service"] == "exchange"]
    return [url.split("/")[1] for url in urls]


REGION, FORMER, SHARED = (f"{label}outlook.office365.com" for label in ("eur05b.", "eur01b.", ""))


def test_the_region_is_asked_for_once_before_a_list_and_every_cmdlet_goes_there(
    connection: Microsoft365, tenant: Tenant
) -> None:
    connection.exchange.get("Get-RemoteDomain", {"Identity": "Default"})
    assert _hosts(tenant) == [SHARED]  # a single object, such as a mailbox to be held, waits for no look-up
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: connection.exchange.get("Get-RemoteDomain", EVERY), range(4)))
    connection.exchange.run_many([Command("Get-RemoteDomain"), Command("Get-TransportRule")])

    assert _hosts(tenant)[:2] == [SHARED, SHARED]
    assert set(_hosts(tenant)[2:]) == {REGION}
    assert connection.requests() == ROUTE_REQUESTS + 6


@pytest.mark.parametrize("fault", ["unavailable", "dropped", "throttled", "refused"])
def test_without_an_answer_for_the_region_the_shared_host_is_used(
    connection: Microsoft365, tenant: Tenant, fault: str
) -> None:
    tenant.fault(fault, "GET EXOModuleFile")

    assert connection.exchange.get("Get-RemoteDomain", EVERY)
    assert connection.exchange.get("Get-RemoteDomain", EVERY)
    assert set(_hosts(tenant)) == {SHARED}


def test_a_redirect_of_a_cmdlet_is_followed_to_the_region(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.put("exchange.region", "region", {"host": FORMER})

    assert connection.exchange.get("Get-RemoteDomain", EVERY)
    connection.exchange.create("New-TransportRule", RULE, lambda: find(connection))

    assert rules_made(tenant) == 1
    assert _hosts(tenant) == [SHARED, FORMER, REGION, REGION]


def test_a_redirect_of_a_batch_is_followed_with_the_addresses_of_its_parts(
    connection: Microsoft365, tenant: Tenant
) -> None:
    tenant.put("exchange.region", "region", {"host": FORMER})

    answers = connection.exchange.run_many([Command("Get-RemoteDomain", EVERY), Command("Get-TransportRule")])

    assert not [answer for answer in answers if isinstance(answer, ServiceError)]
    assert _hosts(tenant)[:2] == [SHARED, FORMER]
    assert set(_hosts(tenant)[2:]) == {REGION}


@pytest.mark.parametrize(
    "host", ["login.example", SHARED, f"{REGION}.example"], ids=["elsewhere", "no region", "a look-alike of a region"]
)
def test_no_token_is_sent_where_a_redirect_leads_unless_that_is_a_region(
    connection: Microsoft365, tenant: Tenant, host: str
) -> None:
    tenant.put("exchange.region", "region", {"host": host})

    with pytest.raises(BadAnswer, match=r"is not the address of a region of Exchange\. Is a web filter in the way"):
        connection.exchange.get("Get-RemoteDomain", EVERY)

    assert _hosts(tenant) == [SHARED]


def test_a_rule_is_made_changed_and_removed(connection: Microsoft365, tenant: Tenant) -> None:
    made = connection.exchange.create("New-TransportRule", RULE, lambda: find(connection))
    connection.exchange.change("Set-TransportRule", {"Identity": NAME, "PrependSubject": "[changed] "})
    changed = find(connection)
    connection.exchange.delete("Remove-TransportRule", {"Identity": NAME})

    assert made
    assert changed
    assert changed["PrependSubject"] == "[changed] "
    assert rules_made(tenant) == 0


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "dropped", "expired_token"])
def test_a_read_that_fails_in_passing_is_read_again(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, "Get-TransportRule", seconds=0.01)

    assert connection.exchange.get("Get-TransportRule", {})
    assert tenant.operations() == [DOMAIN, *["Get-TransportRule"] * 2]


@pytest.mark.parametrize(
    "fault", ["throttled", "throttled_after", "unavailable", "unavailable_after", "dropped", "dropped_after"]
)
def test_a_create_whose_answer_is_lost_makes_one_object(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, "New-TransportRule", seconds=0.01)

    made = connection.exchange.create("New-TransportRule", RULE, lambda: find(connection))

    assert made
    assert made["Name"] == NAME
    assert rules_made(tenant) == 1


def test_a_deletion_whose_answer_is_lost_is_done(connection: Microsoft365, tenant: Tenant) -> None:
    connection.exchange.create("New-TransportRule", RULE, lambda: find(connection))
    tenant.fault("unavailable_after", "Remove-TransportRule", seconds=0.01)

    connection.exchange.delete("Remove-TransportRule", {"Identity": NAME})

    assert tenant.operations().count("Remove-TransportRule") == 2
    assert rules_made(tenant) == 0


@pytest.mark.parametrize(("fault", "error"), [("throttled", Throttled), ("unavailable", Unavailable)])
def test_a_service_that_stays_away_is_given_up(tenant: Tenant, fault: str, error: type[ServiceError]) -> None:
    tenant.fault(fault, "Get-TransportRule", times=1000, seconds=0.05)
    connection = connect(tenant, variables={"TOOLKIT_PATIENCE": "3"})

    with pytest.raises(error, match=r"^Get-TransportRule: .*was tried \d+ times over"):
        connection.exchange.get("Get-TransportRule", {})
    connection.close()


def test_a_truncated_list_is_an_error(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("truncated", "Get-Mailbox")

    with pytest.raises(BadAnswer, match="the list is incomplete"):
        connection.exchange.get("Get-Mailbox", {"ResultSize": "Unlimited"})


def test_a_list_without_resultsize_that_is_cut_at_a_thousand_is_an_error(large_tenant: Tenant) -> None:
    connection = connect(large_tenant)

    with pytest.raises(BadAnswer, match="the list is incomplete"):
        connection.exchange.get("Get-Mailbox", {})
    connection.close()


def test_a_warning_in_a_header_counts_as_one_in_the_body(large_tenant: Tenant) -> None:
    large_tenant.put("exchange.limits", "warnings", {})
    connection = connect(large_tenant)

    with pytest.raises(BadAnswer, match=r"the list is incomplete: .*only the first 1000"):
        connection.exchange.get("Get-Mailbox", {})
    with pytest.raises(BadAnswer, match=r"the list is incomplete: .*only the first 1000"):
        connection.exchange.get_each(Command("Get-RemoteDomain"), Command("Get-Mailbox"))
    connection.close()
    large_tenant.delete("exchange.limits", "warnings")


HELD: Body = {"Identity": "head", "LitigationHoldEnabled": True}


@pytest.mark.parametrize(
    ("command", "hidden", "role"),
    [
        (Command("Set-Mailbox", HELD), "LitigationHoldEnabled", "probably Legal Hold"),
        (
            Command("Set-TransportRule", {"Identity": NAME, "PrependSubject": "x"}),
            "PrependSubject",
            "probably Transport",
        ),
        (Command("Get-Mailbox", {"IncludeInactiveMailbox": True}), "IncludeInactiveMailbox", "probably Legal Hold"),
        (
            Command("Set-OrganizationConfig", {"RejectDirectSend": True}),
            "RejectDirectSend",
            "a role that toolkit",
        ),
    ],
)
def test_a_parameter_that_the_role_hides_is_explained(
    connection: Microsoft365, tenant: Tenant, command: Command, hidden: str, role: str
) -> None:
    tenant.put("exchange.limits", "hidden", {command.cmdlet: [hidden]})
    send = connection.exchange.get if command.reads else connection.exchange.change
    needed = "Global Reader" if command.reads else "Exchange Administrator"

    with pytest.raises(Refused) as raised:
        send(command.cmdlet, command.parameters)

    said = str(raised.value)
    assert said.startswith(f"{command}: Exchange reports that the parameter {hidden} does not exist. Exchange hides")
    assert f"the missing role is {role}" in said
    assert f"Give the app {needed} in Entra, or add the role to its role group" in said
    assert f"`Get-ManagementRole -Cmdlet {command} -CmdletParameters {hidden}`" in said
    assert needed in raised.value.missing


def test_a_next_page_that_is_refused_makes_the_list_an_error(large_tenant: Tenant) -> None:
    large_tenant.fault("refused", "Get-Mailbox", nth=2)
    connection = connect(large_tenant)

    with pytest.raises(BadAnswer, match="is incomplete after 1000 rows"):
        connection.exchange.get("Get-Mailbox", {"ResultSize": "Unlimited"})
    connection.close()
    large_tenant.disarm()


def test_a_missing_role_is_named(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", directory_roles=[])

    with pytest.raises(Refused, match="Set-TransportRule: this app may not run it") as raised:
        connection.exchange.change("Set-TransportRule", {"Identity": "any", "Comments": "x"})

    assert "Exchange Administrator" in raised.value.missing
    assert "Exchange.ManageAsApp" in raised.value.missing


def test_without_the_permission_of_exchange_itself_it_is_named(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", roles=["Organization.Read.All"])

    with pytest.raises(Refused, match=r"does not accept the access token.*Exchange\.ManageAsApp") as raised:
        connection.exchange.get("Get-TransportRule", {})

    assert raised.value.missing == "Exchange.ManageAsApp"


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "error", "words"),
    [
        ("Set-TransportRule", {"Identity": "nobody's", "Comments": "x"}, NotFound, "couldn't be found"),
        ("Set-TransportRule", {"Identity": "nobody's", "Bogus": "x"}, Refused, "Bogus"),
        ("New-TransportRule", {"Name": "x", "Mode": "Nope"}, Rejected, "AuditAndNotify"),
        ("Set-OrganizationRelationship", {"Identity": "x"}, Rejected, "not emulated"),
    ],
)
def test_the_services_own_words_tell_what_is_wrong(
    connection: Microsoft365, cmdlet: str, parameters: Body, error: type[ServiceError], words: str
) -> None:
    with pytest.raises(error, match=f"^{cmdlet}: .*{words}"):
        connection.exchange.change(cmdlet, parameters)


def test_a_name_that_is_taken_is_a_conflict(connection: Microsoft365) -> None:
    connection.exchange.create("New-TransportRule", RULE, lambda: find(connection))

    with pytest.raises(Conflict):
        connection.exchange.create("New-TransportRule", RULE, lambda: find(connection))


@pytest.mark.parametrize("cmdlet", ["Set-TransportRule", "Search-Mailbox", "Frobnicate-Everything", "getmailbox"])
def test_a_run_that_only_reads_sends_nothing_that_it_does_not_know_as_a_read(
    reading: Microsoft365, tenant: Tenant, cmdlet: str
) -> None:
    with pytest.raises(WriteInReadOnlyRun, match=cmdlet):
        reading.exchange.change(cmdlet, {})
    with pytest.raises(WriteInReadOnlyRun, match=cmdlet):
        reading.exchange.get(cmdlet, {})
    with pytest.raises(WriteInReadOnlyRun, match=cmdlet):
        reading.exchange.create(cmdlet, {}, lambda: None)
    with pytest.raises(WriteInReadOnlyRun, match=cmdlet):
        reading.exchange.delete(cmdlet, {})
    with pytest.raises(WriteInReadOnlyRun, match=cmdlet):
        reading.exchange.run_many([Command("Get-TransportRule"), Command(cmdlet)])

    assert tenant.requests() == []


def test_many_reads_go_ten_in_a_request_and_each_has_its_answer(connection: Microsoft365) -> None:
    commands = [Command("Get-TransportRule", {"Identity": name}) for name in ["nobody's"] * 11]

    answers = connection.exchange.run_many([*commands, Command("Get-RemoteDomain")])

    assert connection.requests() == 3  # the first is for the initial domain
    assert [type(answer) for answer in answers[:11]] == [NotFound] * 11
    assert not isinstance(answers[11], ServiceError)


@pytest.mark.parametrize("fault", ["throttled", "unavailable", "expired_token"])
def test_only_the_part_of_a_batch_that_failed_is_sent_again(
    connection: Microsoft365, tenant: Tenant, fault: str
) -> None:
    tenant.fault(fault, "Get-RemoteDomain", seconds=0.01)

    answers = connection.exchange.run_many([Command("Get-TransportRule"), Command("Get-RemoteDomain")])

    assert not [answer for answer in answers if isinstance(answer, ServiceError)]
    assert sorted(tenant.operations()) == [DOMAIN, *["Get-RemoteDomain"] * 2, "Get-TransportRule"]


def test_a_batch_keeps_what_went_through_when_the_rest_is_given_up(tenant: Tenant) -> None:
    tenant.fault("throttled", "Get-RemoteDomain", times=1000, seconds=0.05)
    connection = connect(tenant, variables={"TOOLKIT_PATIENCE": "0.2"})

    rules, audit = connection.exchange.run_many([Command("Get-TransportRule"), Command("Get-RemoteDomain")])
    connection.close()

    assert not isinstance(rules, ServiceError)
    assert isinstance(audit, Throttled)


def test_a_batch_that_is_dropped_is_sent_again(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.fault("dropped", "Get-RemoteDomain")

    answers = connection.exchange.run_many([Command("Get-TransportRule"), Command("Get-RemoteDomain")])

    assert not [answer for answer in answers if isinstance(answer, ServiceError)]


def test_nothing_that_creates_is_sent_in_a_batch(connection: Microsoft365) -> None:
    with pytest.raises(ValueError, match="New-TransportRule"):
        connection.exchange.run_many([Command("New-TransportRule", RULE)])
