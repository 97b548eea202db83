"""Identities for other programs: exactly the permissions that were granted, at each cloud that knows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connectors.emulator.discovery import providers
from connectors.emulator.emulation import Emulation, emulate
from connectors.emulator.extension import Extension
from connectors.emulator.grants import GrantRefused, read_grant
from tests.emulated import Tenant

BOTH = "Policy.Read.All, calendar.readonly openid"


@contextmanager
def _emulation(**grants: str) -> Iterator[Emulation]:
    emulation = emulate(None, Extension(), users=8, grants=grants)
    try:
        yield emulation
    finally:
        emulation.store.close()


def _tenant(emulation: Emulation) -> Any:
    (tenant,) = emulation.tenants()
    return tenant


def test_one_grant_makes_an_identity_at_both_clouds_with_only_the_permissions_of_each() -> None:
    with _emulation(audit=BOTH) as emulation:
        tenant = _tenant(emulation)

    google = tenant["google_workspace"]
    assert tenant["microsoft365"]["applications"]["audit"]["client_secret"]
    assert google["service_accounts"]["audit"]["client_email"].startswith("audit@")
    assert "https://www.googleapis.com/auth/calendar.readonly" in google["granted_clients"]["audit"]["scopes"]
    assert google["oauth_client"]["client_id"] != google["granted_clients"]["audit"]["client_id"]


def test_a_grant_for_one_cloud_makes_no_identity_at_the_other() -> None:
    with _emulation(gam="calendar.readonly") as emulation:
        tenant = _tenant(emulation)

    assert set(tenant["microsoft365"]["applications"]) == {"writer", "reader"}
    assert set(tenant["google_workspace"]["service_accounts"]) == {"writer", "reader", "gam"}


def test_a_new_tenant_has_the_identity_too() -> None:
    with _emulation(gam="calendar.readonly") as emulation:
        opened: Any = emulation.reset()

    assert "gam" in opened["google_workspace"]["service_accounts"]


def test_the_identity_reads_what_it_was_granted_and_nothing_else(tenant: Tenant) -> None:
    described = tenant.control("PUT", "/grants/audit", {"scopes": "Policy.Read.DeviceConfiguration"})
    granted = Tenant(tenant.emulator, described)

    allowed = granted.graph("/v1.0/policies/deviceRegistrationPolicy", application="audit")
    refused = granted.graph("/v1.0/users", application="audit")

    assert (allowed.status_code, refused.status_code) == (200, 403)


def test_a_second_grant_changes_the_permissions_and_keeps_the_credentials(tenant: Tenant) -> None:
    first = tenant.control("PUT", "/grants/audit", {"scopes": "Policy.Read.All,calendar.readonly"})
    second = tenant.control("PUT", "/grants/audit", {"scopes": "User.Read.All,apps.alerts"})

    assert first["microsoft365"]["applications"]["audit"] == second["microsoft365"]["applications"]["audit"]
    before, after = (described["google_workspace"]["granted_clients"]["audit"] for described in (first, second))
    assert before["refresh_token"] == after["refresh_token"]
    assert "https://www.googleapis.com/auth/calendar.readonly" not in after["scopes"]
    assert Tenant(tenant.emulator, second).graph("/v1.0/users", application="audit").status_code == 200


@pytest.mark.parametrize(
    ("scopes", "says"),
    [
        ("", "no permission is named"),
        ("Policy.Read.Everything", "is not a permission that the emulator checks. Did you mean Policy.Read.All?"),
        ("calendar.readonli", "Did you mean calendar.readonly?"),
        ("calendar", "calendar can also write. Use calendar.readonly"),
        ("Domain.ReadWrite.All", "Domain.ReadWrite.All can also write. Use Domain.Read.All"),
        ("gmail.send", "gmail.send can also write. An identity for another program only reads"),
        ("Mail.Send", "Mail.Send can also write. An identity for another program only reads"),
    ],
)
def test_a_permission_that_is_unknown_or_can_write_is_refused(scopes: str, says: str) -> None:
    with pytest.raises(GrantRefused, match="--grant gam: ") as refused:
        read_grant("gam", scopes, providers())

    assert says in str(refused.value)


@pytest.mark.parametrize("client", ["writer", "reader", "sign-in", "sign_in", "Gam", "a b", ""])
def test_a_name_that_toolkit_uses_or_no_address_can_have_is_refused(client: str) -> None:
    with pytest.raises(GrantRefused, match="this name cannot be used"):
        read_grant(client, "Policy.Read.All", providers())


def test_an_application_that_may_use_exchange_has_the_role_of_readers(tenant: Tenant) -> None:
    tenant.control("PUT", "/grants/audit", {"scopes": "Exchange.ManageAsApp"})

    assert tenant.read_object("applications", "audit")["directory_roles"] == ["Global Reader"]
