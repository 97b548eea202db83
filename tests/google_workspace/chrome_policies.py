"""Chrome policies as the emulator stores them."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.emulated import Tenant

POLICIES, UNITS, GROUPS = "google.chromePolicies", "google.orgunits", "google.groups"
BLOCKING = "chrome.users.UrlBlocking"
RESOLVE = "chromepolicy.customers.policies.resolve"
MODIFY = "chromepolicy.customers.policies.orgunits.batchModify"
INHERIT = "chromepolicy.customers.policies.orgunits.batchInherit"


def unit(tenant: Tenant, path: str) -> str:
    """Return a unit's name in the Chrome Policy API."""
    (key,) = [key for key, unit in tenant.objects(UNITS).items() if unit["orgUnitPath"] == path]
    return f"orgunits/{key}"


def group(tenant: Tenant, address: str) -> str:
    (key,) = [key for key, group in tenant.objects(GROUPS).items() if group["email"] == address]
    return f"groups/{key}"


def set_by_hand(tenant: Tenant, target: str, schema: str, value: Mapping[str, Any], app: str = "") -> None:
    """Set a policy at a target, as an administrator in the console would."""
    more = {"additionalTargetKeys": {"app_id": app}} if app else {}
    key = "/".join([target, schema, *([app] if app else [])])
    body = {"targetKey": {"targetResource": target, **more}, "policySchema": schema, "value": value}
    tenant.put(POLICIES, key, body)


def value_at(tenant: Tenant, target: str, schema: str, app: str = "") -> Mapping[str, Any] | None:
    """Return the value that is set at a target itself; None if there is none."""
    key = "/".join([target, schema, *([app] if app else [])])
    policy = tenant.objects(POLICIES).get(key)
    return policy["value"] if policy else None


def writes(tenant: Tenant, after: int = 0) -> Sequence[str]:
    """Return the writes that were sent after a request, by the last part of their names."""
    made = [
        operation for request in tenant.requests(after) for operation in request["operations"] if operation["write"]
    ]
    return [operation["name"].removeprefix("chromepolicy.customers.policies.") for operation in made]
