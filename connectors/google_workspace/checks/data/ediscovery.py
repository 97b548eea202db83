"""Checks whether Vault responds, so that the school could search a matter. No matter is searched or named."""

from collections.abc import Iterable

from connectors.google_workspace.checks.data.hold import VAULT, ask_vault
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import CheckOccasion, Finding, Permission, check_subject


def needs(_settings: object) -> tuple[Permission, ...]:
    """Return the permissions that the service account and its administrator need."""
    return leave("vault.matters.list")


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Check that Vault returns a matter."""
    yield check_subject(VAULT, lambda: ask_vault(via))
