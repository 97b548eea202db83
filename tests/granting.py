"""Grants the emulated applications the permissions that `toolkit permissions` prints, or all except some."""

from collections.abc import Collection
from typing import Any

from tests.door import Door

APPLICATION, ROLE, SCOPE, PRIVILEGE = "application permission", "role", "scope", "administrator's privilege"
Printed = dict[str, list[dict[str, Any]]]
"""The permissions of an identity, by provider."""


def printed(door: Door, identity: str, *commands: str) -> Printed:
    """Return the printed permissions for the playbooks, and for some commands in addition."""
    told = door.toolkit("permissions", f"--{identity}", "--json").json
    return {
        one["provider"]: [*one["permissions"], *(more for name in commands for more in one["besides"].get(name, ()))]
        for one in told["identities"]
    }


def names(permissions: Printed, provider: str, *sorts: str) -> list[str]:
    return [one["name"] for one in permissions.get(provider, []) if one["sort"] in (sorts or (one["sort"],))]


def grant(door: Door, application: str, permissions: Printed, *, without: Collection[str] = ()) -> None:
    """Set the permissions of an application to the printed ones, except some."""

    def given(provider: str, sort: str) -> list[str]:
        return [name for name in names(permissions, provider, sort) if name not in without]

    door.tenant.grant(
        application, roles=given("microsoft365", APPLICATION), directory_roles=given("microsoft365", ROLE)
    )
    accounts = door.tenant.objects("google.serviceAccounts")
    key = next(key for key, one in accounts.items() if one["name"] == application)
    door.tenant.patch("google.delegation", key, scopes=given("google_workspace", SCOPE))
