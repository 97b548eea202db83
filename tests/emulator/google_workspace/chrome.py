"""Chrome policies through Google's API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.emulator.google_workspace.asking import Google

CUSTOMER = "customers/my_customer"
BLOCKING = "chrome.users.UrlBlocking"
INSTALL_TYPE = "chrome.users.apps.InstallType"
WHATSAPP = "android:com.whatsapp"
STORED = "google.chromePolicies"


@dataclass(frozen=True)
class Chrome:
    """The Chrome policies of a tenant. Units are named by their paths, groups by their addresses."""

    google: Google
    service: Any

    def target(self, path: str, app: str = "") -> dict[str, Any]:
        """Return a target: a unit such as /Staff, or a group such as dsl."""
        resource = self.unit(path) if path.startswith("/") else self.group(path)
        return {"targetResource": resource, **({"additionalTargetKeys": {"app_id": app}} if app else {})}

    def unit(self, path: str) -> str:
        return self.google.unit(path).replace("orgUnits/", "orgunits/")

    def group(self, name: str) -> str:
        groups = self.google.tenant.objects("google.groups")
        return next(f"groups/{key}" for key, group in groups.items() if group["email"].startswith(f"{name}@"))

    def change(
        self, path: str, schema: str, value: Mapping[str, Any], *, mask: str | None = None, app: str = ""
    ) -> dict[str, Any]:
        """Return one part of a batchModify. The mask covers the whole value by default."""
        return {
            "policyTargetKey": self.target(path, app),
            "policyValue": {"policySchema": schema, "value": value},
            "updateMask": ",".join(value) if mask is None else mask,
        }

    def removal(self, path: str, schema: str, app: str = "") -> dict[str, Any]:
        return {"policyTargetKey": self.target(path, app), "policySchema": schema}

    def modify(self, *changes: Mapping[str, Any]) -> Any:
        units = self.service.customers().policies().orgunits()
        return units.batchModify(customer=CUSTOMER, body={"requests": changes})

    def inherit(self, *removals: Mapping[str, Any]) -> Any:
        units = self.service.customers().policies().orgunits()
        return units.batchInherit(customer=CUSTOMER, body={"requests": removals})

    def modify_groups(self, *changes: Mapping[str, Any]) -> Any:
        return self.group_policies.batchModify(customer=CUSTOMER, body={"requests": changes})

    @property
    def group_policies(self) -> Any:
        return self.service.customers().policies().groups()

    def resolving(self, path: str, pattern: str, app: str = "", **more: Any) -> Any:
        body = {"policySchemaFilter": pattern, "policyTargetKey": self.target(path, app), **more}
        return self.service.customers().policies().resolve(customer=CUSTOMER, body=body)

    def resolve(self, path: str, pattern: str, app: str = "") -> Sequence[dict[str, Any]]:
        return list(self.resolving(path, pattern, app).execute().get("resolvedPolicies", []))

    def value(self, path: str, schema: str, app: str = "") -> dict[str, Any]:
        """Resolve the only policy of a schema, and return its value."""
        (policy,) = self.resolve(path, schema, app)
        return dict(policy["value"]["value"])
