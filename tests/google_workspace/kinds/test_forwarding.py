"""Forwarding on the wire: what leaves the school is seen and stopped, what stays inside it is left alone."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.forwarding import KIND
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods, delegate, teacher, tokens, users
from toolkit.errors import Refused, Rejected
from toolkit.sdk.endpoint import NamedOnly
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.values import Settings

HOME = "me@home.example"
INSIDE = "office@example-primary.example"
SETTINGS = "gmail.users.settings."
NONE = {"auto_forwards_outside": False, "filters_outside": None, "addresses_outside": None}


def test_nothing_leaves_a_mailbox_that_nobody_changed(reading: GoogleWorkspace, tenant: Tenant) -> None:
    assert observed(reading, teacher(tenant)) == NONE


@pytest.mark.parametrize(
    ("everything", "leaves"),
    [
        ({"enabled": True, "emailAddress": HOME}, True),
        ({"enabled": True, "emailAddress": "me@EXAMPLE-primary.example"}, False),
        ({"enabled": True, "emailAddress": "me@sub.example-primary.example"}, True),
        ({"enabled": True}, True),
        ({"enabled": False, "emailAddress": HOME}, False),
    ],
)
def test_forwarding_counts_where_it_is_on_and_leads_outside(
    reading: GoogleWorkspace, tenant: Tenant, everything: Mapping[str, Any], leaves: object
) -> None:
    person = teacher(tenant)
    tenant.put("gmail.autoForwarding", person["id"], everything)

    assert observed(reading, person) == {**NONE, "auto_forwards_outside": leaves}


def test_filters_and_addresses_are_listed_where_they_lead_outside(reading: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    for name, address in (("f1", HOME), ("f2", INSIDE), ("f3", "Me@Home.example"), ("f4", "a@b.example")):
        add_filter(tenant, person, name, forward=address)
    add_filter(tenant, person, "f5", addLabelIds=["STARRED"])
    for address in (INSIDE, HOME):
        add_address(tenant, person, address)

    assert observed(reading, person) == {
        "auto_forwards_outside": False,
        "filters_outside": ("a@b.example", HOME),
        "addresses_outside": (HOME,),
    }


def test_every_domain_of_the_tenant_is_inside(reading: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    alias = {"domainAliasName": "old-name.example", "verified": True}
    other = {"domainName": "sister.example", "verified": True, "domainAliases": [alias]}
    tenant.put("google.domains", "sister.example", other)
    tenant.put("google.domains", "unproved.example", {"domainName": "unproved.example", "verified": False})
    for domain in ("sister.example", "old-name.example", "unproved.example"):
        add_address(tenant, person, f"me@{domain}")
    before = tenant.last_request()

    assert observed(reading, person)["addresses_outside"] == ("me@unproved.example",)
    assert observed(reading, person)["addresses_outside"] == ("me@unproved.example",)
    assert tenant.operations(before).count("directory.domains.list") == 1


def test_all_that_leaves_is_stopped_and_all_else_stays(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    add_address(tenant, person, HOME)
    add_address(tenant, person, INSIDE)
    there = {"enabled": True, "emailAddress": HOME, "disposition": "archive"}
    tenant.put("gmail.autoForwarding", person["id"], there)
    add_filter(tenant, person, "f1", forward=HOME)
    add_filter(tenant, person, "f2", forward=INSIDE)
    before = tenant.last_request()

    shown = write(connection, person, NONE)

    assert writes(tenant, before) == ["updateAutoForwarding", "filters.delete", "forwardingAddresses.delete"]
    assert KIND.spec.observed(shown.body) == observed(connection, person) == NONE
    assert list(tenant.objects("gmail.filters")) == [f"{person['id']}/f2"]
    assert list(tenant.objects("gmail.forwardingAddresses")) == [f"{person['id']}/{INSIDE}"]


def test_a_filter_that_did_more_goes_on_doing_the_rest(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    add_filter(tenant, person, "f1", forward=HOME, addLabelIds=["STARRED", "IMPORTANT"], removeLabelIds=["INBOX"])
    before = tenant.last_request()

    shown = write(connection, person, {"filters_outside": None})

    ((_, kept),) = tenant.objects("gmail.filters").items()
    assert kept["criteria"] == {"subject": "trip f1"}
    assert kept["action"] == {"addLabelIds": ["STARRED", "IMPORTANT"], "removeLabelIds": ["INBOX"]}
    assert writes(tenant, before) == ["filters.create", "filters.delete"]
    assert KIND.spec.observed(shown.body) == NONE


@pytest.mark.parametrize("fault", ["unavailable_after", "dropped_after", "throttled_after"])
def test_a_filter_is_made_once_where_the_answer_was_lost(
    connection: GoogleWorkspace, tenant: Tenant, fault: str
) -> None:
    person = teacher(tenant)
    add_filter(tenant, person, "f1", forward=HOME, addLabelIds=["STARRED"])
    tenant.fault(fault, f"{SETTINGS}filters.create", **({"seconds": 0.01} if fault == "throttled_after" else {}))
    before = tenant.last_request()

    write(connection, person, {"filters_outside": None})

    assert writes(tenant, before) == ["filters.create", "filters.delete"]
    assert len(tenant.objects("gmail.filters")) == 1


def test_a_filter_that_is_there_already_is_not_made_again(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    for name, forward in (("f1", HOME), ("f2", "a@b.example"), ("f3", "")):
        add_filter(tenant, person, name, criteria="the same", forward=forward, addLabelIds=["INBOX", "STARRED"])
    tenant.patch("gmail.filters", f"{person['id']}/f3", action={"addLabelIds": ["STARRED", "INBOX"]})
    before = tenant.last_request()

    write(connection, person, {"filters_outside": None})

    assert writes(tenant, before) == ["filters.delete", "filters.delete"]
    assert list(tenant.objects("gmail.filters")) == [f"{person['id']}/f3"]


def test_only_what_is_asked_for_is_stopped_in_two_requests(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    add_address(tenant, person, HOME)
    tenant.put("gmail.autoForwarding", person["id"], {"enabled": True, "emailAddress": HOME})
    remote = read(connection, person)
    before = tenant.last_request()

    KIND.endpoint.update(connection, remote, person["id"], {"autoForwarding": False})

    assert sum(one["service"] != "google oauth" for one in tenant.requests(before)) == 2
    assert writes(tenant, before) == ["updateAutoForwarding"]
    assert observed(connection, person) == {**NONE, "addresses_outside": (HOME,)}


def test_what_its_owner_stopped_meanwhile_is_not_written(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    add_address(tenant, person, HOME)
    add_filter(tenant, person, "f1", forward=HOME)
    tenant.put("gmail.autoForwarding", person["id"], {"enabled": True, "emailAddress": HOME})
    remote = read(connection, person)
    tenant.put("gmail.autoForwarding", person["id"], {"enabled": False})
    tenant.delete("gmail.forwardingAddresses", f"{person['id']}/{HOME}")
    tenant.delete("gmail.filters", f"{person['id']}/f1")
    before = tenant.last_request()

    shown = KIND.endpoint.update(connection, remote, person["id"], KIND.spec.body(NONE))

    assert writes(tenant, before) == []
    assert shown
    assert KIND.spec.observed(shown.body) == NONE


def test_what_goes_while_it_is_being_stopped_is_gone_as_wanted(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    add_address(tenant, person, HOME)
    add_filter(tenant, person, "f1", forward=HOME)
    remote = read(connection, person)
    for operation in ("filters.delete", "forwardingAddresses.delete"):
        tenant.fault("rejected", f"{SETTINGS}{operation}", status=404, reason="notFound")

    shown = KIND.endpoint.update(connection, remote, person["id"], KIND.spec.body(NONE))

    assert shown
    assert KIND.spec.observed(shown.body) == NONE


def test_whoever_cannot_be_read_is_unknown_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    suspended, emptied, fine = users(tenant, "/Staff")[:3]
    reading.accounts.all()
    tenant.patch("google.users", suspended["id"], suspended=True)
    tenant.patch("google.users", emptied["id"], isMailboxSetup=False)
    wanted = [one["id"] for one in (suspended, emptied, fine)]

    seen = {one.name: one for one in KIND.endpoint.read(reading, NamedOnly(frozenset([*wanted, "12345"])))}

    assert [type(seen[key]) for key in wanted] == [Unreadable, Unreadable, Remote]
    assert seen.keys() == set(wanted)


def test_sixty_people_are_read_with_a_token_each(reading: GoogleWorkspace, tenant: Tenant) -> None:
    sixty = [one["id"] for one in users(tenant) if one["isMailboxSetup"] and not one["suspended"]][:60]
    reading.accounts.all()
    reading.domains()
    before, signed_in = tenant.last_request(), tokens(tenant)

    seen = list(KIND.endpoint.read(reading, NamedOnly(frozenset(sixty))))

    assert [type(one) for one in seen] == [Remote] * 60
    assert sum(one["service"] != "google oauth" for one in tenant.requests(before)) == 4  # 180 calls
    assert tokens(tenant) - signed_in == 60


@pytest.mark.parametrize("scope", ["gmail.settings.basic", "admin.directory.domain.readonly"])
def test_a_scope_that_reading_needs_is_named(reading: GoogleWorkspace, tenant: Tenant, scope: str) -> None:
    delegate(tenant, "reader", without=scope)

    with pytest.raises(Refused) as raised:
        list(KIND.endpoint.read(reading, NamedOnly(frozenset({teacher(tenant)["id"]}))))

    assert raised.value.missing == f"https://www.googleapis.com/auth/{scope}"


def test_a_scope_that_writing_needs_is_named(connection: GoogleWorkspace, tenant: Tenant) -> None:
    person = teacher(tenant)
    tenant.put("gmail.autoForwarding", person["id"], {"enabled": True, "emailAddress": HOME})
    delegate(tenant, "writer", without="gmail.settings.sharing")

    with pytest.raises(Refused) as raised:
        write(connection, person, {"auto_forwards_outside": False})

    assert raised.value.missing == "https://www.googleapis.com/auth/gmail.settings.sharing"


def test_forwarding_is_neither_made_nor_removed(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = read(connection, teacher(tenant))
    before = called_methods(tenant)

    with pytest.raises(Rejected, match="has no account"):
        KIND.endpoint.create(connection, "nobody", {})
    with pytest.raises(Rejected, match="toolkit cannot delete the forwarding"):
        KIND.endpoint.delete(connection, remote)

    assert called_methods(tenant) == before


def read(connection: GoogleWorkspace, person: Mapping[str, Any]) -> Remote:
    (seen,) = KIND.endpoint.read(connection, NamedOnly(frozenset({person["id"]})))
    assert isinstance(seen, Remote)
    return seen


def observed(connection: GoogleWorkspace, person: Mapping[str, Any]) -> Settings:
    return KIND.spec.observed(read(connection, person).body)


def write(connection: GoogleWorkspace, person: Mapping[str, Any], settings: Mapping[str, Any]) -> Remote:
    body = KIND.spec.body(KIND.spec.desired(settings))
    shown = KIND.endpoint.update(connection, read(connection, person), person["id"], body)
    assert shown
    return shown


def add_filter(tenant: Tenant, person: Mapping[str, Any], name: str, *, criteria: str = "", **action: object) -> None:
    body = {"id": name, "criteria": {"subject": criteria or f"trip {name}"}, "action": action}
    tenant.put("gmail.filters", f"{person['id']}/{name}", body)


def add_address(tenant: Tenant, person: Mapping[str, Any], address: str) -> None:
    body = {"forwardingEmail": address, "verificationStatus": "accepted"}
    tenant.put("gmail.forwardingAddresses", f"{person['id']}/{address}", body)


def writes(tenant: Tenant, before: int) -> Sequence[str]:
    """List the writes that were sent, without what all their names begin with."""
    operations = [one for request in tenant.requests(before) for one in request["operations"] if one["write"]]
    return [one["name"].removeprefix(SETTINGS) for one in operations if one["name"].startswith(SETTINGS)]
