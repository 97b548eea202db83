"""One person's settings, and many people's at once: whoever cannot be read is unreadable alone."""

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.people import for_each
from connectors.google_workspace.unreadable import PersonUnreadable
from tests.emulated import Tenant
from tests.google_workspace.connected import delegate, teacher, tokens, users
from toolkit.errors import NotFound, Refused, Rejected, ServiceError


def test_a_signature_is_read_and_changed(connection: GoogleWorkspace, tenant: Tenant) -> None:
    mailbox = connection.gmail(teacher(tenant)["primaryEmail"].upper())

    kept = mailbox.change_send_as(mailbox.address, {"signature": "<div>Example Primary School</div>"})

    (shown,) = mailbox.send_as()
    assert shown["signature"] == kept["signature"] == "<div>Example Primary School</div>"


def test_forwarding_is_turned_off(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    there = {"forwardingEmail": "home@other.example", "verificationStatus": "accepted"}
    tenant.put("gmail.forwardingAddresses", f"{person['id']}/home@other.example", there)
    tenant.put("gmail.autoForwarding", person["id"], {"enabled": True, "emailAddress": "home@other.example"})
    mailbox = connection.gmail(person["id"])
    assert mailbox.auto_forwarding()["enabled"] is True

    mailbox.change_auto_forwarding({"enabled": False})
    mailbox.delete_forwarding_address("home@other.example")

    assert mailbox.auto_forwarding()["enabled"] is False
    assert mailbox.forwarding_addresses() == []


def test_what_else_a_mailbox_has_is_read(reading: GoogleWorkspace, tenant: Tenant) -> None:
    mailbox = reading.gmail(teacher(tenant)["id"])

    assert mailbox.vacation()["enableAutoReply"] is False
    assert mailbox.imap()["enabled"] is True
    assert mailbox.pop()["accessWindow"] == "disabled"
    assert mailbox.filters() == []


def test_a_filter_is_removed(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    tenant.put("gmail.filters", f"{person['id']}/f1", {"id": "f1", "criteria": {"from": "a@b.example"}, "action": {}})
    mailbox = connection.gmail(person["id"])
    assert [one["id"] for one in mailbox.filters()] == ["f1"]

    mailbox.delete_filter("f1")

    assert mailbox.filters() == []


def test_whoever_is_known_to_be_closed_is_not_asked_for(reading: GoogleWorkspace, tenant: Tenant) -> None:
    suspended, archived, other = users(tenant, "/Staff")[:3]
    tenant.patch("google.users", suspended["id"], suspended=True)
    tenant.patch("google.users", archived["id"], archived=True)
    tenant.patch("google.users", other["id"], isMailboxSetup=False)
    reading.accounts.all()
    before = tokens(tenant)

    outcomes = for_each(
        [suspended["id"], archived["id"], other["id"], "nobody"], lambda person: reading.gmail(person).send_as()
    )

    assert [str(one) for one in outcomes] == [
        f"the account {suspended['primaryEmail']} is suspended",
        f"the account {archived['primaryEmail']} is archived",
        f"{other['primaryEmail']} has no Gmail",
        "there is no account nobody",
    ]
    assert isinstance(outcomes[3], NotFound)
    assert tokens(tenant) == before


def test_whoever_was_closed_meanwhile_is_unreadable_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    suspended, deleted, emptied, fine = users(tenant, "/Staff")[:4]
    reading.accounts.all()
    tenant.patch("google.users", suspended["id"], suspended=True)
    tenant.delete("google.users", deleted["id"])
    tenant.patch("google.users", emptied["id"], isMailboxSetup=False)
    people = [suspended["id"], deleted["id"], emptied["id"], fine["id"]]

    *closed, read = for_each(people, lambda person: reading.gmail(person).send_as())

    assert all(isinstance(one, PersonUnreadable) for one in closed)
    assert [str(one) for one in closed] == [
        f"the account {suspended['primaryEmail']} is suspended or archived",
        f"Google knows no account {deleted['primaryEmail']}",
        f"{emptied['primaryEmail']} has no Gmail: Mail service not enabled",
    ]
    assert not isinstance(read, ServiceError)


def test_many_are_read_with_one_token_and_one_request_each(reading: GoogleWorkspace, tenant: Tenant) -> None:
    staff = users(tenant, "/Staff")

    outcomes = for_each([one["id"] for one in staff], lambda person: reading.gmail(person).send_as())

    addresses = [one[0]["sendAsEmail"] for one in outcomes if not isinstance(one, ServiceError)]
    assert addresses == [one["primaryEmail"] for one in staff]
    assert tokens(tenant) == len(staff) + 1
    assert reading.requests() == len(staff) + 1


def test_throttled_people_are_asked_for_again(reading: GoogleWorkspace, tenant: Tenant) -> None:
    staff = [one["id"] for one in users(tenant, "/Staff")]
    tenant.fault("throttled", "gmail.users.settings.sendAs.list", nth=3, times=4, seconds=0.01)

    outcomes = for_each(staff, lambda person: reading.gmail(person).send_as())

    assert not any(isinstance(one, ServiceError) for one in outcomes)


def test_what_befalls_everybody_is_raised_at_the_first(reading: GoogleWorkspace, tenant: Tenant) -> None:
    staff = [one["id"] for one in users(tenant, "/Staff")]
    delegate(tenant, "reader", without="gmail.settings.basic")

    with pytest.raises(Refused, match=r"gmail\.settings\.basic"):
        for_each(staff, lambda person: reading.gmail(person).send_as())

    assert tokens(tenant) < len(staff)


def test_a_forwarding_address_that_is_not_verified_is_rejected(connection: GoogleWorkspace, tenant: Tenant) -> None:
    mailbox = connection.gmail(teacher(tenant)["id"])

    with pytest.raises(Rejected, match="Unrecognized forwarding address"):
        mailbox.change_auto_forwarding({"enabled": True, "emailAddress": "x@y.example", "disposition": "archive"})
