"""What Google's consoles call the leave that methods need: scopes to delegate, and privileges of the administrator.

Scopes come from the table of methods. Privileges are called as in the admin console, Account > Admin roles; follows
https://knowledge.workspace.google.com/admin/users/administrator-privilege-definitions
"""

from collections.abc import Mapping

from connectors.google_workspace.api.methods import READS, SCOPES
from toolkit.sdk.permission import Permission, Sort

PREFIX = "https://www.googleapis.com/auth/"
SUPER = "super administrator"
# By how the ids of methods begin; whoever acts as a person needs none.
_PRIVILEGES: Mapping[str, str] = {
    "directory.customers.": "Domain Settings",
    "directory.domains.": "Domain Settings",
    "directory.users.": "Admin API privileges > Users > Read",
    "directory.orgunits.": "Admin API privileges > Organizational Units > Read",
    "directory.groups.": "Admin API privileges > Groups > Read",
    "directory.members.": "Admin API privileges > Groups > Read",
    "directory.chromeosdevices.": "Chrome Management > Manage ChromeOS Devices (read only)",
    "reports.": "Reports",
    "groupsSettings.": "Admin API privileges > Groups > Update",
    "cloudidentity.policies.": SUPER,
    "cloudidentity.devices.": "Mobile Device Management > Manage Devices and Settings",
    "chromepolicy.": "Chrome Management > Settings > Manage User Settings",
    "vault.matters.holds.": "Google Vault > Manage Holds",
    "vault.": "Google Vault > Manage Matters",
}


def needs(*methods: str) -> tuple[Permission, ...]:
    """Name the scopes and privileges that methods need, each once."""
    return tuple(dict.fromkeys([*map(_scope, methods), *(one for method in methods for one in _privilege(method))]))


def _scope(method: str) -> Permission:
    scope = SCOPES[method]
    changes = {SCOPES[other] for other in SCOPES if other not in READS}
    return Permission(PREFIX + scope, Sort.SCOPE, writes=scope in changes and method in READS)


def _privilege(method: str) -> tuple[Permission, ...]:
    for begins, name in _PRIVILEGES.items():
        if method.startswith(begins):
            return (Permission(name, Sort.PRIVILEGE, within=() if name == SUPER else (SUPER,)),)
    return ()
