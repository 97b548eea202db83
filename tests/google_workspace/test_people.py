"""One person's settings, and many people's at once: whoever cannot be read is unreadable alone."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.people import PersonUnreadable, for_each
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods, delegate, teacher, tokens, users
from toolkit.errors import NotFound, Refused, Rejected, ServiceError, SignInRefused


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

    mailbox.change_auto_forwarding({"enabled": False})
    mailbox.delete_forwarding_address("home@other.example")

    assert tenant.objects("gmail.autoForwarding")[person["id"]]["enabled"] is False
    assert tenant.objects("gmail.forwardingAddresses") == {}


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
        f"Google has no account {deleted['primaryEmail']}",
        f"{emptied['primaryEmail']} has no Gmail: Mail service not enabled",
    ]
    assert not isinstance(read, ServiceError)


def test_many_are_read_with_one_token_and_one_request_each(reading: GoogleWorkspace, tenant: Tenant) -> None:
    staff = users(tenant, "/Staff")[:12]

    outcomes = for_each([one["id"] for one in staff], lambda person: reading.gmail(person).send_as())

    addresses = [one[0]["sendAsEmail"] for one in outcomes if not isinstance(one, ServiceError)]
    assert addresses == [one["primaryEmail"] for one in staff]
    assert tokens(tenant) == len(staff) + 1
    assert reading.requests() == len(staff) + 1


def test_throttled_people_are_asked_for_again(reading: GoogleWorkspace, tenant: Tenant) -> None:
    staff = [one["id"] for one in users(tenant, "/Staff")[:12]]
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


def test_sixty_people_are_read_in_two_requests_with_a_token_each(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = _addresses(tenant, 60)
    before = tenant.last_request()

    first = reading.mailboxes.send_as(people)
    again = reading.mailboxes.send_as(people)

    assert _alias_addresses(first) == _alias_addresses(again) == people
    assert _batches(tenant, before) == [50, 10, 50, 10]
    assert tokens(tenant) == 60


def test_forwarding_is_read_in_three_calls_a_person(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = _addresses(tenant, 20)
    before = tenant.last_request()

    outcomes = reading.mailboxes.forwarding(people)

    assert not any(isinstance(one, ServiceError) for one in outcomes)
    assert _batches(tenant, before) == [50, 10]
    assert tokens(tenant) == 20


def test_a_closed_mailbox_among_many_is_unreadable_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    suspended, deleted, emptied, fine = users(tenant, "/Staff")[:4]
    tenant.patch("google.users", suspended["id"], suspended=True)
    tenant.delete("google.users", deleted["id"])
    tenant.patch("google.users", emptied["id"], isMailboxSetup=False)
    before = tenant.last_request()

    *closed, read = reading.mailboxes.send_as(
        [one["primaryEmail"] for one in (suspended, deleted, emptied, fine)],
    )

    assert all(isinstance(one, PersonUnreadable) for one in closed)
    assert not isinstance(read, ServiceError)
    assert _batches(tenant, before) == [2]


def test_where_nobody_can_be_acted_for_nothing_is_sent(reading: GoogleWorkspace, tenant: Tenant) -> None:
    one, other = users(tenant, "/Staff")[:2]
    tenant.patch("google.users", one["id"], suspended=True)
    tenant.patch("google.users", other["id"], suspended=True)

    outcomes = reading.mailboxes.send_as([one["primaryEmail"], other["primaryEmail"]])

    assert all(isinstance(one, PersonUnreadable) for one in outcomes)
    assert called_methods(tenant) == []


def test_throttled_parts_of_many_peoples_batch_are_sent_again_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = _addresses(tenant, 10)
    tenant.fault("throttled", "gmail.users.settings.sendAs.list", nth=3, times=4, seconds=0.01)
    before = tenant.last_request()

    assert _alias_addresses(reading.mailboxes.send_as(people)) == people
    assert _batches(tenant, before) == [10, 4]


def test_a_token_that_a_part_refuses_is_renewed_for_that_person(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = _addresses(tenant, 5)
    tenant.fault("expired_token", "gmail.users.settings.sendAs.list", nth=2, times=1)
    tenant.fault("expired_token", "gmail.users.settings.sendAs.list", nth=6, times=1)

    assert _alias_addresses(reading.mailboxes.send_as(people)) == people
    assert tokens(tenant) == 6


def test_a_sign_in_that_is_refused_again_and_again_is_raised(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("expired_token", "gmail.users.settings.sendAs.list", times=99)

    with pytest.raises(SignInRefused, match="refuses the access token"):
        reading.mailboxes.send_as(_addresses(tenant, 3))


def test_a_scope_that_is_missing_for_everybody_is_raised(reading: GoogleWorkspace, tenant: Tenant) -> None:
    delegate(tenant, "reader", without="gmail.settings.basic")

    with pytest.raises(Refused, match=r"gmail\.settings\.basic"):
        reading.mailboxes.send_as(_addresses(tenant, 30))

    assert tokens(tenant) < 30


def test_an_api_that_is_off_for_everybody_is_raised(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.patch("google.enabledApis", "gmail.googleapis.com", enabled=False)

    with pytest.raises(Refused, match="Enable it by visiting"):
        reading.mailboxes.send_as(_addresses(tenant, 3))


def test_one_refused_part_is_that_persons_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    people = _addresses(tenant, 60)
    tenant.fault("refused", "gmail.users.settings.sendAs.list", nth=3)
    tenant.fault("refused", "gmail.users.settings.sendAs.list", nth=51)
    before = tenant.last_request()

    outcomes = reading.mailboxes.send_as(people)

    assert [place for place, one in enumerate(outcomes) if isinstance(one, ServiceError)] == [2]
    assert _batches(tenant, before) == [50, 1, 10]


def test_where_parts_are_made_as_the_first_of_them_everybody_is_asked_alone(
    reading: GoogleWorkspace, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _drop_tokens_of_parts(reading, monkeypatch)
    people = _addresses(tenant, 60)
    before = tenant.last_request()

    first = reading.mailboxes.send_as(people)
    mixed = _batches(tenant, before)
    again = reading.mailboxes.send_as(people)

    assert _alias_addresses(first) == _alias_addresses(again) == people
    assert mixed == [50] + [1] * 59
    assert _batches(tenant, before) == mixed + [1] * 60
    assert tokens(tenant) == 60


def _addresses(tenant: Tenant, count: int) -> list[str]:
    """List people with a mailbox."""
    able = [one["primaryEmail"] for one in users(tenant) if one["isMailboxSetup"] and not one["suspended"]]
    assert len(able) >= count
    return able[:count]


def _alias_addresses(outcomes: Sequence[Any]) -> list[str]:
    return [one[0]["sendAsEmail"] for one in outcomes]


def _batches(tenant: Tenant, after: int) -> list[int]:
    """Count the parts of each request, sign-in left out."""
    return [len(one["operations"]) for one in tenant.requests(after) if one["service"] != "google oauth"]


def _drop_tokens_of_parts(connection: GoogleWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the service see no token but that of a batch as a whole."""
    line = connection._lines._transport
    send = line.send

    def without(url: str, *, body: Any, **request: Any) -> object:
        kept = re.sub(r"(?m)^authorization: .*\n", "", body) if "/batch" in url else body
        return send(url, body=kept, **request)

    monkeypatch.setattr(line, "send", without)
