"""Reads a tenant with Office365-REST-Python-Client in the client's own Python, and prints one JSON object."""

import json
import os
import sys
from collections.abc import Iterable

from office365.graph_client import GraphClient  # type: ignore[import-not-found]


def _names(rows: Iterable[object], name: str) -> list[object]:
    return sorted(row.properties[name] for row in rows)  # type: ignore[attr-defined]


def main() -> None:
    """Sign in with a secret, and read people, groups, roles and policies."""
    client = GraphClient(tenant=os.environ["TENANT"])
    client.with_client_secret(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
    staff = client.groups.filter("displayName eq 'All staff'").get().execute_query()[0]
    policies = client.policies
    read = {
        "users": _names(client.users.get_all().execute_query(), "userPrincipalName"),
        "licensed": _names(
            client.users.filter("assignedLicenses/any()").get_all().execute_query(), "userPrincipalName"
        ),
        "groups": _names(client.groups.get().execute_query(), "displayName"),
        "staff": _names(staff.members.get_all().execute_query(), "userPrincipalName"),
        "roles": _names(client.directory_roles.get().execute_query(), "displayName"),
        "licences": _names(client.subscribed_skus.get().execute_query(), "skuPartNumber"),
        "roles_held": _names(client.role_management.directory.role_definitions.get().execute_query(), "displayName"),
        "joiners": policies.device_registration_policy.get().execute_query().properties["azureADJoin"],
        "methods": policies.authentication_methods_policy.get().execute_query().properties["policyVersion"],
        "outside": policies.cross_tenant_access_policy.default.get().execute_query().properties["isServiceDefault"],
        "policies": _names(client.identity.conditional_access.policies.get().execute_query(), "displayName"),
    }
    sys.stdout.write(json.dumps(read))


if __name__ == "__main__":
    main()
