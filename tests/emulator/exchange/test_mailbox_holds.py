"""Litigation hold: which mailboxes can be put on it, what Exchange shows of it, and what remains when it ends."""

from typing import Any

import pytest

from tests.emulator.exchange.asking import Exchange, words

HEAD = "amara.ashdown@example-primary.example"
OFFICE = "office@example-primary.example"
LEAVER = "gethin.leaver@example-primary.example"


def _of(exchange: Exchange, address: str, **more: object) -> dict[str, Any]:
    return exchange.one("Get-Mailbox", Identity=address, **more)


def _account(exchange: Exchange, address: str) -> str:
    return str(_of(exchange, address)["ExternalDirectoryObjectId"])


def _without_policies(exchange: Exchange) -> None:
    exchange.tenant.control("PUT", "/objects/compliance.retentionPolicies", {})


def test_a_hold_shows_at_once_with_date_owner_and_no_end(exchange: Exchange) -> None:
    exchange.tenant.set_now("2026-11-12T15:10:00+00:00")

    answer = exchange.run("Set-Mailbox", Identity=HEAD, LitigationHoldEnabled=True)

    held = _of(exchange, HEAD)
    assert answer.json()["@adminapi.warnings"] == ["The hold setting may take up to 240 minutes to take effect."]
    assert (held["LitigationHoldEnabled"], held["LitigationHoldDuration"]) == (True, "Unlimited")
    assert held["LitigationHoldDate"] == "2026-11-12T15:10:00.0000000+00:00"
    assert held["LitigationHoldOwner"] == exchange.tenant.applications["writer"]["client_id"]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (365, "365.00:00:00"),
        ("365", "365.00:00:00"),
        ("365.00:00:00", "365.00:00:00"),
        ("unlimited", "Unlimited"),
        (None, "Unlimited"),
    ],
)
def test_a_duration_is_shown_as_a_span_of_days(exchange: Exchange, sent: object, shown: str) -> None:
    exchange.rows("Set-Mailbox", Identity=HEAD, LitigationHoldEnabled=True, LitigationHoldDuration=30)

    exchange.rows("Set-Mailbox", Identity=HEAD, LitigationHoldDuration=sent)

    assert _of(exchange, HEAD)["LitigationHoldDuration"] == shown


@pytest.mark.parametrize("sent", ["forever", "1 year", True])
def test_a_duration_that_is_none_is_refused(exchange: Exchange, sent: object) -> None:
    assert "LitigationHoldDuration" in exchange.refused("Set-Mailbox", Identity=HEAD, LitigationHoldDuration=sent)


def test_holding_again_keeps_the_first_date_and_what_is_not_sent(exchange: Exchange) -> None:
    exchange.rows("Set-Mailbox", Identity=HEAD, LitigationHoldEnabled=True, RetentionComment="Ask the office")
    first = _of(exchange, HEAD)
    exchange.tenant.set_now("2026-12-01T09:00:00+00:00")

    exchange.rows("Set-Mailbox", Identity=HEAD, LitigationHoldEnabled=True, RetentionUrl="https://example.org/hold")

    assert _of(exchange, HEAD) == {**first, "RetentionUrl": "https://example.org/hold"}


def test_a_mailbox_without_the_licence_cannot_be_held(exchange: Exchange) -> None:
    before = _of(exchange, OFFICE)

    said = exchange.refused("Set-Mailbox", Identity=OFFICE, LitigationHoldEnabled=True)

    assert "license doesn't permit you to put a litigation hold on this mailbox" in said
    assert (_of(exchange, OFFICE), before["PersistedCapabilities"]) == (before, [])


def test_a_mailbox_with_archiving_can_be_held(exchange: Exchange) -> None:
    guid = _of(exchange, OFFICE)["Guid"]
    exchange.tenant.patch("exchange.mailboxes", guid, PersistedCapabilities=["BPOS_S_Archive"])

    exchange.rows("Set-Mailbox", Identity=OFFICE, LitigationHoldEnabled=True)

    assert _of(exchange, OFFICE)["LitigationHoldEnabled"] is True


def test_what_is_capable_is_found_by_a_filter(exchange: Exchange) -> None:
    capable = exchange.rows(
        "Get-Mailbox", Filter="PersistedCapabilities -eq 'BPOS_S_Enterprise'", ResultSize="Unlimited"
    )

    assert len(capable) == 46 + 14 + 1
    assert LEAVER in {row["PrimarySmtpAddress"] for row in capable}


def test_a_released_mailbox_is_kept_for_another_month(exchange: Exchange) -> None:
    exchange.rows("Set-Mailbox", Identity=HEAD, LitigationHoldEnabled=True)

    exchange.rows("Set-Mailbox", Identity=HEAD, LitigationHoldEnabled=False)

    released = _of(exchange, HEAD)
    exchange.tenant.set_now("2026-12-10T08:59:00+00:00")
    last = _of(exchange, HEAD)
    exchange.tenant.set_now("2026-12-10T09:00:00+00:00")
    assert (released["LitigationHoldEnabled"], released["LitigationHoldDate"]) == (False, None)
    assert [row["DelayHoldApplied"] for row in (released, last, _of(exchange, HEAD))] == [True, True, False]


