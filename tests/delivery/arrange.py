"""Puts the settings of a row of `outcomes.yaml`, or of a drawn set, into a tenant of the emulator."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.emulated import Tenant
from tests.emulator.exchange.asking import Exchange

_STRONG = 1000
"""The sort order of the first policy of Google that a row adds. The tenant's own policies are weaker."""


def arrange(tenant: Tenant, row: Mapping[str, Any]) -> None:
    """Create the rules of a row, change its stored objects and managers, and add its policies."""
    for rule in row.get("rules", ()):
        Exchange(tenant).one("New-TransportRule", **rule)
    for change in row.get("stored", ()):
        _change_stored(tenant, change)
    for person, manager in row.get("managers", {}).items():
        key = _find(tenant, "users", {"mail": manager})
        tenant.patch("users", _find(tenant, "users", {"mail": person}), manager=key)
    add_policies(tenant, row.get("policies", ()))


def _change_stored(tenant: Tenant, change: Mapping[str, Any]) -> None:
    collection = change["collection"]
    if "add" in change:
        tenant.put(collection, change["add"], change["body"])
    elif "group" in change:
        tenant.patch(collection, _find(tenant, "google.groups", {"email": change["group"]}), **change["change"])
    else:
        tenant.patch(collection, _find(tenant, collection, change["where"]), **change["change"])


def _find(tenant: Tenant, collection: str, where: Mapping[str, Any]) -> str:
    """Return the key of the only object with these properties."""
    (key,) = [key for key, body in tenant.objects(collection).items() if where.items() <= body.items()]
    return key


def add_policies(tenant: Tenant, policies: Sequence[Mapping[str, Any]]) -> None:
    """Add settings of Google by type and unit. A later one is stronger than an earlier one."""
    units = {unit["orgUnitPath"]: key for key, unit in tenant.objects("google.orgunits").items()} if policies else {}
    for number, policy in enumerate(policies):
        body = {
            "name": f"policies/drawn{number}",
            "policyQuery": {"orgUnit": f"orgUnits/{units[policy.get('unit', '/')]}", "sortOrder": _STRONG + number},
            "setting": {"type": f"settings/{policy['type']}", "value": policy["value"]},
            "type": "ADMIN",
        }
        tenant.put("google.policies", f"drawn{number}", body)
