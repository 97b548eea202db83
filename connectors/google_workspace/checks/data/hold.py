"""Checks whether legal holds could be placed: whether Vault responds, and whether the administrator has the privileges.

It does not report who is on hold. Follows https://support.google.com/vault/answer/2799699
"""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import CheckOccasion, Finding, ReasonCode, Status, check_subject

VAULT, PRIVILEGES = "Vault", "privileges in Vault"
_DELEGATED = ReasonCode(
    "vault_privileges_delegated",
    admin="toolkit's administrator is not a super administrator, and toolkit does not read the "
    "privileges of roles. In the admin console, under Account > Admin roles, check that the role has Manage Matters "
    "and Manage Holds",
    governor="the account that toolkit uses has a limited role, and toolkit cannot read the rights of this role",
)
_LETS_IN = ReasonCode(
    "vault_answers",
    admin="toolkit's administrator can read matters in Vault",
    governor="the account that toolkit uses can read legal holds",
)
_SUPER = ReasonCode(
    "vault_super_administrator",
    admin="toolkit's administrator is a super administrator, and so has every privilege in Vault",
    governor="the account that toolkit uses may read and place legal holds",
)

needs = leave("vault.matters.list", "directory.users.get")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Check that Vault returns a matter, and that the administrator's role has the necessary privileges."""
    yield check_subject(VAULT, lambda: ask_vault(via))
    yield check_subject(PRIVILEGES, lambda: _check_privileges(via))


def ask_vault(via: GoogleWorkspace) -> Finding:
    via.holding.check_case_access()
    return Finding(VAULT, Status.PASS, _LETS_IN())


def _check_privileges(via: GoogleWorkspace) -> Finding:
    if via.administrator().get("isAdmin") is not True:
        return Finding(PRIVILEGES, Status.UNKNOWN, _DELEGATED())
    return Finding(PRIVILEGES, Status.PASS, _SUPER())