def test_the_delay_can_be_taken_off(exchange: Exchange) -> None:
    exchange.rows("Set-Mailbox", Identity=LEAVER, LitigationHoldEnabled=False)

    exchange.rows("Set-Mailbox", Identity=LEAVER, RemoveDelayHoldApplied=True)

    assert _of(exchange, LEAVER)["DelayHoldApplied"] is False


def test_nothing_is_delayed_where_nothing_was_held(exchange: Exchange) -> None:
    exchange.rows("Set-Mailbox", Identity=OFFICE, LitigationHoldEnabled=False)

    assert _of(exchange, OFFICE)["DelayHoldApplied"] is False


def test_somebody_held_the_leaver_s_mail_for_a_year_and_nobody_else_s(exchange: Exchange) -> None:
    held = exchange.rows("Get-Mailbox", Filter="LitigationHoldEnabled -eq $true")

    assert [row["PrimarySmtpAddress"] for row in held] == [LEAVER]
    assert held[0]["LitigationHoldDuration"] == "365.00:00:00"
    assert held[0]["RetentionComment"] == "Kept until the handover is complete"


def test_a_held_mailbox_outlives_its_account_and_is_then_inactive(exchange: Exchange) -> None:
    _without_policies(exchange)
    exchange.tenant.delete("users", _account(exchange, LEAVER))

    hidden = exchange.run("Get-Mailbox", Identity=LEAVER).status_code
    shown = _of(exchange, LEAVER, InactiveMailboxOnly=True)

    assert (hidden, shown["IsInactiveMailbox"], shown["LitigationHoldEnabled"]) == (404, True, True)


def test_an_unheld_mailbox_is_deleted_with_its_account(exchange: Exchange) -> None:
    _without_policies(exchange)
    exchange.tenant.delete("users", _account(exchange, HEAD))

    listed = exchange.rows("Get-Mailbox", IncludeInactiveMailbox=True, ResultSize="Unlimited")
    deleted = exchange.rows("Get-Mailbox", SoftDeletedMailbox=True)

    assert HEAD not in {row["PrimarySmtpAddress"] for row in listed}
    assert [row["PrimarySmtpAddress"] for row in deleted] == [HEAD]
    assert exchange.run("Set-Mailbox", Identity=HEAD, LitigationHoldEnabled=True).status_code == 404


def test_an_inactive_mailbox_is_changed_with_its_switch_alone(exchange: Exchange) -> None:
    _without_policies(exchange)
    exchange.tenant.delete("users", _account(exchange, LEAVER))

    said = exchange.refused("Set-Mailbox", Identity=LEAVER, LitigationHoldDuration="unlimited")
    exchange.rows("Set-Mailbox", Identity=LEAVER, LitigationHoldDuration="unlimited", InactiveMailbox=True)

    assert "InactiveMailbox switch" in said
    assert _of(exchange, LEAVER, InactiveMailboxOnly=True)["LitigationHoldDuration"] == "Unlimited"


def test_an_inactive_mailbox_goes_when_its_last_hold_does(exchange: Exchange) -> None:
    _without_policies(exchange)
    exchange.tenant.delete("users", _account(exchange, LEAVER))

    exchange.rows("Set-Mailbox", Identity=LEAVER, LitigationHoldEnabled=False, InactiveMailbox=True)

    assert _of(exchange, LEAVER, InactiveMailboxOnly=True)["DelayHoldApplied"] is True
    exchange.rows("Set-Mailbox", Identity=LEAVER, RemoveDelayHoldApplied=True, InactiveMailbox=True)
    assert exchange.rows("Get-Mailbox", InactiveMailboxOnly=True) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"RetainDeletedItemsFor": "30"},
        {"SingleItemRecoveryEnabled": False},
        {"RetentionHoldEnabled": True},
        {"HiddenFromAddressListsEnabled": True},
        {"ForwardingSmtpAddress": "someone@other.example"},
    ],
)
def test_other_settings_are_changed_and_nothing_else_is(exchange: Exchange, sent: dict[str, Any]) -> None:
    before = _of(exchange, HEAD)

    exchange.rows("Set-Mailbox", Identity=HEAD, **sent)

    (name, value), *_ = sent.items()
    shown = "30.00:00:00" if value == "30" else value
    assert {key: value for key, value in _of(exchange, HEAD).items() if "@" not in key} == {
        **{key: value for key, value in before.items() if "@" not in key},
        name: shown,
    }


def test_a_reader_cannot_hold(exchange: Exchange, as_reader: Any) -> None:
    reader = as_reader("Global Reader")

    answer = reader.run("Set-Mailbox", Identity=HEAD, LitigationHoldEnabled=True)

    assert (answer.status_code, _of(reader, HEAD)["LitigationHoldEnabled"]) == (403, False)


def test_the_address_of_nobody_is_not_found(exchange: Exchange) -> None:
    answer = exchange.run("Set-Mailbox", Identity="nobody@example-primary.example", LitigationHoldEnabled=True)

    assert answer.status_code == 404
    assert "nobody@example-primary.example" in words(answer)
