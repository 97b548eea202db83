"""Footers of groups over the wire: fifty in a request, each group by itself where it fails."""

from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.group_footer import KIND
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods
from toolkit.errors import Refused, Rejected, ServiceError
from toolkit.sdk.endpoint import Bulk, Everything, NamedOnly, Write
from toolkit.sdk.resource import Remote, Unreadable

SETTINGS = "google.groupSettings"
GET, PATCH = "groupsSettings.groups.get", "groupsSettings.groups.patch"


def staff(tenant: Tenant) -> str:
    return f"all-staff@{tenant.domain}"


def key(tenant: Tenant, address: str) -> str:
    (found,) = [key for key, group in tenant.objects("google.groups").items() if group["email"] == address]
    return found


def read(connection: GoogleWorkspace) -> dict[str, Remote]:
    return {one.name: one for one in KIND.endpoint.read(connection, Everything()) if isinstance(one, Remote)}


def bulk() -> Bulk[GoogleWorkspace]:
    assert isinstance(KIND.endpoint, Bulk)
    return KIND.endpoint


def test_every_group_is_read_in_a_few_requests(reading: GoogleWorkspace, tenant: Tenant) -> None:
    found = read(reading)

    assert found.keys() == {group["email"] for group in tenant.objects("google.groups").values()}
    assert (
        len(tenant.requests()) - called_methods(tenant).count("directory.groups.list") <= 3
    )  # the tokens and one batch
    assert {KIND.spec.observed(one.body)["text"] for one in found.values()} == {None}


def test_only_the_groups_that_are_asked_for_are_read(reading: GoogleWorkspace, tenant: Tenant) -> None:
    found = list(KIND.endpoint.read(reading, NamedOnly(frozenset({staff(tenant)}))))

    assert [one.name for one in found] == [staff(tenant)]
    assert called_methods(tenant).count(GET) == 1


def test_many_groups_are_changed_in_one_request(connection: GoogleWorkspace, tenant: Tenant) -> None:
    groups = read(connection)
    before = tenant.last_request()

    body = KIND.spec.body({"text": "Sent by us"})
    outcomes = bulk().write_many(connection, [Write(name, body, one) for name, one in groups.items()])

    assert len(tenant.requests(before)) == 1
    assert [KIND.spec.observed(one.body) for one in outcomes if isinstance(one, Remote)] == [
        {"text": "Sent by us"}
    ] * len(groups)
    kept = tenant.read_object(SETTINGS, key(tenant, staff(tenant)))
    assert (kept["includeCustomFooter"], kept["customFooterText"]) == ("true", "Sent by us")


def test_one_group_that_fails_fails_alone(connection: GoogleWorkspace, tenant: Tenant) -> None:
    groups = read(connection)
    tenant.fault("rejected", PATCH, status=412, reason="conditionNotMet")

    body = KIND.spec.body({"text": "Sent by us"})
    first, *others = bulk().write_many(connection, [Write(name, body, one) for name, one in groups.items()])

    assert isinstance(first, Rejected)
    assert not any(isinstance(one, ServiceError) for one in others)


def test_one_group_that_cannot_be_read_is_unknown_alone(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("refused", GET)

    found = list(KIND.endpoint.read(reading, Everything()))

    (unreadable,) = [one for one in found if isinstance(one, Unreadable)]
    assert "groupsSettings.groups.get" in unreadable.reason
    assert "@" in unreadable.name
    assert len(found) == len(tenant.objects("google.groups"))


def test_what_befalls_every_group_is_no_group_s_own(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("refused", GET, times=99)

    with pytest.raises(Refused):
        list(KIND.endpoint.read(reading, Everything()))


def test_null_switches_the_footer_off_and_keeps_its_text(connection: GoogleWorkspace, tenant: Tenant) -> None:
    group = key(tenant, staff(tenant))
    tenant.patch(SETTINGS, group, includeCustomFooter="true", customFooterText="Somebody's")
    remote = read(connection)[staff(tenant)]

    after: Any = KIND.endpoint.update(connection, remote, remote.name, KIND.spec.body({"text": None}))

    assert KIND.spec.observed(remote.body) == {"text": "Somebody's"}
    assert KIND.spec.observed(after.body) == {"text": None}
    kept = tenant.read_object(SETTINGS, group)
    assert (kept["includeCustomFooter"], kept["customFooterText"]) == ("false", "Somebody's")


def test_a_change_that_is_not_answered_is_sent_once_more(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = read(connection)[staff(tenant)]
    tenant.fault("dropped_after", PATCH)

    KIND.endpoint.update(connection, remote, remote.name, KIND.spec.body({"text": "Sent by us"}))

    assert tenant.read_object(SETTINGS, key(tenant, staff(tenant)))["customFooterText"] == "Sent by us"


@pytest.mark.parametrize("operation", ["directory.groups.list", GET, PATCH])
def test_a_quota_that_is_used_up_is_waited_for(connection: GoogleWorkspace, tenant: Tenant, operation: str) -> None:
    tenant.fault("rejected", operation, status=403, reason="quotaExceeded")
    groups = read(connection)

    body = KIND.spec.body({"text": "Sent by us"})
    outcomes = bulk().write_many(connection, [Write(name, body, one) for name, one in groups.items()])

    assert len(groups) == len(tenant.objects("google.groups"))
    assert all(isinstance(one, Remote) for one in outcomes)


def test_groups_are_neither_made_nor_removed(connection: GoogleWorkspace, tenant: Tenant) -> None:
    with pytest.raises(Rejected, match="toolkit does not create groups"):
        KIND.endpoint.create(connection, "new@x.example", {})
    with pytest.raises(Rejected, match="toolkit does not create groups"):
        bulk().write_many(connection, [Write("new@x.example", {}, None)])
    with pytest.raises(Rejected, match="toolkit does not delete the group"):
        KIND.endpoint.delete(connection, read(connection)[staff(tenant)])


@pytest.mark.parametrize(("name", "right"), [("*", True), ("a@b.example", True), ("staff", False), ("A@b.c", False)])
def test_a_group_is_named_by_its_address(name: str, *, right: bool) -> None:
    assert (KIND.names.check(name) is None) is right
