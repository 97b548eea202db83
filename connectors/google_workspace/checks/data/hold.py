"""Whether holds could be placed now: whether Vault answers, and what the administrator may do there.

Whether anybody is on hold is not told. Follows https://support.google.com/vault/answer/2799699
"""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import CheckOccasion, Finding, ReasonCode, Status, looked_at

VAULT, PRIVILEGES = "Vault", "privileges in Vault"
_DELEGATED = ReasonCode(
    "vault_privileges_delegated",
    admin="the administrator whom toolkit acts as is not a super administrator, and toolkit asks no API for the "
    "privileges of roles: in the admin console, Account > Admin roles, look that theirs has Manage Matters and Manage "
    "Holds",
    governor="the account that this tool uses has a limited administrator's role, whose rights cannot be read",
)
_LETS_IN = ReasonCode(
    "vault_answers",
    admin="Vault lets in the administrator whom toolkit acts as, to read",
    governor="the service for legal holds lets in the account that this tool uses, to read",
)
_SUPER = ReasonCode(
    "vault_super_administrator",
    admin="the administrator whom toolkit acts as is a super administrator, who has every privilege of Vault",
    governor="the account that this tool uses has every right in the service for legal holds",
)

needs = leave("vault.matters.list", "directory.users.get")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Ask Vault for one matter, and the directory what the administrator is."""
    yield looked_at(VAULT, lambda: ask_vault(via))
    yield looked_at(PRIVILEGES, lambda: _check_privileges(via))


def ask_vault(via: GoogleWorkspace) -> Finding:
    via.holding.look_in()
    return Finding(VAULT, Status.PASS, _LETS_IN())


def _check_privileges(via: GoogleWorkspace) -> Finding:
    if via.administrator().get("isAdmin") is not True:
        return Finding(PRIVILEGES, Status.UNKNOWN, _DELEGATED())
    return Finding(PRIVILEGES, Status.PASS, _SUPER())
