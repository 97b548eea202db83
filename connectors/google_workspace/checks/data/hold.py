"""Whether holds could be placed now: whether Vault answers, and what the administrator may do there.

Whether anybody is on hold is not told. Follows https://support.google.com/vault/answer/2799699
"""

from collections.abc import Iterable

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.permissions import needs as leave
from toolkit.sdk.check import CheckOccasion, looked_at
from toolkit.sdk.finding import Finding, Status
from toolkit.sdk.permission import Permission

VAULT, PRIVILEGES = "Vault", "privileges in Vault"
_DELEGATED = (
    "the administrator whom toolkit acts as is no super administrator, and toolkit asks no API for the privileges of "
    "roles: in the admin console, Account > Admin roles, look that theirs has Manage Matters and Manage Holds"
)


def needs(_settings: object) -> tuple[Permission, ...]:
    """Name what the service account and its administrator need for it."""
    return leave("vault.matters.list", "directory.users.get")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Ask Vault for one matter, and the directory what the administrator is."""
    yield looked_at(VAULT, lambda: _answers(via))
    yield looked_at(PRIVILEGES, lambda: _privileged(via))


def _answers(via: GoogleWorkspace) -> Finding:
    via.holding.look_in()
    return Finding(VAULT, Status.PASS, "Vault lets in the administrator whom toolkit acts as, to read")


def _privileged(via: GoogleWorkspace) -> Finding:
    if via.administrator().get("isAdmin") is not True:
        return Finding(PRIVILEGES, Status.UNKNOWN, _DELEGATED)
    reason = "the administrator whom toolkit acts as is a super administrator, who has every privilege of Vault"
    return Finding(PRIVILEGES, Status.PASS, reason)
