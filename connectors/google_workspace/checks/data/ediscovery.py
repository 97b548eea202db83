"""Checks whether Vault responds, so that matters could be searched. It searches nothing and reports no matter."""

from collections.abc import Iterable

from connectors.google_workspace.checks.data.hold import VAULT, ask_vault
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import CheckOccasion, Finding, Permission, check_subject


def needs(_settings: object) -> tuple[Permission, ...]:
    """Return the permissions that the service account and its administrator need."""
    return leave("vault.matters.list")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Read one matter from Vault."""
    yield check_subject(VAULT, lambda: ask_vault(via))
