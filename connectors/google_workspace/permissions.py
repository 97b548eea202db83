"""The permissions that API methods need, and the permissions that a service account has, with Google's names.

Scopes come from the table of methods. Privileges have their names in the admin console, under Account > Admin roles.
Follows https://knowledge.workspace.google.com/admin/users/administrator-privilege-definitions
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from connectors.google_workspace.api.calls import READS, SCOPES
from connectors.google_workspace.cloud import SCOPE_PREFIX, Ambient, ServiceAccount, full_scope
from connectors.google_workspace.people import for_each
from toolkit.errors import Refused
from toolkit.sdk import Credential, Grants, Permission, Sort

if TYPE_CHECKING:
    from connectors.google_workspace.sign_in import SignIn

PREFIX = SCOPE_PREFIX
SUPER = "super administrator"
# By the beginning of a method's id. An identity that acts as a person needs none.
_PRIVILEGES: Mapping[str, str] = {
    "directory.customers.": "Domain Settings",
    "directory.domains.": "Domain Settings",
    "directory.users.signOut": "Admin API privileges > Users > Update",
    "directory.users.": "Admin API privileges > Users > Read",
    "directory.orgunits.": "Admin API privileges > Organizational Units > Read",
    "directory.groups.": "Admin API privileges > Groups > Read",
    "directory.members.insert": "Admin API privileges > Groups > Update",
    "directory.members.delete": "Admin API privileges > Groups > Update",
    "directory.members.": "Admin API privileges > Groups > Read",
    "admin.customer.devices.": "Chrome Management > Manage ChromeOS Devices",
    "directory.chromeosdevices.patch": "Chrome Management > Manage ChromeOS Devices",
    "directory.chromeosdevices.": "Chrome Management > Manage ChromeOS Devices (read only)",
    "reports.": "Reports",
    "groupsSettings.": "Admin API privileges > Groups > Update",
    "cloudidentity.policies.": SUPER,
    "cloudidentity.allowlistedDomains.": SUPER,
    "cloudidentity.groups.updateSecuritySettings": "Admin API privileges > Groups > Update",
    "cloudidentity.groups.": "Admin API privileges > Groups > Read",
    "cloudidentity.devices.": "Mobile Device Management > Manage Devices and Settings",
    "chromepolicy.": "Chrome Management > Settings > Manage User Settings",
    "vault.matters.holds.": "Google Vault > Manage Holds",
    "vault.matters.count": "Google Vault > Manage Searches",
    "vault.matters.savedQueries.": "Google Vault > Manage Searches",
    "vault.matters.exports.": "Google Vault > Manage Exports",
    "vault.": "Google Vault > Manage Matters",
}


def needs(*methods: str) -> tuple[Permission, ...]:
    """Return the scopes and the administrator's privileges that methods need, each only once."""
    return tuple(
        dict.fromkeys(
            [
                *map(_make_scope_permission, methods),
                *(privilege for method in methods for privilege in _find_privileges(method)),
            ]
        )
    )


def _make_scope_permission(method: str) -> Permission:
    scope = SCOPES[method]
    changes = {SCOPES[other] for other in SCOPES if other not in READS}
    return Permission(PREFIX + scope, Sort.SCOPE, writes=scope in changes and method in READS)


def _find_privileges(method: str) -> tuple[Permission, ...]:
    for begins, name in _PRIVILEGES.items():
        if method.startswith(begins):
            return (Permission(name, Sort.PRIVILEGE, within=() if name == SUPER else (SUPER,)),)
    return ()


# Scopes that no playbook ever needs, and that do the most damage if the key is lost.
_WIDEST = (
    "admin.directory.user",
    "admin.directory.group",
    "admin.directory.rolemanagement",
    "admin.directory.user.security",
)
# The data that a scope opens, for scopes that open much more than policies. Source:
# https://developers.google.com/identity/protocols/oauth2/scopes
_OPENS: Mapping[str, str] = {
    "https://mail.google.com/": "all mail, also to delete it",
    "gmail.modify": "all mail",
    "gmail.readonly": "all mail",
    "gmail.metadata": "sender, recipients and subject of all mail",
    "drive": "all files",
    "drive.readonly": "all files",
    "cloud-platform": "every Google Cloud project that the account can reach",
}
_SAFER = "let this computer's own identity sign, without a key that can be copied: TOOLKIT_GOOGLE_AUTH=ambient"
_REMARK = (
    "Google does not list delegated scopes, so toolkit tried its own scopes and the widest scopes. Other scopes "
    "under Domain-wide delegation, and the administrator's privileges, are visible only in the admin console"
)


def read_granted(sign_in: "SignIn", needed: Sequence[Permission]) -> Grants:
    """Return the scopes that are delegated, from a request for a token for each scope.

    These are the scopes that toolkit needs or can use, and scopes that would be too wide.
    """
    needed_scopes = [permission.name.removeprefix(PREFIX) for permission in needed if permission.sort is Sort.SCOPE]
    tried = list(dict.fromkeys([*needed_scopes, *SCOPES.values(), *_WIDEST, *_OPENS]))
    results = for_each(tried, lambda scope: _is_granted(scope, sign_in))
    granted = [scope for scope, result in zip(tried, results, strict=True) if result is True]
    opens = {full_scope(scope): _OPENS[scope] for scope in granted if scope in _OPENS}
    return Grants({(Sort.SCOPE, ""): frozenset(map(full_scope, granted))}, _REMARK, opens)


def _is_granted(scope: str, sign_in: "SignIn") -> bool:
    try:
        sign_in.token(scope, sign_in.administrator)
    except Refused:
        return False
    return True


def read_credentials(account: ServiceAccount) -> Iterator[Credential]:
    """Yield the credential with which the service account signs in."""
    if isinstance(account, Ambient):
        yield Credential("signing by this computer", None, "this computer has no key that could expire or be lost")
    else:
        yield Credential(
            "key of the service account",
            None,
            (
                "the key does not expire, and its age is not visible here. Replace the key every year in the Google "
                "Cloud console"
            ),
            _SAFER,
        )
