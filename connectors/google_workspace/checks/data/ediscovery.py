"""Whether matters could be searched now: Vault answers. Nothing is searched, and no matter is named."""

from collections.abc import Iterable

from connectors.google_workspace.checks.data.hold import VAULT, ask_vault
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import CheckOccasion, Finding, Permission, looked_at


def needs(_settings: object) -> tuple[Permission, ...]:
    """Name what the service account and its administrator need for it."""
    return leave("vault.matters.list")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Ask Vault for one matter."""
    yield looked_at(VAULT, lambda: ask_vault(via))
