"""Grants the emulated applications the permissions that `toolkit permissions` prints, or all except some."""

from collections.abc import Collection
from typing import Any

from tests.door import Door

APPLICATION, ROLE, SCOPE, PRIVILEGE = "application permission", "role", "scope", "administrator's privilege"
Printed = dict[str, list[dict[str, Any]]]
"""The permissions of an identity, by provider."""


def printed_permissions(door: Door, identity: str, *commands: str) -> Printed:
    """Return the printed permissions for the playbooks, and for some commands in addition."""
    output = door.toolkit("permissions", f"--{identity}", "--json").json
    return {
        identity_permissions["provider"]: [
            *identity_permissions["permissions"],
            *(more for name in commands for more in identity_permissions["besides"].get(name, ())),
        ]
        for identity_permissions in output["identities"]
    }


def names(permissions: Printed, provider: str, *sorts: str) -> list[str]:
    return [
        permission["name"]
        for permission in permissions.get(provider, [])
        if permission["sort"] in (sorts or (permission["sort"],))
    ]


def grant(door: Door, application: str, permissions: Printed, *, without: Collection[str] = ()) -> None:
    """Set the permissions of an application to the printed ones, except some."""

    def permission_names(provider: str, sort: str) -> list[str]:
        return [name for name in names(permissions, provider, sort) if name not in without]

    door.tenant.grant(
        application,
        roles=permission_names("microsoft365", APPLICATION),
        directory_roles=permission_names("microsoft365", ROLE),
    )
    accounts = door.tenant.objects("google.serviceAccounts")
    key = next(key for key, account in accounts.items() if account["name"] == application)
    door.tenant.patch("google.delegation", key, scopes=permission_names("google_workspace", SCOPE))
