"""Recipients and mailboxes: who exists, found by name and by filter, and lists that are cut short."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulated import Emulator
from tests.emulator.exchange.asking import Exchange

OFFICE = "office@example-primary.example"


def test_everyone_who_can_receive_mail_is_a_recipient(exchange: Exchange) -> None:
    kinds = {row["RecipientTypeDetails"] for row in exchange.rows("Get-Recipient")}

    assert kinds == {
        "UserMailbox", "SharedMailbox", "RoomMailbox", "EquipmentMailbox", "MailUniversalSecurityGroup",
        "DynamicDistributionGroup", "MailContact",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("identity", "address"),
    [
        (OFFICE, OFFICE),
        ("OFFICE", OFFICE),
        ("school office", OFFICE),
        ("office@example-primary.onmicrosoft.example", OFFICE),
        ("All staff", "all-staff@example-primary.example"),
        ("Clerk to the governors", "clerk@local-authority.example"),
    ],
)
def test_a_recipient_is_found_by_any_of_its_names(exchange: Exchange, identity: str, address: str) -> None:
    assert exchange.one("Get-Recipient", Identity=identity)["PrimarySmtpAddress"] == address


def test_a_group_without_an_address_is_no_recipient(exchange: Exchange) -> None:
    assert exchange.run("Get-Recipient", Identity="IT support").status_code == 404


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"EmailAddresses -eq 'smtp:{OFFICE}'", ["office"]),
        (f"EmailAddresses -eq 'SMTP:{OFFICE}' -or EmailAddresses -eq 'smtp:nobody@x.example'", ["office"]),
        (
            f'emailaddresses -eq "{OFFICE}" -OR PrimarySmtpAddress -eq "head@example-primary.example"',
            ["office", "head"],
        ),
        ("{Alias -like 'sendco*'}", ["sendco"]),
        ("RecipientTypeDetails -eq 'MailContact' -and HiddenFromAddressListsEnabled -eq $false", ["clerk"]),
        ("RecipientTypeDetails -ne 'UserMailbox' -and -not (Alias -notlike 'd*')", ["dsl"]),
        ("Alias -eq 'o''brien'", []),
    ],
)
def test_recipients_are_found_by_a_filter(exchange: Exchange, text: str, found: list[str]) -> None:
    assert [row["Alias"] for row in exchange.rows("Get-Recipient", Filter=text, Properties=["Alias"])] == found


def test_fifty_addresses_are_asked_for_at_once(exchange: Exchange) -> None:
    addresses = [row["PrimarySmtpAddress"] for row in exchange.rows("Get-Mailbox", ResultSize=50)]
    text = " -or ".join(f"EmailAddresses -eq 'smtp:{address}'" for address in addresses)

    assert [row["PrimarySmtpAddress"] for row in exchange.rows("Get-Recipient", Filter=text)] == addresses


@pytest.mark.parametrize(
    "text", ["Alias", "Alias -eq", "Alias -near 'a'", "(Alias -eq 'a'", "Alias -eq 'a' Alias", "Shoe -eq 'a'", "'a"]
)
def test_a_filter_that_cannot_be_read_is_refused(exchange: Exchange, text: str) -> None:
    assert "filter" in exchange.refused("Get-Recipient", Filter=text)


def test_mailboxes_are_found_by_type_and_hold(exchange: Exchange) -> None:
    shared = exchange.rows("Get-Mailbox", Filter="RecipientTypeDetails -eq 'SharedMailbox'")
    by_parameter = exchange.rows("Get-Mailbox", RecipientTypeDetails="SharedMailbox")
    key = exchange.one("Get-Mailbox", Identity=OFFICE)["Guid"]
    exchange.tenant.patch("exchange.mailboxes", key, LitigationHoldEnabled=True)

    held = exchange.rows("Get-Mailbox", Filter='LitigationHoldEnabled -eq "True"')

    assert len(shared) == 5
    assert by_parameter == shared
    assert [row["Alias"] for row in held] == ["office", "gethin.leaver"]


def test_inactive_mailboxes_are_shown_when_asked_for(exchange: Exchange) -> None:
    key = exchange.one("Get-Mailbox", Identity=OFFICE)["Guid"]
    count = len(exchange.rows("Get-Mailbox"))
    exchange.tenant.patch("exchange.mailboxes", key, IsInactiveMailbox=True)

    assert len(exchange.rows("Get-Mailbox")) == count - 1
    assert len(exchange.rows("Get-Mailbox", IncludeInactiveMailbox=True)) == count
    assert [row["Alias"] for row in exchange.rows("Get-Mailbox", InactiveMailboxOnly=True)] == ["office"]


@pytest.fixture(scope="module")
def large_school(emulator: Emulator) -> Iterator[Exchange]:
    """Open a school with more mailboxes than a page has."""
    tenant = emulator.borrow_tenant(users=1100)
    yield Exchange(tenant)
    tenant.close()


@pytest.mark.parametrize(
    ("parameters", "rows", "warned"),
    [
        ({}, 1000, "By default, only the first 1000 items"),
        ({"ResultSize": 2}, 2, "There are more results"),
        ({"ResultSize": "2"}, 2, "There are more results"),
        ({"ResultSize": "Unlimited"}, 1000, ""),
        ({"ResultSize": 1200}, 1000, ""),
    ],
)
def test_a_long_list_is_cut_and_says_so(
    large_school: Exchange, parameters: dict[str, Any], rows: int, warned: str
) -> None:
    answer = large_school.run("Get-Mailbox", **parameters).json()

    assert len(answer["value"]) == rows
    assert "".join(answer["@adminapi.warnings"]).startswith(warned)
    assert bool(answer["@adminapi.warnings"]) == bool(warned)
    assert ("@odata.nextLink" in answer) == (not warned)
